// SPDX-License-Identifier: GPL-2.0-only
/*
 * Refuses every image, after a line in the log.
 *
 * Expected: EBADMSG, parser_ret is -EINVAL, "image: refused on purpose: -22" in
 * the log.
 */
#include "test.bpf.h"

KEXEC_PARSER("test");

SEC("syscall")
int ret_error(void *ctx __attribute__((unused)))
{
	kexec_log("refused on purpose: %d", -EINVAL);
	return -EINVAL;
}
