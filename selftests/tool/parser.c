// SPDX-License-Identifier: GPL-2.0
/*
 * The smallest object that says of itself that it is a parser; the macros make
 * the wrong ones.
 */
#include <linux/kexec_bpf_parser.h>

#define SEC(name) __attribute__((section(name), used))

#ifndef ABI
#define ABI KEXEC_BPF_ABI
#endif
#ifndef RESERVED
#define RESERVED 0
#endif
#ifndef FORMAT
#define FORMAT "uki"
#endif

SEC("license") static const char license_text[] = "GPL";

#ifndef NO_SECTION
SEC(".kexec_bpf") static const struct kexec_bpf_parser parser = {
	.abi		= ABI,
	.reserved	= RESERVED,
	.format		= FORMAT,
};
#endif
#ifdef SECTION_TOO_LONG
SEC(".kexec_bpf") static const int more = 1;
#endif

#ifdef __bpf__
SEC("syscall")
#endif
int parse(void *ctx);

int parse(void *ctx)
{
	(void)ctx;
	return 0;
}
