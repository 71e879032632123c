// SPDX-License-Identifier: GPL-2.0-only
/*
 * Chooses the image itself as the kernel, so that its parser runs again.
 *
 * Expected: ELOOP, promptly. [L4]
 */
#include "test.bpf.h"

KEXEC_PARSER("test");

SEC("syscall")
int self_nest(void *ctx __attribute__((unused)))
{
	s64 size = bpf_kexec_size(KEXEC_BPF_IMAGE);

	if (size < 0)
		return size;
	return bpf_kexec_set_kernel(KEXEC_BPF_IMAGE, 0, size);
}
