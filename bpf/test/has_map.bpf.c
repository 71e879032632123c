// SPDX-License-Identifier: GPL-2.0-only
/*
 * Defines a map.
 *
 * Expected: ELIBSCN, the section '.maps' in the log.
 */
#include "test.bpf.h"

KEXEC_PARSER("test");

struct {
	int (*type)[2];
	u32 *key;
	u64 *value;
	int (*max_entries)[1];
} map SEC(".maps");

SEC("syscall")
int has_map(void *ctx __attribute__((unused)))
{
	return choose_linux();
}
