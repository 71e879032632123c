// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts to 2^62, which takes longer than anybody waits.
 *
 * Expected: ETIME once the parser's time is over; EINTR, within a second, if
 * the caller is killed before. [L4]
 */
#include "test.bpf.h"

KEXEC_PARSER("test");

static u64 rounds;

SEC("syscall")
int too_long(void *ctx __attribute__((unused)))
{
	u32 i, j;
	int ret;

	ret = choose_linux();
	if (ret)
		return ret;
	kexec_for(i, 0, 0x7fffffff) {
		kexec_for(j, 0, 0x7fffffff)
			rounds++;
	}
	return 0;
}
