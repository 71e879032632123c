// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls a kfunc that may be absent.
 *
 * Expected: ELIBSCN, its name in the log.
 */
#include "test.bpf.h"

KEXEC_PARSER("test");

extern int bpf_kexec_future(void) __attribute__((weak)) __ksym;

SEC("syscall")
int weak_extern(void *ctx __attribute__((unused)))
{
	return bpf_kexec_future() ? -EINVAL : choose_linux();
}
