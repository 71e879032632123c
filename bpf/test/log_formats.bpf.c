// SPDX-License-Identifier: GPL-2.0-only
/*
 * Logs every kind of value, and lines that are refused.
 *
 * Expected: the load succeeds with .linux alone, and in the log are
 *	image: nothing
 *	image: -1 18446744073709551615 0xffffffffffffffff 100%
 *	image: '.linux' '12345678' '??' ''
 *	image: 1 2 3 4 5 6 7 8
 * Where a call returns something else than it should: EBADMSG, parser_ret is
 * minus the number of calls that do.
 */
#include "test.bpf.h"

KEXEC_PARSER("test");

static int wrong;

SEC("syscall")
int log_formats(void *ctx __attribute__((unused)))
{
	u64 values[KEXEC_BPF_LOG_ARGS + 1] = { 0x1234 };

	wrong = 0;
	kexec_log("nothing");
	kexec_log("%d %u %x 100%%", -1, -1, -1);
	kexec_log("'%s' '%s' '%s' '%s'", kexec_name8(".linux\0"),
		  kexec_name8("12345678"), 0xff01, 0);
	kexec_log("%u %u %u %u %u %u %u %u", 1, 2, 3, 4, 5, 6, 7, 8);

	wrong += expect(bpf_kexec_log("%p", values, 8), -EINVAL);
	wrong += expect(bpf_kexec_log("%", values, 8), -EINVAL);
	wrong += expect(bpf_kexec_log("%u %u", values, 8), -EINVAL);
	wrong += expect(bpf_kexec_log("%u %u", NULL, 0), -EINVAL);
	wrong += expect(bpf_kexec_log("%u %u", values, 12), -EINVAL);
	wrong += expect(bpf_kexec_log("%u %u", values, sizeof(values)),
			-EINVAL);
	return wrong ? -wrong : choose_linux();
}
