// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls a kfunc that exists, but is none of the parser ABI.
 *
 * Expected: ELIBSCN, its name in the log.
 */
#include "test.bpf.h"

KEXEC_PARSER("test");

extern void bpf_rcu_read_lock(void) __ksym;
extern void bpf_rcu_read_unlock(void) __ksym;

SEC("syscall")
int calls_foreign_kfunc(void *ctx __attribute__((unused)))
{
	bpf_rcu_read_lock();
	bpf_rcu_read_unlock();
	return choose_linux();
}
