// SPDX-License-Identifier: GPL-2.0-only
/* Parser objects: what is refused, and what becomes of each instruction */

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/bpf.h>
#include <linux/kernel.h>
#include <linux/slab.h>

#include "host.h"
#include "obj.h"
#include "obj_defects.h"
#include "tap.h"

#define FIRST_FD	40
#define FIRST_ID	100000

static struct host_log log;

/* As the loader does it, with made-up descriptors and ids. */
static int load(struct kexec_bpf_obj *obj, const void *data, size_t size)
{
	u32 i;
	int ret;

	host_log_reset(&log);
	ret = kexec_bpf_obj_open(obj, data, size, &log.log);
	if (ret)
		return ret;
	for (i = 0; i < obj->nr_maps; i++)
		obj->maps[i].fd = FIRST_FD + i;
	for (i = 0; i < obj->nr_kfuncs; i++)
		obj->kfuncs[i].id = FIRST_ID + i;
	return kexec_bpf_obj_relocate(obj, &log.log);
}

static int load_once(const void *data, size_t size)
{
	void *copy = host_copy(data, size);
	struct kexec_bpf_obj obj;
	int ret = load(&obj, copy, size);

	kexec_bpf_obj_close(&obj);
	free(copy);
	return ret;
}

static int load_obj(const struct obj *obj)
{
	size_t size;
	void *data = obj_write(obj, &size);
	int ret = load_once(data, size);

	free(data);
	return ret;
}

static void test_defect(const struct obj_defect *defect)
{
	struct obj obj;
	int ret;

	obj_sample(&obj);
	obj_refuse(defect, &obj);
	ret = load_obj(&obj);
	if (!tap_ok(ret == -defect->error && host_log_is_line(&log) &&
		    (!defect->log || host_log_has(&log, defect->log)),
		    "%s elf: refused: %s", defect->lessons, defect->name))
		tap_diag("have %d, want %d and '%s' in: %s", ret,
			 -defect->error, defect->log ? defect->log : "",
			 log.text);
	obj_free(&obj);

	obj_sample(&obj);
	obj_accept(defect, &obj);
	ret = load_obj(&obj);
	if (!tap_ok(!ret && !log.text[0], "%s elf: accepted: not quite: %s",
		    defect->lessons, defect->name))
		tap_diag("have %d: %s", ret, log.text);
	obj_free(&obj);
}

/* A map that must be there: which bytes it has, or none for zeros */
static bool has_map(const struct kexec_bpf_obj *obj, const char *name,
		    const void *data, u32 size, bool rdonly)
{
	u32 i;

	for (i = 0; i < obj->nr_maps; i++) {
		const struct kexec_bpf_obj_map *map = &obj->maps[i];

		if (!strcmp(map->name, name))
			return map->size == size && map->rdonly == rdonly &&
			       !data == !map->data &&
			       (!data || !memcmp(map->data, data, size));
	}
	return false;
}

static s32 map_fd(const struct kexec_bpf_obj *obj, const char *name)
{
	u32 i;

	for (i = 0; i < obj->nr_maps; i++)
		if (!strcmp(obj->maps[i].name, name))
			return obj->maps[i].fd;
	return -1;
}

static s32 kfunc_id(const struct kexec_bpf_obj *obj, const char *name)
{
	u32 i;

	for (i = 0; i < obj->nr_kfuncs; i++)
		if (!strcmp(obj->kfuncs[i].name, name))
			return obj->kfuncs[i].id;
	return -1;
}

static bool is_insn(const struct kexec_bpf_obj *obj, u32 i, u8 code, u8 dst,
		    u8 src, s32 imm)
{
	const struct bpf_insn *insn = &obj->insns[i];

	if (insn->code == code && insn->dst_reg == dst &&
	    insn->src_reg == src && !insn->off && insn->imm == imm)
		return true;
	tap_diag("instruction %u: code %#x dst %u src %u off %d imm %d", i,
		 insn->code, insn->dst_reg, insn->src_reg, insn->off,
		 insn->imm);
	return false;
}

/* The sample, instruction by instruction, as it must come out */
static void test_sample(void)
{
	const u8 mov = BPF_ALU64 | BPF_MOV | BPF_K, ret = BPF_JMP | BPF_EXIT;
	const u8 ld = BPF_LD | BPF_IMM | BPF_DW, call = BPF_JMP | BPF_CALL;
	const u32 t = OBJ_ENTRY_INSNS;
	struct kexec_bpf_obj obj;
	struct obj sample;
	size_t size, i;
	void *data, *copy;
	bool ok;

	obj_sample(&sample);
	/* An offset that a compiler left there must not survive. */
	obj_insn(&sample, OBJ_ENTRY, OBJ_INSN_LOG)->off = 5;
	data = obj_write(&sample, &size);
	copy = host_copy(data, size);
	if (!tap_is(load(&obj, data, size), 0, "[M8] elf: accepted: sample"))
		tap_bail("%s", log.text);
	tap_ok(!memcmp(data, copy, size),
	       "[S3] elf: the object itself is not changed");
	tap_ok(obj.nr_insns == OBJ_ENTRY_INSNS + OBJ_TEXT_INSNS &&
	       obj.nr_entry_insns == OBJ_ENTRY_INSNS,
	       "[M8] elf: the entry function comes first, then .text");
	tap_ok(obj.nr_maps == 3 &&
	       has_map(&obj, ".rodata", "constant", 8, true) &&
	       has_map(&obj, ".data", "variable bytes!", 16, false) &&
	       has_map(&obj, ".bss", NULL, 24, false),
	       "[S5] elf: data sections are maps; constants are read-only");
	tap_ok(obj.nr_kfuncs == 2 && obj.nr_relocs == 8,
	       "[M8] elf: a kfunc that is called twice counts once");
	tap_ok(!strcmp(obj.license, "GPL") && obj.parser.abi == 1 &&
	       !strcmp(obj.parser.format, "sample"),
	       "[P1] elf: licence, ABI version, name of the format");

	ok = is_insn(&obj, 0, ld, 1, BPF_PSEUDO_MAP_VALUE,
		     map_fd(&obj, ".data")) &&
	     is_insn(&obj, 1, 0, 0, 0, 8) &&
	     is_insn(&obj, 2, mov, 2, 0, 4) &&
	     is_insn(&obj, 3, call, 0, BPF_PSEUDO_KFUNC_CALL,
		     kfunc_id(&obj, "bpf_kexec_log")) &&
	     is_insn(&obj, 4, call, 0, BPF_PSEUDO_CALL, t + 2 - 5) &&
	     is_insn(&obj, 5, ld, 2, BPF_PSEUDO_MAP_VALUE,
		     map_fd(&obj, ".rodata")) &&
	     is_insn(&obj, 6, 0, 0, 0, 4) &&
	     is_insn(&obj, 7, call, 0, BPF_PSEUDO_KFUNC_CALL,
		     kfunc_id(&obj, "bpf_kexec_size")) &&
	     is_insn(&obj, 8, call, 0, BPF_PSEUDO_CALL, t - 9) &&
	     is_insn(&obj, 9, mov, 0, 0, 0) &&
	     is_insn(&obj, 10, ret, 0, 0, 0);
	tap_ok(ok, "[M8] elf: each instruction of the entry function");
	ok = is_insn(&obj, t, mov, 0, 0, 1) &&
	     is_insn(&obj, t + 1, ret, 0, 0, 0) &&
	     is_insn(&obj, t + 2, ld, 1, BPF_PSEUDO_MAP_VALUE,
		     map_fd(&obj, ".bss")) &&
	     is_insn(&obj, t + 3, 0, 0, 0, 0) &&
	     is_insn(&obj, t + 4, call, 0, BPF_PSEUDO_KFUNC_CALL,
		     kfunc_id(&obj, "bpf_kexec_log")) &&
	     is_insn(&obj, t + 5, call, 0, BPF_PSEUDO_CALL, -6) &&
	     is_insn(&obj, t + 6, ret, 0, 0, 0);
	tap_ok(ok, "[M8] elf: each instruction of the subprograms");
	kexec_bpf_obj_close(&obj);
	kexec_bpf_obj_close(&obj);
	tap_is(shim_alloc_live, 0,
	       "[M3] elf: closing frees all, twice does no harm");

	/* Every length below the whole: the section table is at its end. */
	for (ok = true, i = 0; i < size; i++) {
		int error = load_once(data, i);

		if (error != -ELIBSCN || !host_log_is_line(&log)) {
			tap_diag("%zu bytes: %d: %s", i, error, log.text);
			ok = false;
		}
	}
	tap_ok(ok, "[M8] elf: refused: each length below that of the object");
	free(copy);
	free(data);
	obj_free(&sample);
}

/* Allocations failed in turn, of an object that is sound otherwise */
static void test_allocation(void)
{
	struct obj sample;
	unsigned long nr, i;
	bool ok = true;
	void *data;
	size_t size;

	obj_sample(&sample);
	data = obj_write(&sample, &size);
	shim_alloc_reset(0);
	load_once(data, size);
	nr = shim_alloc_count;
	for (i = 1; i <= nr; i++) {
		shim_alloc_reset(i);
		ok &= load_once(data, size) == -ENOMEM;
	}
	shim_alloc_reset(0);
	tap_ok(ok && nr == 2, "[M3] elf: each allocation failed in turn: ENOMEM");
	tap_is(shim_alloc_live, 0, "[M3] elf: nothing is left allocated");
	free(data);
	obj_free(&sample);
}

/*
 * Every byte of the object set to a few values: nothing but the errnos of an
 * object, always with a reason, no access outside it.
 */
static void test_bytes(void)
{
	static const u8 values[] = { 0, 1, 0x7f, 0x80, 0xff };
	unsigned int wrong = 0, sound = 0;
	struct obj sample;
	u8 *data;
	size_t size, i, j;

	obj_sample(&sample);
	data = obj_write(&sample, &size);
	for (i = 0; i < size; i++) {
		u8 old = data[i];

		for (j = 0; j < ARRAY_SIZE(values); j++) {
			int ret;

			data[i] = values[j];
			ret = load_once(data, size);
			sound += !ret;
			if (ret != 0 && ret != -ELIBSCN &&
			    ret != -EPROTONOSUPPORT)
				wrong++;
			if (ret ? !host_log_is_line(&log) : log.text[0])
				wrong++;
		}
		data[i] = old;
	}
	tap_is(wrong, 0, "[M6][M8] elf: each byte of the object, some values");
	tap_ok(sound && sound < size * ARRAY_SIZE(values),
	       "[M8] elf: some of these objects are sound, some are not");
	tap_is(shim_alloc_live, 0, "[M3] elf: nothing is left allocated");
	free(data);
	obj_free(&sample);
}

/*
 * What the file says, by another way: the table of relocations is walked by
 * section names, and each relocated instruction is computed from the symbols.
 */
struct view {
	const u8 *data;
	size_t size;
	u64 shoff;
	u16 nr;
};

struct view_section {
	const char *name;
	u32 type, link, info;
	u64 offset, size;
	unsigned int index;
};

static u64 num(const struct view *view, u64 at, int n)
{
	u64 value = 0;

	while (n--)
		value = value << 8 | view->data[at + n];
	return value;
}

static struct view_section view_section(const struct view *view,
					unsigned int i)
{
	u64 at = view->shoff + 64 * i;
	u64 names = view->shoff + 64 * num(view, 62, 2);

	return (struct view_section){
		.name = (const char *)view->data + num(view, names + 24, 8) +
			num(view, at, 4),
		.type = num(view, at + 4, 4),
		.link = num(view, at + 40, 4),
		.info = num(view, at + 44, 4),
		.offset = num(view, at + 24, 8),
		.size = num(view, at + 32, 8),
		.index = i,
	};
}

/*
 * Instruction @i of @code, as relocations @rels make it. Returns whether the
 * one at @have is it. @base: where the section begins in the program; @text:
 * where .text begins.
 */
static bool same_insn(const struct view *view, const struct kexec_bpf_obj *obj,
		      const struct view_section *code,
		      const struct view_section *rels, u32 i, u32 base,
		      u32 text)
{
	struct bpf_insn want[2] = {};
	u64 at, symbol, value;
	struct view_section target, symtab, names;
	const char *name;
	u32 j, section;

	memcpy(want, view->data + code->offset + i * 8,
	       code->size - i * 8 < 16 ? 8 : 16);
	for (at = 0; rels && at < rels->size; at += 16) {
		if (num(view, rels->offset + at, 8) == i * 8)
			break;
	}
	if (!rels || at == rels->size)
		return !memcmp(&obj->insns[base + i], want, 8);

	symtab = view_section(view, rels->link);
	names = view_section(view, symtab.link);
	symbol = symtab.offset + 24 * num(view, rels->offset + at + 12, 4);
	name = (const char *)view->data + names.offset + num(view, symbol, 4);
	section = num(view, symbol + 6, 2);
	value = num(view, symbol + 8, 8);
	if (num(view, rels->offset + at + 8, 4) == 1) {
		target = view_section(view, section);
		for (j = 0; j < obj->nr_maps; j++)
			if (obj->maps[j].section == target.index)
				break;
		if (j == obj->nr_maps)
			return false;
		want[1].imm = value + want[0].imm;
		want[0].imm = FIRST_FD + j;
		want[0].src_reg = 2;
		return !memcmp(&obj->insns[base + i], want, 16);
	}
	if (!section) {
		want[0].src_reg = 2;
		want[0].imm = kfunc_id(obj, name);
		return want[0].imm > 0 &&
		       !memcmp(&obj->insns[base + i], want, 8);
	}
	want[0].imm += text + value / 8 - (base + i);
	return !memcmp(&obj->insns[base + i], want, 8);
}

static bool same_code(const struct view *view, const struct kexec_bpf_obj *obj,
		      const char *name, u32 base)
{
	struct view_section code = {}, rels = {}, section;
	bool same = true, half = false;
	u32 i;

	for (i = 1; i < view->nr; i++) {
		section = view_section(view, i);
		if (!strcmp(section.name, name))
			code = section;
	}
	for (i = 1; i < view->nr; i++) {
		section = view_section(view, i);
		if (section.type == 9 && section.info == code.index)
			rels = section;
	}
	for (i = 0; i < code.size / 8; i++) {
		/* The second half of a load goes with the first. */
		if (half) {
			half = false;
			continue;
		}
		half = view->data[code.offset + i * 8] == 0x18;
		if (!same_insn(view, obj, &code, rels.name ? &rels : NULL, i,
			       base, obj->nr_entry_insns)) {
			tap_diag("%s: instruction %u", name, i);
			same = false;
		}
	}
	return same && (base ? obj->nr_insns - base : obj->nr_entry_insns) ==
		       code.size / 8;
}

/* What tests of the parsers' directory are refused, and why */
static const struct {
	const char *name;
	int error;
	const char *log;
} refused[] = {
	{ "abi_unknown", EPROTONOSUPPORT, "ABI version" },
	{ "calls_helper", ELIBSCN, "calls helper" },
	{ "has_map", ELIBSCN, "not supported" },
	{ "may_goto", ELIBSCN, "is a loop that cannot be stopped" },
	{ "weak_extern", ELIBSCN, "weak externs are not supported" },
};

static void test_object(const char *path, const char *file)
{
	struct kexec_bpf_obj obj = {};
	char name[64] = "";
	size_t size, i;
	u8 *data, *copy;
	struct view view;
	int ret, want = 0;
	const char *why = "";

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(file, "."), file);
	for (i = 0; i < ARRAY_SIZE(refused); i++) {
		if (!strcmp(name, refused[i].name)) {
			want = -refused[i].error;
			why = refused[i].log;
		}
	}
	data = host_read_file(path, &size);
	if (!data) {
		tap_ok(false, "[M8] elf: %s can be read", path);
		return;
	}
	copy = host_copy(data, size);
	ret = load(&obj, copy, size);
	if (!tap_ok(ret == want && host_log_has(&log, why),
		    "[M8] elf: %s: object of clang: %s",
		    want ? "refused" : "accepted", name))
		tap_diag("have %d, want %d: %s", ret, want, log.text);
	if (!ret) {
		view = (struct view){ data, size, 0, 0 };
		view.shoff = num(&view, 40, 8);
		view.nr = num(&view, 60, 2);
		tap_ok(same_code(&view, &obj, "syscall", 0) &&
		       (obj.nr_insns == obj.nr_entry_insns ||
			same_code(&view, &obj, ".text", obj.nr_entry_insns)),
		       "[M8] elf: each instruction is what the relocations make it: %s",
		       name);
	}
	kexec_bpf_obj_close(&obj);
	for (ret = 0, i = 0; i < size && !ret; i++)
		ret = load_once(copy, i) == 0;
	tap_ok(!ret, "[M8] elf: refused: each length below that of %s", name);
	free(copy);
	free(data);
}

static int is_object(const struct dirent *entry)
{
	const char *dot = strchr(entry->d_name, '.');

	return dot && !strcmp(dot, ".bpf.o");
}

static void test_directory(const char *dir)
{
	struct dirent **entries;
	char path[4096];
	int nr, i;

	nr = scandir(dir, &entries, is_object, alphasort);
	tap_ok(nr > 0, "[M8] elf: there are objects in %s",
	       strrchr(dir, '/') ? strrchr(dir, '/') + 1 : dir);
	for (i = 0; i < nr; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, entries[i]->d_name);
		test_object(path, entries[i]->d_name);
		free(entries[i]);
	}
	if (nr >= 0)
		free(entries);
}

/* Directories of objects that clang made are arguments. */
int main(int argc, char **argv)
{
	unsigned int i;

	test_sample();
	for (i = 0; i < nr_obj_defects; i++)
		test_defect(&obj_defects[i]);
	tap_is(shim_alloc_live, 0, "[M3] elf: nothing is left allocated");
	test_allocation();
	test_bytes();
	if (argc < 2)
		tap_skip("no directory of objects",
			 "[M8] elf: objects of clang");
	for (i = 1; i < (unsigned int)argc; i++)
		test_directory(argv[i]);
	return tap_done();
}
