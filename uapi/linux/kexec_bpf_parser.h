/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The interface between kexec_bpf_load(2) and the parsers in .bpf sections,
 * version 1. kfuncs are only ever added; a parser states the version it was
 * written for, and a kernel that does not know it refuses the parser.
 *
 * A parser is an object of `clang -target bpf -mcpu=v3`:
 *
 * - section "syscall": the entry function, alone, taking no argument and
 *   returning 0 or a negative errno;
 * - section ".text", if any: its subprograms;
 * - sections .rodata*, .data*, .bss*: its data, private to one load;
 * - section "license": a GPL-compatible licence;
 * - section ".kexec_bpf": a struct kexec_bpf_parser.
 *
 * It calls the kfuncs bpf_kexec_*() and bpf_iter_kexec_*() and nothing else. A
 * parser never holds a pointer to the bytes of an image: it names them by buffer,
 * offset and length.
 */
#ifndef _UAPI_LINUX_KEXEC_BPF_PARSER_H
#define _UAPI_LINUX_KEXEC_BPF_PARSER_H

#include <linux/types.h>

/**
 * enum kexec_bpf_abi - constants of the parser ABI
 * @KEXEC_BPF_ABI: the version that this header describes
 * @KEXEC_BPF_IMAGE: id of the buffer that holds the image. It ends where the
 *	certificate table begins, and the header fields that no signature
 *	covers read as zeros.
 * @KEXEC_BPF_LOG_ARGS: most values that one bpf_kexec_log() takes
 */
enum kexec_bpf_abi {
	KEXEC_BPF_ABI		= 1,
	KEXEC_BPF_IMAGE		= 0,
	KEXEC_BPF_LOG_ARGS	= 8,
};

/**
 * struct kexec_bpf_parser - content of section ".kexec_bpf"
 * @abi: parser ABI version that the parser was written for
 * @reserved: must be 0
 * @format: name of the format that the parser reads, filled up with NULs;
 *	at least one. Printable ASCII.
 */
struct kexec_bpf_parser {
	__u32	abi;
	__u32	reserved;
	char	format[24];
};

/**
 * enum kexec_bpf_arch - architecture of the running kernel
 * @KEXEC_BPF_ARCH_X86_64: x86-64
 * @KEXEC_BPF_ARCH_ARM64: arm64
 */
enum kexec_bpf_arch {
	KEXEC_BPF_ARCH_X86_64	= 1,
	KEXEC_BPF_ARCH_ARM64	= 2,
};

/**
 * enum kexec_bpf_info_flags - bits of kexec_bpf_info.flags
 * @KEXEC_BPF_INFO_ENFORCED: signatures are enforced
 * @KEXEC_BPF_INFO_VERIFIED: the image is inside a signature that was checked
 * @KEXEC_BPF_INFO_ON_CRASH: the load is for the crash kernel
 * @KEXEC_BPF_INFO_NO_INITRAMFS: the caller wants no initrd
 * @KEXEC_BPF_INFO_DEBUG: the caller wants each step logged
 */
enum kexec_bpf_info_flags {
	KEXEC_BPF_INFO_ENFORCED		= 0x01,
	KEXEC_BPF_INFO_VERIFIED		= 0x02,
	KEXEC_BPF_INFO_ON_CRASH		= 0x04,
	KEXEC_BPF_INFO_NO_INITRAMFS	= 0x08,
	KEXEC_BPF_INFO_DEBUG		= 0x10,
};

/**
 * struct kexec_bpf_info - what bpf_kexec_info() tells
 * @abi: highest parser ABI version that the kernel takes
 * @arch: one of &enum kexec_bpf_arch
 * @flags: bits of &enum kexec_bpf_info_flags
 * @nr_files: number of further files that the caller passed
 * @depth: how many parsers of enclosing images ran before this one
 * @cmdline_max: longest command line that a kernel of this architecture takes,
 *	in bytes, without the NUL at its end
 *
 * Can grow at its end; a parser passes the size that it knows.
 */
struct kexec_bpf_info {
	__u32	abi;
	__u32	arch;
	__u32	flags;
	__u32	nr_files;
	__u32	depth;
	__u32	cmdline_max;
};

/**
 * struct bpf_iter_kexec - state of a kexec_for() loop, opaque to the parser
 * @__opaque: for the kernel
 */
struct bpf_iter_kexec {
	__u64	__opaque[1];
} __attribute__((aligned(8)));

#endif /* _UAPI_LINUX_KEXEC_BPF_PARSER_H */
