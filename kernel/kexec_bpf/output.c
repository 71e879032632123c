// SPDX-License-Identifier: GPL-2.0-only
/*
 * What parsers work on and what they make: buffers, kernel, initrd, command line
 *
 * Behind each kfunc stands one of these functions. Bytes are named, not
 * copied; every name is checked against its buffer, and every use of a buffer
 * against where its bytes came from.
 */

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "core.h"
#include "limits.h"

/**
 * kexec_bpf_output_init() - begin a load
 * @out: filled in; kexec_bpf_output_free() frees it, after a failure too.
 *	@out->info and @out->enforced are left to the caller
 * @log: where messages go
 *
 * Return: 0 or -ENOMEM.
 */
int kexec_bpf_output_init(struct kexec_bpf_output *out,
			  struct kexec_bpf_log *log)
{
	memset(out, 0, sizeof(*out));
	out->log = log;
	out->buffers = kvcalloc(KEXEC_BPF_BUFFERS_MAX, sizeof(*out->buffers),
				GFP_KERNEL);
	out->initrd = kvcalloc(KEXEC_BPF_INITRD_PIECES_MAX,
			       sizeof(*out->initrd), GFP_KERNEL);
	out->cmdline = kvcalloc(1, KEXEC_BPF_CMDLINE_MAX + 1, GFP_KERNEL);
	if (!out->buffers || !out->initrd || !out->cmdline)
		return -ENOMEM;
	return 0;
}

/**
 * kexec_bpf_output_free() - free what a load made
 * @out: in any state after kexec_bpf_output_init(), or all zero
 *
 * The bytes behind the buffers belong to the caller.
 */
void kexec_bpf_output_free(struct kexec_bpf_output *out)
{
	kvfree(out->buffers);
	kvfree(out->initrd);
	kvfree(out->cmdline);
	memset(out, 0, sizeof(*out));
}

/**
 * kexec_bpf_output_image() - begin a round: name the image to be parsed
 * @out: the load
 * @data: the image up to its certificate table
 * @size: its size
 * @verified: whether a signature that this load checked covers it
 *
 * Ids of earlier rounds are no longer valid; what they were used for stays.
 * The kernel is to be chosen anew.
 *
 * Return: 0, or -EFBIG if there are too many buffers.
 */
int kexec_bpf_output_image(struct kexec_bpf_output *out, const void *data,
			   u64 size, bool verified)
{
	struct kexec_bpf_buffer *buffer;

	if (out->nr_buffers == KEXEC_BPF_BUFFERS_MAX) {
		kexec_bpf_printk(out->log, "run: more than %u buffers\n",
				 KEXEC_BPF_BUFFERS_MAX);
		return -EFBIG;
	}
	out->image = out->nr_buffers++;
	buffer = &out->buffers[out->image];
	buffer->data = data;
	buffer->size = size;
	buffer->verified = verified;
	memset(&out->kernel, 0, sizeof(out->kernel));
	return 0;
}

/**
 * kexec_bpf_output_bytes() - where the bytes of a piece are
 * @out: the load
 * @piece: a piece that this file made
 *
 * Return: its first byte.
 */
const void *kexec_bpf_output_bytes(const struct kexec_bpf_output *out,
				   const struct kexec_bpf_piece *piece)
{
	return out->buffers[piece->buffer].data + piece->range.offset;
}

/*
 * Ids are counted from the image of this round, so those of earlier rounds do
 * not exist in this one.
 */
static int find_buffer(const struct kexec_bpf_output *out, u32 id, u32 *index)
{
	if (id >= out->nr_buffers - out->image)
		return -EBADF;
	*index = out->image + id;
	return 0;
}

static int find_range(const struct kexec_bpf_output *out, u32 id, u64 offset,
		      u64 size, struct kexec_bpf_piece *piece)
{
	u64 space;
	int ret;

	ret = find_buffer(out, id, &piece->buffer);
	if (ret)
		return ret;
	space = out->buffers[piece->buffer].size;
	if (offset > space || size > space - offset)
		return -ERANGE;
	piece->range.offset = offset;
	piece->range.size = size;
	return 0;
}

/*
 * A range that is to become part of the next kernel, its initrd or its command
 * line. @what is for the message.
 */
static int find_payload(struct kexec_bpf_output *out, const char *what, u32 id,
			u64 offset, u64 size, struct kexec_bpf_piece *piece)
{
	int ret;

	ret = find_range(out, id, offset, size, piece);
	if (ret == -EBADF)
		kexec_bpf_printk(out->log, "run: %s: buffer %u does not exist\n",
				 what, id);
	if (ret == -ERANGE)
		kexec_bpf_printk(out->log, "run: %s: %#llx+%#llx ends beyond buffer %u of %#llx bytes\n",
				 what, (unsigned long long)offset,
				 (unsigned long long)size, id,
				 (unsigned long long)out->buffers[piece->buffer].size);
	if (ret)
		return ret;
	if (!size) {
		kexec_bpf_printk(out->log, "run: %s: empty range at %#llx\n", what,
				 (unsigned long long)offset);
		return -EINVAL;
	}
	if (out->enforced && !out->buffers[piece->buffer].verified) {
		kexec_bpf_printk(out->log, "run: %s: no signature covers buffer %u, and signatures are enforced\n",
				 what, id);
		return -EKEYREJECTED;
	}
	return 0;
}

/**
 * kexec_bpf_output_info() - tell a parser about its load
 * @out: the load
 * @info: filled in
 * @size: size of @info in bytes, as the parser knows it
 *
 * Return: 0. What a parser knows of and this kernel does not is set to 0.
 */
int kexec_bpf_output_info(struct kexec_bpf_output *out,
			  struct kexec_bpf_info *info, u32 size)
{
	size_t known = min_t(size_t, size, sizeof(out->info));

	memcpy(info, &out->info, known);
	memset((u8 *)info + known, 0, size - known);
	return 0;
}

/**
 * kexec_bpf_output_size() - size of a buffer
 * @out: the load
 * @id: the buffer
 *
 * Return: its size in bytes, or -EBADF.
 */
s64 kexec_bpf_output_size(struct kexec_bpf_output *out, u32 id)
{
	u32 index;
	int ret;

	ret = find_buffer(out, id, &index);
	return ret ? ret : (s64)out->buffers[index].size;
}

/**
 * kexec_bpf_output_read() - copy bytes of a buffer to a parser
 * @out: the load
 * @id: the buffer
 * @offset: where the bytes begin
 * @dst: where they go; zeroed on failure
 * @size: how many
 *
 * Return: 0; -EBADF if there is no such buffer; -ERANGE if the range is not
 * inside it.
 */
int kexec_bpf_output_read(struct kexec_bpf_output *out, u32 id, u64 offset,
			  void *dst, u32 size)
{
	struct kexec_bpf_piece piece;
	int ret;

	ret = find_range(out, id, offset, size, &piece);
	if (ret) {
		memset(dst, 0, size);
		return ret;
	}
	if (!out->buffers[piece.buffer].verified)
		out->tainted = true;
	memcpy(dst, kexec_bpf_output_bytes(out, &piece), size);
	return 0;
}

/**
 * kexec_bpf_output_set_kernel() - choose the kernel
 * @out: the load
 * @id: the buffer that holds it
 * @offset: where it begins
 * @size: its size
 *
 * Return: 0; -EBADF, -ERANGE as above; -EINVAL if @size is 0; -EEXIST if this
 * parser has chosen before; -EKEYREJECTED if signatures are enforced and none
 * covers the buffer.
 */
int kexec_bpf_output_set_kernel(struct kexec_bpf_output *out, u32 id,
				u64 offset, u64 size)
{
	struct kexec_bpf_piece piece;
	int ret;

	if (out->kernel.range.size) {
		kexec_bpf_printk(out->log, "run: kernel: is chosen a second time\n");
		return -EEXIST;
	}
	ret = find_payload(out, "kernel", id, offset, size, &piece);
	if (ret)
		return ret;
	out->kernel = piece;
	return 0;
}

/**
 * kexec_bpf_output_initrd_append() - append to the initrd
 * @out: the load
 * @id: the buffer that holds the piece
 * @offset: where it begins
 * @size: its size
 *
 * Pieces follow each other without padding. If the caller wants no initrd, the
 * piece is checked and then left out.
 *
 * Return: 0; -EBADF, -ERANGE, -EINVAL, -EKEYREJECTED as above; -EFBIG if there
 * are too many pieces, or the initrd becomes too large.
 */
int kexec_bpf_output_initrd_append(struct kexec_bpf_output *out, u32 id,
				   u64 offset, u64 size)
{
	struct kexec_bpf_piece piece;
	int ret;

	ret = find_payload(out, "initrd", id, offset, size, &piece);
	if (ret)
		return ret;
	if (out->nr_initrd == KEXEC_BPF_INITRD_PIECES_MAX) {
		kexec_bpf_printk(out->log, "run: initrd: more than %u pieces\n",
				 KEXEC_BPF_INITRD_PIECES_MAX);
		return -EFBIG;
	}
	if (size > KEXEC_BPF_INITRD_MAX - out->initrd_size) {
		kexec_bpf_printk(out->log, "run: initrd: %#llx bytes and %#llx more, the limit is %#llx\n",
				 (unsigned long long)out->initrd_size,
				 (unsigned long long)size, KEXEC_BPF_INITRD_MAX);
		return -EFBIG;
	}
	if (out->info.flags & KEXEC_BPF_INFO_NO_INITRAMFS)
		return 0;
	out->initrd[out->nr_initrd++] = piece;
	out->initrd_size += size;
	return 0;
}

static int append_text(struct kexec_bpf_output *out, const void *text, u64 size)
{
	const void *nul = memchr(text, 0, size);

	if (nul) {
		kexec_bpf_printk(out->log, "run: command line: NUL at %#zx of %#llx bytes\n",
				 (size_t)(nul - text), (unsigned long long)size);
		return -EINVAL;
	}
	memcpy(out->cmdline + out->cmdline_len, text, size);
	out->cmdline_len += size;
	out->cmdline[out->cmdline_len] = '\0';
	return 0;
}

static int check_cmdline_space(struct kexec_bpf_output *out, u64 size)
{
	if (size > KEXEC_BPF_CMDLINE_MAX - out->cmdline_len) {
		kexec_bpf_printk(out->log, "run: command line: %u bytes and %llu more, the limit is %u\n",
				 out->cmdline_len, (unsigned long long)size,
				 KEXEC_BPF_CMDLINE_MAX);
		return -EFBIG;
	}
	return 0;
}

/**
 * kexec_bpf_output_cmdline_append() - append a range to the command line
 * @out: the load
 * @id: the buffer that holds the text
 * @offset: where it begins
 * @size: its length
 *
 * Texts follow each other as they are; a parser adds the space between them.
 *
 * Return: 0; -EBADF, -ERANGE, -EKEYREJECTED as above; -EINVAL if @size is 0 or
 * the text holds a NUL; -EFBIG if the command line becomes too long.
 */
int kexec_bpf_output_cmdline_append(struct kexec_bpf_output *out, u32 id,
				    u64 offset, u64 size)
{
	struct kexec_bpf_piece piece;
	int ret;

	ret = find_payload(out, "command line", id, offset, size, &piece);
	if (!ret)
		ret = check_cmdline_space(out, size);
	if (ret)
		return ret;
	return append_text(out, kexec_bpf_output_bytes(out, &piece), size);
}

/**
 * kexec_bpf_output_cmdline_text() - append a parser's own text to the command
 *	line
 * @out: the load
 * @text: the text, which ends at its first NUL or at @size
 * @size: size of @text in bytes
 *
 * Nobody follows bytes through the memory of a parser: once it has read from an
 * unverified buffer, all of its memory counts as unverified.
 *
 * Return: 0; -EKEYREJECTED if signatures are enforced and the text counts as
 * unverified; -EFBIG if the command line becomes too long.
 */
int kexec_bpf_output_cmdline_text(struct kexec_bpf_output *out,
				  const char *text, u32 size)
{
	size_t len = strnlen(text, size);
	int ret;

	if (out->enforced &&
	    (out->tainted || !out->buffers[out->image].verified)) {
		kexec_bpf_printk(out->log, "run: command line: no signature covers the parser's text, and signatures are enforced\n");
		return -EKEYREJECTED;
	}
	ret = check_cmdline_space(out, len);
	if (ret)
		return ret;
	return append_text(out, text, len);
}

/**
 * kexec_bpf_output_log() - log a line for a parser
 * @out: the load
 * @fmt: format, see kexec_bpf_log_format()
 * @args: the values, each a u64, aligned or not; NULL if there are none
 * @args_size: their size in bytes
 *
 * Return: 0; -EINVAL if the format or the number of values is wrong.
 */
int kexec_bpf_output_log(struct kexec_bpf_output *out, const char *fmt,
			 const void *args, u32 args_size)
{
	u64 values[KEXEC_BPF_LOG_ARGS] = {};
	char line[KEXEC_BPF_LOG_LINE_MAX];
	int ret;

	if (args_size % sizeof(*values) || args_size > sizeof(values) ||
	    (args_size && !args))
		return -EINVAL;
	if (args_size)
		memcpy(values, args, args_size);
	ret = kexec_bpf_log_format(line, sizeof(line), fmt, values,
				   args_size / sizeof(*values));
	if (ret)
		return ret;
	kexec_bpf_printk(out->log, "image: %s\n", line);
	return 0;
}
