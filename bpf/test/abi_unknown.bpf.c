// SPDX-License-Identifier: GPL-2.0-only
/*
 * Is written for a version of the parser ABI that does not exist.
 *
 * Expected: EPROTONOSUPPORT.
 */
#include "test.bpf.h"

KEXEC_PARSER_ABI("test", 99);

SEC("syscall")
int abi_unknown(void *ctx __attribute__((unused)))
{
	return choose_linux();
}
