// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls a BPF helper.
 *
 * Expected: ELIBSCN, the helper's number in the log.
 */
#include "test.bpf.h"

KEXEC_PARSER("test");

static u64 (*const bpf_ktime_get_ns)(void) = (void *)5;

SEC("syscall")
int calls_helper(void *ctx __attribute__((unused)))
{
	return bpf_ktime_get_ns() ? choose_linux() : -EINVAL;
}
