// SPDX-License-Identifier: GPL-2.0-only
/*
 * Is content with every image, but chooses no kernel.
 *
 * Expected: ENOMSG, parser_ret is 0.
 */
#include "test.bpf.h"

KEXEC_PARSER("test");

SEC("syscall")
int no_kernel(void *ctx __attribute__((unused)))
{
	return 0;
}
