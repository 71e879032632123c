// SPDX-License-Identifier: GPL-2.0-only
/* The kfuncs as functions of the host */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "native.h"

static struct native *native;

int bpf_kexec_info(struct kexec_bpf_info *info, u32 info__sz);
s64 bpf_kexec_size(u32 buffer);
int bpf_kexec_read(u32 buffer, u64 offset, void *dst, u32 dst__sz);
int bpf_kexec_set_kernel(u32 buffer, u64 offset, u64 length);
int bpf_kexec_initrd_append(u32 buffer, u64 offset, u64 length);
int bpf_kexec_cmdline_append(u32 buffer, u64 offset, u64 length);
int bpf_kexec_cmdline_append_text(const char *text, u32 text__sz);
int bpf_kexec_log(const char *fmt__str, const u64 *args__opt, u32 args__sz);
int bpf_iter_kexec_new(struct bpf_iter_kexec *it, int start, int end);
int *bpf_iter_kexec_next(struct bpf_iter_kexec *it);
void bpf_iter_kexec_destroy(struct bpf_iter_kexec *it);

int native_run(struct native *state, int (*parser)(void *ctx))
{
	int ret;

	native = state;
	native->calls = 0;
	native->rounds = 0;
	native->failed = false;
	ret = parser(NULL);
	native = NULL;
	return ret;
}

static int enter(void)
{
	if (!native)
		abort();
	if (++native->calls != native->fail_call)
		return 0;
	native->failed = true;
	return native->fail_error;
}

int bpf_kexec_info(struct kexec_bpf_info *info, u32 info__sz)
{
	int ret = enter();

	return ret ? ret : kexec_bpf_output_info(native->out, info, info__sz);
}

s64 bpf_kexec_size(u32 buffer)
{
	int ret = enter();

	return ret ? ret : kexec_bpf_output_size(native->out, buffer);
}

int bpf_kexec_read(u32 buffer, u64 offset, void *dst, u32 dst__sz)
{
	int ret = enter();

	return ret ? ret : kexec_bpf_output_read(native->out, buffer, offset,
						 dst, dst__sz);
}

int bpf_kexec_set_kernel(u32 buffer, u64 offset, u64 length)
{
	int ret = enter();

	return ret ? ret : kexec_bpf_output_set_kernel(native->out, buffer,
						       offset, length);
}

int bpf_kexec_initrd_append(u32 buffer, u64 offset, u64 length)
{
	int ret = enter();

	return ret ? ret : kexec_bpf_output_initrd_append(native->out, buffer,
							  offset, length);
}

int bpf_kexec_cmdline_append(u32 buffer, u64 offset, u64 length)
{
	int ret = enter();

	return ret ? ret : kexec_bpf_output_cmdline_append(native->out, buffer,
							   offset, length);
}

int bpf_kexec_cmdline_append_text(const char *text, u32 text__sz)
{
	int ret = enter();

	return ret ? ret : kexec_bpf_output_cmdline_text(native->out, text,
							 text__sz);
}

int bpf_kexec_log(const char *fmt__str, const u64 *args__opt, u32 args__sz)
{
	int ret = enter();

	if (!ret)
		ret = kexec_bpf_output_log(native->out, fmt__str, args__opt,
					   args__sz);
	/* A line of a parser that is malformed is a bug of the parser. */
	if (ret == -EINVAL && !native->failed)
		abort();
	return ret;
}

struct iter {
	int cur;
	int end;
};

_Static_assert(sizeof(struct iter) == sizeof(struct bpf_iter_kexec),
	       "state of a loop");

int bpf_iter_kexec_new(struct bpf_iter_kexec *it, int start, int end)
{
	struct iter *iter = (struct iter *)it;

	if (start > end) {
		*iter = (struct iter){};
		return -EINVAL;
	}
	iter->cur = (int)((u32)start - 1);
	iter->end = end;
	return 0;
}

int *bpf_iter_kexec_next(struct bpf_iter_kexec *it)
{
	struct iter *iter = (struct iter *)it;
	int next = (int)((u32)iter->cur + 1);

	native->rounds++;
	if ((native->max_rounds && native->rounds > native->max_rounds) ||
	    next >= iter->end) {
		*iter = (struct iter){};
		return NULL;
	}
	iter->cur = next;
	return &iter->cur;
}

void bpf_iter_kexec_destroy(struct bpf_iter_kexec *it)
{
	(void)it;
}

void native_begin(struct native_load *load, const void *image, u64 size,
		  u32 info_flags)
{
	load->text[0] = '\0';
	load->log = (struct kexec_bpf_log){ load->text, sizeof(load->text), 0 };
	if (kexec_bpf_output_init(&load->out, &load->log))
		abort();
	load->out.info = (struct kexec_bpf_info){
		.abi = KEXEC_BPF_ABI,
		.arch = KEXEC_BPF_ARCH_X86_64,
		.flags = info_flags,
		.cmdline_max = KEXEC_BPF_CMDLINE_MAX,
	};
	load->out.enforced = info_flags & KEXEC_BPF_INFO_ENFORCED;
	if (kexec_bpf_output_image(&load->out, image, size,
				   info_flags & KEXEC_BPF_INFO_VERIFIED))
		abort();
	load->native = (struct native){ .out = &load->out };
}

void native_end(struct native_load *load)
{
	kexec_bpf_output_free(&load->out);
}
