// SPDX-License-Identifier: GPL-2.0-only
/*
 * Opening a parser object: its header, sections and symbols
 *
 * The input is what `clang -target bpf` writes. Unlike libbpf, which skips what
 * it does not know, this refuses it: the object was signed as a whole, so
 * everything in it is meant.
 */

#include <linux/bpf.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/slab.h>

#include "elf_state.h"
#include "limits.h"

#define SECTION_LICENSE		"license"
#define SECTION_PARSER		".kexec_bpf"

/* Section flags and a type of the ELF and LLVM specifications */
#define FLAG_MERGE		0x10
#define FLAG_STRINGS		0x20
#define FLAG_INFO_LINK		0x40
#define TYPE_LLVM_ADDRSIG	0x6fff4c03

#define INSN_SIZE		sizeof(struct bpf_insn)

static bool has_prefix(const char *name, const char *prefix)
{
	size_t len = strlen(prefix);

	return !strncmp(name, prefix, len) &&
	       (name[len] == '\0' || name[len] == '.');
}

static int check_header(struct kexec_bpf_elf *elf)
{
	struct kexec_bpf_obj *obj = elf->obj;
	Elf64_Ehdr ehdr;

	if (obj->size < sizeof(ehdr)) {
		kexec_bpf_printk(elf->log, "parser: ELF header: %zu bytes needed, the object has %llu\n",
				 sizeof(ehdr), (unsigned long long)obj->size);
		return -ELIBSCN;
	}
	memcpy(&ehdr, obj->data, sizeof(ehdr));
	if (memcmp(ehdr.e_ident, ELFMAG, SELFMAG) ||
	    ehdr.e_ident[EI_CLASS] != ELFCLASS64 ||
	    ehdr.e_ident[EI_DATA] != ELFDATA2LSB ||
	    ehdr.e_ident[EI_VERSION] != EV_CURRENT ||
	    ehdr.e_version != EV_CURRENT) {
		kexec_bpf_printk(elf->log, "parser: not a 64-bit little-endian ELF object\n");
		return -ELIBSCN;
	}
	if (ehdr.e_type != ET_REL || ehdr.e_machine != EM_BPF) {
		kexec_bpf_printk(elf->log, "parser: ELF type %u for machine %u, not a relocatable BPF object\n",
				 ehdr.e_type, ehdr.e_machine);
		return -ELIBSCN;
	}
	if (ehdr.e_ehsize != sizeof(ehdr) ||
	    ehdr.e_shentsize != sizeof(Elf64_Shdr)) {
		kexec_bpf_printk(elf->log, "parser: ELF header of %u bytes, section headers of %u\n",
				 ehdr.e_ehsize, ehdr.e_shentsize);
		return -ELIBSCN;
	}
	if (ehdr.e_phnum) {
		kexec_bpf_printk(elf->log, "parser: %u program headers in a relocatable object\n",
				 ehdr.e_phnum);
		return -ELIBSCN;
	}
	if (ehdr.e_shnum < 2 || ehdr.e_shnum > KEXEC_BPF_OBJ_SECTIONS_MAX) {
		kexec_bpf_printk(elf->log, "parser: %u sections, not 2 to %u\n",
				 ehdr.e_shnum, KEXEC_BPF_OBJ_SECTIONS_MAX);
		return -ELIBSCN;
	}
	if (ehdr.e_shoff > obj->size ||
	    ehdr.e_shnum * sizeof(Elf64_Shdr) > obj->size - ehdr.e_shoff) {
		kexec_bpf_printk(elf->log, "parser: section table %#llx+%#zx ends beyond the object's %#llx bytes\n",
				 (unsigned long long)ehdr.e_shoff,
				 ehdr.e_shnum * sizeof(Elf64_Shdr),
				 (unsigned long long)obj->size);
		return -ELIBSCN;
	}
	if (ehdr.e_shstrndx == SHN_UNDEF || ehdr.e_shstrndx >= ehdr.e_shnum) {
		kexec_bpf_printk(elf->log, "parser: section names in section %u of %u\n",
				 ehdr.e_shstrndx, ehdr.e_shnum);
		return -ELIBSCN;
	}

	elf->shdrs = ehdr.e_shoff;
	elf->nr_sections = ehdr.e_shnum;
	elf_shdr(elf, ehdr.e_shstrndx, &elf->shstrtab);
	return 0;
}

static int check_range(const struct kexec_bpf_elf *elf, u32 i,
		       const Elf64_Shdr *shdr)
{
	u64 size = elf->obj->size;

	if (shdr->sh_type == SHT_NOBITS)
		return 0;
	if (shdr->sh_offset > size || shdr->sh_size > size - shdr->sh_offset) {
		kexec_bpf_printk(elf->log, "parser: section %u: %#llx+%#llx ends beyond the object's %#llx bytes\n",
				 i, (unsigned long long)shdr->sh_offset,
				 (unsigned long long)shdr->sh_size,
				 (unsigned long long)size);
		return -ELIBSCN;
	}
	return 0;
}

static int check_strtab(const struct kexec_bpf_elf *elf, const char *what,
			const Elf64_Shdr *table)
{
	if (table->sh_type != SHT_STRTAB || !table->sh_size ||
	    elf->obj->data[table->sh_offset + table->sh_size - 1]) {
		kexec_bpf_printk(elf->log, "parser: table of %s names is no string table or does not end with a NUL\n",
				 what);
		return -ELIBSCN;
	}
	return 0;
}

/* Every section lies inside the object, and has a name. */
static int check_sections(struct kexec_bpf_elf *elf)
{
	Elf64_Shdr shdr;
	int ret;
	u32 i;

	for (i = 1; i < elf->nr_sections; i++) {
		elf_shdr(elf, i, &shdr);
		ret = check_range(elf, i, &shdr);
		if (ret)
			return ret;
	}
	ret = check_strtab(elf, "section", &elf->shstrtab);
	if (ret)
		return ret;
	for (i = 1; i < elf->nr_sections; i++) {
		elf_shdr(elf, i, &shdr);
		if (!elf_section_name(elf, &shdr)) {
			kexec_bpf_printk(elf->log, "parser: section %u: name at %#x, beyond the names' %#llx bytes\n",
					 i, shdr.sh_name,
					 (unsigned long long)elf->shstrtab.sh_size);
			return -ELIBSCN;
		}
	}
	return 0;
}

/**
 * kexec_bpf_elf_refuse() - say why a section is refused
 * @elf: the object
 * @i: index of the section
 * @name: its name
 * @why: the reason
 *
 * Return: -ELIBSCN.
 */
int kexec_bpf_elf_refuse(const struct kexec_bpf_elf *elf, u32 i,
			 const char *name, const char *why)
{
	char buf[ELF_SHOW_SIZE];

	kexec_bpf_printk(elf->log, "parser: section %u '%s': %s\n", i,
			 elf_show(buf, name), why);
	return -ELIBSCN;
}

/**
 * kexec_bpf_elf_claim() - remember the one section that has a purpose
 * @elf: the object
 * @slot: where its index goes; ELF_NO_SECTION so far
 * @i: its index
 * @name: its name
 *
 * Return: 0, or -ELIBSCN if there was one before.
 */
int kexec_bpf_elf_claim(const struct kexec_bpf_elf *elf, u32 *slot, u32 i,
			const char *name)
{
	if (*slot != ELF_NO_SECTION)
		return kexec_bpf_elf_refuse(elf, i, name, "is there twice");
	*slot = i;
	return 0;
}

static int collect_map(struct kexec_bpf_elf *elf, u32 i, const char *name,
		       const Elf64_Shdr *shdr)
{
	struct kexec_bpf_obj *obj = elf->obj;
	bool bss = shdr->sh_type == SHT_NOBITS;
	struct kexec_bpf_obj_map *map;

	/* clang leaves sections behind that it had no use for. */
	if (!shdr->sh_size)
		return 0;
	if (shdr->sh_size > KEXEC_BPF_OBJ_MAP_SIZE_MAX)
		return kexec_bpf_elf_refuse(elf, i, name,
					    "is larger than a parser's data may be");
	if (obj->nr_maps == KEXEC_BPF_OBJ_MAPS_MAX)
		return kexec_bpf_elf_refuse(elf, i, name,
					    "is one data section too many");

	map = &obj->maps[obj->nr_maps++];
	kexec_bpf_printable(map->name, sizeof(map->name), name, strlen(name));
	map->section = i;
	map->data = bss ? NULL : obj->data + shdr->sh_offset;
	map->size = shdr->sh_size;
	map->rdonly = !(shdr->sh_flags & SHF_WRITE);
	map->fd = -1;
	return 0;
}

static int collect_code(struct kexec_bpf_elf *elf, u32 i, const char *name,
			const Elf64_Shdr *shdr)
{
	if (shdr->sh_type != SHT_PROGBITS)
		return kexec_bpf_elf_refuse(elf, i, name, "code without bytes");
	if (shdr->sh_size % INSN_SIZE)
		return kexec_bpf_elf_refuse(elf, i, name,
					    "is not a whole number of instructions");
	if (shdr->sh_size / INSN_SIZE > KEXEC_BPF_OBJ_INSNS_MAX)
		return kexec_bpf_elf_refuse(elf, i, name,
					    "has more instructions than a parser may have");

	if (!strcmp(name, ELF_SECTION_ENTRY))
		return kexec_bpf_elf_claim(elf, &elf->entry, i, name);
	if (!strcmp(name, ELF_SECTION_TEXT))
		return kexec_bpf_elf_claim(elf, &elf->text, i, name);
	return kexec_bpf_elf_refuse(elf, i, name,
				    "is code outside 'syscall' and '.text'");
}

static int collect_data(struct kexec_bpf_elf *elf, u32 i, const char *name,
			const Elf64_Shdr *shdr)
{
	bool nobits = shdr->sh_type == SHT_NOBITS;

	if (shdr->sh_type != SHT_PROGBITS && !nobits)
		return kexec_bpf_elf_refuse(elf, i, name,
					    "data of an unknown type");
	if (!strcmp(name, SECTION_LICENSE) && !nobits)
		return kexec_bpf_elf_claim(elf, &elf->license, i, name);
	if (!strcmp(name, SECTION_PARSER) && !nobits)
		return kexec_bpf_elf_claim(elf, &elf->parser, i, name);
	if (has_prefix(name, ".data.rel"))
		return kexec_bpf_elf_refuse(elf, i, name,
					    "data with addresses in it is not supported");
	if (has_prefix(name, ".rodata") && !nobits &&
	    !(shdr->sh_flags & SHF_WRITE))
		return collect_map(elf, i, name, shdr);
	if ((has_prefix(name, ".data") && !nobits) ||
	    (has_prefix(name, ".bss") && nobits))
		return collect_map(elf, i, name, shdr);
	if (has_prefix(name, ".maps") || has_prefix(name, "maps"))
		return kexec_bpf_elf_refuse(elf, i, name,
					    "maps are not supported");
	if (has_prefix(name, ".kconfig") || has_prefix(name, ".ksyms"))
		return kexec_bpf_elf_refuse(elf, i, name,
					    "extern variables are not supported");
	if (has_prefix(name, ".struct_ops"))
		return kexec_bpf_elf_refuse(elf, i, name,
					    "struct_ops are not supported");
	return kexec_bpf_elf_refuse(elf, i, name, "data of an unknown kind");
}

static int collect_other(struct kexec_bpf_elf *elf, u32 i, const char *name,
			 const Elf64_Shdr *shdr)
{
	switch (shdr->sh_type) {
	case SHT_SYMTAB:
		elf->symtab = *shdr;
		return kexec_bpf_elf_claim(elf, &elf->symtab_index, i, name);
	case SHT_STRTAB:
	case SHT_REL:
		/* Looked at where a symbol table or code leads to it. */
		return 0;
	case SHT_RELA:
		return kexec_bpf_elf_refuse(elf, i, name,
					    "relocations with addends are not supported");
	case TYPE_LLVM_ADDRSIG:
		return 0;
	case SHT_PROGBITS:
		/* Say nothing about how the program behaves. */
		if (!strcmp(name, ".comment") ||
		    !strcmp(name, ".note.GNU-stack"))
			return 0;
		if (has_prefix(name, ".BTF"))
			return kexec_bpf_elf_refuse(elf, i, name,
						    "BTF is not supported, build without -g");
		if (!strncmp(name, ".debug_", 7))
			return kexec_bpf_elf_refuse(elf, i, name,
						    "debug information is not supported, build without -g");
		break;
	}
	return kexec_bpf_elf_refuse(elf, i, name, "is of an unknown kind");
}

static int collect_sections(struct kexec_bpf_elf *elf)
{
	const u64 known = SHF_WRITE | SHF_ALLOC | SHF_EXECINSTR |
			  FLAG_MERGE | FLAG_STRINGS | FLAG_INFO_LINK;
	Elf64_Shdr shdr;
	const char *name;
	int ret;
	u32 i;

	for (i = 1; i < elf->nr_sections; i++) {
		elf_shdr(elf, i, &shdr);
		name = elf_section_name(elf, &shdr);
		if (!(shdr.sh_flags & SHF_ALLOC))
			ret = collect_other(elf, i, name, &shdr);
		else if (shdr.sh_flags & ~known)
			ret = kexec_bpf_elf_refuse(elf, i, name,
						   "has unknown flags");
		else if (shdr.sh_flags & SHF_EXECINSTR)
			ret = collect_code(elf, i, name, &shdr);
		else
			ret = collect_data(elf, i, name, &shdr);
		if (ret)
			return ret;
	}

	if (elf->entry == ELF_NO_SECTION || elf->license == ELF_NO_SECTION ||
	    elf->parser == ELF_NO_SECTION || elf->symtab_index == ELF_NO_SECTION) {
		kexec_bpf_printk(elf->log, "parser: no section '%s'\n",
				 elf->entry == ELF_NO_SECTION ? ELF_SECTION_ENTRY :
				 elf->license == ELF_NO_SECTION ? SECTION_LICENSE :
				 elf->parser == ELF_NO_SECTION ? SECTION_PARSER :
				 ".symtab");
		return -ELIBSCN;
	}
	return 0;
}

static int read_license(struct kexec_bpf_elf *elf)
{
	Elf64_Shdr shdr;

	elf_shdr(elf, elf->license, &shdr);
	if (!shdr.sh_size ||
	    elf->obj->data[shdr.sh_offset + shdr.sh_size - 1])
		return kexec_bpf_elf_refuse(elf, elf->license, SECTION_LICENSE,
				      "does not end with a NUL");
	elf->obj->license = (const char *)elf->obj->data + shdr.sh_offset;
	return 0;
}

static int read_parser(struct kexec_bpf_elf *elf)
{
	struct kexec_bpf_parser *parser = &elf->obj->parser;
	Elf64_Shdr shdr;
	size_t i;

	elf_shdr(elf, elf->parser, &shdr);
	if (shdr.sh_size < sizeof(parser->abi)) {
		kexec_bpf_printk(elf->log, "parser: section '%s' has %llu bytes, the ABI version takes %zu\n",
				 SECTION_PARSER, (unsigned long long)shdr.sh_size,
				 sizeof(parser->abi));
		return -ELIBSCN;
	}

	/* What follows the version is only known once the version is. */
	memcpy(&parser->abi, elf->obj->data + shdr.sh_offset,
	       sizeof(parser->abi));
	if (parser->abi < 1 || parser->abi > KEXEC_BPF_ABI) {
		kexec_bpf_printk(elf->log, "parser: written for ABI version %u, this kernel takes 1 to %u\n",
				 parser->abi, KEXEC_BPF_ABI);
		return -EPROTONOSUPPORT;
	}
	if (shdr.sh_size != sizeof(*parser)) {
		kexec_bpf_printk(elf->log, "parser: section '%s' has %llu bytes, not %zu\n",
				 SECTION_PARSER, (unsigned long long)shdr.sh_size,
				 sizeof(*parser));
		return -ELIBSCN;
	}

	memcpy(parser, elf->obj->data + shdr.sh_offset, sizeof(*parser));
	if (parser->reserved)
		return kexec_bpf_elf_refuse(elf, elf->parser, SECTION_PARSER,
				      "reserved bytes are not 0");
	for (i = 0; i < sizeof(parser->format) && parser->format[i]; i++) {
		if (parser->format[i] <= 0x20 || parser->format[i] >= 0x7f)
			break;
	}
	if (i == 0 || i == sizeof(parser->format) || parser->format[i] ||
	    memchr_inv(parser->format + i, 0, sizeof(parser->format) - i))
		return kexec_bpf_elf_refuse(elf, elf->parser, SECTION_PARSER,
				      "name of the format is not printable text filled up with NULs");
	return 0;
}

static int check_symbols(struct kexec_bpf_elf *elf)
{
	u32 entries = 0, i;
	Elf64_Shdr entry;
	Elf64_Sym sym;
	int ret;

	if (elf->symtab.sh_entsize != sizeof(sym) ||
	    !elf->symtab.sh_size || elf->symtab.sh_size % sizeof(sym) ||
	    elf->symtab.sh_size > elf->obj->size) {
		kexec_bpf_printk(elf->log, "parser: symbol table of %llu bytes, in entries of %llu\n",
				 (unsigned long long)elf->symtab.sh_size,
				 (unsigned long long)elf->symtab.sh_entsize);
		return -ELIBSCN;
	}
	elf->nr_symbols = elf->symtab.sh_size / sizeof(sym);

	if (elf->symtab.sh_link == SHN_UNDEF ||
	    elf->symtab.sh_link >= elf->nr_sections) {
		kexec_bpf_printk(elf->log, "parser: symbol names in section %u of %u\n",
				 elf->symtab.sh_link, elf->nr_sections);
		return -ELIBSCN;
	}
	elf_shdr(elf, elf->symtab.sh_link, &elf->strtab);
	ret = check_strtab(elf, "symbol", &elf->strtab);
	if (ret)
		return ret;

	elf_shdr(elf, elf->entry, &entry);
	for (i = 1; i < elf->nr_symbols; i++) {
		elf_symbol(elf, i, &sym);
		if (!elf_string(elf, &elf->strtab, sym.st_name)) {
			kexec_bpf_printk(elf->log, "parser: symbol %u: name at %#x, beyond the names' %#llx bytes\n",
					 i, sym.st_name,
					 (unsigned long long)elf->strtab.sh_size);
			return -ELIBSCN;
		}
		if (sym.st_shndx >= elf->nr_sections &&
		    sym.st_shndx != SHN_ABS) {
			kexec_bpf_printk(elf->log, "parser: symbol %u is in section %u of %u\n",
					 i, sym.st_shndx, elf->nr_sections);
			return -ELIBSCN;
		}
		if (sym.st_shndx == elf->entry &&
		    ELF_ST_TYPE(sym.st_info) == STT_FUNC) {
			entries++;
			if (sym.st_value || sym.st_size != entry.sh_size) {
				kexec_bpf_printk(elf->log, "parser: function at %#llx+%#llx does not fill section '%s' of %#llx bytes\n",
						 (unsigned long long)sym.st_value,
						 (unsigned long long)sym.st_size,
						 ELF_SECTION_ENTRY,
						 (unsigned long long)entry.sh_size);
				return -ELIBSCN;
			}
		}
	}
	if (entries != 1) {
		kexec_bpf_printk(elf->log, "parser: %u functions in section '%s', not 1\n",
				 entries, ELF_SECTION_ENTRY);
		return -ELIBSCN;
	}
	return 0;
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
	struct kexec_bpf_elf elf = { .obj = obj, .log = log };
	int ret;

	memset(obj, 0, sizeof(*obj));
	obj->data = data;
	obj->size = size;
	if (size > KEXEC_BPF_OBJ_SIZE_MAX) {
		kexec_bpf_printk(log, "parser: %llu bytes, the limit is %u\n",
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
		ret = kexec_bpf_elf_collect_insns(&elf);
	if (!ret)
		ret = kexec_bpf_elf_collect_relocs(&elf);
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
