// SPDX-License-Identifier: GPL-2.0-only
/* Building parser objects */

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "obj.h"

#define CODE_FLAGS	(SHF_ALLOC | SHF_EXECINSTR)

#define LD_IMM64	0x18
#define CALL		0x85
#define EXIT		0x95
#define MOV_IMM		0xb7
#define REL_LOAD	1	/* R_BPF_64_64 */
#define REL_CALL	10	/* R_BPF_64_32 */

static void *must(void *data)
{
	if (!data) {
		fputs("no memory\n", stderr);
		abort();
	}
	return data;
}

void obj_set(struct obj *obj, unsigned int i, const void *data, size_t size)
{
	struct obj_section *section = &obj->sections[i];
	void *copy = must(calloc(1, size + 1));

	if (data)
		memcpy(copy, data, size);
	free(section->data);
	section->data = copy;
	section->size = size;
}

unsigned int obj_add(struct obj *obj, const char *name, uint32_t type,
		     uint64_t flags, const void *data, size_t size)
{
	struct obj_section *section = &obj->sections[obj->nr_sections];

	if (obj->nr_sections == OBJ_SECTIONS_MAX)
		must(NULL);
	memset(section, 0, sizeof(*section));
	section->name = name;
	section->type = type;
	section->flags = flags;
	obj_set(obj, obj->nr_sections, data, size);
	return obj->nr_sections++;
}

void obj_patch(struct obj *obj, int i, size_t offset, int size, uint64_t value)
{
	if (obj->nr_patches == OBJ_PATCHES_MAX)
		must(NULL);
	obj->patches[obj->nr_patches++] = (struct obj_patch){
		i, offset, size, value };
}

void obj_add_rel(struct obj *obj, unsigned int i, uint64_t offset,
		 uint32_t type, uint32_t symbol)
{
	struct obj_section *section = &obj->sections[i];
	struct obj_rel rel = { offset, type, symbol };

	section->data = must(realloc(section->data,
				     section->size + sizeof(rel)));
	memcpy((char *)section->data + section->size, &rel, sizeof(rel));
	section->size += sizeof(rel);
}

struct obj_insn *obj_insn(struct obj *obj, unsigned int section,
			  unsigned int i)
{
	return (struct obj_insn *)obj->sections[section].data + i;
}

struct obj_symbol *obj_symbol(struct obj *obj, unsigned int i)
{
	return (struct obj_symbol *)obj->sections[OBJ_SYMTAB].data + i;
}

struct obj_rel *obj_rel(struct obj *obj, unsigned int section, unsigned int i)
{
	return (struct obj_rel *)obj->sections[section].data + i;
}

void obj_sample(struct obj *obj)
{
	static const struct obj_insn entry[OBJ_ENTRY_INSNS] = {
		{ LD_IMM64, 1, 0, 8 }, { 0, 0, 0, 0 },
		{ MOV_IMM, 2, 0, 4 },
		{ CALL, 0x10, 0, -1 },
		{ CALL, 0x10, 0, OBJ_TEXT_INSN_SECOND - 1 },
		{ LD_IMM64, 2, 0, 0 }, { 0, 0, 0, 0 },
		{ CALL, 0x10, 0, -1 },
		{ CALL, 0x10, 0, -1 },
		{ MOV_IMM, 0, 0, 0 },
		{ EXIT, 0, 0, 0 },
	};
	static const struct obj_insn text[OBJ_TEXT_INSNS] = {
		{ MOV_IMM, 0, 0, 1 },
		{ EXIT, 0, 0, 0 },
		{ LD_IMM64, 1, 0, 0 }, { 0, 0, 0, 0 },
		{ CALL, 0x10, 0, -1 },
		{ CALL, 0x10, 0, -1 - OBJ_TEXT_INSN_FIRST },
		{ EXIT, 0, 0, 0 },
	};
	static const struct obj_symbol symbols[OBJ_SYM_NR] = {
		[OBJ_SYM_TEXT] = { .info = STT_SECTION, .section = OBJ_TEXT },
		[OBJ_SYM_DATA] = { .info = STT_SECTION, .section = OBJ_DATA },
		[OBJ_SYM_BSS] = { .info = STT_SECTION, .section = OBJ_BSS },
		[OBJ_SYM_CONSTANT] = { .info = STT_OBJECT,
			.section = OBJ_RODATA, .value = 4, .size = 4 },
		[OBJ_SYM_KFUNC_LOG] = { .info = STB_GLOBAL << 4 },
		[OBJ_SYM_KFUNC_SIZE] = { .info = STB_GLOBAL << 4 },
		[OBJ_SYM_FIRST] = { .info = STB_GLOBAL << 4 | STT_FUNC,
			.section = OBJ_TEXT, .size = 16 },
		[OBJ_SYM_ENTRY] = { .info = STB_GLOBAL << 4 | STT_FUNC,
			.section = OBJ_ENTRY, .size = sizeof(entry) },
	};
	static const struct {
		uint32_t abi, reserved;
		char format[24];
	} parser = { 1, 0, "sample" };
	static const char *const names[OBJ_SYM_NR] = {
		[OBJ_SYM_CONSTANT] = "constant",
		[OBJ_SYM_KFUNC_LOG] = "bpf_kexec_log",
		[OBJ_SYM_KFUNC_SIZE] = "bpf_kexec_size",
		[OBJ_SYM_FIRST] = "first",
		[OBJ_SYM_ENTRY] = "entry",
	};

	memset(obj, 0, sizeof(*obj));
	memcpy(obj->symbol_names, names, sizeof(names));
	obj_add(obj, "", SHT_NULL, 0, NULL, 0);
	obj_add(obj, ".strtab", SHT_STRTAB, 0, NULL, 0);
	obj_add(obj, ".text", SHT_PROGBITS, CODE_FLAGS, text, sizeof(text));
	obj_add(obj, "syscall", SHT_PROGBITS, CODE_FLAGS, entry, sizeof(entry));
	obj_add(obj, ".relsyscall", SHT_REL, SHF_INFO_LINK, NULL, 0);
	obj_add(obj, ".rel.text", SHT_REL, SHF_INFO_LINK, NULL, 0);
	obj_add(obj, "license", SHT_PROGBITS, SHF_ALLOC, "GPL", 4);
	obj_add(obj, ".kexec_bpf", SHT_PROGBITS, SHF_ALLOC, &parser,
		sizeof(parser));
	obj_add(obj, ".rodata", SHT_PROGBITS, SHF_ALLOC, "constant", 8);
	obj_add(obj, ".data", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE,
		"variable bytes!", 16);
	obj_add(obj, ".bss", SHT_NOBITS, SHF_ALLOC | SHF_WRITE, NULL, 24);
	obj_add(obj, ".symtab", SHT_SYMTAB, 0, symbols, sizeof(symbols));

	obj->sections[OBJ_SYMTAB].link = OBJ_STRTAB;
	obj->sections[OBJ_SYMTAB].info = OBJ_SYM_KFUNC_LOG;
	obj->sections[OBJ_SYMTAB].entsize = sizeof(struct obj_symbol);
	obj->sections[OBJ_REL_ENTRY].link = OBJ_SYMTAB;
	obj->sections[OBJ_REL_ENTRY].info = OBJ_ENTRY;
	obj->sections[OBJ_REL_ENTRY].entsize = sizeof(struct obj_rel);
	obj->sections[OBJ_REL_TEXT].link = OBJ_SYMTAB;
	obj->sections[OBJ_REL_TEXT].info = OBJ_TEXT;
	obj->sections[OBJ_REL_TEXT].entsize = sizeof(struct obj_rel);

	obj_add_rel(obj, OBJ_REL_ENTRY, OBJ_INSN_DATA * 8, REL_LOAD,
		    OBJ_SYM_DATA);
	obj_add_rel(obj, OBJ_REL_ENTRY, OBJ_INSN_LOG * 8, REL_CALL,
		    OBJ_SYM_KFUNC_LOG);
	obj_add_rel(obj, OBJ_REL_ENTRY, OBJ_INSN_SECOND * 8, REL_CALL,
		    OBJ_SYM_TEXT);
	obj_add_rel(obj, OBJ_REL_ENTRY, OBJ_INSN_CONSTANT * 8, REL_LOAD,
		    OBJ_SYM_CONSTANT);
	obj_add_rel(obj, OBJ_REL_ENTRY, OBJ_INSN_SIZE * 8, REL_CALL,
		    OBJ_SYM_KFUNC_SIZE);
	obj_add_rel(obj, OBJ_REL_ENTRY, OBJ_INSN_FIRST * 8, REL_CALL,
		    OBJ_SYM_FIRST);
	obj_add_rel(obj, OBJ_REL_TEXT, OBJ_TEXT_INSN_BSS * 8, REL_LOAD,
		    OBJ_SYM_BSS);
	obj_add_rel(obj, OBJ_REL_TEXT, OBJ_TEXT_INSN_LOG * 8, REL_CALL,
		    OBJ_SYM_KFUNC_LOG);
}

void obj_free(struct obj *obj)
{
	unsigned int i;

	for (i = 0; i < obj->nr_sections; i++)
		free(obj->sections[i].data);
	memset(obj, 0, sizeof(*obj));
}

/**
 * struct output - bytes that are being written
 * @data: the bytes
 * @size: their number
 */
struct output {
	char *data;
	size_t size;
};

static size_t put(struct output *out, const void *data, size_t size)
{
	size_t at = out->size;

	out->data = must(realloc(out->data, at + size + 1));
	memcpy(out->data + at, data, size);
	out->size += size;
	return at;
}

static void write_headers(const struct obj *obj, struct output *out,
			  Elf64_Shdr *shdrs)
{
	Elf64_Ehdr ehdr = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64,
			     ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_REL,
		.e_machine = EM_BPF,
		.e_version = EV_CURRENT,
		.e_ehsize = sizeof(ehdr),
		.e_shentsize = sizeof(*shdrs),
		.e_shnum = obj->nr_sections,
		.e_shstrndx = OBJ_STRTAB,
	};
	unsigned int i;

	ehdr.e_shoff = put(out, shdrs, obj->nr_sections * sizeof(*shdrs));
	memcpy(out->data, &ehdr, sizeof(ehdr));
	for (i = 0; i < obj->nr_patches; i++) {
		const struct obj_patch *patch = &obj->patches[i];
		size_t at = patch->section < 0 ? 0 :
			    ehdr.e_shoff + patch->section * sizeof(*shdrs);

		/* Both are little-endian. */
		memcpy(out->data + at + patch->offset, &patch->value,
		       patch->size);
	}
}

void *obj_write(const struct obj *obj, size_t *size)
{
	Elf64_Shdr *shdrs = must(calloc(obj->nr_sections, sizeof(*shdrs)));
	struct output out = {}, strtab = {};
	size_t nr_symbols, i;

	put(&out, &(Elf64_Ehdr){}, sizeof(Elf64_Ehdr));
	put(&strtab, "", 1);
	for (i = 1; i < obj->nr_sections; i++) {
		const struct obj_section *section = &obj->sections[i];

		shdrs[i].sh_name = put(&strtab, section->name,
				       strlen(section->name) + 1);
		shdrs[i].sh_type = section->type;
		shdrs[i].sh_flags = section->flags;
		shdrs[i].sh_link = section->link;
		shdrs[i].sh_info = section->info;
		shdrs[i].sh_entsize = section->entsize;
		shdrs[i].sh_addralign = 1;
		shdrs[i].sh_size = section->size;
		shdrs[i].sh_offset = out.size;
		if (section->type != SHT_NOBITS)
			put(&out, section->data, section->size);
	}

	/* The names of symbols beyond the sample's are as they were set. */
	nr_symbols = obj->sections[OBJ_SYMTAB].size / sizeof(struct obj_symbol);
	for (i = 0; i < nr_symbols && i < OBJ_SYM_NR; i++) {
		size_t at = shdrs[OBJ_SYMTAB].sh_offset +
			    i * sizeof(struct obj_symbol);
		uint32_t name;

		if (!obj->symbol_names[i])
			continue;
		name = put(&strtab, obj->symbol_names[i],
			   strlen(obj->symbol_names[i]) + 1);
		memcpy(out.data + at, &name, sizeof(name));
	}
	shdrs[OBJ_STRTAB].sh_offset = put(&out, strtab.data, strtab.size);
	shdrs[OBJ_STRTAB].sh_size = strtab.size;

	write_headers(obj, &out, shdrs);
	free(strtab.data);
	free(shdrs);
	*size = out.size;
	return out.data;
}
