// SPDX-License-Identifier: GPL-2.0-only
/*
 * Logs more values than its memory holds.
 *
 * Expected: EPROTO, the verifier's reason in the log. [M7]
 */
#include "test.bpf.h"

KEXEC_PARSER("test");

static u64 values[2];

SEC("syscall")
int oversized_log(void *ctx __attribute__((unused)))
{
	int ret;

	ret = bpf_kexec_log("%u %u %u %u", values,
			    2 * sizeof(values));
	if (ret)
		return ret;
	return choose_linux();
}
