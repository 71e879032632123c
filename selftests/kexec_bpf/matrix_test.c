// SPDX-License-Identifier: GPL-2.0
/*
 * [S11] Ordinary images by kexec_file_load() as ever, UKIs by kexec_bpf_load():
 * signed, unsigned and tampered ones, at each level of enforcement. EFI zboot
 * images without a parser are for neither of them, whatever their signature.
 *
 * Levels are those of lockdown, which only rise. The third way to enforce,
 * KEXEC_SIG_FORCE, is a choice of the build in 6.12: at run time only IMA's
 * policy for machines with Secure Boot sets it. In all of these, both system
 * calls ask the same functions.
 */

#include "common.h"

static const char *const levels[NR_LOCKDOWN] = {
	"no lockdown", "lockdown integrity", "lockdown confidentiality",
};

static struct load load;

/* One bit of a payload changes. */
static int tampered(const char *name, size_t at)
{
	struct bytes b = read_image(name);
	int fd;

	b.data[at ? at : b.size / 2] ^= 1;
	fd = make_file(b.data, b.size);
	bytes_free(&b);
	return fd;
}

struct cell {
	const char	*name;
	int		fd;
	/* errno at each level */
	int		error[NR_LOCKDOWN];
	unsigned long	flags;
};

static void test_files(enum lockdown level, int initrd)
{
	struct cell cells[] = {
		{ "signed bzImage", open_image("linux.signed"), { 0, 0, 0 }, 0 },
		{ "unsigned bzImage", open_image("linux.unsigned"), { 0, EPERM, EPERM }, 0 },
		/* In the code: behind the header, so that it is a kernel still */
		{ "tampered bzImage", tampered("linux.signed", 0x600), { 0, EPERM, EPERM }, 0 },
		{ "signed UKI", open_image("good.efi"), { ENOEXEC, ENOEXEC, ENOEXEC }, 0 },
		{ "unsigned UKI", open_image("unsigned.efi"), { ENOEXEC, ENOEXEC, ENOEXEC }, 0 },
		{ "tampered UKI", tampered("good.efi", 0), { ENOEXEC, ENOEXEC, ENOEXEC }, 0 },
		{ "signed zboot", open_image("zboot.signed"), { ENOEXEC, ENOEXEC, ENOEXEC }, 0 },
		{ "unsigned zboot", open_image("zboot.unsigned"),
		  { ENOEXEC, ENOEXEC, ENOEXEC }, 0 },
		{ "tampered zboot", tampered("zboot.signed", 0),
		  { ENOEXEC, ENOEXEC, ENOEXEC }, 0 },
		{ "text", open_image("parts/initrd"), { ENOEXEC, ENOEXEC, ENOEXEC }, 0 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cells); i++) {
		int want = cells[i].error[level], was, error;

		unload();
		if (want && load_image(&load, "good.efi", 0))
			tap_bail("the good image does not load");
		was = loaded();
		error = file_load(cells[i].fd, initrd, "matrix", 0);
		tap_is(error, want, "[S11] %s: kexec_file_load: %s: %s", levels[level],
		       cells[i].name, want ? strerror(want) : "loads");
		tap_is(loaded(), want ? was : 1, "[S11] %s: kexec_file_load: %s: kexec_loaded",
		       levels[level], cells[i].name);
		close(cells[i].fd);
	}
}

static void test_ukis(enum lockdown level)
{
	struct cell cells[] = {
		{ "signed UKI", open_image("good.efi"), { 0, 0, 0 }, 0 },
		{ "signed UKI, unsigned allowed", open_image("good.efi"), { 0, 0, 0 },
		  UNSIGNED },
		{ "unsigned UKI", open_image("unsigned.efi"),
		  { ENODATA, ENODATA, ENODATA }, 0 },
		{ "unsigned UKI, unsigned allowed", open_image("unsigned.efi"),
		  { 0, EPERM, EPERM }, UNSIGNED },
		{ "UKI by an unknown key", open_image("other.efi"),
		  { ENOKEY, ENOKEY, ENOKEY }, 0 },
		{ "UKI by an unknown key, unsigned allowed", open_image("other.efi"),
		  { 0, EPERM, EPERM }, UNSIGNED },
		{ "tampered UKI", tampered("good.efi", 0),
		  { EKEYREJECTED, EKEYREJECTED, EKEYREJECTED }, 0 },
		{ "tampered UKI, unsigned allowed", tampered("good.efi", 0),
		  { EKEYREJECTED, EKEYREJECTED, EKEYREJECTED }, UNSIGNED },
		{ "UKI by a revoked key, unsigned allowed", open_image("revoked.efi"),
		  { EKEYREJECTED, EKEYREJECTED, EKEYREJECTED }, UNSIGNED },
		{ "signed bzImage", open_image("linux.signed"),
		  { ENOEXEC, ENOEXEC, ENOEXEC }, 0 },
		{ "tampered bzImage", tampered("linux.signed", 0x600),
		  { ENOEXEC, ENOEXEC, ENOEXEC }, 0 },
		{ "tampered bzImage, unsigned allowed", tampered("linux.signed", 0x600),
		  { ENOEXEC, ENOEXEC, ENOEXEC }, UNSIGNED },
		{ "unsigned bzImage, unsigned allowed", open_image("linux.unsigned"),
		  { ENOEXEC, ENOEXEC, ENOEXEC }, UNSIGNED },
		{ "signed zboot", open_image("zboot.signed"), { ENOEXEC, ENOEXEC, ENOEXEC }, 0 },
		{ "unsigned zboot", open_image("zboot.unsigned"),
		  { ENOEXEC, ENOEXEC, ENOEXEC }, 0 },
		{ "unsigned zboot, unsigned allowed", open_image("zboot.unsigned"),
		  { ENOEXEC, ENOEXEC, ENOEXEC }, UNSIGNED },
		{ "tampered zboot", tampered("zboot.signed", 0),
		  { ENOEXEC, ENOEXEC, ENOEXEC }, 0 },
		{ "tampered zboot, unsigned allowed", tampered("zboot.signed", 0),
		  { ENOEXEC, ENOEXEC, ENOEXEC }, UNSIGNED },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cells); i++) {
		int want = cells[i].error[level], was;

		unload();
		if (want && load_image(&load, "good.efi", 0))
			tap_bail("the good image does not load");
		was = loaded();
		load_fd(&load, cells[i].fd, cells[i].flags);
		if (!tap_is(load.error, want, "[S11] %s: kexec_bpf_load: %s: %s", levels[level],
			    cells[i].name, want ? strerror(want) : "loads"))
			diag_load(&load);
		tap_is(loaded(), want ? was : 1, "[S11] %s: kexec_bpf_load: %s: kexec_loaded",
		       levels[level], cells[i].name);
		if (load.error != ENOEXEC)
			tap_is(!!(load.result.flags & KEXEC_BPF_RESULT_ENFORCED),
			       level > LOCKDOWN_NONE,
			       "[S11] %s: kexec_bpf_load: %s: tells whether that is enforced",
			       levels[level], cells[i].name);
		close(cells[i].fd);
	}
}

static bool part_is(const struct kexec_bpf_part *have, const char *name)
{
	uint8_t sha256[32];

	if (!name)
		return !have->size;
	part_sha256(name, sha256);
	return have->size == part_size(name) && !memcmp(have->sha256, sha256, 32);
}

/* Reads, texts and ranges of parsers need nothing that lockdown takes away. */
static void test_core(enum lockdown level)
{
	static const struct {
		const char *image, *initrd, *cmdline;
	} loads[] = {
		{ "good.efi", "initrd", "cmdline" },
		{ "objcopy.efi", "initrd", "cmdline" },
		{ "section-17.efi", "initrd", "cmdline" },
		{ "pad-file.efi", "initrd", "cmdline" },
		{ "kernel-only.efi", NULL, NULL },
		{ "nested.efi", "initrd", "cmdline" },
		{ "parser-ranges.efi", NULL, NULL },
		{ "parser-stale_id.efi", NULL, NULL },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(loads); i++) {
		load_image(&load, loads[i].image, SHA256);
		if (!tap_ok(!load.error && part_is(&load.result.kernel, "linux") &&
			    part_is(&load.result.initrd, loads[i].initrd) &&
			    part_is(&load.result.cmdline, loads[i].cmdline),
			    "[S12] %s: %s loads, byte for byte", levels[level],
			    loads[i].image))
			diag_load(&load);
	}
	tap_is(load_image(&load, "parser-texts.efi", DRY_RUN), 0,
	       "[S12] %s: texts of a parser's own become the command line", levels[level]);
	tap_is(load_image(&load, "parser-bad_verifier.efi", 0), EPROTO,
	       "[S12] %s: a parser that the verifier refuses", levels[level]);
	tap_ok(strstr(load.log, "bpf: | "), "[S12] %s: and the verifier's reason",
	       levels[level]);
}

int main(void)
{
	int initrd, level;

	require_kernel();
	initrd = open_image("parts/initrd");
	for (level = lockdown(); level < NR_LOCKDOWN; level++) {
		if (level > (int)lockdown() &&
		    (!write_text(LOCKDOWN, lockdown_names[level]) ||
		     (int)lockdown() != level)) {
			tap_skip("cannot lock this kernel down", "[S11] %s", levels[level]);
			continue;
		}
		test_files(level, initrd);
		test_ukis(level);
		test_core(level);
	}
	unload();
	close(initrd);
	return tap_done();
}
