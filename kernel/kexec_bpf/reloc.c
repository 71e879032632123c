// SPDX-License-Identifier: GPL-2.0-only
/*
 * A parser's instructions: checked, described by relocations, and then changed
 *
 * Relocations are as in the kernel's Documentation/bpf/llvm_reloc.rst.
 */

#include <linux/bpf.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/slab.h>

#include "elf_state.h"
#include "limits.h"

#define R_BPF_64_64		1
#define R_BPF_64_32		10

#define INSN_SIZE		sizeof(struct bpf_insn)

/* BPF_JCOND, which older headers of user space lack */
#define INSN_MAY_GOTO		(BPF_JMP | 0xe0)

/* A 64-bit load is followed by its upper half, which is no instruction. */
static int check_second_half(struct kexec_bpf_elf *elf, u32 i)
{
	const struct kexec_bpf_obj *obj = elf->obj;
	const struct bpf_insn *half = &obj->insns[i + 1];

	if (i + 1 == obj->nr_entry_insns || i + 1 == obj->nr_insns ||
	    half->code || half->dst_reg || half->src_reg || half->off) {
		kexec_bpf_printk(elf->log, "parser: instruction %u loads 64 bits, but lacks its second half\n",
				 i);
		return -ELIBSCN;
	}
	return 0;
}

/*
 * Everything that names another object is decided by a relocation. An
 * instruction that comes with such a name already in it would smuggle one in.
 */
static int check_insns(struct kexec_bpf_elf *elf)
{
	struct kexec_bpf_obj *obj = elf->obj;
	const struct bpf_insn *insn;
	int ret;
	u32 i;

	for (i = 0; i < obj->nr_insns; i++) {
		insn = &obj->insns[i];
		if (insn->code == (BPF_LD | BPF_IMM | BPF_DW)) {
			if (insn->src_reg) {
				kexec_bpf_printk(elf->log, "parser: instruction %u loads a kernel object by itself\n",
						 i);
				return -ELIBSCN;
			}
			ret = check_second_half(elf, i);
			if (ret)
				return ret;
			i++;
		} else if (insn->code == (BPF_JMP | BPF_CALL)) {
			if (insn->src_reg == 0) {
				kexec_bpf_printk(elf->log, "parser: instruction %u calls helper %d, parsers call kfuncs only\n",
						 i, insn->imm);
				return -ELIBSCN;
			}
			if (insn->src_reg != BPF_PSEUDO_CALL) {
				kexec_bpf_printk(elf->log, "parser: instruction %u calls a kernel function by itself\n",
						 i);
				return -ELIBSCN;
			}
		} else if (insn->code == INSN_MAY_GOTO) {
			/* Counts to millions in each frame, and asks nobody. */
			kexec_bpf_printk(elf->log, "parser: instruction %u is a loop that cannot be stopped\n",
					 i);
			return -ELIBSCN;
		}
	}
	return 0;
}

/**
 * kexec_bpf_elf_collect_insns() - take over the instructions of a parser
 * @elf: the object, with its sections known; @elf->obj is filled in
 *
 * Return: 0, -ELIBSCN or -ENOMEM.
 */
int kexec_bpf_elf_collect_insns(struct kexec_bpf_elf *elf)
{
	struct kexec_bpf_obj *obj = elf->obj;
	Elf64_Shdr entry, text = {};
	u64 nr;

	elf_shdr(elf, elf->entry, &entry);
	if (elf->text != ELF_NO_SECTION)
		elf_shdr(elf, elf->text, &text);

	/* Each has at most KEXEC_BPF_OBJ_INSNS_MAX instructions. */
	nr = (entry.sh_size + text.sh_size) / INSN_SIZE;
	if (!entry.sh_size || nr > KEXEC_BPF_OBJ_INSNS_MAX) {
		kexec_bpf_printk(elf->log, "parser: %llu instructions, not 1 to %u\n",
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
static int collect_kfunc(struct kexec_bpf_elf *elf, u32 symbol, const char *name,
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
		kexec_bpf_printk(elf->log, "parser: more than %u kfuncs\n",
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
	char name[ELF_SHOW_SIZE];
};

static int refuse_reloc(const struct kexec_bpf_elf *elf, const struct site *site,
			const char *why)
{
	kexec_bpf_printk(elf->log, "parser: relocation %u of instruction %u to '%s': %s\n",
			 site->number, site->insn, site->name, why);
	return -ELIBSCN;
}

static int collect_data_reloc(struct kexec_bpf_elf *elf, const struct site *site,
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

static int collect_call_reloc(struct kexec_bpf_elf *elf, const struct site *site,
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
				     elf_string(elf, &elf->strtab, sym->st_name),
				     &reloc->index);
	}

	/* The immediate counts instructions from the one behind the call. */
	if (elf->text == ELF_NO_SECTION || sym->st_shndx != elf->text)
		return refuse_reloc(elf, site, "is not to a function in '" ELF_SECTION_TEXT "'");
	if (sym->st_value % INSN_SIZE || sym->st_value > U32_MAX)
		return refuse_reloc(elf, site, "is not to an instruction");
	target = (s64)(sym->st_value / INSN_SIZE) + insn->imm + 1;
	if (target < 0 || target >= obj->nr_insns - obj->nr_entry_insns)
		return refuse_reloc(elf, site, "is outside '" ELF_SECTION_TEXT "'");

	reloc->type = KEXEC_BPF_RELOC_CALL;
	reloc->value = obj->nr_entry_insns + target;
	return 0;
}

static int collect_reloc(struct kexec_bpf_elf *elf, const Elf64_Rel *rel,
			 struct site *site, struct kexec_bpf_obj_reloc *reloc)
{
	u32 symbol = ELF64_R_SYM(rel->r_info);
	u32 type = ELF64_R_TYPE(rel->r_info);
	Elf64_Sym sym;

	if (rel->r_offset % INSN_SIZE || rel->r_offset / INSN_SIZE >= site->nr) {
		kexec_bpf_printk(elf->log, "parser: relocation %u at %#llx is outside its section\n",
				 site->number, (unsigned long long)rel->r_offset);
		return -ELIBSCN;
	}
	site->insn = site->base + rel->r_offset / INSN_SIZE;
	if (!symbol || symbol >= elf->nr_symbols) {
		kexec_bpf_printk(elf->log, "parser: relocation %u names symbol %u of %u\n",
				 site->number, symbol, elf->nr_symbols);
		return -ELIBSCN;
	}
	elf_symbol(elf, symbol, &sym);
	elf_show(site->name, elf_string(elf, &elf->strtab, sym.st_name));

	reloc->insn = site->insn;
	switch (type) {
	case R_BPF_64_64:
		return collect_data_reloc(elf, site, &sym, reloc);
	case R_BPF_64_32:
		return collect_call_reloc(elf, site, &sym, symbol, reloc);
	}
	kexec_bpf_printk(elf->log, "parser: relocation %u of instruction %u is of type %u\n",
			 site->number, site->insn, type);
	return -ELIBSCN;
}

/* Where relocations lie, and how many they are. */
static int find_relocs(struct kexec_bpf_elf *elf, u64 *nr)
{
	Elf64_Shdr shdr;
	const char *name;
	int ret;
	u32 i;

	*nr = 0;
	for (i = 1; i < elf->nr_sections; i++) {
		elf_shdr(elf, i, &shdr);
		if (shdr.sh_type != SHT_REL)
			continue;
		name = elf_section_name(elf, &shdr);
		if (shdr.sh_link != elf->symtab_index ||
		    shdr.sh_entsize != sizeof(Elf64_Rel) ||
		    shdr.sh_size % sizeof(Elf64_Rel))
			return kexec_bpf_elf_refuse(elf, i, name,
						    "is no table of relocations by '.symtab'");
		if (shdr.sh_info == elf->entry)
			ret = kexec_bpf_elf_claim(elf, &elf->rel_entry, i, name);
		else if (elf->text != ELF_NO_SECTION && shdr.sh_info == elf->text)
			ret = kexec_bpf_elf_claim(elf, &elf->rel_text, i, name);
		else
			ret = kexec_bpf_elf_refuse(elf, i, name,
						   "relocations outside code are not supported");
		if (ret)
			return ret;
		*nr += shdr.sh_size / sizeof(Elf64_Rel);
	}
	if (*nr > KEXEC_BPF_OBJ_RELOCS_MAX) {
		kexec_bpf_printk(elf->log, "parser: %llu relocations, the limit is %u\n",
				 (unsigned long long)*nr, KEXEC_BPF_OBJ_RELOCS_MAX);
		return -ELIBSCN;
	}
	return 0;
}

static int collect_section_relocs(struct kexec_bpf_elf *elf, u32 i, u32 base,
				  u32 nr_insns)
{
	struct kexec_bpf_obj *obj = elf->obj;
	struct site site = { .base = base, .nr = nr_insns };
	Elf64_Shdr shdr;
	Elf64_Rel rel;
	u64 last = 0;
	int ret;

	if (i == ELF_NO_SECTION)
		return 0;
	elf_shdr(elf, i, &shdr);
	for (; site.number < shdr.sh_size / sizeof(rel); site.number++) {
		memcpy(&rel, obj->data + shdr.sh_offset +
		       site.number * sizeof(rel), sizeof(rel));
		/* Ascending, so that no instruction has two. */
		if (site.number && rel.r_offset <= last) {
			kexec_bpf_printk(elf->log, "parser: relocation %u at %#llx is not behind the one before\n",
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

/**
 * kexec_bpf_elf_collect_relocs() - describe what the relocations will change
 * @elf: the object, with its instructions taken over; @elf->obj is filled in
 *
 * Return: 0, -ELIBSCN or -ENOMEM.
 */
int kexec_bpf_elf_collect_relocs(struct kexec_bpf_elf *elf)
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

/*
 * A call that clang writes for an extern looks like a call of itself until its
 * relocation is applied. One that is left over would do who knows what.
 */
static int check_calls(const struct kexec_bpf_obj *obj,
		       struct kexec_bpf_log *log)
{
	u32 i;

	for (i = 0; i < obj->nr_insns; i++) {
		const struct bpf_insn *insn = &obj->insns[i];
		s64 target = (s64)i + 1 + insn->imm;

		if (insn->code == (BPF_LD | BPF_IMM | BPF_DW)) {
			i++;
			continue;
		}
		if (insn->code != (BPF_JMP | BPF_CALL) ||
		    insn->src_reg != BPF_PSEUDO_CALL)
			continue;
		if (target < obj->nr_entry_insns || target >= obj->nr_insns ||
		    target == i) {
			kexec_bpf_printk(log, "parser: instruction %u calls what is no subprogram\n",
					 i);
			return -ELIBSCN;
		}
	}
	return 0;
}

/**
 * kexec_bpf_obj_relocate() - put descriptors, ids and distances into a program
 * @obj: an open object whose maps have their descriptors and whose kfuncs have
 *	their ids
 * @log: where the reason of a refusal goes
 *
 * kexec_bpf_obj_open() has proven that each relocation fits its instruction, and
 * that no instruction has two.
 *
 * Return: 0, or -ELIBSCN if a call has no relocation that needs one.
 */
int kexec_bpf_obj_relocate(struct kexec_bpf_obj *obj, struct kexec_bpf_log *log)
{
	u32 i;

	for (i = 0; i < obj->nr_relocs; i++) {
		const struct kexec_bpf_obj_reloc *reloc = &obj->relocs[i];
		struct bpf_insn *insn = &obj->insns[reloc->insn];

		switch (reloc->type) {
		case KEXEC_BPF_RELOC_MAP:
			insn[0].src_reg = BPF_PSEUDO_MAP_VALUE;
			insn[0].imm = obj->maps[reloc->index].fd;
			insn[1].imm = reloc->value;
			break;
		case KEXEC_BPF_RELOC_KFUNC:
			insn->src_reg = BPF_PSEUDO_KFUNC_CALL;
			insn->imm = obj->kfuncs[reloc->index].id;
			insn->off = 0;
			break;
		case KEXEC_BPF_RELOC_CALL:
			insn->imm = (s32)(reloc->value - (reloc->insn + 1));
			break;
		}
	}
	return check_calls(obj, log);
}
