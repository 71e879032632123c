// SPDX-License-Identifier: GPL-2.0-only
/* The parser for UKIs as host code, over the kernel's own output.c */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/kernel.h>

#include "host.h"
#include "native.h"
#include "pe.h"
#include "tap.h"

#define TRUSTED		(KEXEC_BPF_INFO_ENFORCED | KEXEC_BPF_INFO_VERIFIED)
#define CMDLINE_MAX	2016
#define SECTION_MAX	65536

static struct native_load load;

/* As a load does it: screen, then run, over what comes before certificates. */
static int run_screened(const struct pe *image, u32 flags)
{
	struct kexec_bpf_pe pe;
	int ret;

	native_begin(&load, image->data, image->size, flags);
	ret = kexec_bpf_pe_open(&pe, image->data, image->size,
				PE_MACHINE_AMD64, &load.log);
	if (!ret)
		ret = kexec_bpf_pe_screen(&pe, &load.log);
	if (ret) {
		tap_diag("not sound: %s", load.text);
		return -ELIBBAD;
	}
	load.out.buffers[0].size = pe.end;
	return native_run(&load.native, uki);
}

/* A copy of a small image that has nothing behind it */
static int run(const struct pe *image, u32 flags)
{
	struct pe copy = *image;
	int ret;

	copy.data = host_copy(image->data, image->size);
	ret = run_screened(&copy, flags);
	free(copy.data);
	/* What was named is compared with the image itself. */
	load.out.buffers[0].data = image->data;
	return ret;
}

static void begin(struct pe *pe)
{
	if (pe_init(pe, PE_MACHINE_AMD64, 1024, 1 << 21))
		tap_bail("no memory");
}

static void add(struct pe *pe, const char *name, const void *data, size_t size)
{
	if (pe_add(pe, name, data, size) < 0)
		tap_bail("no room for %s", name);
}

static bool is_piece(const struct kexec_bpf_piece *piece, const void *data,
		     size_t size)
{
	return piece->range.size == size &&
	       !memcmp(kexec_bpf_output_bytes(&load.out, piece), data, size);
}

static bool is_made(int ret, const char *kernel, const char *initrd,
		    const char *cmdline)
{
	bool same = !ret && is_piece(&load.out.kernel, kernel, strlen(kernel)) &&
		    !strcmp(load.out.cmdline, cmdline) &&
		    load.out.cmdline_len == strlen(cmdline);

	if (initrd)
		same = same && load.out.nr_initrd == 1 &&
		       is_piece(&load.out.initrd[0], initrd, strlen(initrd));
	else
		same = same && !load.out.nr_initrd && !load.out.initrd_size;
	if (!same)
		tap_diag("%d: kernel %#llx+%#llx, %u pieces, '%s': %s", ret,
			 (unsigned long long)load.out.kernel.range.offset,
			 (unsigned long long)load.out.kernel.range.size,
			 load.out.nr_initrd, load.out.cmdline, load.text);
	return same;
}

static void test_golden(void)
{
	struct pe pe;
	unsigned int i;
	int ret;

	begin(&pe);
	add(&pe, ".text", "stub", 4);
	add(&pe, ".osrel", "ID=x", 4);
	add(&pe, ".cmdline", "root=/dev/vda1 quiet", 20);
	add(&pe, ".linux", "kernel bytes", 12);
	add(&pe, ".initrd", "initrd bytes!", 13);
	add(&pe, ".bpf", "parser", 6);
	ret = run(&pe, TRUSTED);
	tap_ok(is_made(ret, "kernel bytes", "initrd bytes!",
		       "root=/dev/vda1 quiet"),
	       "[F2] uki: kernel, initrd and command line, byte for byte");
	native_end(&load);
	ret = run(&pe, TRUSTED | KEXEC_BPF_INFO_DEBUG);
	tap_ok(is_made(ret, "kernel bytes", "initrd bytes!",
		       "root=/dev/vda1 quiet") &&
	       strstr(load.text, "section 1 '.osrel' is ignored"),
	       "[F1] uki: a second run makes the same; with debug it says what is ignored");
	native_end(&load);
	ret = run(&pe, TRUSTED | KEXEC_BPF_INFO_NO_INITRAMFS);
	tap_ok(is_made(ret, "kernel bytes", NULL, "root=/dev/vda1 quiet"),
	       "[F4] uki: without an initramfs");
	native_end(&load);
	ret = run(&pe, 0);
	tap_ok(is_made(ret, "kernel bytes", "initrd bytes!",
		       "root=/dev/vda1 quiet"),
	       "[S11] uki: accepted: unsigned, where signatures are not enforced");
	native_end(&load);
	tap_is(run(&pe, KEXEC_BPF_INFO_ENFORCED), -EKEYREJECTED,
	       "[S11] uki: refused: unsigned, where signatures are enforced");
	native_end(&load);
	pe_add_certs(&pe, "certificate", 11);
	ret = run(&pe, TRUSTED);
	tap_ok(is_made(ret, "kernel bytes", "initrd bytes!",
		       "root=/dev/vda1 quiet"),
	       "[S7] uki: with a certificate table behind");
	native_end(&load);
	pe_free(&pe);

	begin(&pe);
	add(&pe, ".linux", "kernel", 6);
	ret = run(&pe, TRUSTED);
	tap_ok(is_made(ret, "kernel", NULL, ""),
	       "[F4] uki: accepted: nothing but a kernel");
	native_end(&load);
	pe_free(&pe);

	begin(&pe);
	for (i = 0; i < 16; i++)
		add(&pe, ".other", "x", 1);
	add(&pe, ".linux", "the 17th", 8);
	add(&pe, ".initrd", "the 18th", 8);
	ret = run(&pe, TRUSTED);
	tap_ok(is_made(ret, "the 17th", "the 18th", ""),
	       "[F1] uki: sections behind the 16th are found");
	native_end(&load);
	for (i = pe_nr_sections(&pe); i < 1023; i++)
		pe_add_empty(&pe, ".other", 0);
	add(&pe, ".cmdline", "the 1024th", 10);
	ret = run(&pe, TRUSTED);
	tap_ok(is_made(ret, "the 17th", "the 18th", "the 1024th"),
	       "[F1] uki: the 1024th section is found");
	native_end(&load);
	pe_free(&pe);
}

static void test_sizes(void)
{
	size_t vsize, raw;
	struct pe pe;
	char bytes[1024], want[1025];
	int ret;

	memset(bytes, 'k', sizeof(bytes));
	memset(want, 'k', sizeof(want));
	begin(&pe);
	add(&pe, ".linux", bytes, sizeof(bytes));
	vsize = pe_section_at(&pe, 0, PE_SEC_VSIZE);

	pe_set32(&pe, vsize, 1000);
	want[1000] = '\0';
	ret = run(&pe, TRUSTED);
	tap_ok(is_made(ret, want, NULL, ""),
	       "[F2] uki: what the file has beyond VirtualSize is padding");
	native_end(&load);
	want[1000] = 'k';
	want[1024] = '\0';
	pe_set32(&pe, vsize, 4096);
	ret = run(&pe, TRUSTED);
	tap_ok(is_made(ret, want, NULL, ""),
	       "[F2] uki: what memory has beyond SizeOfRawData is no kernel");
	native_end(&load);
	pe_set32(&pe, vsize, 0);
	tap_is(run(&pe, TRUSTED), -ENODATA,
	       "[M8] uki: refused: .linux without a size in memory");
	native_end(&load);
	pe_set32(&pe, vsize, 1024);

	add(&pe, ".initrd", "initrd", 6);
	vsize = pe_section_at(&pe, 1, PE_SEC_VSIZE);
	raw = pe_get32(&pe, pe_section_at(&pe, 1, PE_SEC_RAW_SIZE));
	pe_set32(&pe, vsize, raw + 1);
	tap_is(run(&pe, TRUSTED), -EINVAL,
	       "[F2] uki: refused: .initrd larger in memory than in the file");
	native_end(&load);
	pe_set32(&pe, vsize, raw);
	tap_ok(!run(&pe, TRUSTED) && load.out.initrd_size == raw,
	       "[F2] uki: accepted: .initrd as large in memory as in the file");
	native_end(&load);
	pe_set32(&pe, vsize, 0);
	ret = run(&pe, TRUSTED);
	tap_ok(is_made(ret, want, NULL, ""),
	       "[F4] uki: accepted: .initrd without a size in memory is none");
	native_end(&load);
	pe_free(&pe);
}

static void test_sections(void)
{
	static const struct {
		const char *name;
		int twice;	/* what two of them make */
		int once;	/* what one makes */
	} cases[] = {
		{ ".initrd", -ENOTUNIQ, 0 },
		{ ".cmdline", -ENOTUNIQ, 0 },
		{ ".ucode", -EOPNOTSUPP, -EOPNOTSUPP },
		{ ".profile", -EOPNOTSUPP, -EOPNOTSUPP },
		{ ".dtb", -EOPNOTSUPP, -EOPNOTSUPP },
		{ ".dtbauto", -EOPNOTSUPP, -EOPNOTSUPP },
		{ ".hwids", -ENOTUNIQ, 0 },
		{ ".efifw", 0, 0 },
		{ ".splash", -ENOTUNIQ, 0 },
		{ ".uname", -ENOTUNIQ, 0 },
		{ ".sbat", -ENOTUNIQ, 0 },
		{ ".osrel", -ENOTUNIQ, 0 },
		{ ".pcrsig", -ENOTUNIQ, 0 },
		{ ".pcrpkey", -ENOTUNIQ, 0 },
		{ ".text", 0, 0 },
		{ ".linux2", 0, 0 },
		{ ".linu", 0, 0 },
		{ ".LINUX", 0, 0 },
	};
	struct pe pe;
	size_t i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		begin(&pe);
		add(&pe, ".linux", "kernel", 6);
		add(&pe, cases[i].name, "text", 4);
		ret = run(&pe, TRUSTED);
		tap_ok(ret == cases[i].once &&
		       (!ret || strstr(load.text, cases[i].name)),
		       "[F5] uki: %s: %s", ret ? "refused by name" : "accepted",
		       cases[i].name);
		native_end(&load);
		add(&pe, cases[i].name, "text", 4);
		ret = run(&pe, TRUSTED);
		tap_ok(ret == cases[i].twice &&
		       (!ret || strstr(load.text, cases[i].name)),
		       "[F1][M4] uki: %s: two sections %s",
		       ret ? "refused" : "accepted", cases[i].name);
		native_end(&load);
		pe_free(&pe);
	}

	begin(&pe);
	add(&pe, ".initrd", "initrd", 6);
	ret = run(&pe, TRUSTED);
	tap_ok(ret == -ENODATA && strstr(load.text, "no section '.linux'"),
	       "[F6] uki: refused: no .linux");
	native_end(&load);
	add(&pe, ".linux", "first", 5);
	add(&pe, ".linux", "second", 6);
	ret = run(&pe, TRUSTED);
	tap_ok(ret == -ENOTUNIQ && !load.out.kernel.range.size,
	       "[F1][M4] uki: refused: two .linux");
	native_end(&load);
	pe_free(&pe);
}

/* What becomes of the text of .cmdline; NULL with an errno if it is refused */
static void test_cmdline(void)
{
	static const struct {
		const char *name;
		const char *text;
		size_t size;	/* 0: up to the NUL */
		const char *want;
		int error;
	} cases[] = {
		{ "plain", "quiet", 0, "quiet", 0 },
		{ "nothing but blanks", "  \n\t ", 0, "", 0 },
		{ "blanks at both ends", " \n quiet ro \r\n", 0, "quiet ro", 0 },
		{ "blanks inside stay", "a  b   c", 0, "a  b   c", 0 },
		{ "each control character becomes a space", "a\tb\n\nc\x1f" "d",
		  0, "a b  c d", 0 },
		{ "delete becomes a space", "a\x7f" "b\x7f", 0, "a b", 0 },
		{ "first and last byte", "\x01x\x02", 0, "x", 0 },
		{ "one character", "x", 0, "x", 0 },
		{ "quotes and backslashes stay", "a=\"b  c\" d=\\n", 0,
		  "a=\"b  c\" d=\\n", 0 },
		{ "ends at a NUL, with padding", "quiet\0\0\0\0", 9, "quiet",
		  0 },
		{ "nothing but a NUL", "\0", 1, "", 0 },
		{ "nothing but NULs", "\0\0\0\0", 4, "", 0 },
		{ "data behind a NUL", "quiet\0init=/bin/sh", 18, NULL, EINVAL },
		{ "data behind NULs", "quiet\0\0\0\0x", 10, NULL, EINVAL },
		{ "a blank behind a NUL", "quiet\0 ", 7, NULL, EINVAL },
		{ "data behind a first NUL", "\0x", 2, NULL, EINVAL },
		{ "UTF-8 of two and three bytes", "\xc3\xa4=\xe2\x82\xac", 0,
		  "\xc3\xa4=\xe2\x82\xac", 0 },
		{ "least and most of two bytes", "\xc2\x80\xdf\xbf", 0,
		  "\xc2\x80\xdf\xbf", 0 },
		{ "least and most of three bytes",
		  "\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf", 0,
		  "\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf", 0 },
		{ "a control character beyond ASCII", "a\xc2\x85" "b", 0,
		  "a\xc2\x85" "b", 0 },
		{ "continuation without a beginning", "a\x80", 0, NULL, EILSEQ },
		{ "two bytes in a longer form", "\xc0\xaf", 0, NULL, EILSEQ },
		{ "NUL in a longer form", "\xc0\x80", 0, NULL, EILSEQ },
		{ "three bytes in a longer form", "\xe0\x9f\xbf", 0, NULL,
		  EILSEQ },
		{ "surrogate", "\xed\xa0\x80", 0, NULL, EILSEQ },
		{ "four bytes", "\xf0\x9f\x98\x80", 0, NULL, EILSEQ },
		{ "five bytes", "\xf8\x88\x80\x80\x80", 0, NULL, EILSEQ },
		{ "byte 0xff", "a\xff", 0, NULL, EILSEQ },
		{ "ends after the first of two bytes", "a\xc3", 0, NULL,
		  EILSEQ },
		{ "ends after the second of three bytes", "a\xe2\x82", 0, NULL,
		  EILSEQ },
		{ "ASCII inside a character", "\xe2\x82z", 0, NULL, EILSEQ },
		{ "NUL inside a character", "\xc3\0", 2, NULL, EILSEQ },
		{ "control character inside a character", "\xc3\n\xa4", 0, NULL,
		  EILSEQ },
	};
	struct pe pe;
	size_t i, size;
	int ret;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		size = cases[i].size ? cases[i].size : strlen(cases[i].text);
		begin(&pe);
		/* The last section, exactly as large, with nothing behind */
		add(&pe, ".linux", "kernel", 6);
		add(&pe, ".cmdline", cases[i].text, size);
		pe_set32(&pe, pe_section_at(&pe, 1, PE_SEC_RAW_SIZE), size);
		pe.size = pe_get32(&pe, pe_section_at(&pe, 1,
						      PE_SEC_RAW_OFFSET)) + size;
		ret = run(&pe, TRUSTED);
		if (cases[i].error)
			tap_ok(ret == -cases[i].error &&
			       strstr(load.text, ".cmdline"),
			       "[M8] uki: refused: command line: %s",
			       cases[i].name);
		else
			tap_ok(is_made(ret, "kernel", NULL, cases[i].want),
			       "[M8] uki: accepted: command line: %s",
			       cases[i].name);
		native_end(&load);
		pe_free(&pe);
	}
}

static void test_cmdline_limits(void)
{
	static char text[SECTION_MAX + 1];
	static char want[CMDLINE_MAX + 2];
	struct pe pe;
	int ret, i;

	memset(want, 'c', sizeof(want));
	want[CMDLINE_MAX] = '\0';
	for (i = 0; i < 2; i++) {
		memset(text, ' ', sizeof(text));
		memset(text + 7, 'c', CMDLINE_MAX + i);
		begin(&pe);
		add(&pe, ".linux", "kernel", 6);
		add(&pe, ".cmdline", text, CMDLINE_MAX + 20);
		ret = run(&pe, TRUSTED);
		if (i)
			tap_is(ret, -EFBIG,
			       "[M6] uki: refused: command line of a byte above the limit");
		else
			tap_ok(is_made(ret, "kernel", NULL, want),
			       "[M6] uki: accepted: command line at the limit, without blanks around it");
		native_end(&load);
		pe_free(&pe);
	}
	for (i = 0; i < 2; i++) {
		memset(text, ' ', sizeof(text));
		text[SECTION_MAX - 1] = 'x';
		begin(&pe);
		add(&pe, ".linux", "kernel", 6);
		add(&pe, ".cmdline", text, SECTION_MAX + i);
		ret = run(&pe, TRUSTED);
		if (i)
			tap_is(ret, -EFBIG,
			       "[M6] uki: refused: .cmdline a byte above its limit");
		else
			tap_ok(is_made(ret, "kernel", NULL, "x"),
			       "[M6] uki: accepted: .cmdline at its limit");
		native_end(&load);
		pe_free(&pe);
	}
	/* Larger in memory: what follows are zeros, so the text ends there. */
	begin(&pe);
	add(&pe, ".linux", "kernel", 6);
	add(&pe, ".cmdline", "quiet", 5);
	pe_set32(&pe, pe_section_at(&pe, 1, PE_SEC_VSIZE), 0x800);
	pe_set32(&pe, pe_at(&pe, PE_IMAGE_SIZE), 0x100000);
	ret = run(&pe, TRUSTED);
	tap_ok(is_made(ret, "kernel", NULL, "quiet"),
	       "[F2] uki: accepted: .cmdline larger in memory than in the file");
	native_end(&load);
	pe_free(&pe);
}

/* The parser itself, without an image around that would run it first. */
static void test_depth(void)
{
	struct pe pe;
	int ret;

	begin(&pe);
	add(&pe, ".linux", "kernel", 6);
	native_begin(&load, pe.data, pe.size, TRUSTED);
	load.out.info.depth = 1;
	ret = native_run(&load.native, uki);
	tap_ok(ret == -EOPNOTSUPP && !load.out.kernel.range.size &&
	       strstr(load.text, "a UKI cannot be the kernel of another image"),
	       "[M2] uki: refused: as the kernel of another image");
	native_end(&load);
	native_begin(&load, pe.data, pe.size, TRUSTED);
	load.out.info.depth = 0;
	ret = native_run(&load.native, uki);
	tap_ok(is_made(ret, "kernel", NULL, ""), "[M2] uki: accepted: as the image itself");
	native_end(&load);
	pe_free(&pe);
}

/* Every call of a kfunc fails in turn: the parser must say so. */
static void test_failures(void)
{
	static const char text[] = "a\tb";
	unsigned long calls, i;
	unsigned int wrong = 0;
	struct pe pe;
	int ret;

	begin(&pe);
	add(&pe, ".linux", "kernel", 6);
	add(&pe, ".initrd", "initrd", 6);
	add(&pe, ".cmdline", text, 3);
	run(&pe, TRUSTED);
	calls = load.native.calls;
	native_end(&load);
	for (i = 1; i <= calls; i++) {
		native_begin(&load, pe.data, pe.size, TRUSTED);
		load.native.fail_call = i;
		load.native.fail_error = -EINTR;
		ret = native_run(&load.native, uki);
		if (ret >= 0) {
			tap_diag("call %lu of %lu failed: %d", i, calls, ret);
			wrong++;
		}
		native_end(&load);
	}
	tap_ok(!wrong && calls > 15,
	       "[M1] uki: each call of a kfunc failed in turn: the parser fails");
	pe_free(&pe);
}

/* The bytes of whatever was named lie in the image. */
static bool named_inside(u64 size)
{
	const struct kexec_bpf_range *range = &load.out.kernel.range;
	u32 i;

	if (range->offset > size || range->size > size - range->offset)
		return false;
	for (i = 0; i < load.out.nr_initrd; i++) {
		range = &load.out.initrd[i].range;
		if (range->offset > size || range->size > size - range->offset)
			return false;
	}
	return true;
}

/* Without the screen: the parser stands by itself. */
static void test_truncation(void)
{
	unsigned int wrong = 0;
	struct pe pe;
	size_t size;

	begin(&pe);
	add(&pe, ".linux", "kernel", 6);
	add(&pe, ".initrd", "initrd", 6);
	add(&pe, ".cmdline", "quiet\tro", 8);
	for (size = 0; size <= pe.size; size++) {
		void *data = host_copy(pe.data, size);
		int ret;

		native_begin(&load, data, size, TRUSTED);
		ret = native_run(&load.native, uki);
		/* Up to its padding, all of the last section must be there. */
		if ((!ret && size < pe.size - 0x200 + 8) ||
		    !named_inside(size))
			wrong++;
		native_end(&load);
		free(data);
	}
	tap_is(wrong, 0, "[M8] uki: refused: each length of the file below what it names");
	pe_free(&pe);
}

/*
 * One parser for all sizes. The payloads are address space without memory, so
 * what reads them shows in time.
 */
static void test_image_sizes(void)
{
	static const struct {
		const char *name;
		bool is_kernel;
	} parts[] = { { ".initrd", false }, { ".linux", true } };
	const size_t gib = (size_t)1 << 30;
	unsigned int wrong = 0;
	unsigned long calls = 0;
	struct pe pe;
	size_t i, size;
	int shift, d;

	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		for (shift = 20; shift <= 30; shift++) {
			for (d = -1; d <= 1; d++) {
				struct kexec_bpf_range *range;

				size = ((size_t)1 << shift) + d;
				if (pe_init(&pe, PE_MACHINE_AMD64, 8, 3 * gib))
					tap_bail("no address space");
				add(&pe, parts[i].is_kernel ? ".initrd" :
					 ".linux", "small", 5);
				add(&pe, parts[i].name, NULL, size);
				range = parts[i].is_kernel ?
					&load.out.kernel.range :
					NULL;
				if (run_screened(&pe, TRUSTED))
					wrong++;
				if (!range)
					range = &load.out.initrd[0].range;
				if (range->size != size ||
				    range->offset !=
				    pe_get32(&pe, pe_section_at(&pe, 1,
							PE_SEC_RAW_OFFSET))) {
					tap_diag("%s of %zu bytes: %s",
						 parts[i].name, size,
						 load.text);
					wrong++;
				}
				if (calls && load.native.calls != calls)
					wrong++;
				calls = load.native.calls;
				native_end(&load);
				pe_free(&pe);
			}
		}
		tap_is(wrong, 0,
		       "[L2] uki: %s of 1 MiB to 1 GiB, each power of two and a byte less and more, by one parser with the same number of calls",
		       parts[i].name);
		calls = 0;
	}

	/* The size of the file, not of a section */
	for (wrong = 0, shift = 20; shift <= 30; shift++) {
		for (d = -1; d <= 1; d++) {
			size = ((size_t)1 << shift) + d;
			if (pe_init(&pe, PE_MACHINE_AMD64, 8, 3 * gib))
				tap_bail("no address space");
			add(&pe, ".linux", "small", 5);
			add(&pe, ".initrd", NULL, size - 0x1000);
			pe.size = size;
			pe_set32(&pe, pe_section_at(&pe, 1, PE_SEC_RAW_SIZE),
				 size - pe_get32(&pe, pe_section_at(&pe, 1,
							PE_SEC_RAW_OFFSET)));
			if (run_screened(&pe, TRUSTED) ||
			    load.out.initrd_size != size - 0x1000)
				wrong++;
			native_end(&load);
			pe_free(&pe);
		}
	}
	tap_is(wrong, 0,
	       "[L2] uki: files of 1 MiB to 1 GiB, each power of two and a byte less and more");

	if (pe_init(&pe, PE_MACHINE_AMD64, 8, 5 * gib))
		tap_bail("no address space");
	add(&pe, ".linux", "small", 5);
	add(&pe, ".initrd", NULL, 4 * gib - 0x10000);
	tap_ok(!run_screened(&pe, TRUSTED) &&
	       load.out.initrd_size == 4 * gib - 0x10000,
	       "[L1][M6] uki: a file of almost 4 GiB");
	native_end(&load);
	pe_free(&pe);
}

int main(void)
{
	test_golden();
	test_sizes();
	test_sections();
	test_cmdline();
	test_cmdline_limits();
	test_depth();
	test_failures();
	test_truncation();
	test_image_sizes();
	return tap_done();
}
