// SPDX-License-Identifier: GPL-2.0-only
/*
 * Chooses .linux and nothing else.
 *
 * Expected: the load succeeds, with neither initrd nor command line. [F4]
 */
#include "test.bpf.h"

KEXEC_PARSER("test");

SEC("syscall")
int kernel_only(void *ctx __attribute__((unused)))
{
	return choose_linux();
}
