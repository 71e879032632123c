// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a parser may do to a load, call by call
 *
 * Input: a byte of policy, then calls of six bytes: which one, buffer, and two
 * numbers that stand for a range, small ones and those where arithmetic breaks.
 * Each call is judged a second time here.
 */

#include <errno.h>

#include <linux/kernel.h>
#include <linux/slab.h>

#include "fuzz.h"
#include "host.h"

typedef unsigned __int128 wide;

/* Buffers of three rounds; the last byte of each but the second is text */
static const uint8_t buffers[3][300] = { "first", "second", "third" };

/**
 * struct model - the load as it must be
 * @sizes: of all buffers
 * @verified: whether each is
 * @nr: number of buffers
 * @image: the image of this round
 * @enforced: policy
 * @no_initrd: policy
 * @tainted: whether an unverified buffer was read
 * @kernel: whether it is chosen in this round
 * @initrd: size of the initrd
 * @pieces: number of its pieces
 * @cmdline: the command line
 * @len: its length
 */
struct model {
	u64 sizes[KEXEC_BPF_BUFFERS_MAX];
	bool verified[KEXEC_BPF_BUFFERS_MAX];
	u32 nr;
	u32 image;
	bool enforced;
	bool no_initrd;
	bool tainted;
	bool kernel;
	u64 initrd;
	u32 pieces;
	char cmdline[KEXEC_BPF_CMDLINE_MAX + 1];
	u32 len;
};

static u64 pick(uint8_t byte)
{
	static const u64 edges[] = {
		255, 256, 257, 299, 300, 301, 0x7fffffff, 0x80000000,
		0xffffffff, 0x100000000, 0x7fffffffffffffff,
		0x8000000000000000, 0xfffffffffffffffe, 0xffffffffffffffff,
		2016, 2017,
	};

	return byte < 240 ? byte : edges[byte - 240];
}

static int judge_range(const struct model *model, u32 id, u64 offset, u64 size)
{
	if ((wide)model->image + id >= model->nr)
		return -EBADF;
	if ((wide)offset + size > model->sizes[model->image + id])
		return -ERANGE;
	return 0;
}

static int judge_payload(const struct model *model, u32 id, u64 offset,
			 u64 size)
{
	int ret = judge_range(model, id, offset, size);

	if (ret)
		return ret;
	if (!size)
		return -EINVAL;
	if (model->enforced && !model->verified[model->image + id])
		return -EKEYREJECTED;
	return 0;
}

static int judge_text(struct model *model, const uint8_t *text, u64 size)
{
	if (size > KEXEC_BPF_CMDLINE_MAX - model->len)
		return -EFBIG;
	if (memchr(text, 0, size))
		return -EINVAL;
	memcpy(model->cmdline + model->len, text, size);
	model->len += size;
	return 0;
}

static void call(struct kexec_bpf_output *out, struct model *model,
		 const uint8_t *op)
{
	u64 offset = pick(op[2]), size = pick(op[3]);
	u32 id = op[1] < 250 ? op[1] % 4 : 0xfffffffaU + (op[1] - 250);
	const uint8_t *data = model->nr ? buffers[model->image % 3] : NULL;
	uint8_t *copy;
	int want, ret;

	switch (op[0] % 9) {
	case 0:
		want = model->nr == KEXEC_BPF_BUFFERS_MAX ? -EFBIG : 0;
		ret = kexec_bpf_output_image(out, buffers[model->nr % 3],
					     size < 300 ? size : 300,
					     op[1] & 1);
		if (!want) {
			model->sizes[model->nr] = size < 300 ? size : 300;
			model->verified[model->nr] = op[1] & 1;
			model->image = model->nr++;
			model->kernel = false;
		}
		break;
	case 1:
		want = judge_range(model, id, 0, 0);
		ret = kexec_bpf_output_size(out, id);
		if (!want)
			want = model->sizes[model->image + id];
		break;
	case 2:
		size &= 0x3ff;
		want = judge_range(model, id, offset, size);
		copy = malloc(size + 1);
		must(copy);
		memset(copy, 0x5a, size + 1);
		ret = kexec_bpf_output_read(out, id, offset, copy, size);
		must(copy[size] == 0x5a);
		if (!want) {
			must(!memcmp(copy, data + offset, size));
			if (!model->verified[model->image + id])
				model->tainted = true;
		} else {
			while (size--)
				must(!copy[size]);
		}
		free(copy);
		break;
	case 3:
		want = model->kernel ? -EEXIST :
				       judge_payload(model, id, offset, size);
		ret = kexec_bpf_output_set_kernel(out, id, offset, size);
		model->kernel |= !want;
		break;
	case 4:
		want = judge_payload(model, id, offset, size);
		if (!want && model->pieces == KEXEC_BPF_INITRD_PIECES_MAX)
			want = -EFBIG;
		if (!want && !model->no_initrd) {
			model->initrd += size;
			model->pieces++;
		}
		ret = kexec_bpf_output_initrd_append(out, id, offset, size);
		break;
	case 5:
		want = judge_payload(model, id, offset, size);
		if (!want)
			want = judge_text(model, data + offset, size);
		ret = kexec_bpf_output_cmdline_append(out, id, offset, size);
		break;
	case 6:
		size = size < 2100 ? size : 2100;
		copy = malloc(size);
		must(copy || !size);
		memset(copy, op[4] | 1, size);
		/* A NUL ends it. */
		if (op[5] < size)
			copy[op[5]] = 0;
		offset = strnlen((char *)copy, size);
		want = model->enforced &&
		       (model->tainted || !model->verified[model->image]) ?
		       -EKEYREJECTED : judge_text(model, copy, offset);
		ret = kexec_bpf_output_cmdline_text(out, (char *)copy, size);
		free(copy);
		break;
	case 7:
		size &= 0x3f;
		copy = malloc(size);
		must(copy || !size);
		want = 0;
		ret = kexec_bpf_output_info(out, (void *)copy, size);
		for (offset = 0; offset < size; offset++)
			must(copy[offset] == (offset < sizeof(out->info) ?
				((u8 *)&out->info)[offset] : 0));
		free(copy);
		break;
	default:
		/* Every other format has a value too few. */
		want = op[1] & 1 ? -EINVAL : 0;
		ret = kexec_bpf_output_log(out, op[1] & 1 ? "%u%x" : "%u",
					   (u64[]){ offset }, 8);
		break;
	}
	must(ret == want);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct host_log log;
	static struct model model;
	struct kexec_bpf_output out;
	u32 i, sum;

	if (size < 1 || size > 16384)
		return -1;
	memset(&model, 0, sizeof(model));
	host_log_reset(&log);
	must(!kexec_bpf_output_init(&out, &log.log));
	model.enforced = out.enforced = data[0] & 1;
	model.no_initrd = data[0] & 2;
	if (model.no_initrd)
		out.info.flags = KEXEC_BPF_INFO_NO_INITRAMFS;
	/* A parser has an image. */
	call(&out, &model, (const uint8_t []){ 0, data[0] >> 2, 240, 255, 0, 0 });
	for (data++, size--; size >= 6; data += 6, size -= 6)
		call(&out, &model, data);

	must(out.tainted == model.tainted);
	must(!out.kernel.range.size == !model.kernel);
	if (model.kernel)
		must(out.kernel.buffer >= model.image &&
		     out.kernel.buffer < model.nr);
	must(out.nr_initrd == model.pieces && out.initrd_size == model.initrd);
	for (sum = i = 0; i < out.nr_initrd; i++) {
		const struct kexec_bpf_piece *piece = &out.initrd[i];

		must(piece->buffer < model.nr && piece->range.size &&
		     (wide)piece->range.offset + piece->range.size <=
		     model.sizes[piece->buffer]);
		must(!model.enforced || model.verified[piece->buffer]);
		must(kexec_bpf_output_bytes(&out, piece) ==
		     buffers[piece->buffer % 3] + piece->range.offset);
		sum += piece->range.size;
	}
	must(sum == out.initrd_size);
	must(out.cmdline_len == model.len && !out.cmdline[model.len] &&
	     !memcmp(out.cmdline, model.cmdline, model.len));
	must(log.log.len >= log.log.size || log_is_clean(log.text));
	kexec_bpf_output_free(&out);
	must(!shim_alloc_live);
	return 0;
}
