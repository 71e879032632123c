// SPDX-License-Identifier: GPL-2.0
/*
 * Loads at each level of lockdown. A level only rises, so a machine that has
 * gone through this cannot be used for tests that need less.
 */

#include "attack.h"

static void check_level(const char *level, bool enforced,
			const struct kexec_bpf_result *reference)
{
	const struct refusal none = { ENODATA, KEXEC_BPF_STEP_SIGNATURE, "signature: ", 0, 0 };
	const struct refusal locked = { EPERM, KEXEC_BPF_STEP_SIGNATURE, "not by this kernel",
					0, 0 };
	const struct refusal whole = { EPERM, KEXEC_BPF_STEP_SIGNATURE,
				       "the initrd cannot be left out", 0, 0 };
	static const char *const unverified[] = { "unsigned.efi", "other.efi" };
	static struct load load;
	unsigned int i;
	int fd;

	fd = open_image(ORDINARY);
	check_loads(fd, SHA256, &load, "[S12] %s: a signed image loads", level);
	tap_ok(same_output(&load.result, reference), "[S12] %s: with the same output", level);
	tap_ok(enforced == !!(load.result.flags & KEXEC_BPF_RESULT_ENFORCED),
	       "[S12] %s: signatures are %senforced", level, enforced ? "" : "not ");
	check_loads(fd, UNSIGNED, &load, "[S12] %s: it need not be allowed to be unsigned", level);
	if (enforced)
		check_refused(fd, KEXEC_BPF_NO_INITRAMFS, &whole,
			      "%s: its initrd cannot be left out", level);
	else
		check_loads(fd, KEXEC_BPF_NO_INITRAMFS, &load,
			    "%s: its initrd can be left out", level);
	close(fd);

	fd = open_image("unsigned.efi");
	check_refused(fd, 0, &none, "[S12] %s: an unsigned one does not", level);
	close(fd);
	for (i = 0; i < ARRAY_SIZE(unverified); i++) {
		fd = open_image(unverified[i]);
		if (enforced)
			check_refused(fd, UNSIGNED, &locked,
				      "[S12] %s: '%s' is refused though the caller allows it",
				      level, unverified[i]);
		else
			check_loads(fd, UNSIGNED, &load,
				    "[S12] %s: '%s' loads where the caller allows it", level,
				    unverified[i]);
		close(fd);
	}
}

int main(void)
{
	struct kexec_bpf_result reference;
	unsigned int i;

	require_kernel();
	make_reference(&reference);
	for (i = 0; i < NR_LOCKDOWN; i++) {
		if (i && !write_text(LOCKDOWN, lockdown_names[i]))
			tap_bail("cannot write '%s'", LOCKDOWN);
		if (lockdown() != i)
			tap_bail("the kernel is not at level '%s'", lockdown_names[i]);
		check_level(lockdown_names[i], i, &reference);
	}
	unload();
	return tap_done();
}
