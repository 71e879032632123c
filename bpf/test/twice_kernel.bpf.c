// SPDX-License-Identifier: GPL-2.0-only
/*
 * Chooses the kernel twice and returns what the second call does.
 *
 * Expected: EBADMSG, parser_ret is -EEXIST. [M4]
 */
#include "test.bpf.h"

KEXEC_PARSER("test");

SEC("syscall")
int twice_kernel(void *ctx __attribute__((unused)))
{
	int ret;

	ret = choose_linux();
	if (ret)
		return ret;
	return choose_linux();
}
