// SPDX-License-Identifier: GPL-2.0-only
/*
 * Asks for more about the load than its memory holds.
 *
 * Expected: EPROTO, the verifier's reason in the log. [M7]
 */
#include "test.bpf.h"

KEXEC_PARSER("test");

static struct kexec_bpf_info info;

SEC("syscall")
int oversized_info(void *ctx __attribute__((unused)))
{
	int ret;

	ret = bpf_kexec_info(&info, 2 * sizeof(info));
	if (ret)
		return ret;
	return choose_linux();
}
