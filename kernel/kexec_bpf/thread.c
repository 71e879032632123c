// SPDX-License-Identifier: GPL-2.0-only
/*
 * The thread that runs a parser, out of everybody's reach
 *
 * Descriptors of a parser's maps and program exist only in a table that belongs
 * to this thread alone. No id leads to them (see bpf_map_alloc_id() and its
 * like), pidfd_getfd() does not hand them out, and a kernel thread has neither
 * memory to be mapped nor a user who could trace it.
 */

#include <linux/fdtable.h>
#include <linux/kexec.h>
#include <linux/kthread.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "internal.h"

static int parser_thread(void *data)
{
	struct kexec_bpf_load *load = data;

	/* Only the kernel can send it, see kexec_bpf_run_parser(). */
	allow_kernel_signal(SIGKILL);

	/* A signal that came before that was dropped. */
	load->ret = READ_ONCE(load->cancel) ? -EINTR : unshare_files();
	if (!load->ret)
		load->ret = kexec_bpf_prog_run(load);

	complete(&load->done);
	kexec_bpf_load_put(load);
	return 0;
}

/**
 * kexec_bpf_task() - whether a task loads or runs a parser
 * @task: the task; the caller holds a reference, or is it
 *
 * Return: true for the threads that kexec_bpf_load() starts, false otherwise.
 */
bool kexec_bpf_task(struct task_struct *task)
{
	return (task->flags & PF_KTHREAD) && kthread_func(task) == parser_thread;
}

/**
 * kexec_bpf_note_verified() - note that the verifier has passed a program
 *
 * Return: true if the current task loads a parser, false otherwise.
 */
bool kexec_bpf_note_verified(void)
{
	struct kexec_bpf_load *load = kexec_bpf_current();

	if (!load)
		return false;
	load->passed = true;
	return true;
}

/**
 * kexec_bpf_current() - the load whose parser the current task runs
 *
 * Return: the load, which stays while the task runs, or NULL.
 */
struct kexec_bpf_load *kexec_bpf_current(void)
{
	return in_task() && kexec_bpf_task(current) ? kthread_data(current) :
						      NULL;
}

/**
 * kexec_bpf_run_parser() - load and run the parser of a load
 * @load: the load, with @load->parser and @load->out set
 *
 * Waits until the parser has ended and its thread is done with @load. Only if
 * the caller is killed does it return before; then the thread ends on its own,
 * and the caller may do nothing more than drop its reference.
 *
 * Return: 0; -EINTR if the caller is killed; -ENOMEM; or an error of
 * kexec_bpf_prog_run().
 */
int kexec_bpf_run_parser(struct kexec_bpf_load *load)
{
	struct task_struct *task;
	int ret;

	reinit_completion(&load->done);
	task = kthread_create(parser_thread, load, "kexec_bpf");
	if (IS_ERR(task)) {
		kexec_bpf_printk(&load->log, "parser: cannot start its thread: %ld\n",
				 PTR_ERR(task));
		/* Where memory is short, creating a process is told to wait. */
		ret = PTR_ERR(task);
		return ret == -EINTR ? ret : -ENOMEM;
	}
	get_task_struct(task);
	kref_get(&load->ref);
	wake_up_process(task);

	ret = wait_for_completion_killable(&load->done);
	if (ret) {
		/* The signal ends verification, the flag everything else. */
		WRITE_ONCE(load->cancel, true);
		send_sig(SIGKILL, task, 1);
		ret = -EINTR;
	} else {
		ret = load->ret;
	}
	put_task_struct(task);
	return ret;
}
