// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads sixteen bytes into memory that has eight.
 *
 * Expected: EPROTO, the verifier's reason in the log. [M7]
 */
#include "test.bpf.h"

KEXEC_PARSER("test");

static u64 value;

SEC("syscall")
int oversized_read(void *ctx __attribute__((unused)))
{
	int ret;

	ret = bpf_kexec_read(KEXEC_BPF_IMAGE, 0, &value, 2 * sizeof(value));
	if (ret)
		return ret;
	return choose_linux();
}
