// SPDX-License-Identifier: GPL-2.0
/*
 * Images that must be refused, each for its own reason, beside the twin that is
 * accepted. check_refused() also proves that nothing else changed: an image is
 * loaded all the time.
 */

#include "common.h"
#include "pe_defects.h"

#define PARSER_MS	"/proc/sys/kernel/kexec_bpf_parser_ms"
#define IMAGE_MAX	"/proc/sys/kernel/kexec_bpf_image_max"

#define READ		KEXEC_BPF_STEP_READ
#define SCREEN		KEXEC_BPF_STEP_SCREEN
#define SIGNATURE	KEXEC_BPF_STEP_SIGNATURE
#define LOAD		KEXEC_BPF_STEP_LOAD
#define RUN		KEXEC_BPF_STEP_RUN
#define COLLECT		KEXEC_BPF_STEP_COLLECT

static struct load load;
static struct bytes good;

/* Images of the set, as they are */
static const struct {
	const char	*image;
	const char	*name;
	struct refusal	want;
} images[] = {
	{ "unsigned.efi", "[S7] unsigned",
	  { ENODATA, SIGNATURE, "signature: the image has none", 0, 0 } },
	{ "other.efi", "[S7] signed by an unknown key",
	  { ENOKEY, SIGNATURE, "signature: no key of this kernel", 0, 0 } },
	{ "revoked.efi", "[S7] signed by a revoked key",
	  { EKEYREJECTED, SIGNATURE, "revoked", 0, 0 } },
	{ "nobpf.efi", "[F6][P5] EFI application without .bpf",
	  { ENOEXEC, SCREEN, "image: none of its 11 sections is '.bpf'", 0, 0 } },
	{ "linux.signed", "[P5] bzImage",
	  { ENOEXEC, SCREEN, "sections is '.bpf'", 0, 0 } },
	{ "zboot.signed", "[F6][P5] EFI zboot kernel without .bpf",
	  { ENOEXEC, SCREEN, "image: none of its 2 sections is '.bpf'", 0, 0 } },
	{ "arm64.efi", "[F6][P5] for another machine",
	  { ENOEXEC, SCREEN, "image: for machine 0xaa64, this one is 0x8664", 0, 0 } },
	{ "parts/initrd", "[P5] file that is no PE",
	  { ENOEXEC, SCREEN, "image: not a PE file", 0, 0 } },
	{ "parser.module", "[S13] parser with a module signature, by itself",
	  { ENOEXEC, SCREEN, "image: not a PE file", 0, 0 } },

	{ "bpf-text.efi", ".bpf is no ELF object",
	  { ELIBSCN, LOAD, "parser: not a 64-bit little-endian ELF object", 0, 0 } },
	{ "bpf-large.efi", ".bpf is too large",
	  { EFBIG, LOAD, "parser: 1048577 bytes, the limit is 1048576", 0, 0 } },
	{ "parser-abi_unknown.efi", "parser for an unknown ABI version",
	  { EPROTONOSUPPORT, LOAD, "parser: written for ABI version 99", 0, 0 } },
	{ "parser-calls_helper.efi", "parser that calls a helper",
	  { ELIBSCN, LOAD, "calls helper 5", 0, 0 } },
	{ "parser-calls_foreign_kfunc.efi", "[S2] parser that calls a foreign kfunc",
	  { ELIBSCN, LOAD, "'bpf_rcu_read_", 0, 0 } },
	{ "parser-weak_extern.efi", "parser with a weak kfunc",
	  { ELIBSCN, LOAD, "'bpf_kexec_future'", 0, 0 } },
	{ "parser-has_map.efi", "parser with a map",
	  { ELIBSCN, LOAD, "'.maps'", 0, 0 } },
	{ "parser-bad_verifier.efi", "[S14] parser that the verifier refuses",
	  { EPROTO, LOAD, "bpf: the verifier refuses the parser", 0, 0 } },
	{ "parser-oversized_read.efi", "[M7] parser that reads more than its buffer holds",
	  { EPROTO, LOAD, "bpf: | ", 0, 0 } },
	{ "parser-oversized_info.efi", "[M7] parser that asks for more than it has room for",
	  { EPROTO, LOAD, "bpf: | ", 0, 0 } },
	{ "parser-oversized_text.efi", "[M7] parser that adds more text than it has",
	  { EPROTO, LOAD, "bpf: | ", 0, 0 } },
	{ "parser-oversized_log.efi", "[M7] parser that logs more values than it has",
	  { EPROTO, LOAD, "bpf: | ", 0, 0 } },
	{ "parser-reads_ctx.efi", "parser that reads a context",
	  { EPROTO, RUN, "bpf: the parser reads a context", 0, 0 } },

	{ "parser-ret_error.efi", "parser that refuses the image",
	  { EBADMSG, RUN, "image: refused on purpose: -22", 1, -EINVAL } },
	{ "parser-no_kernel.efi", "parser that chooses no kernel",
	  { ENOMSG, RUN, "run: the parser has chosen no kernel", 1, 0 } },
	{ "parser-twice_kernel.efi", "[M4] parser that chooses twice",
	  { EBADMSG, RUN, "run: kernel: is chosen a second time", 1, -EEXIST } },
	{ "parser-self_nest.efi", "[L4] image that is its own kernel",
	  { ELOOP, SCREEN, "run: kernels nested more than 4 deep", 4, 0 } },
	{ "no-linux.efi", "UKI without .linux",
	  { EBADMSG, RUN, "image: no section '.linux'", 1, -ENODATA } },
	{ "two-linux.efi", "[M4] UKI with two sections .linux",
	  { EBADMSG, RUN, "image: section 1 '.linux' is there twice", 1, -ENOTUNIQ } },
	{ "pad-initrd.efi", "[F2] UKI with an initrd that is larger in memory",
	  { EBADMSG, RUN, "image: section 0 '.initrd': 0x40000 bytes in memory", 1, -EINVAL } },
	{ "no-bzimage.efi", "kernel that is none",
	  { ENOEXEC, COLLECT, "bytes is none that this architecture loads", 1, 0 } },
	{ "nested-refused.efi", "UKI whose kernel's own parser refuses",
	  { EBADMSG, RUN, "refused on purpose", 2, -EINVAL } },
	{ "nested-uki.efi", "[M2] UKI whose kernel is a UKI",
	  { EBADMSG, RUN, "image: a UKI cannot be the kernel of another image", 2,
	    -EOPNOTSUPP } },
	{ "nested-broken.efi", "UKI whose kernel has a broken .bpf",
	  { ELIBSCN, LOAD, "parser: not a 64-bit little-endian ELF object", 1, 0 } },
};

static void load_good(void)
{
	if (load_image(&load, "good.efi", 0) || loaded() != 1) {
		diag_load(&load);
		tap_bail("the good image does not load");
	}
}

/*
 * The kernel says that a load failed, but not each time. Everything that it said
 * since the mark is looked at.
 */
static void test_kmsg(int mark)
{
	static const char failed[] = "kexec_bpf: load failed in step ";
	uint64_t start = now_ms();
	bool told = false, address = false;
	char *kmsg;

	while (!told && now_ms() - start < 20000) {
		kmsg = kmsg_since(mark);
		told = strstr(kmsg, failed);
		address |= has_address(kmsg);
		free(kmsg);
		if (!told) {
			usleep(500000);
			load_image(&load, "unsigned.efi", 0);
		}
	}
	tap_ok(told, "the kernel's log tells of a refusal");
	tap_ok(!address, "[S14] and holds no address");
}

static void test_images(void)
{
	int mark = kmsg_mark(), fd;
	size_t i;

	load_good();
	for (i = 0; i < ARRAY_SIZE(images); i++) {
		fd = open_image(images[i].image);
		check_refused(fd, 0, &images[i].want, "%s", images[i].name);
		close(fd);
	}
	tap_is(load_image(&load, "good.efi", 0), 0, "[M1] after all these, the good image loads");
	test_kmsg(mark);
	close(mark);
}

/* A parser that failed half way leaves nothing to the next load. */
static void test_partial_output(void)
{
	uint8_t linux_sha256[32];
	int fd, i;

	part_sha256("linux", linux_sha256);
	fd = open_image("parser-initrd_then_fail.efi");
	for (i = 0; i < 2; i++) {
		check_refused(fd, i ? DRY_RUN : 0,
			      &(struct refusal){ EBADMSG, RUN, "it returned -22", 1, -EINVAL },
			      "[M2] parser that fails after it made an initrd%s",
			      i ? ", dry run" : "");
		tap_ok(!load_image(&load, "parser-kernel_only.efi", SHA256 | (i ? DRY_RUN : 0)) &&
		       !load.result.initrd.size && !load.result.cmdline.size &&
		       !memcmp(load.result.kernel.sha256, linux_sha256, 32),
		       "[M2] the next load has nothing of it");
	}
	close(fd);

	/* The parser of the inner image adds to what the outer one made. */
	fd = open_image("nested-refused.efi");
	load_fd(&load, fd, SHA256);
	tap_ok(load.error == EBADMSG && !load.result.initrd.size,
	       "[M2] an inner parser that fails drops what the outer one made");
	close(fd);
	load_good();
}

/* Tampering: one bit of each region */

struct tamper {
	const char	*name;
	size_t		at;
	uint8_t		bit;
};

static bool is_wanted(const char *section)
{
	static const char *const wanted[] = { ".cmdline", ".initrd", ".linux", ".bpf" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(wanted); i++) {
		if (!strcmp(section, wanted[i]))
			return true;
	}
	return false;
}

/* Whether the kernel has an algorithm now; it may get it as a module later. */
static bool has_algorithm(const char *name)
{
	char line[128], want[64];
	bool found = false;
	FILE *f = fopen("/proc/crypto", "re");

	if (!f)
		tap_bail("no /proc/crypto");
	snprintf(want, sizeof(want), "name         : %s\n", name);
	while (!found && fgets(line, sizeof(line), f))
		found = !strcmp(line, want);
	fclose(f);
	return found;
}

/*
 * Who signed says with which hash, and nothing covers that. The object identifiers
 * of the SHA-2 and SHA-3 families differ in their last byte. This one is the last of
 * its kind in the message: those before it are in the list of all hashes, which
 * decides nothing, and in the content, which is what is signed.
 */
static void test_algorithm(struct bytes *b, size_t certs)
{
	static const uint8_t sha256[] = {
		0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01,
	};
	static const struct refusal lacks = {
		ENOPKG, SIGNATURE, "signature: this kernel lacks its hash", 0, 0,
	};
	static const struct refusal differs = { EKEYREJECTED, SIGNATURE, "signature: ", 0, 0 };
	const uint8_t sha3_256 = 8;
	size_t at, last = 0;
	int fd;

	for (at = certs; at + sizeof(sha256) <= b->size; at++) {
		if (!memcmp(b->data + at, sha256, sizeof(sha256)))
			last = at + sizeof(sha256) - 1;
	}
	if (!last)
		tap_bail("no SHA-256 in the signature");
	b->data[last] = sha3_256;
	fd = make_file(b->data, b->size);
	/* If it is in a module, that is there then. */
	load_fd(&load, fd, DRY_RUN);
	if (has_algorithm("sha3-256"))
		check_refused(fd, 0, &differs, "[S7] signature that names another hash than its own");
	else
		check_refused(fd, 0, &lacks, "[S7] signature with a hash that this kernel lacks");
	close(fd);
	b->data[last] = sha256[sizeof(sha256) - 1];
}

static void test_tampered(void)
{
	static const struct refusal want = { EKEYREJECTED, SIGNATURE, "signature: ", 0, 0 };
	struct bytes b = bytes_copy(good);
	struct pe pe = pe_view(b);
	uint32_t certs = pe_get32(&pe, pe_at(&pe, PE_CERTS));
	uint32_t length = pe_get32(&pe, certs);
	struct tamper tampers[80] = {
		{ "DOS stub", 0x40, 1 },
		{ "time stamp", pe_at(&pe, 8), 1 },
		{ "optional header", pe_at(&pe, PE_OPT + 16), 1 },
		{ "data directory before the certificate table's", pe_at(&pe, PE_CERTS) - 1, 1 },
		{ "data directory behind it", pe_at(&pe, PE_CERTS) + 8, 1 },
		{ "flags of the first section", pe_section_at(&pe, 0, PE_SEC_FLAGS), 0x20 },
		{ "name of .linux",
		  pe_section_at(&pe, pe_find_section(&pe, ".linux"), 1), 1 },
		{ "size of .initrd",
		  pe_section_at(&pe, pe_find_section(&pe, ".initrd"), PE_SEC_VSIZE), 1 },
		{ "last byte of the headers",
		  pe_get32(&pe, pe_at(&pe, PE_HEADERS_SIZE)) - 1, 0x80 },
		{ "last byte ahead of the certificates", certs - 1, 1 },
		{ "type of the certificate", certs + 6, 1 },
		{ "first byte of the PKCS#7 message", certs + 8, 1 },
		{ "middle of the PKCS#7 message", certs + length / 2, 1 },
		{ "last byte of the signature", certs + length - 1, 1 },
	};
	char names[32][9];
	size_t i, nr = 14;
	int fd;

	if (pe_nr_sections(&pe) > ARRAY_SIZE(names))
		tap_bail("too many sections");
	for (i = 0; i < pe_nr_sections(&pe) && nr + 2 <= ARRAY_SIZE(tampers); i++) {
		size_t header = pe_section_at(&pe, i, 0);
		uint32_t raw = pe_get32(&pe, header + PE_SEC_RAW_OFFSET);
		uint32_t size = pe_get32(&pe, header + PE_SEC_RAW_SIZE);

		if (!size)
			continue;
		snprintf(names[i], sizeof(names[i]), "%.8s", (const char *)b.data + header);
		tampers[nr++] = (struct tamper){ names[i], raw, 1 };
		/* Of what a parser looks for, the end as well */
		if (is_wanted(names[i]))
			tampers[nr++] = (struct tamper){ names[i], raw + size - 1, 0x80 };
	}
	tap_ok(i == pe_nr_sections(&pe), "[S7] each of %zu sections is one of the regions", i);
	for (i = 0; i < nr; i++) {
		b.data[tampers[i].at] ^= tampers[i].bit;
		fd = make_file(b.data, b.size);
		check_refused(fd, 0, &want, "[S7] tampered: %s, %#zx", tampers[i].name,
			      tampers[i].at);
		close(fd);
		if (i % 5 == 0) {
			fd = make_file(b.data, b.size);
			check_refused(fd, UNSIGNED, &want,
				      "[S7] tampered, unsigned ones allowed: %s",
				      tampers[i].name);
			close(fd);
		}
		b.data[tampers[i].at] ^= tampers[i].bit;
	}

	/* A byte is changed, and the same bytes are loaded again: accepted. */
	tap_is(load_bytes(&load, b.data, b.size, 0), 0, "[S7] the same bytes, not tampered");
	test_algorithm(&b, certs);
	b.data[pe_at(&pe, PE_CHECKSUM)] ^= 1;
	tap_is(load_bytes(&load, b.data, b.size, 0), 0,
	       "[S7] the checksum is covered by no signature, and means nothing");

	/* Whole parts of another image */
	b.data[pe_at(&pe, PE_CHECKSUM)] ^= 1;
	pe_set32(&pe, pe_at(&pe, PE_CERTS), 0);
	pe_set32(&pe, pe_at(&pe, PE_CERTS) + 4, 0);
	fd = make_file(b.data, certs);
	check_refused(fd, 0, &(struct refusal){ ENODATA, SIGNATURE, "has none", 0, 0 },
		      "[S7] signature taken off");
	close(fd);
	bytes_free(&b);
}

/* Sizes from nothing to everything */
static void test_truncated(void)
{
	struct bytes b = bytes_copy(good);
	unsigned int refused = 0, tries = 0;
	size_t size, step = slow() ? 2311 : 409;

	for (size = 1; size < b.size; size += size < 600 ? 7 : step) {
		load_bytes(&load, b.data, size, UNSIGNED);
		tries++;
		if ((load.error == ENOEXEC || load.error == ELIBBAD) &&
		    load.result.step == SCREEN && load.log[0] && loaded() == 1)
			refused++;
		else
			diag_load(&load);
	}
	tap_is(refused, tries, "[M8] image cut off at %u places is refused", tries);
	load_bytes(&load, b.data, b.size - 1, 0);
	tap_is(load.error, ELIBBAD, "[M8] image without its last byte is refused");
	bytes_free(&b);
}

/* The image of the defects, this time with parts that load */
static void make_sample(struct pe *pe)
{
	struct bytes kernel = read_image("parts/linux"), initrd = read_image("parts/initrd");
	struct bytes cmdline = read_image("parts/cmdline");
	struct pe from = pe_view(good);
	int bpf = pe_find_section(&from, ".bpf");

	if (pe_init(pe, PE_MACHINE_AMD64, PE_SECTIONS_MAX + 1, 1 << 20) ||
	    pe_add(pe, ".text", "text", 4) < 0 ||
	    pe_add(pe, ".cmdline", cmdline.data, cmdline.size) < 0 ||
	    pe_add(pe, ".linux", kernel.data, kernel.size) < 0 ||
	    pe_add(pe, ".initrd", initrd.data, initrd.size) < 0 ||
	    pe_add(pe, ".bpf", good.data + pe_get32(&from, pe_section_at(&from, bpf, PE_SEC_RAW_OFFSET)),
		   pe_get32(&from, pe_section_at(&from, bpf, PE_SEC_VSIZE))) < 0 ||
	    pe_add_certs(pe, NULL, 1000))
		tap_bail("cannot build an image");
	bytes_free(&kernel);
	bytes_free(&initrd);
	bytes_free(&cmdline);
}

/* Whether an image gets past the screen: its certificates are garbage, though */
static bool passes(void (*change)(struct pe *pe))
{
	struct pe pe;
	bool ok;

	make_sample(&pe);
	if (change)
		change(&pe);
	load_bytes(&load, pe.data, pe.size, UNSIGNED | DRY_RUN);
	ok = load.result.step > SCREEN;
	if (!ok)
		diag_load(&load);
	pe_free(&pe);
	return ok;
}

static void test_malformed(void)
{
	unsigned int i;
	struct pe pe;
	int fd;

	tap_ok(passes(NULL), "[M8] the image before it is broken is not malformed");
	for (i = 0; i < nr_pe_defects; i++) {
		const struct pe_defect *defect = &pe_defects[i];
		struct refusal want = { defect->error, SCREEN, defect->log, 0, 0 };

		make_sample(&pe);
		defect->refuse(&pe);
		fd = make_file(pe.data, pe.size);
		check_refused(fd, UNSIGNED, &want, "%s %s", defect->lessons, defect->name);
		close(fd);
		pe_free(&pe);
		if (defect->accept && !passes(defect->accept))
			tap_ok(false, "%s %s: the twin is not malformed",
			       defect->lessons, defect->name);
	}
}

static void test_time(void)
{
	long long was = read_number(PARSER_MS);
	int fd = open_image("parser-too_long.efi");
	uint64_t start, took;
	struct refusal want = {
		ETIME, RUN, "run: the parser has not ended after 100 ms", 1, 0,
	};

	write_number(PARSER_MS, 100);
	start = now_ms();
	load_fd(&load, fd, 0);
	took = now_ms() - start;
	want.parser_ret = load.result.parser_ret;
	tap_ok(took >= 100 && took < (slow() ? 10000 : 2000),
	       "[L4] parser that runs too long ends soon after its time: %llu ms",
	       (unsigned long long)took);
	check_refused(fd, 0, &want, "[L4] parser that runs too long");
	close(fd);
	fd = open_image("good.efi");
	check_loads(fd, 0, &load, "[L4] the usual parser takes less");
	write_number(PARSER_MS, was);
	close(fd);

	fd = open_image("parser-self_nest.efi");
	start = now_ms();
	load_fd(&load, fd, 0);
	took = now_ms() - start;
	tap_ok(load.error == ELOOP && took < (slow() ? 20000 : 3000),
	       "[L4] image that is its own kernel is refused promptly: %llu ms",
	       (unsigned long long)took);
	close(fd);
}

/* bpf_jit_enable may not exist without CONFIG_NET. */
static void test_jit(void)
{
	static const char path[] = "/proc/sys/net/core/bpf_jit_enable";
	long long was = read_number(path);
	int fd = open_image("good.efi");

	if (was != 1) {
		tap_skip("cannot be switched off in this kernel", "[P3] JIT off");
	} else if (!write_number(path, 0) || read_number(path) != 0) {
		tap_skip("is always on in this kernel", "[P3] JIT off");
	} else {
		check_refused(fd, 0, &(struct refusal){ EOPNOTSUPP, LOAD,
			      "bpf: the BPF JIT is off, see sysctl net.core.bpf_jit_enable",
			      0, 0 }, "[P3] JIT off");
		write_number(path, was);
		check_loads(fd, 0, &load, "[P3] JIT on again");
	}
	close(fd);
}

int main(void)
{
	require_kernel();
	good = read_image("good.efi");
	test_images();
	test_partial_output();
	test_tampered();
	test_truncated();
	test_malformed();
	test_time();
	test_jit();
	tap_is(loaded(), 1, "[M1] after all that, the image is still loaded");
	return tap_done();
}
