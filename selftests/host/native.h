/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kfuncs as functions of the host, for parsers that are compiled natively
 */
#ifndef NATIVE_H
#define NATIVE_H

#include "core.h"

/**
 * struct native - how the kfuncs behave
 * @out: what they work on
 * @fail_call: number of the call that fails, counted from 1; 0 for none. Calls
 *	of loops do not count.
 * @fail_error: what it returns
 * @max_rounds: rounds after which all loops end, as when time is up; 0 for no
 *	such end
 * @calls: number of calls so far
 * @rounds: number of rounds so far
 * @failed: whether the call that was to fail has been made
 */
struct native {
	struct kexec_bpf_output	*out;
	unsigned long		fail_call;
	int			fail_error;
	unsigned long		max_rounds;
	unsigned long		calls;
	unsigned long		rounds;
	bool			failed;
};

/* Run a parser. Returns what it returned. */
int native_run(struct native *native, int (*parser)(void *ctx));

/* Entry function of bpf/uki.bpf.c */
int uki(void *ctx);

/**
 * struct native_load - a load up to its parser, on the host
 * @log: what was logged
 * @out: what the parser made
 * @native: how it ran
 */
struct native_load {
	char			text[1 << 16];
	struct kexec_bpf_log	log;
	struct kexec_bpf_output	out;
	struct native		native;
};

/* Prepare a load of an image of @size bytes, without looking at it. */
void native_begin(struct native_load *load, const void *image, u64 size,
		  u32 info_flags);
void native_end(struct native_load *load);

#endif
