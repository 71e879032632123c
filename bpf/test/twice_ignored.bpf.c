// SPDX-License-Identifier: GPL-2.0-only
/*
 * Chooses the kernel, then the whole image as well, and ignores the error.
 *
 * Expected: the load succeeds with .linux, as if the second call was not there.
 * [M4]
 */
#include "test.bpf.h"

KEXEC_PARSER("test");

SEC("syscall")
int twice_ignored(void *ctx __attribute__((unused)))
{
	int ret;

	ret = choose_linux();
	if (ret)
		return ret;
	bpf_kexec_set_kernel(KEXEC_BPF_IMAGE, 0,
			     bpf_kexec_size(KEXEC_BPF_IMAGE));
	return 0;
}
