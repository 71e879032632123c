// SPDX-License-Identifier: GPL-2.0-only
/*
 * A parser object: open, relocate with made-up descriptors and ids
 *
 * Nothing of a program that gets through may name a kernel object but by one of
 * these descriptors and ids, and no pointer may lead out of the object.
 */

#include <errno.h>

#include <linux/bpf.h>
#include <linux/slab.h>

#include "fuzz.h"
#include "host.h"

#define FIRST_FD	40
#define FIRST_ID	100000

static bool inside(const struct kexec_bpf_obj *obj, const void *data,
		   size_t size)
{
	const u8 *begin = data;

	return begin >= obj->data && begin <= obj->data + obj->size &&
	       size <= (size_t)(obj->data + obj->size - begin);
}

static bool is_string(const struct kexec_bpf_obj *obj, const char *text)
{
	return inside(obj, text, 0) &&
	       memchr(text, 0, obj->data + obj->size - (const u8 *)text);
}

static void check_parts(const struct kexec_bpf_obj *obj)
{
	u32 i;

	must(obj->nr_insns >= 1 && obj->nr_insns <= KEXEC_BPF_OBJ_INSNS_MAX);
	must(obj->nr_entry_insns >= 1 && obj->nr_entry_insns <= obj->nr_insns);
	must(obj->nr_maps <= KEXEC_BPF_OBJ_MAPS_MAX);
	must(obj->nr_kfuncs <= KEXEC_BPF_OBJ_KFUNCS_MAX);
	must(obj->nr_relocs <= KEXEC_BPF_OBJ_RELOCS_MAX);
	must(is_string(obj, obj->license));
	must(obj->parser.abi == 1 && !obj->parser.reserved);
	must(memchr(obj->parser.format, 0, sizeof(obj->parser.format)));
	for (i = 0; i < obj->nr_maps; i++) {
		const struct kexec_bpf_obj_map *map = &obj->maps[i];

		must(map->size && map->size <= KEXEC_BPF_OBJ_MAP_SIZE_MAX);
		must(!map->data || inside(obj, map->data, map->size));
		must(memchr(map->name, 0, sizeof(map->name)));
	}
	for (i = 0; i < obj->nr_kfuncs; i++)
		must(is_string(obj, obj->kfuncs[i].name));
	for (i = 0; i < obj->nr_relocs; i++) {
		const struct kexec_bpf_obj_reloc *reloc = &obj->relocs[i];

		must(reloc->insn < obj->nr_insns);
		switch (reloc->type) {
		case KEXEC_BPF_RELOC_MAP:
			must(reloc->index < obj->nr_maps);
			must(reloc->value < obj->maps[reloc->index].size);
			must(reloc->insn + 1 < obj->nr_insns);
			break;
		case KEXEC_BPF_RELOC_KFUNC:
			must(reloc->index < obj->nr_kfuncs);
			break;
		case KEXEC_BPF_RELOC_CALL:
			must(reloc->value >= obj->nr_entry_insns &&
			     reloc->value < obj->nr_insns);
			break;
		default:
			must(false);
		}
	}
}

static void check_program(const struct kexec_bpf_obj *obj)
{
	u32 i;

	for (i = 0; i < obj->nr_insns; i++) {
		const struct bpf_insn *insn = &obj->insns[i];

		if (insn->code == (BPF_LD | BPF_IMM | BPF_DW)) {
			must(i + 1 < obj->nr_insns && !insn[1].code &&
			     !insn[1].dst_reg && !insn[1].src_reg &&
			     !insn[1].off);
			i++;
			if (!insn->src_reg)
				continue;
			must(insn->src_reg == BPF_PSEUDO_MAP_VALUE);
			must(insn->imm >= FIRST_FD &&
			     insn->imm < FIRST_FD + (int)obj->nr_maps);
			must((u32)insn[1].imm <
			     obj->maps[insn->imm - FIRST_FD].size);
		} else if (insn->code == (BPF_JMP | BPF_CALL)) {
			s64 target = (s64)i + 1 + insn->imm;

			if (insn->src_reg == BPF_PSEUDO_KFUNC_CALL) {
				must(insn->imm >= FIRST_ID &&
				     insn->imm < FIRST_ID + (int)obj->nr_kfuncs);
				must(!insn->off);
				continue;
			}
			must(insn->src_reg == BPF_PSEUDO_CALL);
			must(target >= obj->nr_entry_insns &&
			     target < obj->nr_insns);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
	static struct host_log log;
	struct kexec_bpf_obj obj;
	uint8_t *data;
	int ret;
	u32 i;

	data = host_copy(input, size);
	host_log_reset(&log);
	ret = kexec_bpf_obj_open(&obj, data, size, &log.log);
	must(ret == 0 || ret == -ELIBSCN || ret == -EPROTONOSUPPORT ||
	     (ret == -EFBIG && size > KEXEC_BPF_OBJ_SIZE_MAX));
	if (!ret) {
		check_parts(&obj);
		for (i = 0; i < obj.nr_maps; i++)
			obj.maps[i].fd = FIRST_FD + i;
		for (i = 0; i < obj.nr_kfuncs; i++)
			obj.kfuncs[i].id = FIRST_ID + i;
		ret = kexec_bpf_obj_relocate(&obj, &log.log);
		must(ret == 0 || ret == -ELIBSCN);
		if (!ret)
			check_program(&obj);
	}
	must(!ret == !log.text[0] && log_is_clean(log.text));
	must(!size || !memcmp(data, input, size));
	kexec_bpf_obj_close(&obj);
	must(!shim_alloc_live);
	free(data);
	return 0;
}
