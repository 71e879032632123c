/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Limits of kexec_bpf_load(2), each with its unit and its reason
 */
#ifndef _KEXEC_BPF_LIMITS_H
#define _KEXEC_BPF_LIMITS_H

#include <asm/setup.h>

/*
 * Image, bytes. The largest that sysctl kernel.kexec_bpf_image_max can allow is
 * what verify_pefile_signature() can count; the default keeps a mistake from
 * taking all memory of an ordinary machine.
 */
#define KEXEC_BPF_IMAGE_MAX_DEFAULT	(2UL << 30)
#define KEXEC_BPF_IMAGE_MAX_LIMIT	0xffffffffUL

/*
 * Time that one parser may run, milliseconds. Parsing takes well below one; a
 * slow emulated machine that decompresses a large kernel takes seconds. Whoever
 * wants to move the parser's thread to another CPU waits as long, which the hung
 * task detector would notice after two minutes.
 */
#define KEXEC_BPF_PARSER_MS_DEFAULT	10000U
#define KEXEC_BPF_PARSER_MS_LIMIT	60000U

/*
 * Section headers of a PE file. The format allows 65535; comparing each with
 * each other, here and in the kernel's digest, takes quadratic time. A UKI with
 * a devicetree for each of hundreds of boards stays below.
 */
#define KEXEC_BPF_PE_SECTIONS_MAX	1024U

/*
 * Bytes between two sections, or between headers and the first one. They are what
 * alignment takes, which the format limits to this; all of them are looked at
 * before the signature is, and that must not take long.
 */
#define KEXEC_BPF_PE_GAP_MAX		(64U << 10)

/* Parser object, bytes. The one for UKIs has about 9 KiB. */
#define KEXEC_BPF_OBJ_SIZE_MAX		(1U << 20)

/* Section headers of a parser object; clang writes about 15. */
#define KEXEC_BPF_OBJ_SECTIONS_MAX	64U

/* Data sections of a parser object: an array map each. */
#define KEXEC_BPF_OBJ_MAPS_MAX		16U

/* One data section, bytes. Payloads never pass through maps. */
#define KEXEC_BPF_OBJ_MAP_SIZE_MAX	(256U << 10)

/* Different kfuncs that one parser calls, as symbols. */
#define KEXEC_BPF_OBJ_KFUNCS_MAX	32U

/* Instructions of a parser; the one for UKIs has about 500. */
#define KEXEC_BPF_OBJ_INSNS_MAX		32768U

/* Relocations of a parser. */
#define KEXEC_BPF_OBJ_RELOCS_MAX	8192U

/*
 * Buffers of one load: the image of each round, and what parsers make or ask
 * for.
 */
#define KEXEC_BPF_BUFFERS_MAX		1024U

/* Pieces of the initrd. */
#define KEXEC_BPF_INITRD_PIECES_MAX	1024U

/* Whole initrd, bytes: the size fields of the boot protocols have 32 bits. */
#define KEXEC_BPF_INITRD_MAX		0xffffffffULL

/*
 * Command line, bytes without its NUL. On x86 kexec needs 30 of COMMAND_LINE_SIZE
 * for "elfcorehdr=", asks the same of every kernel, and counts the NUL.
 */
#ifdef CONFIG_X86
#define KEXEC_BPF_CMDLINE_MAX		(COMMAND_LINE_SIZE - 32U)
#else
#define KEXEC_BPF_CMDLINE_MAX		(COMMAND_LINE_SIZE - 1U)
#endif

/* Parsers that run one inside the other; UKI, zboot, kernel makes three. */
#define KEXEC_BPF_DEPTH_MAX		4U

/* Log of one load, bytes; more than the verifier's tail and a line a section. */
#define KEXEC_BPF_LOG_MAX		(1U << 20)

/* One line that a parser logs, bytes with its NUL. */
#define KEXEC_BPF_LOG_LINE_MAX		256U

/* Log of the verifier, bytes: what it may write, and how much of its end counts. */
#define KEXEC_BPF_VERIFIER_LOG_SIZE	(1U << 20)
#define KEXEC_BPF_VERIFIER_LOG_TAIL	4096U

#endif /* _KEXEC_BPF_LIMITS_H */
