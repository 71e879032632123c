// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts in a loop that the verifier accepts, as may_goto ends it after 2^23
 * rounds; but nobody else can end it.
 *
 * Expected: ELIBSCN. [L4]
 */
#include "test.bpf.h"

KEXEC_PARSER("test");

SEC("syscall")
int may_goto(void *ctx __attribute__((unused)))
{
	volatile u64 rounds = 0;

	for (;;) {
		asm goto("may_goto %l[end]" : : : : end);
		rounds++;
	}
end:
	return choose_linux();
}
