/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of kexec_bpf share, beyond core.h, inside the kernel
 */
#ifndef _KEXEC_BPF_INTERNAL_H
#define _KEXEC_BPF_INTERNAL_H

#include <linux/completion.h>
#include <linux/kref.h>
#include <linux/ktime.h>
#include <linux/sched.h>

#include "core.h"
#include "limits.h"

#define KEXEC_BPF_FLAGS		(KEXEC_BPF_ON_CRASH |		\
				 KEXEC_BPF_NO_INITRAMFS |	\
				 KEXEC_BPF_DEBUG |		\
				 KEXEC_BPF_ALLOW_UNSIGNED |	\
				 KEXEC_BPF_DRY_RUN |		\
				 KEXEC_BPF_SHA256)

/**
 * struct kexec_bpf_load - one load
 * @ref: one reference is the system call's, one the parser thread's
 * @flags: KEXEC_BPF_*
 * @log: text for the caller; the buffer is owned
 * @result: what the caller will be told
 * @step_start: when the current step began
 * @image: the file; owned
 * @image_size: its size in bytes
 * @verified: whether its signature is good
 * @parser: the .bpf section of the image that is being parsed
 * @parser_size: its size in bytes
 * @out: what parsers work on and make
 * @initrd: the joined initrd, if it had to be copied; owned
 * @mem: bytes that the load holds in buffers of its own
 * @done: the parser thread has ended, and with it all use of the above
 * @ret: what it ended with
 * @cancel: the caller is to die: end soon. Set by the system call, read by the
 *	parser thread
 * @parser_ms: how long each parser may run; the sysctl when the load began
 * @deadline: when the parser must have ended, in jiffies
 * @passed: the verifier has passed the program; parser thread only
 * @stopped: why the parser may not go on: 0, -EINTR or -ETIME. Parser thread
 *	only
 *
 * While a parser thread runs, the system call waits and touches nothing but
 * @cancel. If it is killed it leaves, and the parser thread frees the load.
 */
struct kexec_bpf_load {
	struct kref		ref;
	unsigned long		flags;
	struct kexec_bpf_log	log;
	struct kexec_bpf_result	result;
	ktime_t			step_start;

	void			*image;
	size_t			image_size;
	bool			verified;
	const void		*parser;
	u64			parser_size;
	struct kexec_bpf_output	out;
	void			*initrd;
	u64			mem;

	struct completion	done;
	int			ret;
	bool			cancel;
	unsigned int		parser_ms;
	unsigned long		deadline;
	bool			passed;
	int			stopped;
};

/* syscall.c */
extern unsigned long kexec_bpf_image_max;
extern unsigned int kexec_bpf_parser_ms;

/* load.c */
struct kexec_bpf_load *kexec_bpf_load_alloc(unsigned long flags,
					    size_t log_size);
void kexec_bpf_load_put(struct kexec_bpf_load *load);
int kexec_bpf_load_image(struct kexec_bpf_load *load, int image_fd);
void kexec_bpf_step(struct kexec_bpf_load *load, enum kexec_bpf_step step);
void kexec_bpf_charge(struct kexec_bpf_load *load, u64 size);

/* thread.c */
int kexec_bpf_run_parser(struct kexec_bpf_load *load);
struct kexec_bpf_load *kexec_bpf_current(void);

/* prog.c */
int kexec_bpf_prog_run(struct kexec_bpf_load *load);

/* kfuncs.c */
bool kexec_bpf_has_kfuncs(void);
u32 kexec_bpf_kfunc_id(const char *name);

#endif /* _KEXEC_BPF_INTERNAL_H */
