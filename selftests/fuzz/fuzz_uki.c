// SPDX-License-Identifier: GPL-2.0-only
/*
 * An image, through the parser for UKIs
 *
 * Input: the image, then four bytes: policy, whether to screen first, the call
 * of a kfunc that fails, the rounds after which loops end. A screened image that
 * ran undisturbed must come out as the second implementation reads it.
 */

#include <errno.h>

#include "fuzz.h"
#include "host.h"
#include "native.h"
#include "uki_model.h"

#define MACHINE		0x8664
#define SIZE_MAX_INPUT	(1U << 18)

static bool inside(const struct kexec_bpf_range *range, size_t size)
{
	return range->offset <= size && range->size <= size - range->offset;
}

static void check_made(const struct kexec_bpf_output *out, size_t size)
{
	u32 i;

	must(inside(&out->kernel.range, size));
	for (i = 0; i < out->nr_initrd; i++)
		must(inside(&out->initrd[i].range, size));
	must(out->cmdline_len <= KEXEC_BPF_CMDLINE_MAX);
	must(strlen(out->cmdline) == out->cmdline_len);
}

static void check_meaning(const struct kexec_bpf_output *out, int ret,
			  const uint8_t *data, u32 flags)
{
	const struct kexec_bpf_range *initrd = &out->initrd[0].range;
	struct uki_model uki;
	bool sound = uki_model(&uki, data, KEXEC_BPF_CMDLINE_MAX);

	if ((flags & KEXEC_BPF_INFO_ENFORCED) &&
	    !(flags & KEXEC_BPF_INFO_VERIFIED))
		sound = false;
	must(!ret == sound);
	if (sound) {
		must(!memcmp(&out->kernel.range, &uki.kernel,
			     sizeof(uki.kernel)));
		if (uki.initrd.size && !(flags & KEXEC_BPF_INFO_NO_INITRAMFS))
			must(out->nr_initrd == 1 &&
			     !memcmp(initrd, &uki.initrd, sizeof(*initrd)));
		else
			must(!out->nr_initrd && !out->initrd_size);
		must(!strcmp(out->cmdline, uki.cmdline));
	}
	uki_model_free(&uki);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
	static struct native_load load;
	const uint8_t *options;
	struct kexec_bpf_pe pe;
	uint8_t *data;
	size_t end;
	int ret;

	if (size < 4 || size > SIZE_MAX_INPUT)
		return -1;
	size -= 4;
	options = input + size;
	data = host_copy(input, size);
	end = size;
	native_begin(&load, data, size, options[0] & 0x1f);
	if (options[1] & 1) {
		ret = kexec_bpf_pe_open(&pe, data, size, MACHINE, &load.log);
		if (!ret)
			ret = kexec_bpf_pe_screen(&pe, &load.log);
		if (ret)
			goto out;
		end = load.out.buffers[0].size = pe.end;
		kexec_bpf_pe_scrub(&pe, data);
	}
	load.native.fail_call = options[2];
	load.native.fail_error = -EINTR;
	load.native.max_rounds = options[3];
	ret = native_run(&load.native, uki);
	must(ret <= 0);
	check_made(&load.out, end);
	must(load.log.len >= load.log.size || log_is_clean(load.text));
	if (!load.native.failed && !options[3]) {
		if (!ret)
			must(load.out.kernel.range.size);
		if (options[1] & 1) {
			must(!ret || load.text[0]);
			check_meaning(&load.out, ret, data, options[0] & 0x1f);
		}
	}
out:
	native_end(&load);
	free(data);
	return 0;
}
