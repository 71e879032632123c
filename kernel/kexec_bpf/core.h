/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What kexec_bpf decides about bytes: plain functions over bytes and lengths
 *
 * The files behind this header know neither tasks nor files nor BPF. They are
 * built into the kernel, and as they are into tests and fuzzers in user space.
 */
#ifndef _KEXEC_BPF_CORE_H
#define _KEXEC_BPF_CORE_H

#include <linux/types.h>
#include <linux/kexec_bpf.h>
#include <linux/kexec_bpf_parser.h>

#include "limits.h"

struct bpf_insn;

/* log.c */

/**
 * struct kexec_bpf_log - text for the caller of one load
 * @buf: where it goes; may be NULL if @size is 0
 * @size: size of @buf in bytes
 * @len: length that the whole text has or would have, without its NUL
 */
struct kexec_bpf_log {
	char	*buf;
	size_t	size;
	u64	len;
};

__printf(2, 3)
void kexec_bpf_printk(struct kexec_bpf_log *log, const char *fmt, ...);
void kexec_bpf_log_verifier(struct kexec_bpf_log *log, char *text, size_t len);
int kexec_bpf_log_format(char *line, size_t size, const char *fmt,
			 const u64 *args, size_t nr_args);
char *kexec_bpf_printable(char *dst, size_t dst_size, const void *src,
			  size_t src_size);

/* pe.c */

/**
 * struct kexec_bpf_range - bytes of a buffer
 * @offset: where they begin
 * @size: how many they are
 */
struct kexec_bpf_range {
	u64	offset;
	u64	size;
};

/**
 * struct kexec_bpf_pe - a PE file whose headers were checked
 * @data: the file
 * @size: its size
 * @end: where its content ends: at the certificate table, or at @size
 * @headers: SizeOfHeaders
 * @image_size: SizeOfImage
 * @checksum: offset of the CheckSum field
 * @cert_entry: offset of the data directory entry of the certificate table
 * @sections: offset of the section table
 * @nr_sections: its entries; not 0
 */
struct kexec_bpf_pe {
	const u8	*data;
	u64		size;
	u64		end;
	u32		headers;
	u32		image_size;
	u32		checksum;
	u32		cert_entry;
	u32		sections;
	u16		nr_sections;
};

int kexec_bpf_pe_open(struct kexec_bpf_pe *pe, const void *data, u64 size,
		      u16 machine, struct kexec_bpf_log *log);
int kexec_bpf_pe_screen(struct kexec_bpf_pe *pe, struct kexec_bpf_log *log);
int kexec_bpf_pe_find(const struct kexec_bpf_pe *pe, const char *name,
		      struct kexec_bpf_range *range,
		      struct kexec_bpf_log *log);
void kexec_bpf_pe_scrub(const struct kexec_bpf_pe *pe, void *data);

/* elf.c */

struct kexec_bpf_obj;

/**
 * struct kexec_bpf_obj_map - a data section of a parser
 * @name: name of the section, printable, for messages and the map
 * @section: its index
 * @data: its content, inside the object; NULL if all zero
 * @size: its size in bytes; not 0
 * @rdonly: whether the parser may only read it
 * @fd: descriptor of its map, set by whoever creates it before relocation
 */
struct kexec_bpf_obj_map {
	char		name[16];
	u32		section;
	const void	*data;
	u32		size;
	bool		rdonly;
	int		fd;
};

/**
 * struct kexec_bpf_obj_kfunc - a kfunc that a parser calls
 * @name: its name, inside the object
 * @symbol: index of its symbol
 * @id: BTF id, set by whoever resolves the name before relocation
 */
struct kexec_bpf_obj_kfunc {
	const char	*name;
	u32		symbol;
	u32		id;
};

enum kexec_bpf_reloc_type {
	KEXEC_BPF_RELOC_MAP,
	KEXEC_BPF_RELOC_KFUNC,
	KEXEC_BPF_RELOC_CALL,
};

/**
 * struct kexec_bpf_obj_reloc - what becomes of one instruction
 * @type: kind of the relocation
 * @insn: index of the instruction in the program
 * @index: of the map or the kfunc; unused for calls
 * @value: offset in the map, or index of the instruction that is called
 */
struct kexec_bpf_obj_reloc {
	enum kexec_bpf_reloc_type	type;
	u32				insn;
	u32				index;
	u32				value;
};

/**
 * struct kexec_bpf_obj - a parser object on its way from bytes to a program
 * @data: the object; must live as long as this
 * @size: its size
 * @license: its licence, a string inside the object
 * @parser: what it says about itself
 * @insns: the program: the entry function, then the subprograms; owned
 * @nr_insns: number of its instructions
 * @nr_entry_insns: those of them that are the entry function's
 * @maps: its data sections
 * @nr_maps: number of them
 * @kfuncs: the kfuncs that it calls
 * @nr_kfuncs: number of them
 * @relocs: its relocations; owned
 * @nr_relocs: number of them
 */
struct kexec_bpf_obj {
	const u8			*data;
	u64				size;
	const char			*license;
	struct kexec_bpf_parser		parser;
	struct bpf_insn			*insns;
	u32				nr_insns;
	u32				nr_entry_insns;
	struct kexec_bpf_obj_map	maps[KEXEC_BPF_OBJ_MAPS_MAX];
	u32				nr_maps;
	struct kexec_bpf_obj_kfunc	kfuncs[KEXEC_BPF_OBJ_KFUNCS_MAX];
	u32				nr_kfuncs;
	struct kexec_bpf_obj_reloc	*relocs;
	u32				nr_relocs;
};

int kexec_bpf_obj_open(struct kexec_bpf_obj *obj, const void *data, u64 size,
		       struct kexec_bpf_log *log);
void kexec_bpf_obj_close(struct kexec_bpf_obj *obj);

/* reloc.c */

int kexec_bpf_obj_relocate(struct kexec_bpf_obj *obj,
			   struct kexec_bpf_log *log);

/* output.c */

/**
 * struct kexec_bpf_buffer - bytes that a parser can name
 * @data: the bytes
 * @size: how many
 * @verified: whether a signature that this load checked covers them
 */
struct kexec_bpf_buffer {
	const u8	*data;
	u64		size;
	bool		verified;
};

/**
 * struct kexec_bpf_piece - a range of a buffer, as a parser named it
 * @buffer: index of the buffer
 * @range: the bytes
 */
struct kexec_bpf_piece {
	u32			buffer;
	struct kexec_bpf_range	range;
};

/**
 * struct kexec_bpf_output - what the parsers of one load work on and make
 * @log: where messages go
 * @info: what bpf_kexec_info() tells
 * @enforced: whether unverified bytes are refused
 * @tainted: whether a parser has read from an unverified buffer
 * @buffers: all buffers, those of enclosing images included; owned
 * @nr_buffers: number of them
 * @image: index of the image that is being parsed
 * @kernel: the kernel; size 0 until it is chosen
 * @initrd: the pieces of the initrd, in order; owned
 * @nr_initrd: number of them
 * @initrd_size: their sizes added up
 * @cmdline: the command line, NUL-terminated; owned
 * @cmdline_len: its length without the NUL
 *
 * Belongs to one load. Only the thread that runs the parser touches it while a
 * parser runs.
 */
struct kexec_bpf_output {
	struct kexec_bpf_log	*log;
	struct kexec_bpf_info	info;
	bool			enforced;
	bool			tainted;
	struct kexec_bpf_buffer	*buffers;
	u32			nr_buffers;
	u32			image;
	struct kexec_bpf_piece	kernel;
	struct kexec_bpf_piece	*initrd;
	u32			nr_initrd;
	u64			initrd_size;
	char			*cmdline;
	u32			cmdline_len;
};

int kexec_bpf_output_init(struct kexec_bpf_output *out,
			  struct kexec_bpf_log *log);
void kexec_bpf_output_free(struct kexec_bpf_output *out);
int kexec_bpf_output_image(struct kexec_bpf_output *out, const void *data,
			   u64 size, bool verified);
const void *kexec_bpf_output_bytes(const struct kexec_bpf_output *out,
				   const struct kexec_bpf_piece *piece);

int kexec_bpf_output_info(struct kexec_bpf_output *out,
			  struct kexec_bpf_info *info, u32 size);
s64 kexec_bpf_output_size(struct kexec_bpf_output *out, u32 id);
int kexec_bpf_output_read(struct kexec_bpf_output *out, u32 id, u64 offset,
			  void *dst, u32 size);
int kexec_bpf_output_set_kernel(struct kexec_bpf_output *out, u32 id,
				u64 offset, u64 size);
int kexec_bpf_output_initrd_append(struct kexec_bpf_output *out, u32 id,
				   u64 offset, u64 size);
int kexec_bpf_output_cmdline_append(struct kexec_bpf_output *out, u32 id,
				    u64 offset, u64 size);
int kexec_bpf_output_cmdline_text(struct kexec_bpf_output *out,
				  const char *text, u32 size);
int kexec_bpf_output_log(struct kexec_bpf_output *out, const char *fmt,
			 const void *args, u32 args_size);

#endif /* _KEXEC_BPF_CORE_H */
