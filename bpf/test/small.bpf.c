// SPDX-License-Identifier: GPL-2.0-only
/*
 * As little as has everything that an object can have: data sections, a
 * subprogram, kfuncs. For tests that load it hundreds of times: it is verified in
 * a fraction of the allocations that a loop takes.
 *
 * Expected: the load succeeds with the payload of the first section as the kernel
 * and the command line "small".
 */
#include "test.bpf.h"

KEXEC_PARSER("test");

static char text[] SEC(".data") = "small";
static u32 number;
static int failed;

/* Four bytes of the image, in @number */
static __attribute__((noinline)) void read_number(u64 offset)
{
	int ret = bpf_kexec_read(KEXEC_BPF_IMAGE, offset, &number,
				 sizeof(number));

	if (ret)
		failed = ret;
}

SEC("syscall")
int small(void *ctx __attribute__((unused)))
{
	u64 pe, section, size;

	failed = 0;
	read_number(0x3c);
	pe = number;
	read_number(pe + 20);
	section = pe + 24 + (number & 0xffff);
	read_number(section + 8);
	size = number;
	read_number(section + 20);
	if (failed)
		return failed;
	failed = bpf_kexec_cmdline_append_text(text, sizeof(text));
	if (failed)
		return failed;
	return bpf_kexec_set_kernel(KEXEC_BPF_IMAGE, number, size);
}
