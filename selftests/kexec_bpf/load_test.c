// SPDX-License-Identifier: GPL-2.0
/* Images that load, and that what is loaded is what the image says */

#include <sys/mman.h>
#include <sys/stat.h>

#include "common.h"

#define IMAGE_MAX	"/proc/sys/kernel/kexec_bpf_image_max"
#define CRASH_SIZE	"/sys/kernel/kexec_crash_size"

static struct load load;
static struct bytes part_linux, part_initrd, part_cmdline, parser;

/* Whether a part of the result is the part that the image was made of */
static bool is_part(const struct kexec_bpf_part *have, const char *name)
{
	uint8_t sha256[32];

	part_sha256(name, sha256);
	if (have->size == part_size(name) &&
	    !memcmp(have->sha256, sha256, sizeof(sha256)))
		return true;
	tap_diag("'%s' has %llu bytes, not %zu, or another digest", name,
		 (unsigned long long)have->size, part_size(name));
	return false;
}

/* No bytes: the digest of nothing, as everybody computes it */
static bool is_empty(const struct kexec_bpf_part *have)
{
	static const uint8_t sha256[] = {
		0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4,
		0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b,
		0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
	};

	return !have->size && !memcmp(have->sha256, sha256, sizeof(sha256));
}

/* Load an image; its parts are those that all images are made of. */
static void test_image(const char *lessons, const char *name,
		       const char *what, bool initrd, bool cmdline)
{
	const struct kexec_bpf_result *result = &load.result;
	int fd = open_image(name);

	unload();
	if (check_loads(fd, SHA256, &load, "%s%s loads", lessons, what))
		tap_ok(is_part(&result->kernel, "linux") &&
		       (initrd ? is_part(&result->initrd, "initrd") :
				 is_empty(&result->initrd)) &&
		       (cmdline ? is_part(&result->cmdline, "cmdline") :
				  is_empty(&result->cmdline)) &&
		       result->flags & KEXEC_BPF_RESULT_SHA256,
		       "%s%s: kernel, initrd, command line byte for byte",
		       lessons, what);
	close(fd);
}

static void test_images(void)
{
	test_image("", "good.efi", "UKI by our tool", true, true);
	test_image("", "objcopy.efi", "UKI by objcopy", true, true);
	test_image("", "objcopy-0.efi", "UKI with .bpf by objcopy --add-section alone",
		   true, true);
	test_image("", "objcopy-1.efi", "UKI with .bpf by objcopy without an address",
		   true, true);
	test_image("[F4] ", "kernel-only.efi", "UKI with a kernel and nothing else",
		   false, false);
	test_image("[F1] ", "section-17.efi", "UKI with its sections behind sixteen others",
		   true, true);
	test_image("[F2] ", "pad-file.efi", "UKI with padding in the file", true, true);
	test_image("[F2] ", "pad-memory.efi", "UKI with a kernel that is larger in memory",
		   true, true);
	test_image("", "nested.efi", "UKI as the kernel of a UKI", true, true);
	tap_is(load.result.rounds, 2, "UKI as the kernel of a UKI: two parsers ran");
	test_image("[M4] ", "parser-twice_ignored.efi",
		   "parser that ignores that it cannot choose twice", false, false);
	test_image("[S3] ", "parser-stale_id.efi",
		   "parser to which stale ids are EBADF", false, false);
	test_image("[M6] ", "parser-ranges.efi",
		   "parser to which ranges outside the image are ERANGE", false, false);
	test_image("", "parser-kernel_only.efi", "parser that wants the kernel alone",
		   false, false);
}

static bool text_is(const struct kexec_bpf_part *have, const char *text)
{
	char command[128], hex[65] = "", want[65];
	FILE *f;
	int i;

	for (i = 0; i < 32; i++)
		sprintf(want + 2 * i, "%02x", have->sha256[i]);
	snprintf(command, sizeof(command), "printf '%%s' '%s' | sha256sum", text);
	f = popen(command, "r");
	if (!f || fscanf(f, "%64[0-9a-f]", hex) != 1)
		tap_bail("no sha256sum");
	pclose(f);
	return have->size == strlen(text) && !strcmp(hex, want);
}

/* What the kfuncs for text and log lines make */
static void test_texts(void)
{
	int fd = open_image("parser-texts.efi");

	if (check_loads(fd, DRY_RUN | SHA256, &load, "parser with texts loads"))
		tap_ok(text_is(&load.result.cmdline, "one two MZ"),
		       "texts and ranges follow each other as they are");
	close(fd);
	fd = open_image("parser-guide.efi");
	if (check_loads(fd, DRY_RUN | SHA256, &load, "parser of the guide loads"))
		tap_ok(text_is(&load.result.cmdline, "root=LABEL=appliance ro"),
		       "its command line is the parser's own");
	close(fd);

	fd = open_image("small.efi");
	if (check_loads(fd, DRY_RUN | SHA256, &load, "parser that goes by the first section loads"))
		tap_ok(text_is(&load.result.cmdline, "small") &&
		       is_part(&load.result.kernel, "linux"), "it found the kernel");
	close(fd);

	fd = open_image("parser-log_formats.efi");
	check_loads(fd, DRY_RUN, &load, "parser with log lines loads");
	tap_ok(strstr(load.log, "image: nothing\n") &&
	       strstr(load.log, "image: -1 18446744073709551615 0xffffffffffffffff 100%\n") &&
	       strstr(load.log, "image: '.linux' '12345678' '\?\?' ''\n") &&
	       strstr(load.log, "image: 1 2 3 4 5 6 7 8\n"),
	       "its lines are in the log as they should be");
	close(fd);
}

static void test_flags(void)
{
	const uint32_t verified = KEXEC_BPF_RESULT_VERIFIED |
				  (enforced() ? KEXEC_BPF_RESULT_ENFORCED : 0);
	const struct kexec_bpf_result *result = &load.result;
	int fd = open_image("good.efi"), i;
	bool times = true;

	unload();
	check_loads(fd, DRY_RUN, &load, "dry run");
	tap_is(loaded(), 0, "dry run loads nothing");
	tap_ok(result->kernel.size == part_size("linux") &&
	       result->initrd.size == part_size("initrd") &&
	       result->cmdline.size == part_size("cmdline"),
	       "dry run tells the sizes");
	tap_ok(!(result->flags & KEXEC_BPF_RESULT_SHA256) && !result->kernel.sha256[0] &&
	       !result->kernel.sha256[31], "without the flag there are no digests");
	tap_ok(result->flags == verified, "flags of the result: verified, %s, not published",
	       enforced() ? "enforced" : "not enforced");
	tap_ok(!load.log[0], "a load without a word");
	for (i = KEXEC_BPF_STEP_READ; i < KEXEC_BPF_STEP_DONE; i++)
		times &= result->step_ns[i] && result->step_ns[i] < 60000000000ULL;
	tap_ok(times, "each step took time");

	if (enforced())
		check_refused(fd, DRY_RUN | KEXEC_BPF_NO_INITRAMFS | SHA256,
			      &(struct refusal){ EPERM, KEXEC_BPF_STEP_SIGNATURE,
						 "the initrd cannot be left out", 0, 0 },
			      "load without initrd: not where signatures are enforced");
	else if (check_loads(fd, DRY_RUN | KEXEC_BPF_NO_INITRAMFS | SHA256, &load,
			     "load without initrd"))
		tap_ok(is_empty(&result->initrd) && is_part(&result->kernel, "linux") &&
		       is_part(&result->cmdline, "cmdline"),
		       "then there is none, and nothing else changed");

	check_loads(fd, DRY_RUN | DEBUG, &load, "load that logs each step");
	tap_ok(strstr(load.log, "read: image of ") && strstr(load.log, "signature: good\n") &&
	       strstr(load.log, "parser: format 'uki', ABI 1, ") &&
	       strstr(load.log, "section 0 '.text' is ignored\n") &&
	       strstr(load.log, "kexec: kernel of "),
	       "its log has a line for each step");

	check_loads(fd, UNSIGNED, &load, "signed image, unsigned ones allowed");
	tap_ok(result->flags == (verified | KEXEC_BPF_RESULT_PUBLISHED),
	       "flags of the result: verified, published");
	check_loads(fd, 0, &load, "a second load replaces the first");
	close(fd);

	fd = open_image("unsigned.efi");
	if (check_unsigned(fd, 0, &load, "unsigned image, unsigned ones allowed")) {
		tap_ok(result->flags == KEXEC_BPF_RESULT_PUBLISHED,
		       "flags of the result: published, not verified");
		tap_ok(strstr(load.log,
			      "signature: the caller allows the image nevertheless\n"),
		       "the log tells that it is unsigned");
	}
	close(fd);
	fd = open_image("other.efi");
	if (check_unsigned(fd, 0, &load, "image by an unknown key, unsigned ones allowed"))
		tap_ok(result->flags == KEXEC_BPF_RESULT_PUBLISHED,
		       "flags of the result: published, not verified");
	close(fd);
}

/* What only kexec's own code finds out, when it places the segments */
static void test_room(void)
{
	uint64_t half = meminfo("MemTotal") * 1024 / 2;
	const struct refusal none = { EADDRNOTAVAIL, KEXEC_BPF_STEP_SEGMENTS,
				      "kexec: no room in memory for kernel of ", 1, 0 };
	const struct refusal much = { EINVAL, KEXEC_BPF_STEP_SEGMENTS,
				      "take more than half of memory", 1, 0 };
	int fd;

	load_image(&load, "good.efi", 0);
	/* Not more: kexec is slow where it finds pages that the kernel is to lie in. */
	fd = make_hungry(8 << 20);
	check_unsigned(fd, 0, &load, "[M1] kernel that takes 8 MiB of memory");
	close(fd);
	if (enforced())
		return;
	/* From 3 GiB on, memory is in two pieces, and none may have room for so much. */
	if (half > 1600ULL << 20) {
		tap_skip("memory is in pieces", "[M1] kernel that takes more than half of it");
	} else {
		fd = make_hungry(half + half / 8);
		check_refused(fd, UNSIGNED, &much, "[M1] kernel that takes more than half of it");
		close(fd);
	}
	fd = make_hungry(0xffff0000);
	check_refused(fd, UNSIGNED, &none, "[M1] kernel that takes more than there is");
	close(fd);
}

/* What fails before segments are placed leaves a crash kernel, as any other. */
static void test_crash_refused(void)
{
	static const struct {
		const char	*image;
		int		error;
	} images[] = {
		{ "unsigned.efi", ENODATA },
		{ "nobpf.efi", ENOEXEC },
		{ "parser-ret_error.efi", EBADMSG },
		{ "parser-no_kernel.efi", ENOMSG },
		{ "no-bzimage.efi", ENOEXEC },
	};
	unsigned int i, wrong = 0;
	int fd;

	for (i = 0; i < ARRAY_SIZE(images); i++) {
		if (load_image(&load, images[i].image, KEXEC_BPF_ON_CRASH) != images[i].error ||
		    crash_loaded() != 1) {
			diag_load(&load);
			wrong++;
		}
	}
	tap_is(wrong, 0, "[M1] %u images are refused, and the crash kernel is still loaded", i);
	if (enforced())
		return;

	/* kexec_file_load() makes room before it knows whether there is enough. */
	fd = make_hungry(read_number(CRASH_SIZE));
	tap_is(load_fd(&load, fd, KEXEC_BPF_ON_CRASH | UNSIGNED), EADDRNOTAVAIL,
	       "[M1] no room in the memory reserved: EADDRNOTAVAIL");
	tap_ok(load.result.step == KEXEC_BPF_STEP_SEGMENTS && strstr(load.log, "no room"),
	       "says so");
	tap_is(crash_loaded(), 0, "and then there is no crash kernel any more");
	close(fd);
	tap_is(load_image(&load, "good.efi", KEXEC_BPF_ON_CRASH), 0, "it can be loaded again");
}

static void test_crash(void)
{
	const struct kexec_bpf_result *result = &load.result;
	/* Without the file, this kernel has no crash kernels at all. */
	bool supported = !access(CRASH_SIZE, F_OK);
	int fd = open_image("good.efi");

	unload();
	if (read_number(CRASH_SIZE) <= 0) {
		if (supported)
			tap_is(load_image(&load, "good.efi", KEXEC_BPF_ON_CRASH), EADDRNOTAVAIL,
			       "load for a crash without memory reserved: EADDRNOTAVAIL");
		else
			tap_is(load_image(&load, "good.efi", KEXEC_BPF_ON_CRASH), EOPNOTSUPP,
			       "load for a crash in a kernel without CONFIG_CRASH_DUMP: EOPNOTSUPP");
		if (required())
			tap_bail("no memory reserved, see crashkernel=");
		tap_skip("no memory reserved, see crashkernel=", "load for a crash");
		close(fd);
		return;
	}
	check_loads(fd, KEXEC_BPF_ON_CRASH | DRY_RUN, &load, "dry run for a crash");
	tap_ok(!crash_loaded() && !loaded(), "loads nothing");
	check_loads(fd, KEXEC_BPF_ON_CRASH | SHA256, &load, "load for a crash");
	tap_ok(crash_loaded() == 1 && loaded() == 0,
	       "the crash kernel is loaded, and no other");
	tap_ok(is_part(&result->kernel, "linux") && is_part(&result->initrd, "initrd") &&
	       is_part(&result->cmdline, "cmdline"),
	       "with the image's kernel, initrd and command line");
	check_loads(fd, KEXEC_BPF_ON_CRASH | DRY_RUN, &load,
		    "dry run for a crash, one being loaded");
	tap_is(crash_loaded(), 1, "leaves the crash kernel");
	test_crash_refused();
	check_loads(fd, 0, &load, "ordinary load beside it");
	tap_ok(crash_loaded() == 1 && loaded() == 1, "both are loaded");
	tap_is(sys_kexec_bpf_load(NULL, 0, KEXEC_BPF_UNLOAD | KEXEC_BPF_ON_CRASH), 0,
	       "unload of the crash kernel");
	tap_ok(crash_loaded() == 0 && loaded() == 1, "leaves the ordinary one");
	unload();
	close(fd);
}

/* Large images: sparse files that are written section by section */

/*
 * An unsigned image of exactly @size bytes: a large section that nobody wants is
 * ahead of those that matter, so that all of these lie at its end.
 */
static int make_big(uint64_t size)
{
	uint64_t large, grown;
	uint8_t *tail;
	struct pe pe;
	int fd, i;

	if (pe_init(&pe, PE_MACHINE_AMD64, 8, 1 << 20) ||
	    pe_add(&pe, ".osrel", NULL, 512) < 0 ||
	    pe_add(&pe, ".linux", part_linux.data, part_linux.size) < 0 ||
	    pe_add(&pe, ".initrd", part_initrd.data, part_initrd.size) < 0 ||
	    pe_add(&pe, ".cmdline", part_cmdline.data, part_cmdline.size) < 0 ||
	    pe_add(&pe, ".bpf", parser.data, parser.size) < 0)
		tap_bail("cannot build an image");
	if (size < pe.size)
		tap_bail("an image of %llu bytes is too small", (unsigned long long)size);

	/* Section 0 grows; whatever is behind it moves. */
	grown = size - pe.size;
	large = 512 + grown;
	pe_set32(&pe, pe_section_at(&pe, 0, PE_SEC_VSIZE), large);
	pe_set32(&pe, pe_section_at(&pe, 0, PE_SEC_RAW_SIZE), large);
	for (i = 1; i < (int)pe_nr_sections(&pe); i++) {
		size_t vaddr = pe_section_at(&pe, i, PE_SEC_VADDR);
		size_t raw = pe_section_at(&pe, i, PE_SEC_RAW_OFFSET);

		pe_set32(&pe, vaddr, pe_get32(&pe, vaddr) + (grown + 4095) / 4096 * 4096);
		pe_set32(&pe, raw, pe_get32(&pe, raw) + grown);
	}
	pe_set32(&pe, pe_at(&pe, PE_IMAGE_SIZE),
		 pe_get32(&pe, pe_at(&pe, PE_IMAGE_SIZE)) + (grown + 4095) / 4096 * 4096);

	fd = temporary_file();
	i = pe_get32(&pe, pe_at(&pe, PE_HEADERS_SIZE));
	tail = pe.data + i + 512;
	if (ftruncate(fd, size) || pwrite(fd, pe.data, i, 0) != i ||
	    pwrite(fd, tail, pe.size - i - 512, i + large) != (ssize_t)(pe.size - i - 512))
		tap_bail("cannot write an image: %s", strerror(errno));
	pe_free(&pe);
	return read_only(fd);
}

/* Whether this machine has so many MiB to give */
static bool have_memory(unsigned long long mib)
{
	bool has = meminfo("MemAvailable") / 1024 > (long long)mib;

	if (!has && required())
		tap_bail("too little memory: this takes %llu MiB", mib);
	return has;
}

static void test_sizes(void)
{
	const struct kexec_bpf_result *result = &load.result;
	int bits, delta, loads, fd, max_bits = slow() ? 26 : 30, step = slow() ? 3 : 1;
	uint64_t size;
	bool good;

	for (bits = 20; bits <= max_bits; bits += step) {
		if (!have_memory((1ULL << bits >> 20) + 64)) {
			tap_skip("too little memory", "[L2] images around 2^%d bytes", bits);
			continue;
		}
		good = true;
		for (delta = -1, loads = 0; delta <= 1; delta++) {
			size = (1ULL << bits) + delta;
			fd = make_big(size);
			load_fd(&load, fd, UNSIGNED | DRY_RUN | SHA256);
			close(fd);
			if (load.error || !is_part(&result->kernel, "linux") ||
			    !is_part(&result->initrd, "initrd") ||
			    !is_part(&result->cmdline, "cmdline")) {
				good = false;
				tap_diag("image of %llu bytes", (unsigned long long)size);
				diag_load(&load);
			} else {
				loads++;
			}
		}
		tap_ok(good && loads == 3,
		       "[L2] one parser reads images of 2^%d-1, 2^%d and 2^%d+1 bytes",
		       bits, bits, bits);
	}
}

static void test_large(void)
{
	uint64_t mib = slow() ? 64 : 600, size = mib << 20;
	int fd;

	if (!have_memory(2 * mib + 200)) {
		tap_skip("too little memory", "[L1] image of %llu MiB loads",
			 (unsigned long long)mib);
		return;
	}
	fd = make_big(size);
	if (check_unsigned(fd, DRY_RUN, &load, "%simage of %llu MiB", enforced() ? "" : "[L1] ",
			   (unsigned long long)mib))
		tap_ok(load.result.mem_peak >= size && load.result.mem_peak <= size + size / 10,
		       "[L1] and takes as much memory: %llu",
		       (unsigned long long)load.result.mem_peak);
	close(fd);
}

/* Most of the image is its initrd, which the digest of segments goes through. */
static void test_copies(void)
{
	const struct kexec_bpf_result *result = &load.result;
	int fd = unpack_image("large.efi.gz");
	uint64_t size;
	struct stat st;

	if (fstat(fd, &st))
		tap_bail("cannot ask for the size of an image");
	size = st.st_size;
	check_loads(fd, DRY_RUN, &load, "[L1] image with a large initrd loads");
	tap_is(result->initrd.size, 8 << 20, "[L1] and has all of it");
	tap_is(result->copied, 0, "[L3] an initrd in one piece is not copied");
	tap_ok(result->mem_peak >= size && result->mem_peak <= size + size / 10,
	       "[L3] peak of memory is at most 1.1 times the image: %llu of %llu",
	       (unsigned long long)result->mem_peak, (unsigned long long)size);
	close(fd);
}

static void test_limit(void)
{
	long long was = read_number(IMAGE_MAX);
	int fd = open_image("good.efi"), huge;
	struct stat st;
	char log[64];

	if (fstat(fd, &st))
		tap_bail("cannot ask for the size of an image");
	write_number(IMAGE_MAX, st.st_size);
	check_loads(fd, DRY_RUN, &load, "[L1] image of exactly the limit loads");
	write_number(IMAGE_MAX, st.st_size - 1);
	snprintf(log, sizeof(log), "larger than %llu bytes",
		 (unsigned long long)st.st_size - 1);
	check_refused(fd, DRY_RUN, &(struct refusal){ EFBIG, KEXEC_BPF_STEP_READ, log, 0, 0 },
		      "[L1] a limit of one byte less is EFBIG");
	load_fd(&load, fd, DRY_RUN);
	tap_ok(load.error == EFBIG && !load.result.mem_peak,
	       "[L1] and no memory is taken for it");
	write_number(IMAGE_MAX, was);
	close(fd);

	/* Sparse, so that only its size is large */
	huge = temporary_file();
	if (ftruncate(huge, (2LL << 30) + 1))
		tap_bail("cannot make a large file");
	huge = read_only(huge);
	check_refused(huge, UNSIGNED | DRY_RUN,
		      &(struct refusal){ EFBIG, KEXEC_BPF_STEP_READ,
					 "larger than 2147483648 bytes", 0, 0 },
		      "[L1] more than the default limit is EFBIG");
	close(huge);
}

/* An initrd of several pieces is copied once, and only then. */
static void test_pieces(void)
{
	int fd = open_image("pieces.efi");

	check_loads(fd, DRY_RUN | SHA256, &load, "initrd of three pieces loads");
	tap_ok(is_part(&load.result.initrd, "initrd"), "joined in their order");
	tap_is(load.result.copied, part_size("initrd"), "[L3] its bytes are copied once");
	close(fd);
}

static void read_parts(void)
{
	part_linux = read_image("parts/linux");
	part_initrd = read_image("parts/initrd");
	part_cmdline = read_image("parts/cmdline");
	parser = read_parser();
}

int main(void)
{
	require_kernel();
	read_parts();
	test_images();
	test_texts();
	test_flags();
	test_room();
	test_crash();
	test_pieces();
	test_limit();
	test_copies();
	/* None of these is signed; what comes of that is the same for each size. */
	if (!enforced())
		test_sizes();
	test_large();
	return tap_done();
}
