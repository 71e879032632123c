// SPDX-License-Identifier: GPL-2.0-only
/*
 * The system call kexec_bpf_load: arguments, permission, what the caller gets
 */

#define pr_fmt(fmt) "kexec_bpf: " fmt

#include <linux/build_bug.h>
#include <linux/kexec.h>
#include <linux/mutex.h>
#include <linux/ratelimit.h>
#include <linux/sched/signal.h>
#include <linux/syscalls.h>
#include <linux/sysctl.h>
#include <linux/uaccess.h>

#include "../kexec_file_parts.h"
#include "internal.h"

unsigned long kexec_bpf_image_max = KEXEC_BPF_IMAGE_MAX_DEFAULT;
unsigned int kexec_bpf_parser_ms = KEXEC_BPF_PARSER_MS_DEFAULT;

/*
 * One load at a time, which bounds the memory that loads can take: that of one, and
 * for the moment that its parser's thread takes to end, of a load that was killed.
 */
static DEFINE_MUTEX(load_mutex);

/* What user space and parsers were compiled with does not change. */
static_assert(sizeof(struct kexec_bpf_args) == KEXEC_BPF_ARGS_SIZE_VER0);
static_assert(sizeof(struct kexec_bpf_file) == KEXEC_BPF_FILE_SIZE_VER0);
static_assert(sizeof(struct kexec_bpf_result) == KEXEC_BPF_RESULT_SIZE_VER0);
static_assert(sizeof(struct kexec_bpf_parser) == 32);
static_assert(offsetofend(struct kexec_bpf_info, cmdline_max) == 24);

/* A pointer and the size of what it points to come together or not at all. */
static bool is_pair(u64 address, u64 size)
{
	return !address == !size;
}

static int copy_args(struct kexec_bpf_args *args,
		     const struct kexec_bpf_args __user *uargs, size_t size)
{
	int ret;

	if (size < KEXEC_BPF_ARGS_SIZE_VER0)
		return -EINVAL;
	if (size > PAGE_SIZE)
		return -E2BIG;
	ret = copy_struct_from_user(args, sizeof(*args), uargs, size);
	if (ret)
		return ret;

	if (!is_pair(args->log, args->log_size) ||
	    !is_pair(args->result, args->result_size) ||
	    !is_pair(args->data, args->data_size) ||
	    !is_pair(args->files, args->nr_files) ||
	    !is_pair(args->nr_files, args->file_size) ||
	    args->parser_fd < -1)
		return -EINVAL;
	if (args->result_size && args->result_size < KEXEC_BPF_RESULT_SIZE_VER0)
		return -EINVAL;
	if (args->result_size > PAGE_SIZE)
		return -E2BIG;
	if (args->nr_files || args->parser_fd != -1 || args->data_size)
		return -EOPNOTSUPP;

	/* Better now than when an image has been replaced. */
	if (clear_user(u64_to_user_ptr(args->log), min(args->log_size, 1)) ||
	    clear_user(u64_to_user_ptr(args->result), args->result_size))
		return -EFAULT;
	return 0;
}

/*
 * The addresses were writable before the load. If they no longer are, that
 * changes nothing about the load, and its outcome is what counts.
 */
static void tell_caller(const struct kexec_bpf_args *args,
			const struct kexec_bpf_log *log,
			struct kexec_bpf_result *result)
{
	size_t size;

	if (log->size) {
		size = min_t(u64, log->len + 1, log->size);
		if (copy_to_user(u64_to_user_ptr(args->log), log->buf, size))
			return;
	}
	if (args->result_size) {
		result->log_len = log->len + 1;
		size = min_t(size_t, args->result_size, sizeof(*result));
		if (copy_to_user(u64_to_user_ptr(args->result), result, size))
			return;
	}
}

/* Its arguments were accepted, so it has a result; but there is nowhere to log. */
static int not_begun(const struct kexec_bpf_args *args, int error)
{
	const struct kexec_bpf_log none = {};
	struct kexec_bpf_result result = {
		.size	= sizeof(result),
		.step	= KEXEC_BPF_STEP_ARGS,
	};

	tell_caller(args, &none, &result);
	return error;
}

static int unload(unsigned long flags)
{
	unsigned long kexec_flags = KEXEC_FILE_UNLOAD;

	if (flags & KEXEC_BPF_ON_CRASH)
		kexec_flags |= KEXEC_FILE_ON_CRASH;
	return do_kexec_file_load(-1, -1, 0, NULL, kexec_flags, NULL);
}

static int load_image(const struct kexec_bpf_args __user *uargs, size_t size,
		      unsigned long flags)
{
	struct kexec_bpf_load *load;
	struct kexec_bpf_args args;
	int ret;

	ret = copy_args(&args, uargs, size);
	if (ret)
		return ret;
	if (!mutex_trylock(&load_mutex))
		return not_begun(&args, -EBUSY);

	load = kexec_bpf_load_alloc(flags, args.log_size);
	if (!load) {
		ret = not_begun(&args, -ENOMEM);
		goto out_unlock;
	}

	ret = kexec_bpf_load_image(load, args.image_fd);

	/* A caller that is to die hears nothing; the parser may still run. */
	if (!(ret == -EINTR && fatal_signal_pending(current))) {
		/* Ends the time of a step that failed. */
		kexec_bpf_step(load, load->result.step);
		tell_caller(&args, &load->log, &load->result);
		if (ret)
			pr_notice_ratelimited("load failed in step %u: error %d\n",
					      load->result.step, ret);
	}
	kexec_bpf_load_put(load);
out_unlock:
	mutex_unlock(&load_mutex);
	return ret;
}

/**
 * sys_kexec_bpf_load() - load a signed image by its own parser
 * @uargs: what to load
 * @size: size of @uargs in bytes, as the caller knows it
 * @flags: KEXEC_BPF_*
 *
 * Return: 0, with %KEXEC_BPF_ABI_VERSION the version, or a negative errno:
 *
 * - %EPERM: the caller lacks CAP_SYS_BOOT; kexec is disabled; the image is
 *   unsigned, allowed to be so by the caller but not by this kernel, or by a
 *   caller who may not load BPF programs; the initrd is to be left out while
 *   signatures are enforced; or a security policy refuses the image or BPF
 *   programs
 * - %EINVAL: unknown or contradicting flags, arguments that do not fit each
 *   other, the image is not a regular file, its segments take more than half of
 *   memory, or its kernel does not take the command line
 * - %E2BIG: arguments are larger than this kernel knows, and not zero there
 * - %EFAULT: an address is not the caller's
 * - %EBADF: the image is not open for reading
 * - %EBUSY: another load is under way
 * - %ETXTBSY: somebody has the image open for writing
 * - %EOPNOTSUPP: further files, detached parser or private data; a crash
 *   kernel, which this kernel was built without; the BPF JIT is off; or the
 *   kfuncs of parsers could not be registered when the kernel booted
 * - %EFBIG: a limit is exceeded
 * - %ENOEXEC: not an EFI PE image of this architecture, no .bpf section, or the
 *   kernel that its parser chose is none of this architecture
 * - %ELIBBAD: the PE structure of the image is malformed
 * - %ENODATA: the image is unsigned
 * - %ENOKEY: the image is signed by a key that is not trusted
 * - %ENOPKG: the signature uses an algorithm that this kernel lacks
 * - %EKEYREJECTED: the signature does not match, is malformed or revoked
 * - %ELIBSCN: the parser's object is malformed, or uses what is not supported
 * - %EPROTONOSUPPORT: the parser is for another version of the parser ABI
 * - %EPROTO: the BPF verifier refuses the parser
 * - %EBADMSG: the parser refuses the image
 * - %ENOMSG: the parser has chosen no kernel
 * - %ELOOP: kernels are nested too deep
 * - %ETIME: the parser runs for too long
 * - %EADDRNOTAVAIL: no room for the segments
 * - %EACCES: a security policy, as one of IMA, refuses to have the image read, or
 *   BPF programs
 * - %EMFILE: the descriptor limit of kernel threads was lowered too far
 * - %EIO: the image cannot be read, or changed its size meanwhile
 * - %EINTR: the caller is killed
 * - %ENOMEM: out of memory
 */
SYSCALL_DEFINE3(kexec_bpf_load, struct kexec_bpf_args __user *, uargs,
		size_t, size, unsigned long, flags)
{
	if (flags & KEXEC_BPF_ABI_VERSION) {
		if (uargs || size || flags != KEXEC_BPF_ABI_VERSION)
			return -EINVAL;
		return KEXEC_BPF_ABI;
	}
	if (flags & KEXEC_BPF_UNLOAD) {
		if (uargs || size ||
		    flags & ~(KEXEC_BPF_UNLOAD | KEXEC_BPF_ON_CRASH))
			return -EINVAL;
	} else if (flags & ~KEXEC_BPF_FLAGS) {
		return -EINVAL;
	}

	if (!kexec_load_permitted(flags & KEXEC_BPF_ON_CRASH ?
				  KEXEC_TYPE_CRASH : KEXEC_TYPE_DEFAULT))
		return -EPERM;
	/* Without a signature, a parser is a program of the caller. */
	if (flags & KEXEC_BPF_ALLOW_UNSIGNED &&
	    !(bpf_capable() && perfmon_capable()))
		return -EPERM;
	if (flags & KEXEC_BPF_ON_CRASH && !IS_ENABLED(CONFIG_CRASH_DUMP))
		return -EOPNOTSUPP;

	return flags & KEXEC_BPF_UNLOAD ? unload(flags) :
					  load_image(uargs, size, flags);
}

static const unsigned long image_max_min = 1;
static const unsigned long image_max_max = KEXEC_BPF_IMAGE_MAX_LIMIT;
static const unsigned int parser_ms_min = 1;
static const unsigned int parser_ms_max = KEXEC_BPF_PARSER_MS_LIMIT;

static struct ctl_table sysctls[] = {
	{
		.procname	= "kexec_bpf_image_max",
		.data		= &kexec_bpf_image_max,
		.maxlen		= sizeof(kexec_bpf_image_max),
		.mode		= 0644,
		.proc_handler	= proc_doulongvec_minmax,
		.extra1		= (void *)&image_max_min,
		.extra2		= (void *)&image_max_max,
	},
	{
		.procname	= "kexec_bpf_parser_ms",
		.data		= &kexec_bpf_parser_ms,
		.maxlen		= sizeof(kexec_bpf_parser_ms),
		.mode		= 0644,
		.proc_handler	= proc_douintvec_minmax,
		.extra1		= (void *)&parser_ms_min,
		.extra2		= (void *)&parser_ms_max,
	},
};

static int __init sysctl_init(void)
{
	/* Says so if it fails; then the defaults hold. */
	register_sysctl_init("kernel", sysctls);
	return 0;
}
late_initcall(sysctl_init);
