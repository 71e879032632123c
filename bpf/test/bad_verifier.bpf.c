// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes to an array at an index that was not compared with its size.
 *
 * Expected: EPROTO, the verifier's reason in the log.
 */
#include "test.bpf.h"

KEXEC_PARSER("test");

static u8 bytes[16];

SEC("syscall")
int bad_verifier(void *ctx __attribute__((unused)))
{
	volatile u8 *p = bytes;

	p[bpf_kexec_size(KEXEC_BPF_IMAGE)] = 1;
	return choose_linux();
}
