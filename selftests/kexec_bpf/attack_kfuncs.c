// SPDX-License-Identifier: GPL-2.0
/*
 * Root loads programs of its own that call the kfuncs of parsers.
 */

#include "attack.h"

/* Every kfunc of parsers that the kernel has a name for */
static struct {
	const char	*name;
	uint32_t	id;
} kfuncs[64];
static unsigned int nr_kfuncs;

static void collect_kfuncs(void)
{
	const struct btf *btf = vmlinux_btf();
	const struct btf_type *t;
	const char *name;
	uint32_t id;

	for (id = 1; id < btf__type_cnt(btf); id++) {
		t = btf__type_by_id(btf, id);
		if (!btf_is_func(t))
			continue;
		name = btf__name_by_offset(btf, t->name_off);
		if (strncmp(name, "bpf_kexec_", 10) && strncmp(name, "bpf_iter_kexec_", 15))
			continue;
		if (nr_kfuncs == ARRAY_SIZE(kfuncs))
			tap_bail("too many kfuncs");
		kfuncs[nr_kfuncs].name = name;
		kfuncs[nr_kfuncs++].id = id;
	}
}

/* Types of programs, with what they need to be loaded at all */
static const struct kind {
	const char		*name;
	enum bpf_prog_type	type;
	enum bpf_attach_type	attach;
	uint32_t		flags;
	const char		*func;
} kinds[] = {
	{ "syscall", BPF_PROG_TYPE_SYSCALL, 0, BPF_F_SLEEPABLE, NULL },
	{ "fentry", BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY, 0, "do_kexec_file_load" },
	{ "fexit", BPF_PROG_TYPE_TRACING, BPF_TRACE_FEXIT, 0, "do_kexec_file_load" },
	{ "fexit of a kfunc", BPF_PROG_TYPE_TRACING, BPF_TRACE_FEXIT, 0, "bpf_kexec_read" },
	{ "sleepable fentry", BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY, BPF_F_SLEEPABLE,
	  "__x64_sys_kexec_bpf_load" },
	{ "fmod_ret", BPF_PROG_TYPE_TRACING, BPF_MODIFY_RETURN, 0, "security_kernel_read_file" },
	{ "iterator", BPF_PROG_TYPE_TRACING, BPF_TRACE_ITER, 0, "bpf_iter_bpf_map" },
	{ "sleepable iterator", BPF_PROG_TYPE_TRACING, BPF_TRACE_ITER, BPF_F_SLEEPABLE,
	  "bpf_iter_task" },
	{ "LSM", BPF_PROG_TYPE_LSM, BPF_LSM_MAC, 0, "bpf_lsm_kernel_read_file" },
	{ "sleepable LSM", BPF_PROG_TYPE_LSM, BPF_LSM_MAC, BPF_F_SLEEPABLE,
	  "bpf_lsm_bpf_prog_load" },
	{ "kprobe", BPF_PROG_TYPE_KPROBE, 0, 0, NULL },
	{ "sleepable kprobe", BPF_PROG_TYPE_KPROBE, 0, BPF_F_SLEEPABLE, NULL },
	{ "tracepoint", BPF_PROG_TYPE_TRACEPOINT, 0, 0, NULL },
	{ "raw tracepoint", BPF_PROG_TYPE_RAW_TRACEPOINT, 0, 0, NULL },
	{ "perf event", BPF_PROG_TYPE_PERF_EVENT, 0, 0, NULL },
	{ "socket filter", BPF_PROG_TYPE_SOCKET_FILTER, 0, 0, NULL },
};

static int load_kind(const struct kind *kind, const struct bpf_insn *insns,
		     size_t nr_insns)
{
	const struct prog prog = {
		.type		= kind->type,
		.attach		= kind->attach,
		.flags		= kind->flags,
		.btf_id		= kind->func ? btf_func(kind->func) : 0,
		.insns		= insns,
		.nr_insns	= nr_insns,
	};

	return load_prog(&prog);
}

static int load_without(const struct kind *kind)
{
	const struct bpf_insn insns[] = { MOV_IMM(0, 0), EXIT };

	return load_kind(kind, insns, ARRAY_SIZE(insns));
}

static int load_with(const struct kind *kind, uint32_t kfunc)
{
	const struct bpf_insn insns[] = { KFUNC(kfunc), MOV_IMM(0, 0), EXIT };

	return load_kind(kind, insns, ARRAY_SIZE(insns));
}

/* A kfunc that everybody may call, and one for programs of type SYSCALL */
static int load_common(void)
{
	const struct bpf_insn insns[] = {
		KFUNC(btf_func("bpf_rcu_read_lock")),
		KFUNC(btf_func("bpf_rcu_read_unlock")),
		MOV_IMM(0, 0),
		EXIT,
	};

	return load_kind(&kinds[0], insns, ARRAY_SIZE(insns));
}

static int load_cpumask(void)
{
	const struct bpf_insn insns[] = {
		KFUNC(btf_func("bpf_cpumask_create")),
		IF_EQ(0, 0, 2),
		MOV(1, 0),
		KFUNC(btf_func("bpf_cpumask_release")),
		MOV_IMM(0, 0),
		EXIT,
	};

	return load_kind(&kinds[0], insns, ARRAY_SIZE(insns));
}

static bool loads(int fd)
{
	if (fd < 0) {
		tap_diag("%s\n%s", strerror(-fd), verifier_log);
		return false;
	}
	close(fd);
	return true;
}

/* What the verifier must say: it is the permission that is missing */
static bool refused(int fd, const char *kfunc)
{
	char want[128];

	snprintf(want, sizeof(want), "calling kernel function %s is not allowed", kfunc);
	if (fd == -EACCES && strstr(verifier_log, want))
		return true;
	tap_diag("%s: %d, '%s'", kfunc, fd, verifier_log);
	if (fd >= 0)
		close(fd);
	return false;
}

static void controls(const char *when)
{
	tap_ok(loads(load_common()), "a program with a kfunc for all loads, %s", when);
	tap_ok(loads(load_cpumask()), "a program with a kfunc for its type loads, %s", when);
}

static void refusals(const char *when)
{
	unsigned int k, i, bad;

	for (k = 0; k < ARRAY_SIZE(kinds); k++) {
		for (i = 0, bad = 0; i < nr_kfuncs; i++)
			bad += !refused(load_with(&kinds[k], kfuncs[i].id), kfuncs[i].name);
		tap_is(bad, 0, "[S2] [S3] type %s: none of the %u kfuncs of parsers, %s",
		       kinds[k].name, nr_kfuncs, when);
	}
}

/* An extension is checked as what it extends: no way around the filter. */
static void extensions(void)
{
	const struct bpf_insn harmless[] = { MOV_IMM(0, 0), EXIT };
	struct bpf_insn insns[] = { KFUNC(0), MOV_IMM(0, 0), EXIT };
	unsigned int i, bad = 0;
	uint32_t func;
	int target;

	target = load_target(&func);
	tap_ok(loads(load_for_target(BPF_PROG_TYPE_EXT, 0, target, func, harmless,
				   ARRAY_SIZE(harmless))),
	       "a program of type syscall can be extended");
	for (i = 0; i < nr_kfuncs; i++) {
		insns[0].imm = kfuncs[i].id;
		bad += !refused(load_for_target(BPF_PROG_TYPE_EXT, 0, target, func, insns,
						ARRAY_SIZE(insns)), kfuncs[i].name);
	}
	tap_is(bad, 0, "[S2] an extension of it: none of the kfuncs of parsers");
	close(target);
}

int main(void)
{
	struct hold hold;
	unsigned int k;

	require_kernel();
	collect_kfuncs();
	tap_ok(nr_kfuncs >= 11, "the kernel has %u kfuncs of parsers", nr_kfuncs);
	for (k = 0; k < ARRAY_SIZE(kinds); k++)
		tap_ok(loads(load_without(&kinds[k])), "type %s: loads without a kfunc",
		       kinds[k].name);
	controls("without a load");
	refusals("without a load");
	extensions();

	hold_begin(&hold, 60000);
	controls("during a load");
	refusals("during a load");
	tap_ok(hold_lives(&hold), "the load was under way all the time");
	hold_kill(&hold);
	return tap_done();
}
