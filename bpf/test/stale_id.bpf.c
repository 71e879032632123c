// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names buffers that do not exist to each kfunc.
 *
 * Expected: -EBADF from each, then the load succeeds with .linux alone. Where
 * one differs: EBADMSG, parser_ret is minus the number of calls that do. [S3]
 */
#include "test.bpf.h"

KEXEC_PARSER("test");

static int wrong;

static void try(u32 buffer)
{
	u64 value;

	wrong += expect(bpf_kexec_size(buffer), -EBADF);
	wrong += expect(bpf_kexec_read(buffer, 0, &value, sizeof(value)),
			-EBADF);
	wrong += expect(bpf_kexec_set_kernel(buffer, 0, 1), -EBADF);
	wrong += expect(bpf_kexec_initrd_append(buffer, 0, 1), -EBADF);
	wrong += expect(bpf_kexec_cmdline_append(buffer, 0, 1), -EBADF);
}

SEC("syscall")
int stale_id(void *ctx __attribute__((unused)))
{
	wrong = 0;
	try(1);
	try(5);
	try(0x7fffffff);
	try(0x80000000);
	try(0xffffffff);
	return wrong ? -wrong : choose_linux();
}
