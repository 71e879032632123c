// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads from its argument, behind which is nothing.
 *
 * Expected: EPROTO.
 */
#include "test.bpf.h"

KEXEC_PARSER("test");

SEC("syscall")
int reads_ctx(void *ctx)
{
	return *(volatile u32 *)ctx ? -EINVAL : choose_linux();
}
