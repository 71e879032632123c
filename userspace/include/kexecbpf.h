/* SPDX-License-Identifier: GPL-2.0 */
/*
 * libkexecbpf: the kexec_bpf_load() system call, and the PE files that it
 * loads.
 *
 * Functions that return an int return 0 or a negative errno, unless they say
 * otherwise; errno itself is left alone. Nothing is printed: what went wrong is
 * told in a sentence through the &struct kexecbpf_report of the caller. There is
 * no global state: any two threads can use the library at the same time, but
 * one &struct kexecbpf_pe serves one thread at a time.
 *
 * All sizes and offsets are in bytes, offsets count from the file's beginning.
 */
#ifndef KEXECBPF_H
#define KEXECBPF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/kexec_bpf.h>
#include <linux/kexec_bpf_parser.h>

#ifdef __cplusplus
extern "C" {
#endif

#define KEXECBPF_VERSION	"0.1"

#define KEXECBPF_API		__attribute__((visibility("default")))

/**
 * struct kexecbpf_report - where a function tells why it failed
 * @message: called with one line of printable ASCII without a newline, in which
 *	other bytes of a name are \xNN and a backslash is \\; the text belongs to
 *	the library and is valid during the call only
 * @ctx: first argument of @message
 *
 * Every function takes NULL for "nowhere".
 */
struct kexecbpf_report {
	void	(*message)(void *ctx, const char *text);
	void	*ctx;
};

/* -------- the system call -------- */

#define KEXECBPF_LOAD_VERSION	1

/**
 * struct kexecbpf_load_params - what kexecbpf_load() loads
 * @version: %KEXECBPF_LOAD_VERSION
 * @image_fd: the image, open for reading; stays the caller's
 * @flags: KEXEC_BPF_* flags of the system call, without %KEXEC_BPF_UNLOAD and
 *	%KEXEC_BPF_ABI_VERSION
 * @log: buffer for the kernel's log, or NULL; ends with a NUL on return
 * @log_size: its size, 0 for none
 * @reserved: must be 0
 */
struct kexecbpf_load_params {
	uint32_t	version;
	int		image_fd;
	uint64_t	flags;
	char		*log;
	uint32_t	log_size;
	uint32_t	reserved[7];
};

/**
 * kexecbpf_load() - load an image
 * @params: what to load, and how
 * @result: what the kernel made of it, or NULL. Zeros where the kernel refused
 *	the call before it looked at the arguments; @result->size tells. Where
 *	@result->log_len is above @params->log_size the log was cut off.
 *
 * Return: 0 or
 * * -ENOSYS		the kernel has no such system call
 * * -EPERM		no CAP_SYS_BOOT, kernel.kexec_load_disabled is set, a limit
 *			of loads is used up, or a security policy refuses;
 *			%KEXEC_BPF_ALLOW_UNSIGNED is set without CAP_BPF or
 *			CAP_PERFMON, or for an unsigned image while the kernel
 *			enforces signatures; or %KEXEC_BPF_NO_INITRAMFS then
 * * -EINVAL		unknown version, reserved field or flag; flags that
 *			contradict each other; an image that is empty or no regular
 *			file; segments of more than half of memory; a kernel that
 *			does not take the command line
 * * -E2BIG		the kernel is older than this library
 * * -EFAULT		bad address in @params
 * * -EBADF		@params->image_fd is not open for reading
 * * -EBUSY		another load is under way
 * * -ENOMEM		out of memory
 * * -EOPNOTSUPP	the BPF JIT is off, the kernel has no kfuncs for parsers, or
 *			no support for crash kernels
 * * -ENOEXEC		not this format: no PE, foreign machine, no EFI
 *			application, no .bpf section, or the chosen kernel is none
 *			for this machine
 * * -EFBIG		larger than a limit; the log names it
 * * -ELIBBAD		malformed PE
 * * -ENODATA		unsigned
 * * -ENOKEY		signed by a key that is not trusted
 * * -EKEYREJECTED	the signature does not match, is malformed or revoked
 * * -ENOPKG		the kernel lacks an algorithm of the signature
 * * -ELIBSCN		malformed parser, or one that needs what is not supported
 * * -EPROTONOSUPPORT	unknown version of the parser ABI
 * * -EPROTO		the BPF verifier refused the parser
 * * -EBADMSG		the parser refused the image; see @result->parser_ret
 * * -ENOMSG		the parser chose no kernel
 * * -ETIME		the parser used up its time
 * * -ELOOP		kernels nested too deep
 * * -EADDRNOTAVAIL	no room for the segments
 * * -EIO		the image could not be read, or changed its size meanwhile
 * * -EMFILE		somebody lowered the descriptor limit of kernel threads
 * * -EINTR		killed
 * * -EACCES		IMA appraisal or a security module refused the image
 * * -ETXTBSY		the image is open for writing
 * * any errno with which the file system or the kernel's kexec code failed
 */
KEXECBPF_API int kexecbpf_load(const struct kexecbpf_load_params *params,
			       struct kexec_bpf_result *result);

/**
 * kexecbpf_unload() - drop the loaded image
 * @crash: the one for the crash kernel instead of the ordinary one
 *
 * Succeeds when nothing is loaded.
 *
 * Return: 0, -ENOSYS, -EPERM (no CAP_SYS_BOOT, or kexec_load_disabled), or
 * -EBUSY (a load is under way).
 */
KEXECBPF_API int kexecbpf_unload(bool crash);

/**
 * kexecbpf_abi_version() - ask the kernel for its parser ABI
 *
 * Needs no privilege.
 *
 * Return: the highest version that the kernel takes, 1 or more; or -ENOSYS when
 * it has no kexec_bpf_load() system call.
 */
KEXECBPF_API int kexecbpf_abi_version(void);

/**
 * kexecbpf_strerror() - what an error of kexecbpf_load() means, and what to do
 * @err: errno, of either sign
 *
 * Return: a sentence without a full stop, never NULL; static memory. For an
 * errno that is not part of the system call's contract it is strerror()'s.
 */
KEXECBPF_API const char *kexecbpf_strerror(int err);

/**
 * kexecbpf_errno_name() - symbolic name of an errno
 * @err: errno, of either sign
 *
 * Return: as "ENOKEY"; "unknown" if there is none. Static memory.
 */
KEXECBPF_API const char *kexecbpf_errno_name(int err);

/**
 * kexecbpf_step_name() - name of a step of a load
 * @step: one of &enum kexec_bpf_step
 *
 * Return: as "signature"; "unknown" for a step that this library does not know.
 * Static memory.
 */
KEXECBPF_API const char *kexecbpf_step_name(unsigned int step);

/* -------- parsers -------- */

/* Largest parser that kernels take */
#define KEXECBPF_PARSER_MAX	(1U << 20)

/**
 * struct kexecbpf_parser_info - what a parser object says about itself
 * @abi: version of the parser ABI that it was written for
 * @format: name of the format that it reads, printable ASCII
 */
struct kexecbpf_parser_info {
	uint32_t	abi;
	char		format[24];
};

/**
 * kexecbpf_parser_inspect() - look at a parser object
 * @obj: the object, an ELF file in memory
 * @len: its size
 * @info: filled in on success
 * @report: where to tell why not
 *
 * Does not judge the program: that is the kernel's part.
 *
 * Return: 0 or
 * * -EFBIG	larger than %KEXECBPF_PARSER_MAX
 * * -ENOEXEC	not a relocatable 64-bit little-endian ELF object for BPF
 * * -ELIBSCN	malformed, or no usable section .kexec_bpf
 * * -ENOMEM	out of memory
 */
KEXECBPF_API int kexecbpf_parser_inspect(const void *obj, size_t len,
					 struct kexecbpf_parser_info *info,
					 const struct kexecbpf_report *report);

/* -------- PE files -------- */

/* Largest PE header that is read: the section table has 65535 entries at most */
#define KEXECBPF_HEADERS_MAX	(16U << 20)

/* Most sections that kernels take */
#define KEXECBPF_SECTIONS_MAX	1024U

/* Name of the section that holds the parser */
#define KEXECBPF_SECTION	".bpf"

/* A PE file that is open for inspection */
struct kexecbpf_pe;

/**
 * struct kexecbpf_section - one section of a PE file
 * @index: place in the section table, from 0
 * @name: ends with a NUL; the bytes before it are as in the file, so print them
 *	with care
 * @vaddr: address in memory, relative to the image's base
 * @vsize: size in memory
 * @offset: where its raw data begin in the file
 * @raw_size: how much of the file they take, padding included
 * @payload: bytes that have a meaning: the smaller one of @vsize and @raw_size
 * @flags: characteristics
 */
struct kexecbpf_section {
	uint32_t	index;
	char		name[12];
	uint32_t	vaddr;
	uint32_t	vsize;
	uint32_t	offset;
	uint32_t	raw_size;
	uint32_t	payload;
	uint32_t	flags;
};

/**
 * struct kexecbpf_pe_info - a PE file's header, and what a signature covers
 * @file_size: size of the file
 * @machine: IMAGE_FILE_MACHINE_*: 0x8664 is x86-64, 0xaa64 arm64
 * @subsystem: 10 is an EFI application
 * @bits: 32 for PE32, 64 for PE32+
 * @nr_sections: number of sections
 * @section_align: alignment of sections in memory
 * @file_align: alignment of raw data in the file
 * @headers_size: size of the headers, section table and padding included
 * @image_size: size in memory
 * @checksum_offset: of the CheckSum field: 4 bytes that no signature covers
 * @cert_entry_offset: of the certificate table's data directory entry: 8 bytes
 *	that no signature covers
 * @cert_offset: of the certificate table; 0 when there is none
 * @cert_size: its size; 0 when there is none. No signature covers it.
 * @nr_certs: well-formed WIN_CERTIFICATE entries at the table's beginning
 * @tail_offset: of the data behind what headers and sections add up to
 * @tail_size: their size; a signature covers them
 * @gap_size: bytes outside of all that: no signature covers them
 */
struct kexecbpf_pe_info {
	uint64_t	file_size;
	uint16_t	machine;
	uint16_t	subsystem;
	uint32_t	bits;
	uint32_t	nr_sections;
	uint32_t	section_align;
	uint32_t	file_align;
	uint32_t	headers_size;
	uint32_t	image_size;
	uint32_t	checksum_offset;
	uint32_t	cert_entry_offset;
	uint32_t	cert_offset;
	uint32_t	cert_size;
	uint32_t	nr_certs;
	uint64_t	tail_offset;
	uint64_t	tail_size;
	uint64_t	gap_size;
};

/**
 * kexecbpf_pe_open() - read and check the headers of a PE file
 * @fd: a regular file, open for reading; stays the caller's, and open until
 *	kexecbpf_pe_close()
 * @report: where to tell why not
 * @pe: set on success; end with kexecbpf_pe_close()
 *
 * Accepts what can be described without reading outside of the file or of its
 * headers; kexecbpf_pe_check() tells whether it is good enough to be loaded.
 *
 * Return: 0 or
 * * -ENOEXEC	not a PE file, nor anything that begins like one
 * * -ELIBBAD	malformed
 * * -EFBIG	headers larger than %KEXECBPF_HEADERS_MAX
 * * -EINVAL	not a regular file
 * * -ENOMEM	out of memory
 * * any errno of fstat() and pread(); -EIO if the file shrank meanwhile
 */
KEXECBPF_API int kexecbpf_pe_open(int fd, const struct kexecbpf_report *report,
				  struct kexecbpf_pe **pe);

/**
 * kexecbpf_pe_close() - free what kexecbpf_pe_open() made
 * @pe: may be NULL
 */
KEXECBPF_API void kexecbpf_pe_close(struct kexecbpf_pe *pe);

/**
 * kexecbpf_pe_info() - what the headers say
 * @pe: an open file
 *
 * Return: belongs to @pe, never NULL.
 */
KEXECBPF_API const struct kexecbpf_pe_info *
kexecbpf_pe_info(const struct kexecbpf_pe *pe);

/**
 * kexecbpf_pe_section() - a section by its place
 * @pe: an open file
 * @index: from 0
 *
 * Return: belongs to @pe; NULL behind the last one.
 */
KEXECBPF_API const struct kexecbpf_section *
kexecbpf_pe_section(const struct kexecbpf_pe *pe, uint32_t index);

/**
 * kexecbpf_pe_find() - a section by its name
 * @pe: an open file
 * @name: the whole name
 *
 * Return: the first of that name, belongs to @pe; NULL when there is none.
 */
KEXECBPF_API const struct kexecbpf_section *
kexecbpf_pe_find(const struct kexecbpf_pe *pe, const char *name);

/**
 * kexecbpf_pe_read() - read a part of the file
 * @pe: an open file
 * @offset: where
 * @buf: memory of @len bytes
 * @len: how much, all of which must be inside the file
 *
 * Return: 0, -ERANGE (outside of the file), -EIO (the file shrank meanwhile) or
 * any errno of pread().
 */
KEXECBPF_API int kexecbpf_pe_read(const struct kexecbpf_pe *pe, uint64_t offset,
				  void *buf, size_t len);

/**
 * kexecbpf_pe_check() - check the layout as the kernel does before it loads
 * @pe: an open file
 * @report: where to tell the first thing that is wrong
 *
 * Neither signature nor content nor whether the machine is this one's.
 *
 * Return: 0; -ELIBBAD (ranges overlap or leave their place, sections of the same
 * name .bpf, a certificate table that is malformed or not at the file's end,
 * data between sections, more than %KEXECBPF_SECTIONS_MAX sections);
 * -ENOMEM; or as kexecbpf_pe_read().
 */
KEXECBPF_API int kexecbpf_pe_check(const struct kexecbpf_pe *pe,
				   const struct kexecbpf_report *report);

/**
 * kexecbpf_pe_parser() - look at the parser in section .bpf
 * @pe: an open file
 * @info: filled in on success
 * @report: where to tell why not
 *
 * Return: 0, -ENOENT (no such section), as kexecbpf_parser_inspect(), or as
 * kexecbpf_pe_read().
 */
KEXECBPF_API int kexecbpf_pe_parser(const struct kexecbpf_pe *pe,
				    struct kexecbpf_parser_info *info,
				    const struct kexecbpf_report *report);

#define KEXECBPF_EMBED_VERSION	1

/* Bits of kexecbpf_embed_params.flags */
#define KEXECBPF_EMBED_DROP_SIGNATURE	0x00000001 /* a new section breaks it */

/**
 * struct kexecbpf_embed_params - what kexecbpf_pe_embed() adds
 * @version: %KEXECBPF_EMBED_VERSION
 * @flags: KEXECBPF_EMBED_*
 * @parser: the parser object
 * @parser_size: its size
 * @reserved: must be 0
 */
struct kexecbpf_embed_params {
	uint32_t	version;
	uint32_t	flags;
	const void	*parser;
	size_t		parser_size;
	uint64_t	reserved[4];
};

/**
 * kexecbpf_pe_embed() - write a copy of a PE file with a parser in it
 * @pe: the file
 * @params: what to add
 * @out_fd: an empty file, open for writing; stays the caller's
 * @report: where to tell why not
 *
 * The parser becomes the last section. What was behind the last section until
 * now becomes that one's padding, so that there is no gap that a signature would
 * leave out. Nothing is written unless all checks passed. A failed write leaves a
 * part of the result in @out_fd.
 *
 * Return: 0 or
 * * -EINVAL	unknown version, flag or reserved field
 * * -EEXIST	there is a section .bpf already
 * * -EPERM	signed, and %KEXECBPF_EMBED_DROP_SIGNATURE is not set
 * * -ENOBUFS	the headers have no room for another section
 * * -EFBIG	the result would not fit the 32 bits of a PE header
 * * -EOPNOTSUPP	cannot be done without changing the payload of another section
 * * as kexecbpf_parser_inspect() and kexecbpf_pe_check(), or any errno of write()
 */
KEXECBPF_API int kexecbpf_pe_embed(const struct kexecbpf_pe *pe,
				   const struct kexecbpf_embed_params *params,
				   int out_fd,
				   const struct kexecbpf_report *report);

#ifdef __cplusplus
}
#endif

#endif /* KEXECBPF_H */
