// SPDX-License-Identifier: GPL-2.0-only
/*
 * Chooses the kernel, appends to initrd and command line, then fails.
 *
 * Expected: EBADMSG, parser_ret is -EINVAL; what is loaded stays as it was, and
 * nothing of this shows up in the next load. [M2]
 */
#include "test.bpf.h"

KEXEC_PARSER("test");

SEC("syscall")
int initrd_then_fail(void *ctx __attribute__((unused)))
{
	int ret;

	ret = choose_linux();
	if (!ret)
		ret = bpf_kexec_initrd_append(KEXEC_BPF_IMAGE, 0, 64);
	if (!ret)
		ret = bpf_kexec_cmdline_append(KEXEC_BPF_IMAGE, 0, 2);
	return ret ? ret : -EINVAL;
}
