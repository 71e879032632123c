/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Building parser objects (ELF for BPF), sound ones and broken ones
 *
 * obj_sample() describes an object; the description can be changed section by
 * section, symbol by symbol, instruction by instruction, and single fields of
 * headers can be set to anything. obj_write() turns it into bytes. Depends on
 * nothing but the C library.
 */
#ifndef OBJ_H
#define OBJ_H

#include <stddef.h>
#include <stdint.h>

#define OBJ_SECTIONS_MAX	80
#define OBJ_PATCHES_MAX		16

/* Fields of the file header and of section headers: offset, size in bytes */
#define OBJ_E_MAGIC	0, 4
#define OBJ_E_CLASS	4, 1
#define OBJ_E_DATA	5, 1
#define OBJ_E_IDENT	6, 1
#define OBJ_E_TYPE	16, 2
#define OBJ_E_MACHINE	18, 2
#define OBJ_E_VERSION	20, 4
#define OBJ_E_SHOFF	40, 8
#define OBJ_E_EHSIZE	52, 2
#define OBJ_E_PHNUM	56, 2
#define OBJ_E_SHENTSIZE	58, 2
#define OBJ_E_SHNUM	60, 2
#define OBJ_E_SHSTRNDX	62, 2
#define OBJ_SH_NAME	0, 4
#define OBJ_SH_OFFSET	24, 8
#define OBJ_SH_SIZE	32, 8

/**
 * struct obj_insn - an instruction
 * @code: opcode
 * @regs: destination register, and source register shifted by 4
 * @off: offset
 * @imm: immediate
 */
struct obj_insn {
	uint8_t		code;
	uint8_t		regs;
	int16_t		off;
	int32_t		imm;
};

/* An entry of the symbol table, as in the file; @name is filled in on writing */
struct obj_symbol {
	uint32_t	name;
	uint8_t		info;
	uint8_t		other;
	uint16_t	section;
	uint64_t	value;
	uint64_t	size;
};

/* A relocation, as in the file */
struct obj_rel {
	uint64_t	offset;
	uint32_t	type;
	uint32_t	symbol;
};

/**
 * struct obj_section - a section
 * @name: its name
 * @type: sh_type; without bytes in the file for SHT_NOBITS
 * @flags: sh_flags
 * @link: sh_link
 * @info: sh_info
 * @entsize: sh_entsize
 * @size: bytes at @data
 * @data: its content; owned
 */
struct obj_section {
	const char	*name;
	uint32_t	type;
	uint64_t	flags;
	uint32_t	link;
	uint32_t	info;
	uint64_t	entsize;
	size_t		size;
	void		*data;
};

struct obj_patch {
	int		section;	/* -1: file header */
	size_t		offset;
	int		size;
	uint64_t	value;
};

/**
 * struct obj - description of an object
 * @sections: its sections; index 0 is the null section
 * @nr_sections: their number
 * @symbol_names: name of each symbol of the sample, by index
 * @patches: fields of headers that are set at the end
 * @nr_patches: their number
 */
struct obj {
	struct obj_section	sections[OBJ_SECTIONS_MAX];
	unsigned int		nr_sections;
	const char		*symbol_names[16];
	struct obj_patch	patches[OBJ_PATCHES_MAX];
	unsigned int		nr_patches;
};

/* Sections of the sample */
enum {
	OBJ_NULL,
	OBJ_STRTAB,
	OBJ_TEXT,
	OBJ_ENTRY,
	OBJ_REL_ENTRY,
	OBJ_REL_TEXT,
	OBJ_LICENSE,
	OBJ_PARSER,
	OBJ_RODATA,
	OBJ_DATA,
	OBJ_BSS,
	OBJ_SYMTAB,
	OBJ_NR,
};

/* Its symbols */
enum {
	OBJ_SYM_NULL,
	OBJ_SYM_TEXT,		/* section symbols */
	OBJ_SYM_DATA,
	OBJ_SYM_BSS,
	OBJ_SYM_CONSTANT,	/* object at 4 in .rodata */
	OBJ_SYM_KFUNC_LOG,	/* externs */
	OBJ_SYM_KFUNC_SIZE,
	OBJ_SYM_FIRST,		/* function at 0 in .text */
	OBJ_SYM_ENTRY,
	OBJ_SYM_NR,
};

/* Indices of its instructions, in the entry function and in .text */
enum {
	OBJ_INSN_DATA		= 0,	/* load, OBJ_SYM_DATA + 8 */
	OBJ_INSN_LOG		= 3,	/* call, OBJ_SYM_KFUNC_LOG */
	OBJ_INSN_SECOND		= 4,	/* call, OBJ_SYM_TEXT + 2 */
	OBJ_INSN_CONSTANT	= 5,	/* load, OBJ_SYM_CONSTANT */
	OBJ_INSN_SIZE		= 7,	/* call, OBJ_SYM_KFUNC_SIZE */
	OBJ_INSN_FIRST		= 8,	/* call, OBJ_SYM_FIRST */
	OBJ_ENTRY_INSNS		= 11,

	OBJ_TEXT_INSN_SECOND	= 2,
	OBJ_TEXT_INSN_BSS	= 2,	/* load, OBJ_SYM_BSS */
	OBJ_TEXT_INSN_LOG	= 4,	/* call, OBJ_SYM_KFUNC_LOG */
	OBJ_TEXT_INSN_FIRST	= 5,	/* call without relocation, to 0 */
	OBJ_TEXT_INSNS		= 7,
};

/* Relocations of the entry function, in order */
enum {
	OBJ_REL_DATA,
	OBJ_REL_LOG,
	OBJ_REL_SECOND,
	OBJ_REL_CONSTANT,
	OBJ_REL_SIZE,
	OBJ_REL_FIRST,
	OBJ_ENTRY_RELS,
};

/* All functions below end the program where memory is short. */

void obj_sample(struct obj *obj);
void obj_free(struct obj *obj);

/* Replace the content of a section; zeros if @data is NULL. */
void obj_set(struct obj *obj, unsigned int i, const void *data, size_t size);

/* Add a section with a copy of @data. Returns its index. */
unsigned int obj_add(struct obj *obj, const char *name, uint32_t type,
		     uint64_t flags, const void *data, size_t size);

/* Set a field of the header of section @i, or of the file if @i is -1. */
void obj_patch(struct obj *obj, int i, size_t offset, int size,
	       uint64_t value);

/* Append a relocation to a section of them. */
void obj_add_rel(struct obj *obj, unsigned int i, uint64_t offset,
		 uint32_t type, uint32_t symbol);

struct obj_insn *obj_insn(struct obj *obj, unsigned int section,
			  unsigned int i);
struct obj_symbol *obj_symbol(struct obj *obj, unsigned int i);
struct obj_rel *obj_rel(struct obj *obj, unsigned int section, unsigned int i);

/* Write the object. The caller frees it. */
void *obj_write(const struct obj *obj, size_t *size);

#endif
