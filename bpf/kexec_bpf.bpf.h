/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What every parser includes: the parser ABI, loops, log lines, errno
 *
 * With KEXEC_BPF_NATIVE defined, the same parser compiles as host code. Whoever
 * links it provides the kfuncs as ordinary functions.
 */
#ifndef KEXEC_BPF_BPF_H
#define KEXEC_BPF_BPF_H

#include <stdbool.h>
#include <stddef.h>

#ifdef KEXEC_BPF_NATIVE

#include <errno.h>
#include <linux/types.h>
#include <linux/kexec_bpf_parser.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s32 s32;
typedef __s64 s64;

int bpf_kexec_info(struct kexec_bpf_info *info, u32 info__sz);
s64 bpf_kexec_size(u32 buffer);
int bpf_kexec_read(u32 buffer, u64 offset, void *dst, u32 dst__sz);
int bpf_kexec_set_kernel(u32 buffer, u64 offset, u64 length);
int bpf_kexec_initrd_append(u32 buffer, u64 offset, u64 length);
int bpf_kexec_cmdline_append(u32 buffer, u64 offset, u64 length);
int bpf_kexec_cmdline_append_text(const char *text, u32 text__sz);
int bpf_kexec_log(const char *fmt__str, const u64 *args__opt, u32 args__sz);
int bpf_iter_kexec_new(struct bpf_iter_kexec *it, int start, int end);
int *bpf_iter_kexec_next(struct bpf_iter_kexec *it);
void bpf_iter_kexec_destroy(struct bpf_iter_kexec *it);

/* Several parsers can be linked into one program. */
#define SEC(name)

#else /* !KEXEC_BPF_NATIVE */

/* vmlinux.h declares the kfuncs with this. */
#ifndef __ksym
#define __ksym __attribute__((section(".ksyms")))
#endif

#include "vmlinux.h"

/**
 * SEC() - put a function or a variable into a section of the object
 * @name: the section
 *
 * The entry function goes into "syscall". Variables need none: the compiler's
 * own .data, .bss and .rodata are what the kernel takes.
 */
#define SEC(name) __attribute__((section(name), used))

/* The values of errno that parsers use, as on x86-64 and arm64 */
#define ENOENT		2	/* no such thing */
#define ENOEXEC		8	/* not this format */
#define EBADF		9	/* no such buffer */
#define EEXIST		17	/* was done before */
#define EINVAL		22	/* value without a meaning */
#define EFBIG		27	/* larger than a limit */
#define ERANGE		34	/* range outside its buffer */
#define ENODATA		61	/* a part that must be there is not */
#define ENOTUNIQ	76	/* a part that must be unique is not */
#define EILSEQ		84	/* text is not in its encoding */
#define EOPNOTSUPP	95	/* known, but not supported */
#define EKEYREJECTED	129	/* not covered by a signature */

#endif /* KEXEC_BPF_NATIVE */

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
	       "file formats are read as they are in memory");

/**
 * KEXEC_PARSER_ABI() - say what this object is, for a given ABI version
 * @name: format that it reads, a string of 1 to 23 printable characters
 * @version: parser ABI version that it was written for
 *
 * For tests; parsers use KEXEC_PARSER().
 */
#define KEXEC_PARSER_ABI(name, version)					\
	_Static_assert(sizeof(name) > 1 &&				\
		       sizeof(name) <=					\
		       sizeof(((struct kexec_bpf_parser *)0)->format),	\
		       "format name is empty or too long");		\
	static const struct kexec_bpf_parser ___parser			\
	SEC(".kexec_bpf") __attribute__((unused)) = {			\
		.abi = (version),					\
		.format = name,						\
	};								\
	static const char ___license[] SEC("license")			\
	__attribute__((unused)) = "GPL"

/**
 * KEXEC_PARSER() - say what this object is: to stand once in each parser
 * @name: format that it reads, a string of 1 to 23 printable characters
 *
 * Makes section ".kexec_bpf", with the ABI version of these headers, and section
 * "license": the kernel's verifier admits parsers under the GPL only.
 */
#define KEXEC_PARSER(name) KEXEC_PARSER_ABI(name, KEXEC_BPF_ABI)

#define ___kexec_join(a, b)	a ## b
#define ___kexec_name(a, b)	___kexec_join(a, b)

/**
 * kexec_for() - loop over the integers from @start to @end - 1
 * @i: variable for the integer, declared before
 * @start: first value
 * @end: value behind the last
 *
 * The body can use continue, break and return: the iterator is destroyed where
 * its scope ends, as the verifier demands. The verifier takes the body once for
 * any @i instead of walking through every round, and does not know the limits of
 * @i: where @i becomes an index, compare it in the body.
 *
 * The kernel ends a parser that runs too long, or whose caller was killed, by
 * ending its loops: code behind a loop cannot rely on its last round.
 */
#define kexec_for(i, start, end)					\
	___kexec_for(i, start, end, ___kexec_name(___it, __COUNTER__))

#define ___kexec_for(i, start, end, it)					\
	for (struct bpf_iter_kexec					\
	     it __attribute__((cleanup(bpf_iter_kexec_destroy))),	\
	     *___kexec_name(it, _first) __attribute__((unused)) =	\
		(bpf_iter_kexec_new(&it, (start), (end)),		\
		 (struct bpf_iter_kexec *)NULL);			\
	     ({								\
		int *___next = bpf_iter_kexec_next(&it);		\
									\
		if (___next) {						\
			(i) = *___next;					\
			(void)(i);					\
		}							\
		___next;						\
	     }); )

/**
 * kexec_log() - log a line for the caller of the load
 * @fmt: a string: text with %d, %u, %x (with 0x before it), %s (a value of
 *	kexec_name8()) and %%, without a newline
 * @...: up to eight integers
 *
 * The kernel puts the line behind "image: ".
 */
#define kexec_log(fmt, ...)						\
	({								\
		u64 ___args[] = { __VA_ARGS__ };			\
									\
		_Static_assert(sizeof(___args) <=			\
			       KEXEC_BPF_LOG_ARGS * sizeof(u64),	\
			       "too many values for a line");		\
		(void)bpf_kexec_log("" fmt,				\
				    sizeof(___args) ? ___args : NULL,	\
				    sizeof(___args));			\
	})

/**
 * kexec_name8() - eight bytes of text as one integer
 * @text: at least eight bytes that can be read: a section name in its header, or
 *	a literal that is filled up with NULs by hand
 *
 * Return: a value for %s of kexec_log(), or to compare with another.
 */
static inline __attribute__((always_inline)) u64 kexec_name8(const char *text)
{
	u64 value;

	__builtin_memcpy(&value, text, sizeof(value));
	return value;
}

#endif /* KEXEC_BPF_BPF_H */
