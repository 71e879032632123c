// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kfuncs that parsers call: thin wrappers over output.c
 *
 * Append-only: a parser is signed once and used for years. They take no context
 * that could be kept or forged, but find their load through the thread that
 * runs the parser; and only what that thread loads may call them at all.
 */

#define pr_fmt(fmt) "kexec_bpf: " fmt

#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/cache.h>
#include <linux/init.h>
#include <linux/jiffies.h>

#include "internal.h"

/*
 * Whether the parser may go on. Every kfunc asks, and each round of a loop, so
 * that a parser ends soon after it is told to: between two of them it can execute
 * no more instructions than the verifier was willing to follow.
 */
static int check_stop(struct kexec_bpf_load *load)
{
	cond_resched();
	if (load->stopped)
		return load->stopped;
	if (READ_ONCE(load->cancel)) {
		load->stopped = -EINTR;
	} else if (time_after(jiffies, load->deadline)) {
		kexec_bpf_printk(&load->log, "run: the parser has not ended after %u ms\n",
				 load->parser_ms);
		load->stopped = -ETIME;
	}
	return load->stopped;
}

static int enter(struct kexec_bpf_output **out)
{
	struct kexec_bpf_load *load = kexec_bpf_current();

	/* The filter below keeps everybody else from getting here. */
	if (WARN_ON_ONCE(!load))
		return -EPERM;
	*out = &load->out;
	return check_stop(load);
}

/* State behind struct bpf_iter_kexec */
struct iter {
	int cur;
	int end;
};

__bpf_kfunc_start_defs();

/**
 * bpf_kexec_info() - tell the parser about its load
 * @info: filled in; what this kernel does not know of becomes 0
 * @info__sz: size of @info in bytes
 *
 * Return: 0; -EINTR or -ETIME if the parser has to end.
 */
__bpf_kfunc int bpf_kexec_info(struct kexec_bpf_info *info, u32 info__sz)
{
	struct kexec_bpf_output *out;
	int ret = enter(&out);

	return ret ? ret : kexec_bpf_output_info(out, info, info__sz);
}

/**
 * bpf_kexec_size() - size of a buffer
 * @buffer: id of the buffer
 *
 * Return: size in bytes; -EBADF; -EINTR or -ETIME if the parser has to end.
 */
__bpf_kfunc s64 bpf_kexec_size(u32 buffer)
{
	struct kexec_bpf_output *out;
	int ret = enter(&out);

	return ret ? ret : kexec_bpf_output_size(out, buffer);
}

/**
 * bpf_kexec_read() - copy bytes of a buffer
 * @buffer: id of the buffer
 * @offset: where they begin
 * @dst: where they go; zeroed if they do not exist
 * @dst__sz: how many
 *
 * Return: 0; -EBADF; -ERANGE if the range is not inside the buffer; -EINTR or
 * -ETIME if the parser has to end.
 */
__bpf_kfunc int bpf_kexec_read(u32 buffer, u64 offset, void *dst, u32 dst__sz)
{
	struct kexec_bpf_output *out;
	int ret = enter(&out);

	return ret ? ret : kexec_bpf_output_read(out, buffer, offset, dst,
						 dst__sz);
}

/**
 * bpf_kexec_set_kernel() - choose the kernel
 * @buffer: id of the buffer that holds it
 * @offset: where it begins
 * @length: its size in bytes
 *
 * Return: 0; -EBADF; -ERANGE; -EINVAL if @length is 0; -EEXIST the second time;
 * -EKEYREJECTED if signatures are enforced and none covers the buffer; -EINTR
 * or -ETIME if the parser has to end.
 */
__bpf_kfunc int bpf_kexec_set_kernel(u32 buffer, u64 offset, u64 length)
{
	struct kexec_bpf_output *out;
	int ret = enter(&out);

	return ret ? ret : kexec_bpf_output_set_kernel(out, buffer, offset,
						       length);
}

/**
 * bpf_kexec_initrd_append() - append a range to the initrd as it is
 * @buffer: id of the buffer that holds it
 * @offset: where it begins
 * @length: its size in bytes
 *
 * Return: 0; -EBADF; -ERANGE; -EINVAL if @length is 0; -EFBIG if there are too
 * many pieces or the initrd becomes too large; -EKEYREJECTED; -EINTR; -ETIME.
 */
__bpf_kfunc int bpf_kexec_initrd_append(u32 buffer, u64 offset, u64 length)
{
	struct kexec_bpf_output *out;
	int ret = enter(&out);

	return ret ? ret : kexec_bpf_output_initrd_append(out, buffer, offset,
							  length);
}

/**
 * bpf_kexec_cmdline_append() - append a range to the command line as it is
 * @buffer: id of the buffer that holds it
 * @offset: where it begins
 * @length: its length in bytes
 *
 * Return: 0; -EBADF; -ERANGE; -EINVAL if @length is 0 or there is a NUL in the
 * range; -EFBIG if the command line becomes too long; -EKEYREJECTED; -EINTR;
 * -ETIME.
 */
__bpf_kfunc int bpf_kexec_cmdline_append(u32 buffer, u64 offset, u64 length)
{
	struct kexec_bpf_output *out;
	int ret = enter(&out);

	return ret ? ret : kexec_bpf_output_cmdline_append(out, buffer, offset,
							   length);
}

/**
 * bpf_kexec_cmdline_append_text() - append the parser's own text to the command
 *	line
 * @text: the text, which ends at its first NUL or at @text__sz
 * @text__sz: size of @text in bytes
 *
 * Return: 0; -EFBIG if the command line becomes too long; -EKEYREJECTED if
 * signatures are enforced and the parser has read unsigned bytes; -EINTR;
 * -ETIME.
 */
__bpf_kfunc int bpf_kexec_cmdline_append_text(const char *text, u32 text__sz)
{
	struct kexec_bpf_output *out;
	int ret = enter(&out);

	return ret ? ret : kexec_bpf_output_cmdline_text(out, text, text__sz);
}

/**
 * bpf_kexec_log() - write a line for the caller of the load
 * @fmt__str: the line, a constant string: %d, %u, %x for a value, %s for eight
 *	bytes of text in one
 * @args__opt: the values, or NULL
 * @args__sz: their size in bytes, at most KEXEC_BPF_LOG_ARGS values
 *
 * Return: 0; -EINVAL if format and values do not fit; -EINTR; -ETIME.
 */
__bpf_kfunc int bpf_kexec_log(const char *fmt__str, const u64 *args__opt,
			      u32 args__sz)
{
	struct kexec_bpf_output *out;
	int ret = enter(&out);

	return ret ? ret : kexec_bpf_output_log(out, fmt__str, args__opt,
						args__sz);
}

/**
 * bpf_iter_kexec_new() - begin to count
 * @it: state
 * @start: first number
 * @end: number behind the last one
 *
 * The loop of parsers. Unlike bpf_iter_num it ends when the parser has to.
 *
 * Return: 0, or -EINVAL if @start is above @end.
 */
__bpf_kfunc int bpf_iter_kexec_new(struct bpf_iter_kexec *it, int start, int end)
{
	struct iter *iter = (struct iter *)it;

	BUILD_BUG_ON(sizeof(*iter) != sizeof(*it));
	BUILD_BUG_ON(__alignof__(*iter) > __alignof__(*it));

	if (start > end) {
		iter->cur = 0;
		iter->end = 0;
		return -EINVAL;
	}
	/* May wrap to the largest number, and back in the first step. */
	iter->cur = (int)((u32)start - 1);
	iter->end = end;
	return 0;
}

/**
 * bpf_iter_kexec_next() - count on
 * @it: state
 *
 * Return: the next number; NULL behind the last one, or if the parser has to
 * end.
 */
__bpf_kfunc int *bpf_iter_kexec_next(struct bpf_iter_kexec *it)
{
	struct iter *iter = (struct iter *)it;
	struct kexec_bpf_output *out;
	int next = (int)((u32)iter->cur + 1);

	if (enter(&out) || next >= iter->end) {
		iter->cur = 0;
		iter->end = 0;
		return NULL;
	}
	iter->cur = next;
	return &iter->cur;
}

/**
 * bpf_iter_kexec_destroy() - end of a loop
 * @it: state
 */
__bpf_kfunc void bpf_iter_kexec_destroy(struct bpf_iter_kexec *it)
{
}

__bpf_kfunc_end_defs();

/* Sleepable, so that no timer that interrupts the thread can call them. */
BTF_KFUNCS_START(kfunc_ids)
BTF_ID_FLAGS(func, bpf_kexec_info, KF_SLEEPABLE)
BTF_ID_FLAGS(func, bpf_kexec_size, KF_SLEEPABLE)
BTF_ID_FLAGS(func, bpf_kexec_read, KF_SLEEPABLE)
BTF_ID_FLAGS(func, bpf_kexec_set_kernel, KF_SLEEPABLE)
BTF_ID_FLAGS(func, bpf_kexec_initrd_append, KF_SLEEPABLE)
BTF_ID_FLAGS(func, bpf_kexec_cmdline_append, KF_SLEEPABLE)
BTF_ID_FLAGS(func, bpf_kexec_cmdline_append_text, KF_SLEEPABLE)
BTF_ID_FLAGS(func, bpf_kexec_log, KF_SLEEPABLE)
BTF_ID_FLAGS(func, bpf_iter_kexec_new, KF_SLEEPABLE | KF_ITER_NEW)
BTF_ID_FLAGS(func, bpf_iter_kexec_next, KF_SLEEPABLE | KF_ITER_NEXT | KF_RET_NULL)
BTF_ID_FLAGS(func, bpf_iter_kexec_destroy, KF_SLEEPABLE | KF_ITER_DESTROY)
BTF_KFUNCS_END(kfunc_ids)

/*
 * Asked about every kfunc that any program of the type calls, several times
 * over: ids of others are none of its business.
 */
static int filter(const struct bpf_prog *prog, u32 kfunc_id)
{
	if (!btf_id_set8_contains(&kfunc_ids, kfunc_id))
		return 0;
	return kexec_bpf_current() ? 0 : -EACCES;
}

static const struct btf_kfunc_id_set kfunc_set = {
	.owner	= THIS_MODULE,
	.set	= &kfunc_ids,
	.filter	= filter,
};

/**
 * kexec_bpf_kfunc_id() - find a kfunc of the parser ABI
 * @name: its name
 *
 * Return: its BTF id, or 0 if parsers may not call it.
 */
u32 kexec_bpf_kfunc_id(const char *name)
{
	struct btf *btf = bpf_get_btf_vmlinux();
	const struct btf_type *type;
	u32 i;

	if (IS_ERR_OR_NULL(btf))
		return 0;
	for (i = 0; i < kfunc_ids.cnt; i++) {
		type = btf_type_by_id(btf, kfunc_ids.pairs[i].id);
		if (type && !strcmp(btf_name_by_offset(btf, type->name_off),
				    name))
			return kfunc_ids.pairs[i].id;
	}
	return 0;
}

static bool registered __ro_after_init;

/**
 * kexec_bpf_has_kfuncs() - whether parsers can call their kfuncs
 *
 * Return: true unless this kernel failed to register them when it booted.
 */
bool kexec_bpf_has_kfuncs(void)
{
	return registered;
}

static int __init kfuncs_init(void)
{
	int ret = register_btf_kfunc_id_set(BPF_PROG_TYPE_SYSCALL, &kfunc_set);

	registered = !ret;
	if (ret)
		pr_err("cannot register kfuncs, so no image will load: error %d\n",
		       ret);
	return ret;
}
late_initcall(kfuncs_init);
