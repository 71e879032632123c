// SPDX-License-Identifier: GPL-2.0-only
/* Broken parser objects, one defect each */

#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "obj_defects.h"

#define ALLOC		SHF_ALLOC
#define DATA		(SHF_ALLOC | SHF_WRITE)
#define CODE		(SHF_ALLOC | SHF_EXECINSTR)

#define LD_IMM64	0x18
#define CALL		0x85
#define EXIT		0x95
#define MOV_IMM		0xb7
#define REL_LOAD	1
#define REL_CALL	10

/* Limits of kernel/kexec_bpf/limits.h that the cases below stand at */
#define SIZE_MAX_OBJ	(1U << 20)
#define SECTIONS_MAX	64
#define MAPS_MAX	16
#define MAP_SIZE_MAX	(256U << 10)
#define KFUNCS_MAX	32
#define INSNS_MAX	32768
#define RELOCS_MAX	8192

void obj_refuse(const struct obj_defect *defect, struct obj *obj)
{
	const struct obj_patch *patch = &defect->patch;

	if (patch->size)
		obj_patch(obj, patch->section, patch->offset, patch->size,
			  patch->value);
	else
		defect->refuse(obj);
}

void obj_accept(const struct obj_defect *defect, struct obj *obj)
{
	if (defect->accept)
		defect->accept(obj);
}

/* Names of sections that a test makes many of */
static const char *number(unsigned int i)
{
	static char names[OBJ_SECTIONS_MAX][20];

	snprintf(names[i], sizeof(names[i]), ".data.%u", i);
	return names[i];
}

/* Sections */

static void add_comments(struct obj *obj, unsigned int total)
{
	while (obj->nr_sections < total)
		obj_add(obj, ".comment", SHT_PROGBITS, 0, "x", 2);
}

static void sections_max(struct obj *obj)
{
	add_comments(obj, SECTIONS_MAX);
}

static void sections_max_1(struct obj *obj)
{
	add_comments(obj, SECTIONS_MAX + 1);
}

/* A file header and one section header, which is not looked at */
static void no_sections(struct obj *obj)
{
	obj_patch(obj, -1, OBJ_E_SHNUM, 1);
}

static void strtab_open(struct obj *obj)
{
	obj_set(obj, OBJ_DATA, "xxxxxxx", 8);
	/* Names end in the middle of the last one. */
	obj_patch(obj, OBJ_STRTAB, OBJ_SH_SIZE, 4);
}

static void wrap_range(struct obj *obj)
{
	obj_patch(obj, OBJ_DATA, OBJ_SH_OFFSET, UINT64_MAX - 3);
	obj_patch(obj, OBJ_DATA, OBJ_SH_SIZE, 8);
}

static void end_range(struct obj *obj)
{
	obj_patch(obj, OBJ_DATA, OBJ_SH_SIZE, SIZE_MAX_OBJ);
}

static void bss_anywhere(struct obj *obj)
{
	obj_patch(obj, OBJ_BSS, OBJ_SH_OFFSET, UINT64_MAX);
}

#define ADD(function, name, type, flags)				\
static void function(struct obj *obj)					\
{									\
	obj_add(obj, name, type, flags, "12345678", 8);			\
}

ADD(add_maps, ".maps", SHT_PROGBITS, DATA)
ADD(add_old_maps, "maps", SHT_PROGBITS, DATA)
ADD(add_kconfig, ".kconfig", SHT_PROGBITS, DATA)
ADD(add_ksyms, ".ksyms", SHT_PROGBITS, DATA)
ADD(add_struct_ops, ".struct_ops", SHT_PROGBITS, DATA)
ADD(add_struct_ops_link, ".struct_ops.link", SHT_PROGBITS, DATA)
ADD(add_data_rel_ro, ".data.rel.ro", SHT_PROGBITS, DATA)
ADD(add_btf, ".BTF", SHT_PROGBITS, 0)
ADD(add_btf_ext, ".BTF.ext", SHT_PROGBITS, 0)
ADD(add_debug, ".debug_info", SHT_PROGBITS, 0)
ADD(add_eh_frame, ".eh_frame", SHT_PROGBITS, ALLOC)
ADD(add_unknown_data, "version", SHT_PROGBITS, ALLOC)
ADD(add_almost_data, ".database", SHT_PROGBITS, DATA)
ADD(add_almost_rodata, ".rodatax", SHT_PROGBITS, ALLOC)
ADD(add_writable_rodata, ".rodata.x", SHT_PROGBITS, DATA)
ADD(add_data_bss, ".bss.x", SHT_PROGBITS, DATA)
ADD(add_nobits_data, ".data.x", SHT_NOBITS, DATA)
ADD(add_nobits_license, "license", SHT_NOBITS, ALLOC)
ADD(add_code, "fentry/vfs_read", SHT_PROGBITS, CODE)
ADD(add_nobits_code, ".text.cold", SHT_NOBITS, CODE)
ADD(add_rela, ".rela.text", SHT_RELA, 0)
ADD(add_note, ".note", SHT_NOTE, 0)
ADD(add_alloc_note, ".note", SHT_NOTE, ALLOC)
ADD(add_group, ".group", SHT_GROUP, 0)
ADD(add_null, "", SHT_NULL, 0)
ADD(add_shndx, ".symtab_shndx", SHT_SYMTAB_SHNDX, 0)
ADD(add_init_array, ".init_array", SHT_INIT_ARRAY, DATA)
ADD(add_tls, ".data.tls", SHT_PROGBITS, DATA | SHF_TLS)
ADD(add_progbits, "notes", SHT_PROGBITS, 0)
ADD(add_entry, "syscall", SHT_PROGBITS, CODE)
ADD(add_text, ".text", SHT_PROGBITS, CODE)
ADD(add_license, "license", SHT_PROGBITS, ALLOC)
ADD(add_parser, ".kexec_bpf", SHT_PROGBITS, ALLOC)
ADD(add_comment, ".comment", SHT_PROGBITS, SHF_MERGE | SHF_STRINGS)
ADD(add_strings, ".rodata.str1.1", SHT_PROGBITS, ALLOC | SHF_MERGE | SHF_STRINGS)
ADD(add_constants, ".rodata.cst8", SHT_PROGBITS, ALLOC | SHF_MERGE)
ADD(add_more_bss, ".bss.x", SHT_NOBITS, DATA)
ADD(add_addrsig, ".llvm_addrsig", 0x6fff4c03, SHF_EXCLUDE)

static void add_symtab(struct obj *obj)
{
	obj_add(obj, ".symtab", SHT_SYMTAB, 0, NULL, 24);
}

static void alloc_symtab(struct obj *obj)
{
	obj->sections[OBJ_SYMTAB].flags = ALLOC;
}

#define RENAME(function, i, to)						\
static void function(struct obj *obj)					\
{									\
	obj->sections[i].name = to;					\
}

RENAME(license_misspelt, OBJ_LICENSE, ".rodata.licence")
RENAME(parser_misspelt, OBJ_PARSER, ".rodata.kexec")

static void no_entry(struct obj *obj)
{
	obj->sections[OBJ_ENTRY].flags = 0;
	obj->sections[OBJ_ENTRY].name = ".comment";
	obj->sections[OBJ_REL_ENTRY].size = 0;
	obj->sections[OBJ_REL_ENTRY].info = OBJ_TEXT;
	obj->sections[OBJ_REL_ENTRY].type = SHT_STRTAB;
}

static void no_symtab(struct obj *obj)
{
	obj->sections[OBJ_SYMTAB].type = SHT_STRTAB;
}

/* Data sections */

static void add_data_sections(struct obj *obj, unsigned int total)
{
	unsigned int i;

	/* The sample has three. */
	for (i = 3; i < total; i++)
		obj_add(obj, number(i), SHT_PROGBITS, DATA, "x", 2);
}

static void maps_max(struct obj *obj)
{
	add_data_sections(obj, MAPS_MAX);
}

static void maps_max_1(struct obj *obj)
{
	add_data_sections(obj, MAPS_MAX + 1);
}

/* Those without bytes become no map. */
static void maps_max_empty(struct obj *obj)
{
	maps_max(obj);
	obj_add(obj, ".rodata.empty", SHT_PROGBITS, ALLOC, NULL, 0);
}

static void map_size_max(struct obj *obj)
{
	obj_set(obj, OBJ_DATA, NULL, MAP_SIZE_MAX);
}

static void map_size_max_1(struct obj *obj)
{
	obj_set(obj, OBJ_DATA, NULL, MAP_SIZE_MAX + 1);
}

static void bss_size_max(struct obj *obj)
{
	obj_patch(obj, OBJ_BSS, OBJ_SH_SIZE, MAP_SIZE_MAX);
}

/* Filled up with what is not looked at */
static void fill(struct obj *obj, size_t total)
{
	unsigned int i = obj_add(obj, ".comment", SHT_PROGBITS, 0, NULL, 0);
	size_t size;

	free(obj_write(obj, &size));
	obj_set(obj, i, NULL, total - size);
}

static void size_max(struct obj *obj)
{
	fill(obj, SIZE_MAX_OBJ);
}

static void size_max_1(struct obj *obj)
{
	fill(obj, SIZE_MAX_OBJ + 1);
}

/* What the object says about itself */

static void license_empty(struct obj *obj)
{
	obj_set(obj, OBJ_LICENSE, NULL, 0);
}

static void license_open(struct obj *obj)
{
	obj_set(obj, OBJ_LICENSE, "GPL", 3);
}

static void license_long(struct obj *obj)
{
	obj_set(obj, OBJ_LICENSE, "Dual BSD/GPL", 13);
}

static void set_parser(struct obj *obj, uint32_t abi, uint32_t reserved,
		       const char *format, size_t size)
{
	char data[40] = {};

	memcpy(data, &abi, 4);
	memcpy(data + 4, &reserved, 4);
	memcpy(data + 8, format, strnlen(format, 24));
	obj_set(obj, OBJ_PARSER, data, size);
}

#define PARSER(function, abi, reserved, format, size)			\
static void function(struct obj *obj)					\
{									\
	set_parser(obj, abi, reserved, format, size);			\
}

PARSER(parser_3_bytes, 1, 0, "x", 3)
PARSER(parser_4_bytes, 1, 0, "x", 4)
PARSER(parser_31_bytes, 1, 0, "x", 31)
PARSER(parser_33_bytes, 1, 0, "x", 33)
PARSER(parser_abi_0, 0, 0, "x", 32)
PARSER(parser_abi_2, 2, 0, "x", 32)
PARSER(parser_abi_2_grown, 2, 7, "x", 40)
PARSER(parser_abi_2_small, 2, 0, "x", 4)
PARSER(parser_abi_max, UINT32_MAX, 0, "x", 32)
PARSER(parser_reserved, 1, 1, "x", 32)
PARSER(parser_no_format, 1, 0, "", 32)
PARSER(parser_format_24, 1, 0, "abcdefghijklmnopqrstuvwx", 32)
PARSER(parser_format_23, 1, 0, "abcdefghijklmnopqrstuvw", 32)
PARSER(parser_format_space, 1, 0, "a b", 32)
PARSER(parser_format_control, 1, 0, "a\x1b", 32)
PARSER(parser_format_delete, 1, 0, "a\x7f", 32)
PARSER(parser_format_utf8, 1, 0, "\xc3\xa4", 32)

static void parser_format_hidden(struct obj *obj)
{
	set_parser(obj, 1, 0, "uki", 32);
	((char *)obj->sections[OBJ_PARSER].data)[31] = 'x';
}

/* Symbols */

static void symtab_entsize(struct obj *obj)
{
	obj->sections[OBJ_SYMTAB].entsize = 23;
}

static void symtab_size_odd(struct obj *obj)
{
	obj_patch(obj, OBJ_SYMTAB, OBJ_SH_SIZE,
		  OBJ_SYM_NR * sizeof(struct obj_symbol) - 1);
}

static void symtab_size_0(struct obj *obj)
{
	obj_patch(obj, OBJ_SYMTAB, OBJ_SH_SIZE, 0);
}

static void symtab_link_0(struct obj *obj)
{
	obj->sections[OBJ_SYMTAB].link = 0;
}

static void symtab_link_beyond(struct obj *obj)
{
	obj->sections[OBJ_SYMTAB].link = obj->nr_sections;
}

static void symtab_link_max(struct obj *obj)
{
	obj->sections[OBJ_SYMTAB].link = UINT32_MAX;
}

static void symtab_link_bss(struct obj *obj)
{
	obj->sections[OBJ_SYMTAB].link = OBJ_BSS;
}

static void symtab_link_empty(struct obj *obj)
{
	obj->sections[OBJ_SYMTAB].link =
		obj_add(obj, ".strings", SHT_STRTAB, 0, NULL, 0);
}

static void symbol_name(struct obj *obj, uint32_t name)
{
	obj->symbol_names[OBJ_SYM_CONSTANT] = NULL;
	obj_symbol(obj, OBJ_SYM_CONSTANT)->name = name;
}

static void symbol_name_beyond(struct obj *obj)
{
	symbol_name(obj, 4096);
}

static void symbol_name_max(struct obj *obj)
{
	symbol_name(obj, UINT32_MAX);
}

static void symbol_section_beyond(struct obj *obj)
{
	obj_symbol(obj, OBJ_SYM_CONSTANT)->section = obj->nr_sections;
}

static void symbol_common(struct obj *obj)
{
	obj_symbol(obj, OBJ_SYM_CONSTANT)->section = SHN_COMMON;
}

static void symbol_xindex(struct obj *obj)
{
	obj_symbol(obj, OBJ_SYM_CONSTANT)->section = SHN_XINDEX;
}

/* As the name of the source file is */
static void symbol_absolute(struct obj *obj)
{
	obj_symbol(obj, OBJ_SYM_FIRST)->section = SHN_ABS;
	obj_rel(obj, OBJ_REL_ENTRY, OBJ_REL_FIRST)->symbol = OBJ_SYM_TEXT;
}

static void entry_unnamed(struct obj *obj)
{
	obj_symbol(obj, OBJ_SYM_ENTRY)->info = STB_GLOBAL << 4 | STT_NOTYPE;
}

static void entry_twice(struct obj *obj)
{
	*obj_symbol(obj, OBJ_SYM_CONSTANT) = *obj_symbol(obj, OBJ_SYM_ENTRY);
}

static void entry_behind(struct obj *obj)
{
	obj_symbol(obj, OBJ_SYM_ENTRY)->value = 8;
}

static void entry_small(struct obj *obj)
{
	obj_symbol(obj, OBJ_SYM_ENTRY)->size -= 8;
}

/* Instructions */

static struct obj_insn *entry(struct obj *obj, unsigned int i)
{
	return obj_insn(obj, OBJ_ENTRY, i);
}

static void entry_empty(struct obj *obj)
{
	obj_set(obj, OBJ_ENTRY, NULL, 0);
	obj_set(obj, OBJ_REL_ENTRY, NULL, 0);
	obj_symbol(obj, OBJ_SYM_ENTRY)->size = 0;
}

static void entry_odd(struct obj *obj)
{
	obj->sections[OBJ_ENTRY].size -= 4;
}

static void entry_nobits(struct obj *obj)
{
	obj->sections[OBJ_ENTRY].type = SHT_NOBITS;
}

static void set_insns(struct obj *obj, unsigned int in_entry,
		      unsigned int in_text)
{
	struct obj_insn *insns = calloc(in_entry + in_text, sizeof(*insns));
	unsigned int i;

	if (!insns)
		abort();
	for (i = 0; i < in_entry + in_text; i++)
		insns[i].code = EXIT;
	obj_set(obj, OBJ_ENTRY, insns, in_entry * sizeof(*insns));
	obj_set(obj, OBJ_TEXT, insns, in_text * sizeof(*insns));
	free(insns);
	obj_set(obj, OBJ_REL_ENTRY, NULL, 0);
	obj_set(obj, OBJ_REL_TEXT, NULL, 0);
	obj_symbol(obj, OBJ_SYM_ENTRY)->size = in_entry * sizeof(*insns);
}

static void insns_max(struct obj *obj)
{
	set_insns(obj, INSNS_MAX - 1, 1);
}

static void insns_max_1(struct obj *obj)
{
	set_insns(obj, INSNS_MAX, 1);
}

static void insns_max_1_entry(struct obj *obj)
{
	set_insns(obj, INSNS_MAX + 1, 0);
}

static void insns_max_each(struct obj *obj)
{
	set_insns(obj, INSNS_MAX, INSNS_MAX);
}

#define FORGE(function, source)						\
static void function(struct obj *obj)					\
{									\
	entry(obj, OBJ_INSN_CONSTANT)->regs = (source) << 4;		\
	entry(obj, OBJ_INSN_CONSTANT)->imm = 3;				\
}

FORGE(forge_map_fd, 1)
FORGE(forge_map_value, 2)
FORGE(forge_btf_id, 3)
FORGE(forge_function, 4)
FORGE(forge_map_index, 5)
FORGE(forge_map_index_value, 6)
FORGE(forge_15, 15)

static void forge_in_text(struct obj *obj)
{
	obj_insn(obj, OBJ_TEXT, OBJ_TEXT_INSN_BSS)->regs = 1 << 4;
}

static void forge_without_relocation(struct obj *obj)
{
	forge_map_fd(obj);
	obj_set(obj, OBJ_REL_ENTRY, NULL, 0);
}

static void call_helper(struct obj *obj)
{
	entry(obj, OBJ_INSN_LOG)->regs = 0;
	entry(obj, OBJ_INSN_LOG)->imm = 6;
}

static void may_goto(struct obj *obj)
{
	entry(obj, OBJ_INSN_LOG)->code = 0xe5;
	entry(obj, OBJ_INSN_LOG)->regs = 0;
	entry(obj, OBJ_INSN_LOG)->imm = 0;
}

static void call_kfunc(struct obj *obj)
{
	entry(obj, OBJ_INSN_LOG)->regs = 2 << 4;
	entry(obj, OBJ_INSN_LOG)->imm = 12345;
}

static void call_3(struct obj *obj)
{
	entry(obj, OBJ_INSN_LOG)->regs = 3 << 4;
}

/* Behind a 64-bit load stands its second half, not an instruction. */
static void hide_kfunc_call(struct obj *obj)
{
	*entry(obj, OBJ_INSN_DATA + 1) = (struct obj_insn){
		CALL, 2 << 4, 0, 12345 };
}

static void hide_load(struct obj *obj)
{
	*entry(obj, OBJ_INSN_DATA + 1) = (struct obj_insn){
		LD_IMM64, 1 << 4, 0, 3 };
}

static void load_at_end(struct obj *obj)
{
	set_insns(obj, 2, 0);
	*entry(obj, 1) = (struct obj_insn){ LD_IMM64, 0, 0, 0 };
}

static void load_before_text(struct obj *obj)
{
	set_insns(obj, 2, 2);
	*entry(obj, 1) = (struct obj_insn){ LD_IMM64, 0, 0, 0 };
}

static void load_whole(struct obj *obj)
{
	set_insns(obj, 3, 2);
	*entry(obj, 0) = (struct obj_insn){ LD_IMM64, 0, 0, INT32_MIN };
	*entry(obj, 1) = (struct obj_insn){ 0, 0, 0, -1 };
}

/* Relocations: tables */

static struct obj_rel *rel(struct obj *obj, unsigned int i)
{
	return obj_rel(obj, OBJ_REL_ENTRY, i);
}

static void rel_entsize(struct obj *obj)
{
	obj->sections[OBJ_REL_ENTRY].entsize = 24;
}

static void rel_size_odd(struct obj *obj)
{
	obj->sections[OBJ_REL_ENTRY].size -= 8;
}

static void rel_link(struct obj *obj)
{
	obj->sections[OBJ_REL_ENTRY].link = OBJ_STRTAB;
}

static void rel_of_data(struct obj *obj)
{
	obj->sections[OBJ_REL_TEXT].info = OBJ_DATA;
}

static void rel_of_null(struct obj *obj)
{
	obj->sections[OBJ_REL_TEXT].info = 0;
}

static void rel_of_beyond(struct obj *obj)
{
	obj->sections[OBJ_REL_TEXT].info = UINT32_MAX;
}

static void rel_twice(struct obj *obj)
{
	obj->sections[OBJ_REL_TEXT].info = OBJ_ENTRY;
}

static void rel_empty(struct obj *obj)
{
	unsigned int i;

	for (i = 0; i < OBJ_TEXT_INSNS; i++)
		*obj_insn(obj, OBJ_TEXT, i) =
			(struct obj_insn){ EXIT, 0, 0, 0 };
	obj_set(obj, OBJ_REL_TEXT, NULL, 0);
}

/* As many calls as relocations */
static void set_relocs(struct obj *obj, unsigned int nr)
{
	unsigned int i;

	set_insns(obj, nr + 1, 1);
	for (i = 0; i < nr; i++) {
		*entry(obj, i) = (struct obj_insn){ CALL, 0x10, 0, -1 };
		obj_add_rel(obj, OBJ_REL_ENTRY, i * 8, REL_CALL,
			    OBJ_SYM_FIRST);
	}
}

static void relocs_max(struct obj *obj)
{
	set_relocs(obj, RELOCS_MAX);
}

static void relocs_max_1(struct obj *obj)
{
	set_relocs(obj, RELOCS_MAX + 1);
}

/* As many kfuncs as calls; their symbols follow those of the sample. */
static void set_kfuncs(struct obj *obj, unsigned int nr)
{
	struct obj_symbol *symbols = calloc(OBJ_SYM_NR + nr, sizeof(*symbols));
	unsigned int i;

	if (!symbols)
		abort();
	set_insns(obj, nr + 1, 0);
	memcpy(symbols, obj->sections[OBJ_SYMTAB].data,
	       OBJ_SYM_NR * sizeof(*symbols));
	for (i = 0; i < nr; i++) {
		symbols[OBJ_SYM_NR + i].info = STB_GLOBAL << 4;
		symbols[OBJ_SYM_NR + i].name = 1 + i;
		*entry(obj, i) = (struct obj_insn){ CALL, 0x10, 0, -1 };
		obj_add_rel(obj, OBJ_REL_ENTRY, i * 8, REL_CALL,
			    OBJ_SYM_NR + i);
	}
	obj_set(obj, OBJ_SYMTAB, symbols, (OBJ_SYM_NR + nr) * sizeof(*symbols));
	free(symbols);
}

static void kfuncs_max(struct obj *obj)
{
	set_kfuncs(obj, KFUNCS_MAX);
}

static void kfuncs_max_1(struct obj *obj)
{
	set_kfuncs(obj, KFUNCS_MAX + 1);
}

/* Relocations: each */

#define REL(function, i, field, to)					\
static void function(struct obj *obj)					\
{									\
	rel(obj, i)->field = (to);					\
}

REL(rel_type_0, OBJ_REL_DATA, type, 0)
REL(rel_type_abs64, OBJ_REL_DATA, type, 2)
REL(rel_type_max, OBJ_REL_DATA, type, UINT32_MAX)
REL(rel_offset_odd, OBJ_REL_FIRST, offset, OBJ_INSN_FIRST * 8 + 4)
REL(rel_offset_end, OBJ_REL_FIRST, offset, OBJ_ENTRY_INSNS * 8)
REL(rel_offset_max, OBJ_REL_FIRST, offset, UINT64_MAX - 7)
REL(rel_offset_wrap, OBJ_REL_FIRST, offset, (1ULL << 35) + OBJ_INSN_FIRST * 8)
REL(rel_symbol_0, OBJ_REL_FIRST, symbol, 0)
REL(rel_symbol_beyond, OBJ_REL_FIRST, symbol, OBJ_SYM_NR)
REL(rel_symbol_max, OBJ_REL_FIRST, symbol, UINT32_MAX)
REL(rel_same_insn, OBJ_REL_FIRST, offset, OBJ_INSN_SIZE * 8)
REL(rel_descending, OBJ_REL_FIRST, offset, OBJ_INSN_LOG * 8)
REL(rel_load_on_call, OBJ_REL_FIRST, type, REL_LOAD)
REL(rel_call_on_load, OBJ_REL_DATA, type, REL_CALL)
REL(rel_load_on_half, OBJ_REL_DATA, offset, 8)
REL(rel_load_of_extern, OBJ_REL_DATA, symbol, OBJ_SYM_KFUNC_LOG)
REL(rel_load_of_code, OBJ_REL_DATA, symbol, OBJ_SYM_FIRST)
REL(rel_call_of_data, OBJ_REL_FIRST, symbol, OBJ_SYM_DATA)
REL(rel_call_of_entry, OBJ_REL_FIRST, symbol, OBJ_SYM_ENTRY)

static void rel_call_on_mov(struct obj *obj)
{
	rel(obj, OBJ_REL_FIRST)->offset = (OBJ_INSN_FIRST + 1) * 8;
}

static void rel_load_of_license(struct obj *obj)
{
	obj_symbol(obj, OBJ_SYM_DATA)->section = OBJ_LICENSE;
}

static void rel_load_of_absolute(struct obj *obj)
{
	obj_symbol(obj, OBJ_SYM_CONSTANT)->section = SHN_ABS;
}

static void load_imm(struct obj *obj, int32_t imm)
{
	entry(obj, OBJ_INSN_DATA)->imm = imm;
}

static void load_at_size(struct obj *obj)
{
	load_imm(obj, 16);
}

static void load_last_byte(struct obj *obj)
{
	load_imm(obj, 15);
}

static void load_negative(struct obj *obj)
{
	load_imm(obj, -1);
}

static void load_min(struct obj *obj)
{
	load_imm(obj, INT32_MIN);
}

static void load_max(struct obj *obj)
{
	load_imm(obj, INT32_MAX);
}

static void load_high(struct obj *obj)
{
	entry(obj, OBJ_INSN_DATA + 1)->imm = 1;
}

static void constant_at(struct obj *obj, uint64_t value)
{
	obj_symbol(obj, OBJ_SYM_CONSTANT)->value = value;
}

static void constant_at_size(struct obj *obj)
{
	constant_at(obj, 8);
}

static void constant_last_byte(struct obj *obj)
{
	constant_at(obj, 7);
}

static void constant_at_2_32(struct obj *obj)
{
	constant_at(obj, 1ULL << 32);
}

static void constant_at_max(struct obj *obj)
{
	constant_at(obj, UINT64_MAX);
}

/* Symbol and addend add up to an offset inside, after they wrapped. */
static void constant_wrap(struct obj *obj)
{
	constant_at(obj, UINT64_MAX - 3);
	entry(obj, OBJ_INSN_CONSTANT)->imm = 4;
}

static void constant_wrap_32(struct obj *obj)
{
	constant_at(obj, UINT32_MAX - 3);
	entry(obj, OBJ_INSN_CONSTANT)->imm = 8;
}

static void weak_kfunc(struct obj *obj)
{
	obj_symbol(obj, OBJ_SYM_KFUNC_LOG)->info = STB_WEAK << 4;
}

static void local_kfunc(struct obj *obj)
{
	obj_symbol(obj, OBJ_SYM_KFUNC_LOG)->info = STB_LOCAL << 4;
}

static void kfunc_with_distance(struct obj *obj)
{
	entry(obj, OBJ_INSN_LOG)->imm = 0;
}

static void call_imm(struct obj *obj, int32_t imm)
{
	entry(obj, OBJ_INSN_SECOND)->imm = imm;
}

static void call_at_end(struct obj *obj)
{
	call_imm(obj, OBJ_TEXT_INSNS - 1);
}

static void call_last(struct obj *obj)
{
	call_imm(obj, OBJ_TEXT_INSNS - 2);
}

static void call_before(struct obj *obj)
{
	call_imm(obj, -2);
}

static void call_min(struct obj *obj)
{
	call_imm(obj, INT32_MIN);
}

static void call_max(struct obj *obj)
{
	call_imm(obj, INT32_MAX);
}

static void first_at(struct obj *obj, uint64_t value)
{
	obj_symbol(obj, OBJ_SYM_FIRST)->value = value;
}

static void first_odd(struct obj *obj)
{
	first_at(obj, 4);
}

static void first_at_end(struct obj *obj)
{
	first_at(obj, OBJ_TEXT_INSNS * 8);
}

static void first_at_2_35(struct obj *obj)
{
	first_at(obj, 1ULL << 35);
}

static void first_at_max(struct obj *obj)
{
	first_at(obj, UINT64_MAX - 7);
}

static void no_text(struct obj *obj)
{
	unsigned int i;

	/* As an empty one, but its name: nothing is left to be called. */
	obj->sections[OBJ_TEXT].type = SHT_STRTAB;
	obj->sections[OBJ_TEXT].flags = 0;
	obj->sections[OBJ_REL_TEXT].type = SHT_STRTAB;
	for (i = 0; i < OBJ_SYM_NR; i++)
		if (obj_symbol(obj, i)->section == OBJ_TEXT)
			obj_symbol(obj, i)->section = SHN_ABS;
}

static void no_text_no_calls(struct obj *obj)
{
	no_text(obj);
	obj_set(obj, OBJ_REL_ENTRY, NULL, 0);
	obj_set(obj, OBJ_ENTRY, NULL, 8);
	entry(obj, 0)->code = EXIT;
	obj_symbol(obj, OBJ_SYM_ENTRY)->size = 8;
}

/* Calls that lost their relocation */

static void lost_in_entry(struct obj *obj)
{
	*rel(obj, OBJ_REL_FIRST) = (struct obj_rel){
		(OBJ_INSN_FIRST + 1) * 8, REL_CALL, OBJ_SYM_FIRST };
	*entry(obj, OBJ_INSN_FIRST + 1) = (struct obj_insn){
		CALL, 0x10, 0, -1 };
}

static void lost_in_text(struct obj *obj)
{
	obj->sections[OBJ_REL_TEXT].size -= sizeof(struct obj_rel);
}

static void text_calls_entry(struct obj *obj)
{
	obj_insn(obj, OBJ_TEXT, OBJ_TEXT_INSN_FIRST)->imm =
		-2 - OBJ_TEXT_INSN_FIRST;
}

static void text_calls_beyond(struct obj *obj)
{
	obj_insn(obj, OBJ_TEXT, OBJ_TEXT_INSN_FIRST)->imm =
		OBJ_TEXT_INSNS - OBJ_TEXT_INSN_FIRST - 1;
}

static void text_calls_last(struct obj *obj)
{
	obj_insn(obj, OBJ_TEXT, OBJ_TEXT_INSN_FIRST)->imm =
		OBJ_TEXT_INSNS - OBJ_TEXT_INSN_FIRST - 2;
}

static void text_calls_max(struct obj *obj)
{
	obj_insn(obj, OBJ_TEXT, OBJ_TEXT_INSN_FIRST)->imm = INT32_MAX;
}

#define FIELD(lessons, name, section, field, value, error, log)		\
	{ lessons, name, { section, field, value }, NULL, error, log, NULL }
#define CASE(lessons, name, refuse, error, log, accept)			\
	{ lessons, name, { 0, 0, 0, 0 }, refuse, error, log, accept }

const struct obj_defect obj_defects[] = {
	FIELD("[M8]", "no ELF magic", -1, OBJ_E_MAGIC, 0x464c457e, ELIBSCN, "not a 64-bit"),
	FIELD("[M8]", "32 bits", -1, OBJ_E_CLASS, 1, ELIBSCN, "not a 64-bit"),
	FIELD("[M8]", "big-endian", -1, OBJ_E_DATA, 2, ELIBSCN, "not a 64-bit little-endian"),
	FIELD("[M8]", "version of the identification", -1, OBJ_E_IDENT, 0, ELIBSCN, "not a 64-bit"),
	FIELD("[M8]", "version", -1, OBJ_E_VERSION, 2, ELIBSCN, "not a 64-bit"),
	FIELD("[M8]", "executable", -1, OBJ_E_TYPE, 2, ELIBSCN, "ELF type 2"),
	FIELD("[M8]", "for x86-64", -1, OBJ_E_MACHINE, 62, ELIBSCN, "machine 62"),
	FIELD("[M8]", "file header of another size", -1, OBJ_E_EHSIZE, 63, ELIBSCN, "ELF header of 63"),
	FIELD("[M8]", "section headers of another size", -1, OBJ_E_SHENTSIZE, 65, ELIBSCN, "section headers of 65"),
	FIELD("[M8]", "section headers of no size", -1, OBJ_E_SHENTSIZE, 0, ELIBSCN, "section headers of 0"),
	FIELD("[M8]", "a program header", -1, OBJ_E_PHNUM, 1, ELIBSCN, "1 program headers"),
	FIELD("[M8]", "no section headers", -1, OBJ_E_SHNUM, 0, ELIBSCN, "0 sections"),
	CASE("[M8]", "nothing but the null section", no_sections, ELIBSCN, "1 sections", NULL),
	FIELD("[M6][M8]", "2^16-1 sections", -1, OBJ_E_SHNUM, 0xffff, ELIBSCN, "65535 sections"),
	CASE("[M6][M8]", "65 sections", sections_max_1, ELIBSCN, "65 sections", sections_max),
	FIELD("[M6][M8]", "section table at 2^31", -1, OBJ_E_SHOFF, 0x80000000, ELIBSCN, "section table 0x80000000"),
	FIELD("[M6][M8]", "section table at 2^32-1", -1, OBJ_E_SHOFF, 0xffffffff, ELIBSCN, "section table 0xffffffff"),
	FIELD("[M6][M8]", "section table at 2^64-1", -1, OBJ_E_SHOFF, UINT64_MAX, ELIBSCN, "section table 0xffffffffffffffff"),
	FIELD("[M6][M8]", "section table wraps", -1, OBJ_E_SHOFF, UINT64_MAX - 63, ELIBSCN, "section table"),
	FIELD("[M6][M8]", "section table is the file header", -1, OBJ_E_SHOFF, 0, ELIBSCN, NULL),
	FIELD("[M8]", "section names in no section", -1, OBJ_E_SHSTRNDX, 0, ELIBSCN, "section names in section 0"),
	FIELD("[M8]", "section names in a section that is not there", -1, OBJ_E_SHSTRNDX, OBJ_NR, ELIBSCN, "section names in section 12 of 12"),
	FIELD("[M6][M8]", "section names in section 2^16-1", -1, OBJ_E_SHSTRNDX, 0xffff, ELIBSCN, "section names in section 65535"),
	FIELD("[M8]", "section names in data", -1, OBJ_E_SHSTRNDX, OBJ_DATA, ELIBSCN, "table of section names"),
	FIELD("[M8]", "section names in what has no bytes", -1, OBJ_E_SHSTRNDX, OBJ_BSS, ELIBSCN, "table of section names"),
	CASE("[M8]", "section names do not end with a NUL", strtab_open, ELIBSCN, "table of section names", NULL),
	FIELD("[M8]", "section names of no size", OBJ_STRTAB, OBJ_SH_SIZE, 0, ELIBSCN, "table of section names"),
	FIELD("[M8]", "name of a section beyond the names", OBJ_DATA, OBJ_SH_NAME, 4096, ELIBSCN, "section 9: name at 0x1000"),
	FIELD("[M6][M8]", "name of a section at 2^32-1", OBJ_DATA, OBJ_SH_NAME, UINT32_MAX, ELIBSCN, "section 9: name at 0xffffffff"),
	FIELD("[M6][M8]", "section at 2^64-1", OBJ_DATA, OBJ_SH_OFFSET, UINT64_MAX, ELIBSCN, "section 9: 0xffffffffffffffff"),
	FIELD("[M6][M8]", "section of 2^64-1 bytes", OBJ_DATA, OBJ_SH_SIZE, UINT64_MAX, ELIBSCN, "ends beyond the object"),
	CASE("[M6][M8]", "offset and size of a section wrap", wrap_range, ELIBSCN, "ends beyond the object", bss_anywhere),
	CASE("[M8]", "section ends beyond the object", end_range, ELIBSCN, "ends beyond the object", NULL),
	FIELD("[M6][M8]", "symbol table at 2^64-1", OBJ_SYMTAB, OBJ_SH_OFFSET, UINT64_MAX, ELIBSCN, "section 11"),

	CASE("[M8]", "section .maps", add_maps, ELIBSCN, "'.maps': maps are not supported", add_strings),
	CASE("[M8]", "section maps", add_old_maps, ELIBSCN, "'maps': maps are not supported", add_constants),
	CASE("[M8]", "section .kconfig", add_kconfig, ELIBSCN, "'.kconfig': extern variables", NULL),
	CASE("[M8]", "section .ksyms", add_ksyms, ELIBSCN, "'.ksyms': extern variables", NULL),
	CASE("[M8]", "section .struct_ops", add_struct_ops, ELIBSCN, "'.struct_ops': struct_ops", NULL),
	CASE("[M8]", "section .struct_ops.link", add_struct_ops_link, ELIBSCN, "struct_ops are not supported", NULL),
	CASE("[M8]", "section .data.rel.ro", add_data_rel_ro, ELIBSCN, "data with addresses", NULL),
	CASE("[M8]", "section .BTF", add_btf, ELIBSCN, "'.BTF': BTF is not supported", NULL),
	CASE("[M8]", "section .BTF.ext", add_btf_ext, ELIBSCN, "BTF is not supported", NULL),
	CASE("[M8]", "debug information", add_debug, ELIBSCN, "debug information", add_comment),
	CASE("[M8]", "section .eh_frame", add_eh_frame, ELIBSCN, "unknown kind", NULL),
	CASE("[M8]", "data of an unknown name", add_unknown_data, ELIBSCN, "'version': data of an unknown kind", NULL),
	CASE("[M8]", "data whose name only begins like .data", add_almost_data, ELIBSCN, "unknown kind", NULL),
	CASE("[M8]", "data whose name only begins like .rodata", add_almost_rodata, ELIBSCN, "unknown kind", NULL),
	CASE("[M8]", "writable .rodata", add_writable_rodata, ELIBSCN, "unknown kind", NULL),
	CASE("[M8]", ".bss with bytes", add_data_bss, ELIBSCN, "unknown kind", add_more_bss),
	CASE("[M8]", ".data without bytes", add_nobits_data, ELIBSCN, "unknown kind", NULL),
	CASE("[M8]", "license without bytes", add_nobits_license, ELIBSCN, "unknown kind", NULL),
	CASE("[M8]", "code in another section", add_code, ELIBSCN, "code outside", NULL),
	CASE("[M8]", "code without bytes", add_nobits_code, ELIBSCN, "code without bytes", NULL),
	CASE("[M8]", "relocations with addends", add_rela, ELIBSCN, "relocations with addends", NULL),
	CASE("[M8]", "note", add_note, ELIBSCN, "unknown kind", NULL),
	CASE("[M8]", "note in memory", add_alloc_note, ELIBSCN, "unknown type", NULL),
	CASE("[M8]", "section group", add_group, ELIBSCN, "unknown kind", NULL),
	CASE("[M8]", "second null section", add_null, ELIBSCN, "unknown kind", add_addrsig),
	CASE("[M8]", "extended section indices", add_shndx, ELIBSCN, "unknown kind", NULL),
	CASE("[M8]", "constructors", add_init_array, ELIBSCN, "unknown type", NULL),
	CASE("[M8]", "thread-local data", add_tls, ELIBSCN, "unknown flags", NULL),
	CASE("[M8]", "section of an unknown name", add_progbits, ELIBSCN, "unknown kind", NULL),
	CASE("[M8]", "two entry sections", add_entry, ELIBSCN, "'syscall': is there twice", NULL),
	CASE("[M8]", "two .text", add_text, ELIBSCN, "'.text': is there twice", NULL),
	CASE("[M8]", "two licences", add_license, ELIBSCN, "'license': is there twice", NULL),
	CASE("[M8]", "two descriptions", add_parser, ELIBSCN, "'.kexec_bpf': is there twice", NULL),
	CASE("[M8]", "two symbol tables", add_symtab, ELIBSCN, "'.symtab': is there twice", NULL),
	CASE("[M8]", "symbol table in memory", alloc_symtab, ELIBSCN, "unknown type", NULL),
	CASE("[M8]", "no entry section", no_entry, ELIBSCN, "no section 'syscall'", NULL),
	CASE("[M8]", "no licence", license_misspelt, ELIBSCN, "no section 'license'", NULL),
	CASE("[M8]", "no description", parser_misspelt, ELIBSCN, "no section '.kexec_bpf'", NULL),
	CASE("[M8]", "no symbol table", no_symtab, ELIBSCN, "no section '.symtab'", NULL),

	CASE("[M6][M8]", "17 data sections", maps_max_1, ELIBSCN, "one data section too many", maps_max_empty),
	CASE("[M6][M8]", "data section above the limit", map_size_max_1, ELIBSCN, "larger than a parser's data", map_size_max),
	FIELD("[M6][M8]", ".bss of 2^64-1 bytes", OBJ_BSS, OBJ_SH_SIZE, UINT64_MAX, ELIBSCN, "larger than a parser's data"),
	{ "[M6][M8]", ".bss above the limit", { OBJ_BSS, OBJ_SH_SIZE, MAP_SIZE_MAX + 1 }, NULL, ELIBSCN, "larger than a parser's data", bss_size_max },
	CASE("[L1]", "object above the limit", size_max_1, EFBIG, "1048577 bytes, the limit is 1048576", size_max),

	CASE("[M8]", "licence of no bytes", license_empty, ELIBSCN, "'license': does not end with a NUL", license_long),
	CASE("[M8]", "licence without a NUL", license_open, ELIBSCN, "'license': does not end with a NUL", NULL),
	CASE("[M8]", "description without a version", parser_3_bytes, ELIBSCN, "has 3 bytes", NULL),
	CASE("[M8]", "description of nothing but a version", parser_4_bytes, ELIBSCN, "has 4 bytes", NULL),
	CASE("[M8]", "description a byte short", parser_31_bytes, ELIBSCN, "has 31 bytes", NULL),
	CASE("[M8]", "description a byte long", parser_33_bytes, ELIBSCN, "has 33 bytes", NULL),
	CASE("[P1]", "ABI version 0", parser_abi_0, EPROTONOSUPPORT, "ABI version 0", NULL),
	CASE("[P1]", "ABI version 2", parser_abi_2, EPROTONOSUPPORT, "ABI version 2, this kernel takes 1 to 1", NULL),
	CASE("[P1]", "ABI version 2 with a larger description", parser_abi_2_grown, EPROTONOSUPPORT, "ABI version 2", NULL),
	CASE("[P1]", "ABI version 2 with a smaller description", parser_abi_2_small, EPROTONOSUPPORT, "ABI version 2", NULL),
	CASE("[P1][M6]", "ABI version 2^32-1", parser_abi_max, EPROTONOSUPPORT, "ABI version 4294967295", NULL),
	CASE("[P1]", "reserved bytes in use", parser_reserved, ELIBSCN, "reserved bytes", NULL),
	CASE("[M8]", "no name of a format", parser_no_format, ELIBSCN, "name of the format", NULL),
	CASE("[M8]", "name of the format without a NUL", parser_format_24, ELIBSCN, "name of the format", parser_format_23),
	CASE("[M8]", "name of the format with a space", parser_format_space, ELIBSCN, "name of the format", NULL),
	CASE("[M8]", "name of the format with an escape", parser_format_control, ELIBSCN, "name of the format", NULL),
	CASE("[M8]", "name of the format with a delete", parser_format_delete, ELIBSCN, "name of the format", NULL),
	CASE("[M8]", "name of the format beyond ASCII", parser_format_utf8, ELIBSCN, "name of the format", NULL),
	CASE("[M8]", "bytes behind the name of the format", parser_format_hidden, ELIBSCN, "name of the format", NULL),

	CASE("[M8]", "symbols of another size", symtab_entsize, ELIBSCN, "in entries of 23", NULL),
	CASE("[M8]", "symbol table is no whole number of symbols", symtab_size_odd, ELIBSCN, "symbol table of 215 bytes", NULL),
	CASE("[M8]", "symbol table of no size", symtab_size_0, ELIBSCN, "symbol table of 0 bytes", NULL),
	CASE("[M8]", "symbol names in no section", symtab_link_0, ELIBSCN, "symbol names in section 0", NULL),
	CASE("[M8]", "symbol names in a section that is not there", symtab_link_beyond, ELIBSCN, "symbol names in section 12 of 12", NULL),
	CASE("[M6][M8]", "symbol names in section 2^32-1", symtab_link_max, ELIBSCN, "symbol names in section 4294967295", NULL),
	CASE("[M8]", "symbol names in what has no bytes", symtab_link_bss, ELIBSCN, "table of symbol names", NULL),
	CASE("[M8]", "symbol names of no size", symtab_link_empty, ELIBSCN, "table of symbol names", NULL),
	CASE("[M8]", "name of a symbol beyond the names", symbol_name_beyond, ELIBSCN, "symbol 4: name at 0x1000", NULL),
	CASE("[M6][M8]", "name of a symbol at 2^32-1", symbol_name_max, ELIBSCN, "symbol 4: name at 0xffffffff", NULL),
	CASE("[M8]", "symbol in a section that is not there", symbol_section_beyond, ELIBSCN, "symbol 4 is in section 12 of 12", symbol_absolute),
	CASE("[M8]", "common symbol", symbol_common, ELIBSCN, "symbol 4 is in section 65522", NULL),
	CASE("[M8]", "symbol with an extended section index", symbol_xindex, ELIBSCN, "symbol 4 is in section 65535", NULL),
	CASE("[M8]", "no entry function", entry_unnamed, ELIBSCN, "0 functions in section 'syscall'", NULL),
	CASE("[M8]", "two entry functions", entry_twice, ELIBSCN, "2 functions in section 'syscall'", NULL),
	CASE("[M8]", "entry function does not begin its section", entry_behind, ELIBSCN, "does not fill section 'syscall'", NULL),
	CASE("[M8]", "entry function does not fill its section", entry_small, ELIBSCN, "does not fill section 'syscall'", NULL),

	CASE("[M8]", "no instructions", entry_empty, ELIBSCN, "7 instructions, not 1 to", no_text_no_calls),
	CASE("[M8]", "half an instruction", entry_odd, ELIBSCN, "whole number of instructions", NULL),
	CASE("[M8]", "entry function without bytes", entry_nobits, ELIBSCN, "code without bytes", NULL),
	CASE("[M6][M8]", "32769 instructions", insns_max_1, ELIBSCN, "32769 instructions, not 1 to 32768", insns_max),
	CASE("[M6][M8]", "32769 instructions in the entry function", insns_max_1_entry, ELIBSCN, "has more instructions", NULL),
	CASE("[M6][M8]", "twice 32768 instructions", insns_max_each, ELIBSCN, "65536 instructions", NULL),
	CASE("[S3]", "load of a map's descriptor", forge_map_fd, ELIBSCN, "instruction 5 loads a kernel object", NULL),
	CASE("[S3]", "load of a map's value", forge_map_value, ELIBSCN, "loads a kernel object", NULL),
	CASE("[S3]", "load of a BTF id", forge_btf_id, ELIBSCN, "loads a kernel object", NULL),
	CASE("[S3]", "load of a function", forge_function, ELIBSCN, "loads a kernel object", NULL),
	CASE("[S3]", "load of a map by index", forge_map_index, ELIBSCN, "loads a kernel object", NULL),
	CASE("[S3]", "load of a map's value by index", forge_map_index_value, ELIBSCN, "loads a kernel object", NULL),
	CASE("[S3]", "load of an unknown object", forge_15, ELIBSCN, "loads a kernel object", NULL),
	CASE("[S3]", "load of a map's descriptor in a subprogram", forge_in_text, ELIBSCN, "instruction 13 loads a kernel object", NULL),
	CASE("[S3]", "load of a map's descriptor without relocations", forge_without_relocation, ELIBSCN, "loads a kernel object", load_whole),
	CASE("[L4]", "may_goto", may_goto, ELIBSCN, "instruction 3 is a loop that cannot be stopped", NULL),
	CASE("[S3]", "call of a helper", call_helper, ELIBSCN, "instruction 3 calls helper 6", NULL),
	CASE("[S3]", "call of a kfunc by its id", call_kfunc, ELIBSCN, "instruction 3 calls a kernel function", NULL),
	CASE("[S3]", "call of an unknown kind", call_3, ELIBSCN, "calls a kernel function", NULL),
	CASE("[S3]", "call of a kfunc in the second half of a load", hide_kfunc_call, ELIBSCN, "instruction", NULL),
	CASE("[S3]", "load of a map's descriptor in the second half of a load", hide_load, ELIBSCN, "instruction", NULL),
	CASE("[M8]", "load without a second half", load_at_end, ELIBSCN, "instruction", load_whole),
	CASE("[M8]", "load whose second half is in another section", load_before_text, ELIBSCN, "instruction", load_whole),

	CASE("[M8]", "relocations of another size", rel_entsize, ELIBSCN, "no table of relocations", NULL),
	CASE("[M8]", "no whole number of relocations", rel_size_odd, ELIBSCN, "no table of relocations", NULL),
	CASE("[M8]", "relocations by another symbol table", rel_link, ELIBSCN, "no table of relocations", NULL),
	CASE("[M8]", "relocations of data", rel_of_data, ELIBSCN, "relocations outside code", NULL),
	CASE("[M8]", "relocations of no section", rel_of_null, ELIBSCN, "relocations outside code", NULL),
	CASE("[M6][M8]", "relocations of section 2^32-1", rel_of_beyond, ELIBSCN, "relocations outside code", NULL),
	CASE("[M8]", "two tables of relocations for one section", rel_twice, ELIBSCN, "is there twice", rel_empty),
	CASE("[M6][M8]", "8193 relocations", relocs_max_1, ELIBSCN, "8193 relocations, the limit is 8192", relocs_max),
	CASE("[M6][M8]", "33 kfuncs", kfuncs_max_1, ELIBSCN, "more than 32 kfuncs", kfuncs_max),
	CASE("[M8]", "relocation of type 0", rel_type_0, ELIBSCN, "is of type 0", NULL),
	CASE("[M8]", "relocation of type 2", rel_type_abs64, ELIBSCN, "is of type 2", NULL),
	CASE("[M6][M8]", "relocation of type 2^32-1", rel_type_max, ELIBSCN, "is of type 4294967295", NULL),
	CASE("[M8]", "relocation inside an instruction", rel_offset_odd, ELIBSCN, "is outside its section", NULL),
	CASE("[M8]", "relocation behind the last instruction", rel_offset_end, ELIBSCN, "is outside its section", NULL),
	CASE("[M6][M8]", "relocation at 2^64-8", rel_offset_max, ELIBSCN, "at 0xfffffffffffffff8 is outside its section", NULL),
	CASE("[M6][M8]", "relocation of an instruction beyond 2^32", rel_offset_wrap, ELIBSCN, "is outside its section", NULL),
	CASE("[M8]", "relocation to symbol 0", rel_symbol_0, ELIBSCN, "names symbol 0", NULL),
	CASE("[M8]", "relocation to a symbol that is not there", rel_symbol_beyond, ELIBSCN, "names symbol 9 of 9", NULL),
	CASE("[M6][M8]", "relocation to symbol 2^32-1", rel_symbol_max, ELIBSCN, "names symbol 4294967295", NULL),
	CASE("[M8]", "two relocations of one instruction", rel_same_insn, ELIBSCN, "is not behind the one before", NULL),
	CASE("[M8]", "relocations out of order", rel_descending, ELIBSCN, "is not behind the one before", NULL),
	CASE("[M8]", "load relocation of a call", rel_load_on_call, ELIBSCN, "is not on a 64-bit load", NULL),
	CASE("[M8]", "call relocation of a load", rel_call_on_load, ELIBSCN, "is not on a call", NULL),
	CASE("[M8]", "call relocation of a move", rel_call_on_mov, ELIBSCN, "is not on a call", NULL),
	CASE("[M8]", "load relocation of the second half of a load", rel_load_on_half, ELIBSCN, "is not on a 64-bit load", NULL),
	CASE("[M8]", "load of an extern", rel_load_of_extern, ELIBSCN, "extern variables are not supported", NULL),
	CASE("[M8]", "load of a function's address", rel_load_of_code, ELIBSCN, "is not to a data section", NULL),
	CASE("[M8]", "load of the licence's address", rel_load_of_license, ELIBSCN, "is not to a data section", NULL),
	CASE("[M8]", "load of an absolute symbol", rel_load_of_absolute, ELIBSCN, "is not to a data section", NULL),
	CASE("[M8]", "load behind the last byte of data", load_at_size, ELIBSCN, "is outside its section", load_last_byte),
	CASE("[M6][M8]", "load before data", load_negative, ELIBSCN, "is outside its section", NULL),
	CASE("[M6][M8]", "load 2^31 bytes before data", load_min, ELIBSCN, "is outside its section", NULL),
	CASE("[M6][M8]", "load 2^31-1 bytes behind data", load_max, ELIBSCN, "is outside its section", NULL),
	CASE("[M6][M8]", "load 2^32 bytes behind data", load_high, ELIBSCN, "is outside its section", NULL),
	CASE("[M8]", "symbol behind the last byte of data", constant_at_size, ELIBSCN, "'constant': is outside its section", constant_last_byte),
	CASE("[M6][M8]", "symbol 2^32 bytes behind data", constant_at_2_32, ELIBSCN, "is outside its section", NULL),
	CASE("[M6][M8]", "symbol 2^64-1 bytes behind data", constant_at_max, ELIBSCN, "is outside its section", NULL),
	CASE("[M6][M8]", "symbol and addend wrap", constant_wrap, ELIBSCN, "is outside its section", NULL),
	CASE("[M6][M8]", "symbol and addend wrap in 32 bits", constant_wrap_32, ELIBSCN, "is outside its section", NULL),
	CASE("[M8]", "weak extern", weak_kfunc, ELIBSCN, "'bpf_kexec_log': weak externs are not supported", NULL),
	CASE("[M8]", "local extern", local_kfunc, ELIBSCN, "'bpf_kexec_log'", NULL),
	CASE("[M8]", "call into the middle of a kfunc", kfunc_with_distance, ELIBSCN, "middle of a kernel function", NULL),
	CASE("[M8]", "call of data", rel_call_of_data, ELIBSCN, "is not to a function", NULL),
	CASE("[M8]", "call of the entry function", rel_call_of_entry, ELIBSCN, "is not to a function", NULL),
	CASE("[M8]", "call behind the last instruction", call_at_end, ELIBSCN, "is outside '.text'", call_last),
	CASE("[M8]", "call before the first instruction", call_before, ELIBSCN, "is outside '.text'", NULL),
	CASE("[M6][M8]", "call 2^31 instructions before", call_min, ELIBSCN, "is outside '.text'", NULL),
	CASE("[M6][M8]", "call 2^31-1 instructions behind", call_max, ELIBSCN, "is outside '.text'", NULL),
	CASE("[M8]", "call inside an instruction", first_odd, ELIBSCN, "is not to an instruction", NULL),
	CASE("[M8]", "call of a function behind .text", first_at_end, ELIBSCN, "is outside '.text'", NULL),
	CASE("[M6][M8]", "call of a function 2^35 bytes behind", first_at_2_35, ELIBSCN, "is not to an instruction", NULL),
	CASE("[M6][M8]", "call of a function 2^64-8 bytes behind", first_at_max, ELIBSCN, "is not to an instruction", NULL),
	CASE("[M8]", "call without a .text", no_text, ELIBSCN, "is not to a function in '.text'", no_text_no_calls),
	CASE("[M8]", "call of the entry function that lost its relocation", lost_in_entry, ELIBSCN, "calls what is no subprogram", NULL),
	CASE("[M8]", "call of a subprogram that lost its relocation", lost_in_text, ELIBSCN, "calls what is no subprogram", NULL),
	CASE("[M8]", "call of the entry function without a relocation", text_calls_entry, ELIBSCN, "calls what is no subprogram", NULL),
	CASE("[M8]", "call behind the program without a relocation", text_calls_beyond, ELIBSCN, "calls what is no subprogram", text_calls_last),
	CASE("[M6][M8]", "call 2^31-1 instructions behind without a relocation", text_calls_max, ELIBSCN, "calls what is no subprogram", NULL),
};

const unsigned int nr_obj_defects =
	sizeof(obj_defects) / sizeof(obj_defects[0]);
