/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What elf.c and reloc.c share while a parser object is opened
 */
#ifndef _KEXEC_BPF_ELF_STATE_H
#define _KEXEC_BPF_ELF_STATE_H

#include <linux/elf.h>
#include <linux/string.h>

#include "core.h"

#define ELF_SECTION_ENTRY	"syscall"
#define ELF_SECTION_TEXT	".text"

#define ELF_NO_SECTION		0U	/* index 0 is the null section */

/* Room for a name in a message */
#define ELF_SHOW_SIZE		48

/**
 * struct kexec_bpf_elf - what is known of the object while it is opened
 * @obj: the object
 * @log: where the reason of a refusal goes
 * @shdrs: offset of the section header table
 * @nr_sections: number of section headers
 * @shstrtab: header of the section name table
 * @symtab: header of the symbol table
 * @strtab: header of the symbol name table
 * @nr_symbols: number of symbols
 * @entry: index of the section of the entry function
 * @text: index of the section of subprograms, or ELF_NO_SECTION
 * @license: index of the license section
 * @parser: index of the section that describes the parser
 * @symtab_index: index of the symbol table
 * @rel_entry: index of the relocations of @entry, or ELF_NO_SECTION
 * @rel_text: index of the relocations of @text, or ELF_NO_SECTION
 */
struct kexec_bpf_elf {
	struct kexec_bpf_obj *obj;
	struct kexec_bpf_log *log;
	u64 shdrs;
	u32 nr_sections;
	Elf64_Shdr shstrtab;
	Elf64_Shdr symtab;
	Elf64_Shdr strtab;
	u32 nr_symbols;
	u32 entry;
	u32 text;
	u32 license;
	u32 parser;
	u32 symtab_index;
	u32 rel_entry;
	u32 rel_text;
};

static inline void elf_shdr(const struct kexec_bpf_elf *elf, u32 i, Elf64_Shdr *shdr)
{
	memcpy(shdr, elf->obj->data + elf->shdrs + (u64)i * sizeof(*shdr),
	       sizeof(*shdr));
}

static inline void elf_symbol(const struct kexec_bpf_elf *elf, u32 i, Elf64_Sym *sym)
{
	memcpy(sym, elf->obj->data + elf->symtab.sh_offset +
	       (u64)i * sizeof(*sym), sizeof(*sym));
}

/* A string of a table that is known to end with a NUL, or NULL. */
static inline const char *elf_string(const struct kexec_bpf_elf *elf,
				     const Elf64_Shdr *table, u32 offset)
{
	if (offset >= table->sh_size)
		return NULL;
	return (const char *)elf->obj->data + table->sh_offset + offset;
}

static inline const char *elf_section_name(const struct kexec_bpf_elf *elf,
					   const Elf64_Shdr *shdr)
{
	/* check_sections() has seen each name. */
	return elf_string(elf, &elf->shstrtab, shdr->sh_name);
}

static inline char *elf_show(char *dst, const char *name)
{
	return kexec_bpf_printable(dst, ELF_SHOW_SIZE, name, strlen(name));
}

/* elf.c */
int kexec_bpf_elf_refuse(const struct kexec_bpf_elf *elf, u32 i,
			 const char *name, const char *why);
int kexec_bpf_elf_claim(const struct kexec_bpf_elf *elf, u32 *slot, u32 i,
			const char *name);

/* reloc.c */
int kexec_bpf_elf_collect_insns(struct kexec_bpf_elf *elf);
int kexec_bpf_elf_collect_relocs(struct kexec_bpf_elf *elf);

#endif /* _KEXEC_BPF_ELF_STATE_H */
