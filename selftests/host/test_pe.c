// SPDX-License-Identifier: GPL-2.0-only
/* The PE screen: what it refuses, and what it just accepts */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/kernel.h>

#include "host.h"
#include "pe.h"
#include "pe_defects.h"
#include "tap.h"

#define MACHINE PE_MACHINE_AMD64

static struct host_log log;

/*
 * As a load does it: open, screen, find the parser. -ENOEXEC if there is none.
 */
static int check(const void *data, size_t size, struct kexec_bpf_range *range)
{
	struct kexec_bpf_pe pe;
	int ret;

	host_log_reset(&log);
	ret = kexec_bpf_pe_open(&pe, data, size, MACHINE, &log.log);
	if (!ret)
		ret = kexec_bpf_pe_screen(&pe, &log.log);
	if (!ret)
		ret = kexec_bpf_pe_find(&pe, ".bpf", range, &log.log);
	return ret == -ENOENT ? -ENOEXEC : ret;
}

/* The same for a copy that has nothing behind it, against the model. */
static int check_image(const struct pe *pe)
{
	struct kexec_bpf_range range;
	void *data = host_copy(pe->data, pe->size);
	int ret = check(data, pe->size, &range);

	free(data);
	return ret;
}

/*
 * What a parser gets to see: each byte is under the digest, or has a value that
 * nobody can choose.
 */
static bool is_covered(const struct pe *image)
{
	uint8_t *data = host_copy(image->data, image->size);
	bool *covered = pe_model_covered(image->data, image->size), ok = true;
	struct kexec_bpf_pe pe;
	size_t i;

	host_log_reset(&log);
	if (kexec_bpf_pe_open(&pe, data, image->size, MACHINE, &log.log) ||
	    kexec_bpf_pe_screen(&pe, &log.log))
		ok = false;
	else
		kexec_bpf_pe_scrub(&pe, data);
	for (i = 0; i < pe.end && ok; i++) {
		if (!covered[i] && data[i]) {
			tap_diag("byte %#zx", i);
			ok = false;
		}
	}
	free(covered);
	free(data);
	return ok;
}

static void test_defect(const struct pe_defect *defect)
{
	struct pe pe;
	int ret;

	if (pe_sample(&pe))
		tap_bail("no memory");
	defect->refuse(&pe);
	ret = check_image(&pe);
	/* That there is no .bpf, the caller logs. */
	if (!tap_ok(ret == -defect->error &&
		    (defect->log ? host_log_has(&log, defect->log) &&
				   host_log_is_line(&log) : !log.text[0]),
		    "%s pe: refused: %s", defect->lessons, defect->name))
		tap_diag("have %d, want %d and '%s' in: %s", ret,
			 -defect->error, defect->log ? defect->log : "",
			 log.text);
	pe_free(&pe);

	if (pe_sample(&pe))
		tap_bail("no memory");
	if (defect->accept)
		defect->accept(&pe);
	ret = check_image(&pe);
	if (!tap_ok(!ret && !log.text[0], "%s pe: accepted: not quite: %s",
		    defect->lessons, defect->name))
		tap_diag("have %d: %s", ret, log.text);
	if (defect->accept)
		tap_ok(is_covered(&pe),
		       "[S7] pe: nothing unsigned is left to read: not quite: %s",
		       defect->name);
	pe_free(&pe);
}

/* A refusal without a reason, or an acceptance with one, is a bug as well. */
static bool says_why(int ret)
{
	size_t len = strlen(log.text);

	if (!ret)
		return !len;
	/* That there is no .bpf, the caller logs. */
	return !len || (!strncmp(log.text, "image: ", 7) &&
			log.text[len - 1] == '\n' &&
			strchr(log.text, '\n') == log.text + len - 1);
}

static bool agrees(const void *data, size_t size)
{
	enum pe_verdict verdict = pe_model(data, size, MACHINE);
	struct kexec_bpf_pe pe;
	int ret;

	host_log_reset(&log);
	ret = kexec_bpf_pe_open(&pe, data, size, MACHINE, &log.log);
	if (!ret)
		ret = kexec_bpf_pe_screen(&pe, &log.log);
	return says_why(ret) && ret == (verdict == PE_SOUND ? 0 :
					verdict == PE_FOREIGN ? -ENOEXEC :
					-ELIBBAD);
}

static void test_truncation(void)
{
	unsigned int wrong = 0;
	struct pe pe;
	size_t size;

	if (pe_sample(&pe))
		tap_bail("no memory");
	for (size = 0; size < pe.size; size++) {
		void *data = host_copy(pe.data, size);
		struct kexec_bpf_range range;
		int ret = check(data, size, &range);

		/* Once its signature is there, it is a PE file. */
		if (ret != (size < pe_at(&pe, 4) ? -ENOEXEC : -ELIBBAD) ||
		    !host_log_is_line(&log)) {
			tap_diag("%zu bytes: %d: %s", size, ret, log.text);
			wrong++;
		}
		free(data);
	}
	tap_is(wrong, 0, "[M8] pe: refused: each length below that of the file");
	pe_free(&pe);
}

/* Values around the places where arithmetic breaks, and around @value */
static size_t vectors(uint32_t *list, uint32_t value, size_t size)
{
	const uint32_t fixed[] = {
		0, 1, 7, 8, 39, 40, 63, 64, 0x7fff, 0x8000, 0xffff, 0x10000,
		0x7fffffff, 0x80000000, 0x80000001, 0xfffffff8, 0xfffffffe,
		0xffffffff, value - 8, value - 1, value, value + 1, value + 8,
		value + 0x80000000, 0 - value, size - 1, size, size + 1,
		0 - (uint32_t)size,
	};

	memcpy(list, fixed, sizeof(fixed));
	return ARRAY_SIZE(fixed);
}

#define NR_VECTORS 64

static void set_field(struct pe *pe, size_t at, int bytes, uint32_t value)
{
	if (bytes == 2)
		pe_set16(pe, at, value);
	else
		pe_set32(pe, at, value);
}

static uint32_t get_field(const struct pe *pe, size_t at, int bytes)
{
	return bytes == 2 ? pe_get16(pe, at) : pe_get32(pe, at);
}

struct field {
	size_t at;
	int bytes;
};

static size_t list_fields(const struct pe *pe, struct field *fields)
{
	static const struct field headers[] = {
		{ PE_MACHINE, 2 }, { PE_NR_SECTIONS, 2 }, { PE_OPT_SIZE, 2 },
		{ PE_OPT_MAGIC, 2 }, { PE_IMAGE_SIZE, 4 },
		{ PE_HEADERS_SIZE, 4 }, { PE_SUBSYSTEM, 2 },
		{ PE_NR_DIRS, 4 }, { PE_CERTS, 4 }, { PE_CERTS + 4, 4 },
	};
	static const size_t section[] = {
		PE_SEC_VSIZE, PE_SEC_VADDR, PE_SEC_RAW_SIZE, PE_SEC_RAW_OFFSET,
	};
	size_t i, j, nr = 0;

	fields[nr++] = (struct field){ PE_DOS_OFFSET, 4 };
	for (i = 0; i < ARRAY_SIZE(headers); i++) {
		fields[nr] = headers[i];
		fields[nr++].at += pe->offset;
	}
	fields[nr++] = (struct field){ pe_get32(pe, pe_at(pe, PE_CERTS)), 4 };
	for (i = 0; i < pe_nr_sections(pe); i++)
		for (j = 0; j < ARRAY_SIZE(section); j++)
			fields[nr++] = (struct field){
				pe_section_at(pe, i, section[j]), 4 };
	return nr;
}

/* Every field, and every pair of fields, with every vector */
static void test_vectors(void)
{
	uint32_t a[NR_VECTORS], b[NR_VECTORS], old_a, old_b;
	unsigned long tried = 0, wrong = 0, sound = 0;
	size_t nr_fields, i, j, k, l, nr_a, nr_b;
	struct field fields[64];
	struct pe pe, copy;

	/* A small one: the model looks at each byte. */
	if (pe_init(&pe, MACHINE, 3, 0x10000) ||
	    pe_add(&pe, ".linux", "kernel", 6) < 0 ||
	    pe_add(&pe, ".initrd", NULL, 20) < 0 ||
	    pe_add(&pe, ".bpf", "parser", 6) < 0 ||
	    pe_add_certs(&pe, "certificate", 11))
		tap_bail("no memory");
	copy = pe;
	copy.data = host_copy(pe.data, pe.size);
	nr_fields = list_fields(&pe, fields);

	for (i = 0; i < nr_fields; i++) {
		old_a = get_field(&copy, fields[i].at, fields[i].bytes);
		nr_a = vectors(a, old_a, pe.size);
		for (j = i; j < nr_fields; j++) {
			old_b = get_field(&copy, fields[j].at, fields[j].bytes);
			nr_b = j == i ? 1 : vectors(b, old_b, pe.size);
			for (k = 0; k < nr_a; k++) {
				for (l = 0; l < nr_b; l++) {
					set_field(&copy, fields[i].at,
						  fields[i].bytes, a[k]);
					if (j != i)
						set_field(&copy, fields[j].at,
							  fields[j].bytes,
							  b[l]);
					tried++;
					if (!agrees(copy.data, copy.size)) {
						wrong++;
						tap_diag("%#zx=%#x %#zx=%#x: %s",
							 fields[i].at, a[k],
							 fields[j].at,
							 j != i ? b[l] : a[k],
							 log.text);
					} else if (!log.text[0]) {
						sound++;
					}
				}
			}
			set_field(&copy, fields[j].at, fields[j].bytes, old_b);
			set_field(&copy, fields[i].at, fields[i].bytes, old_a);
		}
	}
	tap_diag("%lu images, %lu of them sound", tried, sound);
	tap_is(wrong, 0,
	       "[M6][M8] pe: header fields around 0, 2^31, 2^32 and their maxima, each with each");
	tap_ok(sound > 0 && sound < tried,
	       "[M6] pe: some of these images are sound, some are not");
	free(copy.data);
	pe_free(&pe);
}

/* A byte of the headers set to each value in turn */
static void test_bytes(void)
{
	unsigned long wrong = 0;
	struct pe pe;
	uint8_t *data;
	size_t i;
	int value;

	if (pe_init(&pe, MACHINE, 2, 0x10000) ||
	    pe_add(&pe, ".linux", "kernel", 6) < 0 ||
	    pe_add(&pe, ".bpf", "parser", 6) < 0 ||
	    pe_add_certs(&pe, "certificate", 11))
		tap_bail("no memory");
	data = host_copy(pe.data, pe.size);
	for (i = 0; i < pe_section_at(&pe, 2, 0); i++) {
		uint8_t old = data[i];

		for (value = 0; value < 256; value++) {
			data[i] = value;
			if (!agrees(data, pe.size)) {
				wrong++;
				tap_diag("byte %#zx = %#x: %s", i, value,
					 log.text);
			}
		}
		data[i] = old;
	}
	tap_is(wrong, 0, "[M8] pe: each byte of the headers, each value");
	free(data);
	pe_free(&pe);
}

static void test_find(void)
{
	struct kexec_bpf_range range;
	struct kexec_bpf_pe view;
	uint8_t payload[1000];
	unsigned int i;
	struct pe pe;
	size_t at;
	int ret;

	for (i = 0; i < sizeof(payload); i++)
		payload[i] = i * 3 + 1;

	if (pe_init(&pe, MACHINE, 24, 1 << 20))
		tap_bail("no memory");
	for (i = 0; i < 16; i++)
		pe_add(&pe, ".other", &i, sizeof(i));
	pe_add(&pe, ".linux", payload, sizeof(payload));
	pe_add(&pe, ".cmdline", "quiet", 5);
	pe_add(&pe, ".bpf", "x", 1);
	ret = check(pe.data, pe.size, &range);
	tap_ok(!ret && range.size == 1 && pe.data[range.offset] == 'x',
	       "[F1] pe: section .bpf is found as the 19th");
	kexec_bpf_pe_open(&view, pe.data, pe.size, MACHINE, &log.log);
	ret = kexec_bpf_pe_find(&view, ".linux", &range, &log.log);
	tap_ok(!ret && range.size == sizeof(payload) &&
	       !memcmp(pe.data + range.offset, payload, range.size),
	       "[F1] pe: a section is found as the 17th, with its own bytes");
	ret = kexec_bpf_pe_find(&view, ".cmdline", &range, &log.log);
	tap_ok(!ret && range.size == 5 &&
	       !memcmp(pe.data + range.offset, "quiet", 5),
	       "[M8] pe: a name of eight characters has no NUL, and is found");
	tap_is(kexec_bpf_pe_find(&view, ".cmd", &range, &log.log), -ENOENT,
	       "[M8] pe: a prefix of a name is not the name");
	tap_is(kexec_bpf_pe_find(&view, ".linuxx", &range, &log.log), -ENOENT,
	       "[M8] pe: a longer name is not the name");
	tap_is(kexec_bpf_pe_find(&view, ".other", NULL, &log.log), 0,
	       "[M8] pe: without a range only the name is looked for");

	at = pe_section_at(&pe, 16, 0);
	ret = kexec_bpf_pe_find(&view, ".linux", &range, &log.log);
	tap_ok(!ret && pe_get32(&pe, at + PE_SEC_RAW_SIZE) == 1024 &&
	       range.size == 1000,
	       "[F2] pe: bytes in the file beyond VirtualSize are padding");
	pe_set32(&pe, at + PE_SEC_VSIZE, 1024);
	ret = kexec_bpf_pe_find(&view, ".linux", &range, &log.log);
	tap_ok(!ret && range.size == 1024,
	       "[F2] pe: VirtualSize and SizeOfRawData are equal");
	pe_set32(&pe, at + PE_SEC_VSIZE, 4096);
	ret = kexec_bpf_pe_find(&view, ".linux", &range, &log.log);
	tap_ok(!ret && range.size == 1024,
	       "[F2] pe: bytes in memory beyond SizeOfRawData are none of the file");
	pe_set32(&pe, at + PE_SEC_VSIZE, UINT32_MAX);
	ret = kexec_bpf_pe_find(&view, ".linux", &range, &log.log);
	tap_ok(!ret && range.size == 1024,
	       "[F2][M6] pe: VirtualSize of 2^32-1 names no more than the file has");
	pe_free(&pe);
}

static void test_scrub(void)
{
	unsigned int wrong = 0;
	struct kexec_bpf_pe view;
	struct pe pe;
	uint8_t *old;
	size_t i;

	if (pe_sample(&pe))
		tap_bail("no memory");
	old = host_copy(pe.data, pe.size);
	kexec_bpf_pe_open(&view, pe.data, pe.size, MACHINE, NULL);
	kexec_bpf_pe_scrub(&view, pe.data);
	tap_is(pe_get32(&pe, pe_at(&pe, PE_CHECKSUM)), 0,
	       "[S7] pe: CheckSum, which no digest covers, is cleared");
	tap_ok(!pe_get32(&pe, pe_at(&pe, PE_CERTS)) &&
	       !pe_get32(&pe, pe_at(&pe, PE_CERTS) + 4),
	       "[S7] pe: entry of the certificate table is cleared");
	for (i = 0; i < pe.size; i++) {
		if (i - pe_at(&pe, PE_CHECKSUM) < 4 ||
		    i - pe_at(&pe, PE_CERTS) < 8)
			continue;
		wrong += pe.data[i] != old[i];
	}
	tap_is(wrong, 0, "[S7] pe: nothing else is changed");
	free(old);
	pe_free(&pe);
}

/* A file of more than 4 GiB: its fields cannot reach the end. */
static void test_large(void)
{
	struct pe pe;
	size_t gib = (size_t)1 << 30;

	if (pe_init(&pe, MACHINE, 8, 5 * gib)) {
		tap_skip("no address space", "[L1][M6] pe: section of 3 GiB");
		return;
	}
	pe_add(&pe, ".bpf", "x", 1);
	if (pe_add(&pe, ".initrd", NULL, 3 * gib) < 0)
		tap_bail("cannot build");
	tap_is(check(pe.data, pe.size, &(struct kexec_bpf_range){}), 0,
	       "[L1][M6] pe: accepted: section of 3 GiB");
	pe_set32(&pe, pe_section_at(&pe, 1, PE_SEC_RAW_SIZE), 0xfffff000);
	tap_is(check(pe.data, pe.size, &(struct kexec_bpf_range){}), -ELIBBAD,
	       "[L1][M6] pe: refused: section that ends beyond 2^32 and the file");
	pe_free(&pe);
}

static void test_file(const char *path, bool has_parser, const char *name)
{
	struct kexec_bpf_range range;
	size_t size;
	void *data = host_read_file(path, &size), *copy;
	int ret;

	if (!data) {
		tap_skip("no such file", "%s", name);
		return;
	}
	copy = host_copy(data, size);
	ret = check(copy, size, &range);
	if (!has_parser && ret == -ENOEXEC && !log.text[0])
		ret = 0;
	if (!tap_ok(!ret, "%s", name))
		tap_diag("%s: %d: %s", path, ret, log.text);
	free(copy);
	free(data);
}

int main(int argc, char **argv)
{
	const char *dir = argc > 1 ? argv[1] : NULL;
	char path[4096];
	unsigned int i;
	static const struct {
		const char *file, *name;
		bool has_parser;
	} real[] = {
		{ "added.efi",
		  "[F6] pe: accepted: stub with sections that objcopy added at address 0",
		  true },
		{ "placed.efi",
		  "[F6] pe: accepted: stub with sections that objcopy added at addresses",
		  true },
		{ "signed.efi",
		  "[S7] pe: accepted: the same, signed by sbsign", true },
		{ "large.efi",
		  "[L1] pe: accepted: stub with a section larger than its SizeOfImage that objcopy added",
		  true },
	};

	for (i = 0; i < nr_pe_defects; i++)
		test_defect(&pe_defects[i]);
	test_truncation();
	test_vectors();
	test_bytes();
	test_find();
	test_scrub();
	test_large();
	test_file("/usr/lib/systemd/boot/efi/linuxx64.efi.stub", false,
		  "[F6] pe: accepted: the stub of systemd as it is");
	for (i = 0; i < ARRAY_SIZE(real); i++) {
		if (!dir) {
			tap_skip("no directory of images", "%s", real[i].name);
			continue;
		}
		snprintf(path, sizeof(path), "%s/%s", dir, real[i].file);
		test_file(path, real[i].has_parser, real[i].name);
	}
	return tap_done();
}
