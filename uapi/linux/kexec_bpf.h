/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * kexec_bpf_load(2): load a signed PE image whose own .bpf section says what
 * the image means.
 *
 *	long kexec_bpf_load(struct kexec_bpf_args *args, size_t size,
 *			    unsigned long flags);
 *
 * The interface of the programs in .bpf sections is in kexec_bpf_parser.h.
 */
#ifndef _UAPI_LINUX_KEXEC_BPF_H
#define _UAPI_LINUX_KEXEC_BPF_H

#include <linux/types.h>

/*
 * A private number, the same on every architecture and far above what is
 * allocated, so that nothing else answers to it.
 */
#ifndef __NR_kexec_bpf_load
#define __NR_kexec_bpf_load 1024
#endif

/**
 * DOC: flags of kexec_bpf_load()
 *
 * %KEXEC_BPF_UNLOAD:
 *	Drop the loaded image; with %KEXEC_BPF_ON_CRASH, the crash image.
 *	@args must be NULL and @size 0. No other flag goes with it.
 * %KEXEC_BPF_ON_CRASH:
 *	Load into the memory reserved for the crash kernel.
 * %KEXEC_BPF_NO_INITRAMFS:
 *	The next kernel gets no initrd, whatever the image holds. Refused while
 *	signatures are enforced.
 * %KEXEC_BPF_DEBUG:
 *	Log each step, not only what failed.
 * %KEXEC_BPF_ALLOW_UNSIGNED:
 *	Accept an image that has no signature, or one by an unknown key, while
 *	this kernel does not enforce signatures. A signature that does not
 *	match its file is refused all the same. Takes %CAP_BPF and
 *	%CAP_PERFMON besides %CAP_SYS_BOOT.
 * %KEXEC_BPF_DRY_RUN:
 *	Do everything but replace the loaded image.
 * %KEXEC_BPF_SHA256:
 *	Fill in the digests of the result; costs one pass over the bytes.
 * %KEXEC_BPF_ABI_VERSION:
 *	Load nothing and return the highest parser ABI version that this
 *	kernel takes. @args must be NULL and @size 0. No other flag goes with
 *	it; needs no privilege.
 */
#define KEXEC_BPF_UNLOAD		0x00000001UL
#define KEXEC_BPF_ON_CRASH		0x00000002UL
#define KEXEC_BPF_NO_INITRAMFS		0x00000004UL
#define KEXEC_BPF_DEBUG			0x00000008UL
#define KEXEC_BPF_ALLOW_UNSIGNED	0x00000010UL
#define KEXEC_BPF_DRY_RUN		0x00000020UL
#define KEXEC_BPF_SHA256		0x00000040UL
#define KEXEC_BPF_ABI_VERSION		0x00000080UL

/**
 * enum kexec_bpf_file_kind - what a further file is
 * @KEXEC_BPF_FILE_PE: a signed PE file, verified when it is read
 * @KEXEC_BPF_FILE_OPAQUE: any file; its bytes count as unverified
 */
enum kexec_bpf_file_kind {
	KEXEC_BPF_FILE_PE	= 1,
	KEXEC_BPF_FILE_OPAQUE	= 2,
};

/**
 * struct kexec_bpf_file - a further file for the parser
 * @fd: open for reading
 * @kind: one of &enum kexec_bpf_file_kind
 * @name: address of the name that the parser sees, without a directory
 * @name_len: its length in bytes, without a terminating NUL
 * @reserved: must be 0
 */
struct kexec_bpf_file {
	__s32		fd;
	__u32		kind;
	__aligned_u64	name;
	__u32		name_len;
	__u32		reserved;
};

/**
 * struct kexec_bpf_args - what to load
 * @image_fd: the signed PE image, open for reading
 * @parser_fd: a signed PE file that holds a parser for an image without one,
 *	or -1
 * @files: address of an array of &struct kexec_bpf_file
 * @nr_files: number of its elements
 * @file_size: size of one element in bytes; 0 when there are none
 * @data: address of private data for the parser
 * @data_size: its size in bytes
 * @log: address of a buffer for the log of this load, or 0
 * @result: address of a &struct kexec_bpf_result, or 0
 * @log_size: size of the buffer in bytes; 0 when there is none
 * @result_size: size of the result in bytes; 0 when there is none
 *
 * The structure can grow at its end. The caller passes the size that it knows;
 * what a caller does not know of counts as 0, and a kernel refuses with E2BIG
 * what it does not know of unless it is 0. The same holds for elements of
 * @files; a result that is larger than the kernel's is filled up with zeros.
 *
 * This version takes no further files, no detached parser and no private data:
 * they are refused with EOPNOTSUPP.
 */
struct kexec_bpf_args {
	__s32		image_fd;
	__s32		parser_fd;
	__aligned_u64	files;
	__u32		nr_files;
	__u32		file_size;
	__aligned_u64	data;
	__aligned_u64	data_size;
	__aligned_u64	log;
	__aligned_u64	result;
	__u32		log_size;
	__u32		result_size;
};

#define KEXEC_BPF_ARGS_SIZE_VER0	64
#define KEXEC_BPF_FILE_SIZE_VER0	24

/**
 * enum kexec_bpf_step - the steps of a load, in order
 * @KEXEC_BPF_STEP_ARGS: copy the arguments, check permission, begin
 * @KEXEC_BPF_STEP_READ: read the image
 * @KEXEC_BPF_STEP_SCREEN: check the PE structure of the image
 * @KEXEC_BPF_STEP_SIGNATURE: check the signature of the image
 * @KEXEC_BPF_STEP_LOAD: check, relocate, verify and compile the parser
 * @KEXEC_BPF_STEP_RUN: run the parser
 * @KEXEC_BPF_STEP_COLLECT: join what the parser named; digests, if asked for
 * @KEXEC_BPF_STEP_SEGMENTS: hand the triple to kexec: segments, their digests
 * @KEXEC_BPF_STEP_DONE: the load succeeded
 * @KEXEC_BPF_NR_STEPS: number of the above
 */
enum kexec_bpf_step {
	KEXEC_BPF_STEP_ARGS,
	KEXEC_BPF_STEP_READ,
	KEXEC_BPF_STEP_SCREEN,
	KEXEC_BPF_STEP_SIGNATURE,
	KEXEC_BPF_STEP_LOAD,
	KEXEC_BPF_STEP_RUN,
	KEXEC_BPF_STEP_COLLECT,
	KEXEC_BPF_STEP_SEGMENTS,
	KEXEC_BPF_STEP_DONE,
	KEXEC_BPF_NR_STEPS,
};

/**
 * struct kexec_bpf_part - one part of what a load produced
 * @size: in bytes; of the command line, without the NUL at its end
 * @sha256: digest of these bytes; zeros unless %KEXEC_BPF_SHA256 was given
 */
struct kexec_bpf_part {
	__aligned_u64	size;
	__u8		sha256[32];
};

/* Bits of kexec_bpf_result.flags */
#define KEXEC_BPF_RESULT_VERIFIED	0x00000001 /* the image's signature is good */
#define KEXEC_BPF_RESULT_ENFORCED	0x00000002 /* signatures are enforced */
#define KEXEC_BPF_RESULT_PUBLISHED	0x00000004 /* the loaded image was replaced */
#define KEXEC_BPF_RESULT_SHA256		0x00000008 /* the digests are filled in */

/**
 * struct kexec_bpf_result - what a load made, and where it failed
 * @size: bytes of this structure that the kernel filled in
 * @flags: KEXEC_BPF_RESULT_*
 * @step: the step that failed, or %KEXEC_BPF_STEP_DONE
 * @parser_ret: what the last parser returned; 0 if none ran
 * @rounds: number of parsers that ran; above 1 where the kernel of an image
 *	carried a parser of its own
 * @reserved: 0
 * @log_len: bytes that the whole log takes, with the NUL at its end; what is
 *	above kexec_bpf_args.log_size was cut off
 * @kernel: the kernel
 * @initrd: the initrd; size 0 when there is none
 * @cmdline: the command line
 * @copied: payload bytes that were copied after the image was read
 * @mem_peak: peak of the bytes that the load held in buffers of its own,
 *	kexec's segments not counted
 * @step_ns: duration of each step in nanoseconds
 *
 * Written on success and on failure alike, once the arguments were accepted:
 * also by a load that cannot begin, as another one is under way or there is no
 * memory for it.
 */
struct kexec_bpf_result {
	__u32			size;
	__u32			flags;
	__u32			step;
	__s32			parser_ret;
	__u32			rounds;
	__u32			reserved;
	__aligned_u64		log_len;
	struct kexec_bpf_part	kernel;
	struct kexec_bpf_part	initrd;
	struct kexec_bpf_part	cmdline;
	__aligned_u64		copied;
	__aligned_u64		mem_peak;
	__aligned_u64		step_ns[16];
};

#define KEXEC_BPF_RESULT_SIZE_VER0	296

#endif /* _UAPI_LINUX_KEXEC_BPF_H */
