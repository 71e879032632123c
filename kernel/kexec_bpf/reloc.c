// SPDX-License-Identifier: GPL-2.0-only
/*
 * Relocating a parser: the one place where its instructions are changed
 */

#include <linux/bpf.h>
#include <linux/errno.h>

#include "core.h"

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
			kexec_bpf_log(log, "parser: instruction %u calls what is no subprogram\n",
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
