// SPDX-License-Identifier: GPL-2.0-only
/*
 * Adds more text to the command line than its memory holds.
 *
 * Expected: EPROTO, the verifier's reason in the log. [M7]
 */
#include "test.bpf.h"

KEXEC_PARSER("test");

static char text[8];

SEC("syscall")
int oversized_text(void *ctx __attribute__((unused)))
{
	int ret;

	ret = bpf_kexec_cmdline_append_text(text, 2 * sizeof(text));
	if (ret)
		return ret;
	return choose_linux();
}
