// SPDX-License-Identifier: GPL-2.0-only
/*
 * From a parser object to a program that runs: maps, verification, execution
 *
 * Everything here happens in the parser thread, see thread.c.
 */

#include <linux/bpf.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/kthread.h>
#include <linux/license.h>
#include <linux/mman.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "internal.h"

/* Exported for loaders inside the kernel, but declared in no header. */
int kern_sys_bpf(int cmd, union bpf_attr *attr, unsigned int size);

static int interrupted(const struct kexec_bpf_load *load, int ret)
{
	return READ_ONCE(load->cancel) || fatal_signal_pending(current) ?
	       -EINTR : ret;
}

static u64 address(const void *p)
{
	return (u64)(unsigned long)p;
}

/*
 * Whether a descriptor is that of what was just made. A tracing program can have
 * a security hook return a positive number, which comes out as a descriptor:
 * that of another map, or of nothing at all. The table is this thread's alone,
 * and fills from 0, so the next descriptor is known.
 */
static bool is_next(int fd, int next)
{
	CLASS(fd, f)(fd);

	return fd == next && !fd_empty(f);
}

static int fill_map(const struct kexec_bpf_obj_map *map)
{
	union bpf_attr attr = { .map_fd = map->fd };
	u32 key = 0;

	/* A new map is all zero. */
	if (!map->data)
		return 0;
	attr.key = address(&key);
	attr.value = address(map->data);
	return kern_sys_bpf(BPF_MAP_UPDATE_ELEM, &attr, sizeof(attr));
}

static int create_map(struct kexec_bpf_load *load,
		      struct kexec_bpf_obj_map *map, int next)
{
	union bpf_attr attr = {
		.map_type	= BPF_MAP_TYPE_ARRAY,
		.key_size	= sizeof(u32),
		.value_size	= map->size,
		.max_entries	= 1,
		.map_flags	= map->rdonly ? BPF_F_RDONLY_PROG : 0,
	};
	int ret;

	ret = kern_sys_bpf(BPF_MAP_CREATE, &attr, sizeof(attr));
	if (ret < 0)
		goto failed;
	if (!is_next(ret, next)) {
		ret = -EPERM;
		goto failed;
	}
	map->fd = ret;

	ret = fill_map(map);
	if (ret)
		goto failed;

	if (map->rdonly) {
		union bpf_attr freeze = { .map_fd = map->fd };

		ret = kern_sys_bpf(BPF_MAP_FREEZE, &freeze, sizeof(freeze));
		if (ret)
			goto failed;
	}
	return 0;

failed:
	kexec_bpf_printk(&load->log, "bpf: map for section '%s' of %u bytes: error %d\n",
			 map->name, map->size, ret);
	return ret;
}

static int create_maps(struct kexec_bpf_load *load, struct kexec_bpf_obj *obj)
{
	u32 i;
	int ret;

	for (i = 0; i < obj->nr_maps; i++) {
		ret = create_map(load, &obj->maps[i], i);
		if (ret)
			return ret;
	}
	return 0;
}

static void close_maps(const struct kexec_bpf_obj *obj)
{
	u32 i;

	for (i = 0; i < obj->nr_maps; i++) {
		if (obj->maps[i].fd >= 0)
			close_fd(obj->maps[i].fd);
	}
}

static int resolve_kfuncs(struct kexec_bpf_load *load,
			  struct kexec_bpf_obj *obj)
{
	char name[48];
	u32 i;

	for (i = 0; i < obj->nr_kfuncs; i++) {
		obj->kfuncs[i].id = kexec_bpf_kfunc_id(obj->kfuncs[i].name);
		if (obj->kfuncs[i].id)
			continue;
		kexec_bpf_printable(name, sizeof(name), obj->kfuncs[i].name,
				    strlen(obj->kfuncs[i].name));
		kexec_bpf_printk(&load->log, "parser: calls '%s', which is no kfunc of parser ABI %d\n",
				 name, KEXEC_BPF_ABI);
		return -ELIBSCN;
	}
	return 0;
}

static int policy_refuses(struct kexec_bpf_load *load, int error)
{
	kexec_bpf_printk(&load->log, "bpf: a security policy refuses to load programs: error %d\n",
			 error);
	return error;
}

static int verifier_refuses(struct kexec_bpf_load *load, int error, char *text)
{
	/* Policies are asked before it and give no reason; it always does. */
	if (!*text) {
		if (error == -EACCES)
			return policy_refuses(load, error);
		kexec_bpf_printk(&load->log, "bpf: the parser is refused without a reason: error %d\n",
				 error);
		return -EPROTO;
	}
	kexec_bpf_printk(&load->log, "bpf: the verifier refuses the parser: error %d\n",
			 error);
	kexec_bpf_log_verifier(&load->log, text, KEXEC_BPF_VERIFIER_LOG_SIZE);
	return -EPROTO;
}

/*
 * Ask the verifier once more, for its reason. It writes to user memory only, so
 * the thread borrows some, which nobody else can see, and returns it before
 * anything else happens. A caller without a log gets as much out of it: the
 * errno, and the size that the log would have.
 *
 * Return: -EPROTO; -EACCES if it was a security policy; or -ENOMEM if there was
 * no reason: the verifier and the JIT have various errors when memory is short,
 * which are not the parser's.
 */
static int explain_refusal(struct kexec_bpf_load *load, union bpf_attr *attr)
{
	unsigned long addr;
	struct mm_struct *mm;
	int ret = -ENOMEM, fd;
	char *text;

	text = kvzalloc(KEXEC_BPF_VERIFIER_LOG_SIZE, GFP_KERNEL);
	if (!text)
		return ret;
	mm = mm_alloc();
	if (!mm)
		goto out_free_text;
	mm->task_size = TASK_SIZE;
	arch_pick_mmap_layout(mm, &current->signal->rlim[RLIMIT_STACK]);
	kthread_use_mm(mm);

	addr = vm_mmap(NULL, 0, KEXEC_BPF_VERIFIER_LOG_SIZE,
		       PROT_READ | PROT_WRITE, MAP_ANONYMOUS | MAP_PRIVATE, 0);
	if (IS_ERR_VALUE(addr))
		goto out_unuse_mm;

	attr->log_level = 1;
	attr->log_buf = addr;
	attr->log_size = KEXEC_BPF_VERIFIER_LOG_SIZE;
	fd = kern_sys_bpf(BPF_PROG_LOAD, attr, sizeof(*attr));
	if (fd >= 0)
		close_fd(fd);
	else if (fd != -ENOMEM &&
		 !copy_from_user(text, (void __user *)addr,
				 KEXEC_BPF_VERIFIER_LOG_SIZE))
		ret = verifier_refuses(load, fd, text);

out_unuse_mm:
	kthread_unuse_mm(mm);
	mmput(mm);
out_free_text:
	kvfree(text);
	return ret;
}

/* Return: descriptor of the program or an error. */
static int load_prog(struct kexec_bpf_load *load, struct kexec_bpf_obj *obj)
{
	union bpf_attr attr = {
		.prog_type	= BPF_PROG_TYPE_SYSCALL,
		.prog_flags	= BPF_F_SLEEPABLE,
		.insn_cnt	= obj->nr_insns,
	};
	int ret;

	attr.insns = address(obj->insns);
	attr.license = address(obj->license);
	strscpy(attr.prog_name, "kexec_parser", sizeof(attr.prog_name));

	load->passed = false;
	ret = kern_sys_bpf(BPF_PROG_LOAD, &attr, sizeof(attr));
	if (ret >= 0) {
		if (is_next(ret, obj->nr_maps))
			return ret;
		ret = -EPERM;
	}

	ret = interrupted(load, ret);
	switch (ret) {
	case -EINTR:
	case -ENOMEM:
		return ret;
	case -EMFILE:
		kexec_bpf_printk(&load->log, "bpf: no descriptor for the program: error %d\n",
				 ret);
		return ret;
	case -EPERM:
		return policy_refuses(load, ret);
	case -ENOTSUPP:
		/* What the verifier says when the interpreter would have to do. */
		kexec_bpf_printk(&load->log, "bpf: the BPF JIT is off, see sysctl net.core.bpf_jit_enable, or has no memory\n");
		return -EOPNOTSUPP;
	}

	/* Some policies are asked for the descriptor, behind the verifier. */
	if (load->passed) {
		policy_refuses(load, ret);
		return -EACCES;
	}
	return interrupted(load, explain_refusal(load, &attr));
}

/* Return: descriptor of the program or an error. */
static int open_and_load(struct kexec_bpf_load *load)
{
	struct kexec_bpf_obj *obj;
	int ret;

	/* Or the verifier would refuse every parser for calling them. */
	if (!kexec_bpf_has_kfuncs()) {
		kexec_bpf_printk(&load->log, "parser: this kernel could not register the kfuncs for parsers, see its log\n");
		return -EOPNOTSUPP;
	}

	obj = kzalloc(sizeof(*obj), GFP_KERNEL);
	if (!obj)
		return -ENOMEM;

	ret = kexec_bpf_obj_open(obj, load->parser, load->parser_size,
				 &load->log);
	if (ret)
		goto out_close_obj;
	if (!license_is_gpl_compatible(obj->license)) {
		kexec_bpf_printk(&load->log, "parser: its licence is not compatible with the GPL\n");
		ret = -ELIBSCN;
		goto out_close_obj;
	}
	ret = resolve_kfuncs(load, obj);
	if (ret)
		goto out_close_obj;

	ret = create_maps(load, obj);
	if (ret)
		goto out_close_maps;
	ret = kexec_bpf_obj_relocate(obj, &load->log);
	if (ret)
		goto out_close_maps;
	ret = load_prog(load, obj);
	if (ret >= 0 && load->flags & KEXEC_BPF_DEBUG)
		kexec_bpf_printk(&load->log, "parser: format '%.*s', ABI %u, %u instructions, %u maps, %u kfuncs\n",
				 (int)sizeof(obj->parser.format),
				 obj->parser.format, obj->parser.abi,
				 obj->nr_insns, obj->nr_maps, obj->nr_kfuncs);

out_close_maps:
	/* The program has references of its own. */
	close_maps(obj);
out_close_obj:
	kexec_bpf_obj_close(obj);
	kfree(obj);
	return ret;
}

static int run_prog(struct kexec_bpf_load *load, int fd)
{
	union bpf_attr attr = { .test = { .prog_fd = fd } };
	int ret;

	load->deadline = jiffies + msecs_to_jiffies(load->parser_ms);
	ret = kern_sys_bpf(BPF_PROG_TEST_RUN, &attr, sizeof(attr));
	if (ret) {
		/* It was promised no context. */
		kexec_bpf_printk(&load->log, "bpf: the parser reads a context, and there is none: error %d\n",
				 ret);
		return -EPROTO;
	}

	load->result.rounds++;
	load->result.parser_ret = (int)attr.test.retval;
	if (load->stopped)
		return load->stopped;
	if (load->result.parser_ret) {
		kexec_bpf_printk(&load->log, "run: the parser refuses the image: it returned %d\n",
				 load->result.parser_ret);
		return -EBADMSG;
	}
	return 0;
}

/**
 * kexec_bpf_prog_run() - load and run the parser of a load
 * @load: the load, with @load->parser and @load->out set
 *
 * To be called in the parser thread, whose descriptor table is its own.
 *
 * Return: 0; -ELIBSCN, -EPROTONOSUPPORT or -EFBIG if the object is refused;
 * -EPROTO if the verifier refuses the program; -EBADMSG if the program returns
 * an error; -ETIME if it runs for too long; -EOPNOTSUPP if the JIT is off or
 * there are no kfuncs; -EPERM or -EACCES if a security policy refuses; -EMFILE if
 * kernel threads may have too few descriptors; -EINTR if the load was cancelled;
 * -ENOMEM.
 */
int kexec_bpf_prog_run(struct kexec_bpf_load *load)
{
	int fd, ret;

	kexec_bpf_step(load, KEXEC_BPF_STEP_LOAD);
	fd = open_and_load(load);
	if (fd < 0)
		return fd;

	kexec_bpf_step(load, KEXEC_BPF_STEP_RUN);
	ret = run_prog(load, fd);
	close_fd(fd);
	return ret;
}
