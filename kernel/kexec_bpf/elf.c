// SPDX-License-Identifier: GPL-2.0-only
/*
 * Opening a parser object: check, collect, describe; nothing is changed yet
 *
 * The input is what `clang -target bpf` writes. Unlike libbpf, which skips what
 * it does not know, this refuses it: the object was signed as a whole, so
 * everything in it is meant.
 *
 * Layout: ELF-64, little-endian; relocations as in the kernel's
 * Documentation/bpf/llvm_reloc.rst.
 */

#include <linux/bpf.h>
#include <linux/elf.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "core.h"
#include "limits.h"

#define SECTION_ENTRY		"syscall"
#define SECTION_TEXT		".text"
#define SECTION_LICENSE		"license"
#define SECTION_PARSER		".kexec_bpf"

/* Section flags and a type of the ELF and LLVM specifications */
#define FLAG_MERGE		0x10
#define FLAG_STRINGS		0x20
#define FLAG_INFO_LINK		0x40
#define TYPE_LLVM_ADDRSIG	0x6fff4c03

#define R_BPF_64_64		1
#define R_BPF_64_32		10

#define INSN_SIZE		sizeof(struct bpf_insn)
#define NO_SECTION		0U		/* index 0 is the null section */

/**
 * struct elf_state - what is known of the object while it is opened
 * @obj: the object
 * @log: where the reason of a refusal goes
 * @shdrs: offset of the section header table
 * @nr_sections: number of section headers
 * @shstrtab: header of the section name table
 * @symtab: header of the symbol table
 * @strtab: header of the symbol name table
 * @nr_symbols: number of symbols
 * @entry: index of the section of the entry function
 * @text: index of the section of subprograms, or NO_SECTION
 * @license: index of the license section
 * @parser: index of the section that describes the parser
 * @symtab_index: index of the symbol table
 * @rel_entry: index of the relocations of @entry, or NO_SECTION
 * @rel_text: index of the relocations of @text, or NO_SECTION
 */
struct elf_state {
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

static void get_shdr(const struct elf_state *elf, u32 i, Elf64_Shdr *shdr)
{
	memcpy(shdr, elf->obj->data + elf->shdrs + (u64)i * sizeof(*shdr),
	       sizeof(*shdr));
}

static void get_symbol(const struct elf_state *elf, u32 i, Elf64_Sym *sym)
{
	memcpy(sym, elf->obj->data + elf->symtab.sh_offset +
	       (u64)i * sizeof(*sym), sizeof(*sym));
}

/* A string of a table that is known to end with a NUL, or NULL. */
static const char *get_string(const struct elf_state *elf,
			      const Elf64_Shdr *table, u32 offset)
{
	if (offset >= table->sh_size)
		return NULL;
	return (const char *)elf->obj->data + table->sh_offset + offset;
}

static const char *section_name(const struct elf_state *elf,
				const Elf64_Shdr *shdr)
{
	/* check_sections() has seen each name. */
	return get_string(elf, &elf->shstrtab, shdr->sh_name);
}

static bool has_prefix(const char *name, const char *prefix)
{
	size_t len = strlen(prefix);

	return !strncmp(name, prefix, len) &&
	       (name[len] == '\0' || name[len] == '.');
}

#define NAME_SIZE 48

static char *show(char *dst, const char *name)
{
	return kexec_bpf_printable(dst, NAME_SIZE, name, strlen(name));
}

static int check_header(struct elf_state *elf)
{
	struct kexec_bpf_obj *obj = elf->obj;
	Elf64_Ehdr ehdr;

	if (obj->size < sizeof(ehdr)) {
		kexec_bpf_log(elf->log, "parser: ELF header: %zu bytes needed, the object has %llu\n",
			      sizeof(ehdr), (unsigned long long)obj->size);
		return -ELIBSCN;
	}
	memcpy(&ehdr, obj->data, sizeof(ehdr));
	if (memcmp(ehdr.e_ident, ELFMAG, SELFMAG) ||
	    ehdr.e_ident[EI_CLASS] != ELFCLASS64 ||
	    ehdr.e_ident[EI_DATA] != ELFDATA2LSB ||
	    ehdr.e_ident[EI_VERSION] != EV_CURRENT ||
	    ehdr.e_version != EV_CURRENT) {
		kexec_bpf_log(elf->log, "parser: not a 64-bit little-endian ELF object\n");
		return -ELIBSCN;
	}
	if (ehdr.e_type != ET_REL || ehdr.e_machine != EM_BPF) {
		kexec_bpf_log(elf->log, "parser: ELF type %u for machine %u, not a relocatable BPF object\n",
			      ehdr.e_type, ehdr.e_machine);
		return -ELIBSCN;
	}
	if (ehdr.e_ehsize != sizeof(ehdr) ||
	    ehdr.e_shentsize != sizeof(Elf64_Shdr)) {
		kexec_bpf_log(elf->log, "parser: ELF header of %u bytes, section headers of %u\n",
			      ehdr.e_ehsize, ehdr.e_shentsize);
		return -ELIBSCN;
	}
	if (ehdr.e_phnum) {
		kexec_bpf_log(elf->log, "parser: %u program headers in a relocatable object\n",
			      ehdr.e_phnum);
		return -ELIBSCN;
	}
	if (ehdr.e_shnum < 2 || ehdr.e_shnum > KEXEC_BPF_OBJ_SECTIONS_MAX) {
		kexec_bpf_log(elf->log, "parser: %u sections, not 2 to %u\n",
			      ehdr.e_shnum, KEXEC_BPF_OBJ_SECTIONS_MAX);
		return -ELIBSCN;
	}
	if (ehdr.e_shoff > obj->size ||
	    ehdr.e_shnum * sizeof(Elf64_Shdr) > obj->size - ehdr.e_shoff) {
		kexec_bpf_log(elf->log, "parser: section table %#llx+%#zx ends beyond the object's %#llx bytes\n",
			      (unsigned long long)ehdr.e_shoff,
			      ehdr.e_shnum * sizeof(Elf64_Shdr),
			      (unsigned long long)obj->size);
		return -ELIBSCN;
	}
	if (ehdr.e_shstrndx == SHN_UNDEF || ehdr.e_shstrndx >= ehdr.e_shnum) {
		kexec_bpf_log(elf->log, "parser: section names in section %u of %u\n",
			      ehdr.e_shstrndx, ehdr.e_shnum);
		return -ELIBSCN;
	}

	elf->shdrs = ehdr.e_shoff;
	elf->nr_sections = ehdr.e_shnum;
	get_shdr(elf, ehdr.e_shstrndx, &elf->shstrtab);
	return 0;
}

static int check_range(const struct elf_state *elf, u32 i,
		       const Elf64_Shdr *shdr)
{
	u64 size = elf->obj->size;

	if (shdr->sh_type == SHT_NOBITS)
		return 0;
	if (shdr->sh_offset > size || shdr->sh_size > size - shdr->sh_offset) {
		kexec_bpf_log(elf->log, "parser: section %u: %#llx+%#llx ends beyond the object's %#llx bytes\n",
			      i, (unsigned long long)shdr->sh_offset,
			      (unsigned long long)shdr->sh_size,
			      (unsigned long long)size);
		return -ELIBSCN;
	}
	return 0;
}

static int check_strtab(const struct elf_state *elf, const char *what,
			const Elf64_Shdr *table)
{
	if (table->sh_type != SHT_STRTAB || !table->sh_size ||
	    elf->obj->data[table->sh_offset + table->sh_size - 1]) {
		kexec_bpf_log(elf->log, "parser: table of %s names is no string table or does not end with a NUL\n",
			      what);
		return -ELIBSCN;
	}
	return 0;
}

/* Every section lies inside the object, and has a name. */
static int check_sections(struct elf_state *elf)
{
	Elf64_Shdr shdr;
	int ret;
	u32 i;

	for (i = 1; i < elf->nr_sections; i++) {
		get_shdr(elf, i, &shdr);
		ret = check_range(elf, i, &shdr);
		if (ret)
			return ret;
	}
	ret = check_strtab(elf, "section", &elf->shstrtab);
	if (ret)
		return ret;
	for (i = 1; i < elf->nr_sections; i++) {
		get_shdr(elf, i, &shdr);
		if (!section_name(elf, &shdr)) {
			kexec_bpf_log(elf->log, "parser: section %u: name at %#x, beyond the names' %#llx bytes\n",
				      i, shdr.sh_name,
				      (unsigned long long)elf->shstrtab.sh_size);
			return -ELIBSCN;
		}
	}
	return 0;
}

static int refuse_section(const struct elf_state *elf, u32 i, const char *name,
			  const char *why)
{
	char buf[NAME_SIZE];

	kexec_bpf_log(elf->log, "parser: section %u '%s': %s\n", i,
		      show(buf, name), why);
	return -ELIBSCN;
}

/* Remember the one section that has a purpose. */
static int claim(const struct elf_state *elf, u32 *slot, u32 i,
		 const char *name)
{
	if (*slot != NO_SECTION)
		return refuse_section(elf, i, name, "is there twice");
	*slot = i;
	return 0;
}

static int collect_map(struct elf_state *elf, u32 i, const char *name,
		       const Elf64_Shdr *shdr)
{
	struct kexec_bpf_obj *obj = elf->obj;
	bool bss = shdr->sh_type == SHT_NOBITS;
	struct kexec_bpf_obj_map *map;

	/* clang leaves sections behind that it had no use for. */
	if (!shdr->sh_size)
		return 0;
	if (shdr->sh_size > KEXEC_BPF_OBJ_MAP_SIZE_MAX)
		return refuse_section(elf, i, name, "is larger than a parser's data may be");
	if (obj->nr_maps == KEXEC_BPF_OBJ_MAPS_MAX)
		return refuse_section(elf, i, name, "is one data section too many");

	map = &obj->maps[obj->nr_maps++];
	kexec_bpf_printable(map->name, sizeof(map->name), name, strlen(name));
	map->section = i;
	map->data = bss ? NULL : obj->data + shdr->sh_offset;
	map->size = shdr->sh_size;
	map->rdonly = !(shdr->sh_flags & SHF_WRITE);
	map->fd = -1;
	return 0;
}

static int collect_code(struct elf_state *elf, u32 i, const char *name,
			const Elf64_Shdr *shdr)
{
	if (shdr->sh_type != SHT_PROGBITS)
		return refuse_section(elf, i, name, "code without bytes");
	if (shdr->sh_size % INSN_SIZE)
		return refuse_section(elf, i, name, "is not a whole number of instructions");
	if (shdr->sh_size / INSN_SIZE > KEXEC_BPF_OBJ_INSNS_MAX)
		return refuse_section(elf, i, name, "has more instructions than a parser may have");

	if (!strcmp(name, SECTION_ENTRY))
		return claim(elf, &elf->entry, i, name);
	if (!strcmp(name, SECTION_TEXT))
		return claim(elf, &elf->text, i, name);
	return refuse_section(elf, i, name, "code outside '" SECTION_ENTRY "' and '" SECTION_TEXT "'");
}

static int collect_data(struct elf_state *elf, u32 i, const char *name,
			const Elf64_Shdr *shdr)
{
	bool nobits = shdr->sh_type == SHT_NOBITS;

	if (shdr->sh_type != SHT_PROGBITS && !nobits)
		return refuse_section(elf, i, name, "data of an unknown type");
	if (!strcmp(name, SECTION_LICENSE) && !nobits)
		return claim(elf, &elf->license, i, name);
	if (!strcmp(name, SECTION_PARSER) && !nobits)
		return claim(elf, &elf->parser, i, name);
	if (has_prefix(name, ".data.rel"))
		return refuse_section(elf, i, name, "data with addresses in it is not supported");
	if (has_prefix(name, ".rodata") && !nobits &&
	    !(shdr->sh_flags & SHF_WRITE))
		return collect_map(elf, i, name, shdr);
	if ((has_prefix(name, ".data") && !nobits) ||
	    (has_prefix(name, ".bss") && nobits))
		return collect_map(elf, i, name, shdr);
	if (has_prefix(name, ".maps") || has_prefix(name, "maps"))
		return refuse_section(elf, i, name, "maps are not supported");
	if (has_prefix(name, ".kconfig") || has_prefix(name, ".ksyms"))
		return refuse_section(elf, i, name, "extern variables are not supported");
	if (has_prefix(name, ".struct_ops"))
		return refuse_section(elf, i, name, "struct_ops are not supported");
	return refuse_section(elf, i, name, "data of an unknown kind");
}

static int collect_other(struct elf_state *elf, u32 i, const char *name,
			 const Elf64_Shdr *shdr)
{
	switch (shdr->sh_type) {
	case SHT_SYMTAB:
		elf->symtab = *shdr;
		return claim(elf, &elf->symtab_index, i, name);
	case SHT_STRTAB:
	case SHT_REL:
		/* Looked at where a symbol table or code leads to it. */
		return 0;
	case SHT_RELA:
		return refuse_section(elf, i, name, "relocations with addends are not supported");
	case TYPE_LLVM_ADDRSIG:
		return 0;
	case SHT_PROGBITS:
		/* Say nothing about how the program behaves. */
		if (!strcmp(name, ".comment") ||
		    !strcmp(name, ".note.GNU-stack"))
			return 0;
		if (has_prefix(name, ".BTF"))
			return refuse_section(elf, i, name, "BTF is not supported, build without -g");
		if (!strncmp(name, ".debug_", 7))
			return refuse_section(elf, i, name, "debug information is not supported, build without -g");
		break;
	}
	return refuse_section(elf, i, name, "is of an unknown kind");
}

static int collect_sections(struct elf_state *elf)
{
	const u64 known = SHF_WRITE | SHF_ALLOC | SHF_EXECINSTR |
			  FLAG_MERGE | FLAG_STRINGS | FLAG_INFO_LINK;
	Elf64_Shdr shdr;
	const char *name;
	int ret;
	u32 i;

	for (i = 1; i < elf->nr_sections; i++) {
		get_shdr(elf, i, &shdr);
		name = section_name(elf, &shdr);
		if (!(shdr.sh_flags & SHF_ALLOC))
			ret = collect_other(elf, i, name, &shdr);
		else if (shdr.sh_flags & ~known)
			ret = refuse_section(elf, i, name, "has unknown flags");
		else if (shdr.sh_flags & SHF_EXECINSTR)
			ret = collect_code(elf, i, name, &shdr);
		else
			ret = collect_data(elf, i, name, &shdr);
		if (ret)
			return ret;
	}

	if (elf->entry == NO_SECTION || elf->license == NO_SECTION ||
	    elf->parser == NO_SECTION || elf->symtab_index == NO_SECTION) {
		kexec_bpf_log(elf->log, "parser: no section '%s'\n",
			      elf->entry == NO_SECTION ? SECTION_ENTRY :
			      elf->license == NO_SECTION ? SECTION_LICENSE :
			      elf->parser == NO_SECTION ? SECTION_PARSER :
			      ".symtab");
		return -ELIBSCN;
	}
	return 0;
}

static int read_license(struct elf_state *elf)
{
	Elf64_Shdr shdr;

	get_shdr(elf, elf->license, &shdr);
	if (!shdr.sh_size ||
	    elf->obj->data[shdr.sh_offset + shdr.sh_size - 1])
		return refuse_section(elf, elf->license, SECTION_LICENSE,
				      "does not end with a NUL");
	elf->obj->license = (const char *)elf->obj->data + shdr.sh_offset;
	return 0;
}

static int read_parser(struct elf_state *elf)
{
	struct kexec_bpf_parser *parser = &elf->obj->parser;
	Elf64_Shdr shdr;
	size_t i;

	get_shdr(elf, elf->parser, &shdr);
	if (shdr.sh_size < sizeof(parser->abi)) {
		kexec_bpf_log(elf->log, "parser: section '%s' has %llu bytes, the ABI version takes %zu\n",
			      SECTION_PARSER, (unsigned long long)shdr.sh_size,
			      sizeof(parser->abi));
		return -ELIBSCN;
	}

	/* What follows the version is only known once the version is. */
	memcpy(&parser->abi, elf->obj->data + shdr.sh_offset,
	       sizeof(parser->abi));
	if (parser->abi < 1 || parser->abi > KEXEC_BPF_ABI) {
		kexec_bpf_log(elf->log, "parser: written for ABI version %u, this kernel takes 1 to %u\n",
			      parser->abi, KEXEC_BPF_ABI);
		return -EPROTONOSUPPORT;
	}
	if (shdr.sh_size != sizeof(*parser)) {
		kexec_bpf_log(elf->log, "parser: section '%s' has %llu bytes, not %zu\n",
			      SECTION_PARSER, (unsigned long long)shdr.sh_size,
			      sizeof(*parser));
		return -ELIBSCN;
	}

	memcpy(parser, elf->obj->data + shdr.sh_offset, sizeof(*parser));
	if (parser->reserved)
		return refuse_section(elf, elf->parser, SECTION_PARSER,
				      "reserved bytes are not 0");
	for (i = 0; i < sizeof(parser->format) && parser->format[i]; i++) {
		if (parser->format[i] <= 0x20 || parser->format[i] >= 0x7f)
			break;
	}
	if (i == 0 || i == sizeof(parser->format) || parser->format[i] ||
	    memchr_inv(parser->format + i, 0, sizeof(parser->format) - i))
		return refuse_section(elf, elf->parser, SECTION_PARSER,
				      "name of the format is not printable text filled up with NULs");
	return 0;
}

static int check_symbols(struct elf_state *elf)
{
	u32 entries = 0, i;
	Elf64_Shdr entry;
	Elf64_Sym sym;
	int ret;

	if (elf->symtab.sh_entsize != sizeof(sym) ||
	    !elf->symtab.sh_size || elf->symtab.sh_size % sizeof(sym) ||
	    elf->symtab.sh_size > elf->obj->size) {
		kexec_bpf_log(elf->log, "parser: symbol table of %llu bytes, in entries of %llu\n",
			      (unsigned long long)elf->symtab.sh_size,
			      (unsigned long long)elf->symtab.sh_entsize);
		return -ELIBSCN;
	}
	elf->nr_symbols = elf->symtab.sh_size / sizeof(sym);

	if (elf->symtab.sh_link == SHN_UNDEF ||
	    elf->symtab.sh_link >= elf->nr_sections) {
		kexec_bpf_log(elf->log, "parser: symbol names in section %u of %u\n",
			      elf->symtab.sh_link, elf->nr_sections);
		return -ELIBSCN;
	}
	get_shdr(elf, elf->symtab.sh_link, &elf->strtab);
	ret = check_strtab(elf, "symbol", &elf->strtab);
	if (ret)
		return ret;

	get_shdr(elf, elf->entry, &entry);
	for (i = 1; i < elf->nr_symbols; i++) {
		get_symbol(elf, i, &sym);
		if (!get_string(elf, &elf->strtab, sym.st_name)) {
			kexec_bpf_log(elf->log, "parser: symbol %u: name at %#x, beyond the names' %#llx bytes\n",
				      i, sym.st_name,
				      (unsigned long long)elf->strtab.sh_size);
			return -ELIBSCN;
		}
		if (sym.st_shndx >= elf->nr_sections &&
		    sym.st_shndx != SHN_ABS) {
			kexec_bpf_log(elf->log, "parser: symbol %u is in section %u of %u\n",
				      i, sym.st_shndx, elf->nr_sections);
			return -ELIBSCN;
		}
		if (sym.st_shndx == elf->entry &&
		    ELF_ST_TYPE(sym.st_info) == STT_FUNC) {
			entries++;
			if (sym.st_value || sym.st_size != entry.sh_size) {
				kexec_bpf_log(elf->log, "parser: function at %#llx+%#llx does not fill section '%s' of %#llx bytes\n",
					      (unsigned long long)sym.st_value,
					      (unsigned long long)sym.st_size,
					      SECTION_ENTRY,
					      (unsigned long long)entry.sh_size);
				return -ELIBSCN;
			}
		}
	}
	if (entries != 1) {
		kexec_bpf_log(elf->log, "parser: %u functions in section '%s', not 1\n",
			      entries, SECTION_ENTRY);
		return -ELIBSCN;
	}
	return 0;
}

/* A 64-bit load is followed by its upper half, which is no instruction. */
static int check_second_half(struct elf_state *elf, u32 i)
{
	const struct kexec_bpf_obj *obj = elf->obj;
	const struct bpf_insn *half = &obj->insns[i + 1];

	if (i + 1 == obj->nr_entry_insns || i + 1 == obj->nr_insns ||
	    half->code || half->dst_reg || half->src_reg || half->off) {
		kexec_bpf_log(elf->log, "parser: instruction %u loads 64 bits, but lacks its second half\n",
			      i);
		return -ELIBSCN;
	}
	return 0;
}

/*
 * Everything that names another object is decided by a relocation. An
 * instruction that comes with such a name already in it would smuggle one in.
 */
static int check_insns(struct elf_state *elf)
{
	struct kexec_bpf_obj *obj = elf->obj;
	const struct bpf_insn *insn;
	int ret;
	u32 i;

	for (i = 0; i < obj->nr_insns; i++) {
		insn = &obj->insns[i];
		if (insn->code == (BPF_LD | BPF_IMM | BPF_DW)) {
			if (insn->src_reg) {
				kexec_bpf_log(elf->log, "parser: instruction %u loads a kernel object by itself\n",
					      i);
				return -ELIBSCN;
			}
			ret = check_second_half(elf, i);
			if (ret)
				return ret;
			i++;
		} else if (insn->code == (BPF_JMP | BPF_CALL)) {
			if (insn->src_reg == 0) {
				kexec_bpf_log(elf->log, "parser: instruction %u calls helper %d, parsers call kfuncs only\n",
					      i, insn->imm);
				return -ELIBSCN;
			}
			if (insn->src_reg != BPF_PSEUDO_CALL) {
				kexec_bpf_log(elf->log, "parser: instruction %u calls a kernel function by itself\n",
					      i);
				return -ELIBSCN;
			}
		}
	}
	return 0;
}

static int collect_insns(struct elf_state *elf)
{
	struct kexec_bpf_obj *obj = elf->obj;
	Elf64_Shdr entry, text = {};
	u64 nr;

	get_shdr(elf, elf->entry, &entry);
	if (elf->text != NO_SECTION)
		get_shdr(elf, elf->text, &text);

	/* Each has at most KEXEC_BPF_OBJ_INSNS_MAX instructions. */
	nr = (entry.sh_size + text.sh_size) / INSN_SIZE;
	if (!entry.sh_size || nr > KEXEC_BPF_OBJ_INSNS_MAX) {
		kexec_bpf_log(elf->log, "parser: %llu instructions, not 1 to %u\n",
			      (unsigned long long)nr, KEXEC_BPF_OBJ_INSNS_MAX);
		return -ELIBSCN;
	}
	obj->insns = kvmalloc_array(nr, INSN_SIZE, GFP_KERNEL);
	if (!obj->insns)
		return -ENOMEM;
	memcpy(obj->insns, obj->data + entry.sh_offset, entry.sh_size);
	memcpy((u8 *)obj->insns + entry.sh_size, obj->data + text.sh_offset,
	       text.sh_size);
	obj->nr_insns = nr;
	obj->nr_entry_insns = entry.sh_size / INSN_SIZE;
	return check_insns(elf);
}

/* The index of a kfunc, which is added if it is new. */
static int collect_kfunc(struct elf_state *elf, u32 symbol, const char *name,
			 u32 *index)
{
	struct kexec_bpf_obj *obj = elf->obj;
	u32 i;

	for (i = 0; i < obj->nr_kfuncs; i++) {
		if (obj->kfuncs[i].symbol == symbol) {
			*index = i;
			return 0;
		}
	}
	if (obj->nr_kfuncs == KEXEC_BPF_OBJ_KFUNCS_MAX) {
		kexec_bpf_log(elf->log, "parser: more than %u kfuncs\n",
			      KEXEC_BPF_OBJ_KFUNCS_MAX);
		return -ELIBSCN;
	}
	obj->kfuncs[i].name = name;
	obj->kfuncs[i].symbol = symbol;
	obj->kfuncs[i].id = 0;
	obj->nr_kfuncs++;
	*index = i;
	return 0;
}

/**
 * struct site - where a relocation applies
 * @number: its number in its section, for messages
 * @base: index in the program of the first instruction of its section
 * @nr: number of instructions of its section
 * @insn: index in the program of its instruction
 * @name: printable name of its symbol
 */
struct site {
	u32 number;
	u32 base;
	u32 nr;
	u32 insn;
	char name[NAME_SIZE];
};

static int refuse_reloc(const struct elf_state *elf, const struct site *site,
			const char *why)
{
	kexec_bpf_log(elf->log, "parser: relocation %u of instruction %u to '%s': %s\n",
		      site->number, site->insn, site->name, why);
	return -ELIBSCN;
}

static int collect_data_reloc(struct elf_state *elf, const struct site *site,
			      const Elf64_Sym *sym,
			      struct kexec_bpf_obj_reloc *reloc)
{
	const struct kexec_bpf_obj *obj = elf->obj;
	const struct bpf_insn *insn = &obj->insns[site->insn];
	u64 value;
	u32 i;

	if (insn->code != (BPF_LD | BPF_IMM | BPF_DW))
		return refuse_reloc(elf, site, "is not on a 64-bit load");
	if (sym->st_shndx == SHN_UNDEF)
		return refuse_reloc(elf, site, "extern variables are not supported");
	for (i = 0; i < obj->nr_maps; i++) {
		if (obj->maps[i].section == sym->st_shndx)
			break;
	}
	if (i == obj->nr_maps)
		return refuse_reloc(elf, site, "is not to a data section");
	if (insn[0].imm < 0 || insn[1].imm || sym->st_value > U32_MAX)
		return refuse_reloc(elf, site, "is outside its section");
	value = sym->st_value + insn[0].imm;
	if (value >= obj->maps[i].size)
		return refuse_reloc(elf, site, "is outside its section");

	reloc->type = KEXEC_BPF_RELOC_MAP;
	reloc->index = i;
	reloc->value = value;
	return 0;
}

static int collect_call_reloc(struct elf_state *elf, const struct site *site,
			      const Elf64_Sym *sym, u32 symbol,
			      struct kexec_bpf_obj_reloc *reloc)
{
	const struct kexec_bpf_obj *obj = elf->obj;
	const struct bpf_insn *insn = &obj->insns[site->insn];
	s64 target;

	if (insn->code != (BPF_JMP | BPF_CALL))
		return refuse_reloc(elf, site, "is not on a call");

	if (sym->st_shndx == SHN_UNDEF) {
		if (ELF_ST_BIND(sym->st_info) != STB_GLOBAL)
			return refuse_reloc(elf, site, "weak externs are not supported");
		if (insn->imm != -1)
			return refuse_reloc(elf, site, "is into the middle of a kernel function");
		reloc->type = KEXEC_BPF_RELOC_KFUNC;
		return collect_kfunc(elf, symbol,
				     get_string(elf, &elf->strtab, sym->st_name),
				     &reloc->index);
	}

	/* The immediate counts instructions from the one behind the call. */
	if (elf->text == NO_SECTION || sym->st_shndx != elf->text)
		return refuse_reloc(elf, site, "is not to a function in '" SECTION_TEXT "'");
	if (sym->st_value % INSN_SIZE || sym->st_value > U32_MAX)
		return refuse_reloc(elf, site, "is not to an instruction");
	target = (s64)(sym->st_value / INSN_SIZE) + insn->imm + 1;
	if (target < 0 || target >= obj->nr_insns - obj->nr_entry_insns)
		return refuse_reloc(elf, site, "is outside '" SECTION_TEXT "'");

	reloc->type = KEXEC_BPF_RELOC_CALL;
	reloc->value = obj->nr_entry_insns + target;
	return 0;
}

static int collect_reloc(struct elf_state *elf, const Elf64_Rel *rel,
			 struct site *site, struct kexec_bpf_obj_reloc *reloc)
{
	u32 symbol = ELF64_R_SYM(rel->r_info);
	u32 type = ELF64_R_TYPE(rel->r_info);
	Elf64_Sym sym;

	if (rel->r_offset % INSN_SIZE || rel->r_offset / INSN_SIZE >= site->nr) {
		kexec_bpf_log(elf->log, "parser: relocation %u at %#llx is outside its section\n",
			      site->number, (unsigned long long)rel->r_offset);
		return -ELIBSCN;
	}
	site->insn = site->base + rel->r_offset / INSN_SIZE;
	if (!symbol || symbol >= elf->nr_symbols) {
		kexec_bpf_log(elf->log, "parser: relocation %u names symbol %u of %u\n",
			      site->number, symbol, elf->nr_symbols);
		return -ELIBSCN;
	}
	get_symbol(elf, symbol, &sym);
	show(site->name, get_string(elf, &elf->strtab, sym.st_name));

	reloc->insn = site->insn;
	switch (type) {
	case R_BPF_64_64:
		return collect_data_reloc(elf, site, &sym, reloc);
	case R_BPF_64_32:
		return collect_call_reloc(elf, site, &sym, symbol, reloc);
	}
	kexec_bpf_log(elf->log, "parser: relocation %u of instruction %u is of type %u\n",
		      site->number, site->insn, type);
	return -ELIBSCN;
}

/* Where relocations lie, and how many they are. */
static int find_relocs(struct elf_state *elf, u64 *nr)
{
	Elf64_Shdr shdr;
	const char *name;
	int ret;
	u32 i;

	*nr = 0;
	for (i = 1; i < elf->nr_sections; i++) {
		get_shdr(elf, i, &shdr);
		if (shdr.sh_type != SHT_REL)
			continue;
		name = section_name(elf, &shdr);
		if (shdr.sh_link != elf->symtab_index ||
		    shdr.sh_entsize != sizeof(Elf64_Rel) ||
		    shdr.sh_size % sizeof(Elf64_Rel))
			return refuse_section(elf, i, name, "is no table of relocations by '.symtab'");
		if (shdr.sh_info == elf->entry)
			ret = claim(elf, &elf->rel_entry, i, name);
		else if (elf->text != NO_SECTION && shdr.sh_info == elf->text)
			ret = claim(elf, &elf->rel_text, i, name);
		else
			ret = refuse_section(elf, i, name, "relocations outside code are not supported");
		if (ret)
			return ret;
		*nr += shdr.sh_size / sizeof(Elf64_Rel);
	}
	if (*nr > KEXEC_BPF_OBJ_RELOCS_MAX) {
		kexec_bpf_log(elf->log, "parser: %llu relocations, the limit is %u\n",
			      (unsigned long long)*nr, KEXEC_BPF_OBJ_RELOCS_MAX);
		return -ELIBSCN;
	}
	return 0;
}

static int collect_section_relocs(struct elf_state *elf, u32 i, u32 base,
				  u32 nr_insns)
{
	struct kexec_bpf_obj *obj = elf->obj;
	struct site site = { .base = base, .nr = nr_insns };
	Elf64_Shdr shdr;
	Elf64_Rel rel;
	u64 last = 0;
	int ret;

	if (i == NO_SECTION)
		return 0;
	get_shdr(elf, i, &shdr);
	for (; site.number < shdr.sh_size / sizeof(rel); site.number++) {
		memcpy(&rel, obj->data + shdr.sh_offset +
		       site.number * sizeof(rel), sizeof(rel));
		/* Ascending, so that no instruction has two. */
		if (site.number && rel.r_offset <= last) {
			kexec_bpf_log(elf->log, "parser: relocation %u at %#llx is not behind the one before\n",
				      site.number,
				      (unsigned long long)rel.r_offset);
			return -ELIBSCN;
		}
		last = rel.r_offset;
		ret = collect_reloc(elf, &rel, &site,
				    &obj->relocs[obj->nr_relocs]);
		if (ret)
			return ret;
		obj->nr_relocs++;
	}
	return 0;
}

static int collect_relocs(struct elf_state *elf)
{
	struct kexec_bpf_obj *obj = elf->obj;
	u64 nr;
	int ret;

	ret = find_relocs(elf, &nr);
	if (ret || !nr)
		return ret;
	obj->relocs = kvcalloc(nr, sizeof(*obj->relocs), GFP_KERNEL);
	if (!obj->relocs)
		return -ENOMEM;
	ret = collect_section_relocs(elf, elf->rel_entry, 0,
				     obj->nr_entry_insns);
	if (ret)
		return ret;
	return collect_section_relocs(elf, elf->rel_text, obj->nr_entry_insns,
				      obj->nr_insns - obj->nr_entry_insns);
}

/**
 * kexec_bpf_obj_open() - check a parser object and collect what is in it
 * @obj: filled in; kexec_bpf_obj_close() frees it, after a failure too
 * @data: the object; must live as long as @obj
 * @size: its size in bytes
 * @log: where the reason of a refusal goes
 *
 * Return: 0; -ELIBSCN if the object is malformed or holds something that is
 * not supported; -EPROTONOSUPPORT if it is for an unknown version of the parser
 * ABI; -EFBIG if it is too large; -ENOMEM.
 */
int kexec_bpf_obj_open(struct kexec_bpf_obj *obj, const void *data, u64 size,
		       struct kexec_bpf_log *log)
{
	struct elf_state elf = { .obj = obj, .log = log };
	int ret;

	memset(obj, 0, sizeof(*obj));
	obj->data = data;
	obj->size = size;
	if (size > KEXEC_BPF_OBJ_SIZE_MAX) {
		kexec_bpf_log(log, "parser: %llu bytes, the limit is %u\n",
			      (unsigned long long)size, KEXEC_BPF_OBJ_SIZE_MAX);
		return -EFBIG;
	}

	ret = check_header(&elf);
	if (!ret)
		ret = check_sections(&elf);
	if (!ret)
		ret = collect_sections(&elf);
	if (!ret)
		ret = read_license(&elf);
	if (!ret)
		ret = read_parser(&elf);
	if (!ret)
		ret = check_symbols(&elf);
	if (!ret)
		ret = collect_insns(&elf);
	if (!ret)
		ret = collect_relocs(&elf);
	return ret;
}

/**
 * kexec_bpf_obj_close() - free what an open object owns
 * @obj: the object, in any state after kexec_bpf_obj_open(), or all zero
 */
void kexec_bpf_obj_close(struct kexec_bpf_obj *obj)
{
	kvfree(obj->insns);
	kvfree(obj->relocs);
	memset(obj, 0, sizeof(*obj));
}
