// SPDX-License-Identifier: GPL-2.0
/* The system call. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <sys/syscall.h>

#include "private.h"

_Static_assert(sizeof(struct kexec_bpf_args) == KEXEC_BPF_ARGS_SIZE_VER0,
	       "arguments as published");
_Static_assert(sizeof(struct kexec_bpf_result) == KEXEC_BPF_RESULT_SIZE_VER0,
	       "result as published");

/* Returns the call's value or -errno. */
static long kexec_bpf_load(const struct kexec_bpf_args *args, size_t size,
			   unsigned long flags)
{
	int saved = errno;
	long ret;

	ret = syscall(__NR_kexec_bpf_load, args, size, flags);
	if (ret < 0)
		ret = -errno;
	errno = saved;
	return ret;
}

int kexecbpf_load(const struct kexecbpf_load_params *params,
		  struct kexec_bpf_result *result)
{
	struct kexec_bpf_args args = { .parser_fd = -1 };
	size_t i;

	if (result)
		memset(result, 0, sizeof(*result));
	if (params->version != KEXECBPF_LOAD_VERSION)
		return -EINVAL;
	for (i = 0; i < sizeof(params->reserved) / sizeof(params->reserved[0]); i++) {
		if (params->reserved[i])
			return -EINVAL;
	}
	if (params->flags & (KEXEC_BPF_UNLOAD | KEXEC_BPF_ABI_VERSION) ||
	    params->flags > UINT32_MAX || !params->log != !params->log_size)
		return -EINVAL;

	if (params->log)
		params->log[0] = '\0';
	args.image_fd = params->image_fd;
	args.log = (uintptr_t)params->log;
	args.log_size = params->log_size;
	args.result = (uintptr_t)result;
	args.result_size = result ? sizeof(*result) : 0;
	return (int)kexec_bpf_load(&args, sizeof(args), (unsigned long)params->flags);
}

int kexecbpf_unload(bool crash)
{
	return (int)kexec_bpf_load(NULL, 0, KEXEC_BPF_UNLOAD |
				   (crash ? KEXEC_BPF_ON_CRASH : 0));
}

int kexecbpf_abi_version(void)
{
	return (int)kexec_bpf_load(NULL, 0, KEXEC_BPF_ABI_VERSION);
}
