// SPDX-License-Identifier: GPL-2.0-only
/* What parsers name: buffers, ranges, trust, and the limits of what they make */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <linux/kernel.h>
#include <linux/slab.h>

#include "host.h"
#include "tap.h"

#define CMDLINE_MAX 2016U	/* x86: see limits.h */

static struct host_log log;
static const char image[] = "0123456789abcdef\0ghijklmnopqrst";	/* 32 bytes */

static void begin(struct kexec_bpf_output *out, bool enforced, bool verified)
{
	shim_alloc_reset(0);
	if (kexec_bpf_output_init(out, host_log_reset(&log)))
		tap_bail("no memory");
	out->enforced = enforced;
	if (kexec_bpf_output_image(out, image, sizeof(image), verified))
		tap_bail("no buffer");
}

static void test_allocation(void)
{
	struct kexec_bpf_output out;
	unsigned long nr, i;
	long live = shim_alloc_live;
	bool ok = true;

	shim_alloc_reset(0);
	if (kexec_bpf_output_init(&out, host_log_reset(&log)))
		tap_bail("no memory");
	nr = shim_alloc_count;
	kexec_bpf_output_free(&out);
	for (i = 1; i <= nr; i++) {
		shim_alloc_reset(i);
		ok &= kexec_bpf_output_init(&out, &log.log) == -ENOMEM;
		kexec_bpf_output_free(&out);
	}
	shim_alloc_reset(0);
	tap_ok(ok && nr == 3,
	       "[M3] output: each allocation failed in turn: ENOMEM");
	tap_is(shim_alloc_live, live, "[M3] output: nothing is left allocated");
	kexec_bpf_output_free(&out);
	tap_is(shim_alloc_live, live, "[M3] output: freeing twice is harmless");
}

enum { SIZE, READ, KERNEL, INITRD, CMDLINE, NR_FUNCTIONS };

static const char *const functions[] = {
	"size", "read", "set_kernel", "initrd_append", "cmdline_append",
};

static s64 call(struct kexec_bpf_output *out, int function, u32 id, u64 offset,
		u64 size)
{
	char *dst;
	s64 ret;

	switch (function) {
	case SIZE:
		return kexec_bpf_output_size(out, id);
	case READ:
		/* The verifier knows the size of the memory: 32 bits. */
		dst = malloc(size < 64 ? size : 64);
		ret = kexec_bpf_output_read(out, id, offset, dst,
					    size < 64 ? size : 64);
		free(dst);
		return ret;
	case KERNEL:
		return kexec_bpf_output_set_kernel(out, id, offset, size);
	case INITRD:
		return kexec_bpf_output_initrd_append(out, id, offset, size);
	default:
		return kexec_bpf_output_cmdline_append(out, id, offset, size);
	}
}

static void test_ids(void)
{
	static const u32 ids[] = {
		1, 2, 1023, 1024, 0x7fffffff, 0x80000000, 0xfffffffe,
		0xffffffff,
	};
	struct kexec_bpf_output out;
	unsigned int wrong;
	size_t i;
	int f;

	for (f = 0; f < NR_FUNCTIONS; f++) {
		begin(&out, false, true);
		for (wrong = i = 0; i < ARRAY_SIZE(ids); i++)
			wrong += call(&out, f, ids[i], 0, 1) != -EBADF;
		tap_is(wrong, 0, "[S3][M6] output: refused: %s: no such buffer",
		       functions[f]);
		tap_ok(call(&out, f, 0, 0, 1) >= 0,
		       "[S3] output: accepted: %s: the image", functions[f]);
		kexec_bpf_output_free(&out);
	}

	for (f = 0; f < NR_FUNCTIONS; f++) {
		begin(&out, false, true);
		kexec_bpf_output_image(&out, "second", 6, true);
		tap_is(call(&out, f, 1, 0, 1), -EBADF,
		       "[S3] output: refused: %s: id 1 in a second round",
		       functions[f]);
		/* Counted from the image, the first round's would be id -1. */
		tap_is(call(&out, f, U32_MAX, 0, 1), -EBADF,
		       "[S3] output: refused: %s: the image of the first round",
		       functions[f]);
		tap_ok(call(&out, f, 0, 5, 1) >= 0 &&
		       kexec_bpf_output_size(&out, 0) == 6,
		       "[S3] output: accepted: %s: the image of the second round",
		       functions[f]);
		kexec_bpf_output_free(&out);
	}
}

static void test_ranges(void)
{
	const u64 size = sizeof(image);
	const struct {
		u64 offset, size;
	} outside[] = {
		{ 0, size + 1 }, { 1, size }, { size, 1 }, { size + 1, 1 },
		{ size - 1, 2 }, { U64_MAX, 1 }, { U64_MAX, 2 }, { 1, U64_MAX },
		{ 0, U64_MAX }, { U64_MAX, U64_MAX }, { 1ULL << 32, 1 },
		{ 1ULL << 63, 1 }, { 1ULL << 63, 1ULL << 63 },
		{ 8, U64_MAX - 7 }, { 8, 1ULL << 32 }, { 0x7fffffff, 1 },
		{ 0x80000000, 1 }, { 0xffffffff, 1 }, { 0xffffffff, 2 },
		{ U64_MAX - 15, 32 }, { size + 1, 0 },
	};
	struct kexec_bpf_output out;
	unsigned int wrong;
	char dst[64];
	size_t i;
	int f;

	for (f = READ; f < NR_FUNCTIONS; f++) {
		begin(&out, false, true);
		for (wrong = i = 0; i < ARRAY_SIZE(outside); i++) {
			/* 32 bits of size are all that read takes. */
			if (f == READ && (u32)outside[i].size !=
					 outside[i].size)
				continue;
			if (call(&out, f, 0, outside[i].offset,
				 outside[i].size) != -ERANGE) {
				tap_diag("%#llx+%#llx",
					 (unsigned long long)outside[i].offset,
					 (unsigned long long)outside[i].size);
				wrong++;
			}
		}
		tap_is(wrong, 0,
		       "[M6] output: refused: %s: ranges around 0, 2^31, 2^32, 2^64 that do not lie in the buffer",
		       functions[f]);
		if (f == CMDLINE)
			tap_is(call(&out, f, 0, size - 2, 1), 0,
			       "[M6] output: accepted: %s: the last byte of text",
			       functions[f]);
		else
			tap_is(call(&out, f, 0, size - 1, 1), 0,
			       "[M6] output: accepted: %s: the last byte",
			       functions[f]);
		kexec_bpf_output_free(&out);
	}

	begin(&out, false, true);
	memset(dst, 'x', sizeof(dst));
	tap_ok(!kexec_bpf_output_read(&out, 0, 4, dst, 3) &&
	       !memcmp(dst, "456x", 4),
	       "[M7] output: read copies as many bytes as asked for");
	tap_ok(kexec_bpf_output_read(&out, 0, size - 3, dst, 4) == -ERANGE &&
	       !memcmp(dst, "\0\0\0\0xx", 6),
	       "[M1] output: a read that fails leaves zeros");
	tap_ok(kexec_bpf_output_read(&out, 9, 0, dst, 5) == -EBADF &&
	       !memcmp(dst, "\0\0\0\0\0x", 6),
	       "[M1] output: a read of no buffer leaves zeros");
	for (f = KERNEL; f < NR_FUNCTIONS; f++)
		tap_is(call(&out, f, 0, 4, 0), -EINVAL,
		       "[M6] output: refused: %s: empty range", functions[f]);
	kexec_bpf_output_free(&out);
}

static int text(struct kexec_bpf_output *out, const char *s, u32 size)
{
	char *copy = host_copy(s, size);
	int ret = kexec_bpf_output_cmdline_text(out, copy, size);

	free(copy);
	return ret;
}

/* Which function takes bytes of which origin, under which policy */
static void test_trust(void)
{
	struct kexec_bpf_output out;
	bool enforced, verified;
	int f, i, want;

	for (i = 0; i < 4; i++) {
		enforced = i & 1;
		verified = i & 2;
		want = enforced && !verified ? -EKEYREJECTED : 0;
		for (f = KERNEL; f < NR_FUNCTIONS; f++) {
			begin(&out, enforced, verified);
			tap_is(call(&out, f, 0, 0, 4), want,
			       "[S7][S11] output: %s: %s: %sverified bytes while signatures are %senforced",
			       want ? "refused" : "accepted", functions[f],
			       verified ? "" : "un", enforced ? "" : "not ");
			if (want)
				tap_ok(!out.kernel.range.size &&
				       !out.nr_initrd && !out.cmdline_len &&
				       host_log_has(&log, "no signature covers"),
				       "[M1][S7] output: %s: what was refused left nothing but a line",
				       functions[f]);
			kexec_bpf_output_free(&out);
		}
		begin(&out, enforced, verified);
		tap_is(text(&out, "quiet", 5), want,
		       "[S7][S11] output: %s: cmdline_append_text by a parser of %sverified bytes while signatures are %senforced",
		       want ? "refused" : "accepted", verified ? "" : "un",
		       enforced ? "" : "not ");
		kexec_bpf_output_free(&out);
	}
}

/*
 * A buffer that is not the image, as later kfuncs make them: verified image,
 * unverified second buffer.
 */
static void test_taint(void)
{
	struct kexec_bpf_output out;
	char c;
	int i;

	for (i = 0; i < 2; i++) {
		begin(&out, i, true);
		out.buffers[out.nr_buffers].data = (const u8 *)"foreign";
		out.buffers[out.nr_buffers].size = 7;
		out.buffers[out.nr_buffers++].verified = false;

		tap_is(text(&out, "a", 1), 0,
		       "[S9] output: accepted: parser's text before an unverified read, enforced %d",
		       i);
		kexec_bpf_output_size(&out, 1);
		kexec_bpf_output_read(&out, 0, 0, &c, 1);
		tap_is(text(&out, "b", 1), 0,
		       "[S9] output: accepted: parser's text after a verified read, enforced %d",
		       i);
		kexec_bpf_output_read(&out, 1, 7, &c, 1);
		tap_is(text(&out, "c", 1), 0,
		       "[S9] output: accepted: parser's text after an unverified read that failed, enforced %d",
		       i);
		kexec_bpf_output_read(&out, 1, 0, &c, 1);
		tap_is(text(&out, "d", 1), i ? -EKEYREJECTED : 0,
		       "[S9] output: %s: parser's text after an unverified read, enforced %d",
		       i ? "refused" : "accepted", i);
		tap_is(kexec_bpf_output_cmdline_append(&out, 0, 0, 1), 0,
		       "[S9] output: accepted: verified range after an unverified read, enforced %d",
		       i);
		tap_is(kexec_bpf_output_initrd_append(&out, 1, 0, 1),
		       i ? -EKEYREJECTED : 0,
		       "[S9] output: %s: unverified initrd beside a verified image, enforced %d",
		       i ? "refused" : "accepted", i);
		tap_is(kexec_bpf_output_set_kernel(&out, 1, 0, 1),
		       i ? -EKEYREJECTED : 0,
		       "[S9] output: %s: unverified kernel beside a verified image, enforced %d",
		       i ? "refused" : "accepted", i);
		kexec_bpf_output_free(&out);
	}
}

static void test_kernel(void)
{
	struct kexec_bpf_output out;

	begin(&out, false, true);
	tap_is(kexec_bpf_output_set_kernel(&out, 0, 0, 99), -ERANGE,
	       "[M4] output: refused: kernel outside the buffer");
	tap_ok(!kexec_bpf_output_set_kernel(&out, 0, 2, 3) &&
	       out.kernel.range.offset == 2 && out.kernel.range.size == 3 &&
	       !memcmp(kexec_bpf_output_bytes(&out, &out.kernel), "234", 3),
	       "[M4] output: accepted: kernel after one that was refused");
	tap_is(kexec_bpf_output_set_kernel(&out, 0, 2, 3), -EEXIST,
	       "[M4] output: refused: kernel a second time");
	tap_is(kexec_bpf_output_set_kernel(&out, 7, 0, 0), -EEXIST,
	       "[M4] output: refused: kernel a second time, of no buffer");
	tap_ok(out.kernel.range.offset == 2 && out.kernel.range.size == 3,
	       "[M4] output: the first choice stays");
	kexec_bpf_output_image(&out, "next", 4, true);
	tap_is(out.kernel.range.size, 0,
	       "[M2] output: a new round begins without a kernel");
	tap_is(kexec_bpf_output_set_kernel(&out, 0, 0, 4), 0,
	       "[M4] output: accepted: kernel of the new round");
	kexec_bpf_output_free(&out);
}

static void test_initrd(void)
{
	struct kexec_bpf_output out;
	const u64 gib = 1ULL << 30;
	unsigned int i;
	int ret = 0;

	begin(&out, false, true);
	ret |= kexec_bpf_output_initrd_append(&out, 0, 3, 4);
	ret |= kexec_bpf_output_initrd_append(&out, 0, 0, 2);
	tap_ok(!ret && out.nr_initrd == 2 && out.initrd_size == 6 &&
	       !memcmp(kexec_bpf_output_bytes(&out, &out.initrd[0]), "3456", 4) &&
	       !memcmp(kexec_bpf_output_bytes(&out, &out.initrd[1]), "01", 2),
	       "[F3] output: pieces of the initrd keep their order");
	kexec_bpf_output_image(&out, "next", 4, true);
	ret = kexec_bpf_output_initrd_append(&out, 0, 1, 3);
	tap_ok(!ret && out.nr_initrd == 3 &&
	       !memcmp(kexec_bpf_output_bytes(&out, &out.initrd[0]), "3456", 4) &&
	       !memcmp(kexec_bpf_output_bytes(&out, &out.initrd[2]), "ext", 3),
	       "[F3] output: pieces of earlier rounds stay, and are their own bytes");
	for (i = 3; i < KEXEC_BPF_INITRD_PIECES_MAX; i++)
		ret |= kexec_bpf_output_initrd_append(&out, 0, 0, 1);
	tap_ok(!ret && i == 1024, "[L1] output: accepted: 1024 pieces of the initrd");
	tap_ok(kexec_bpf_output_initrd_append(&out, 0, 0, 1) == -EFBIG &&
	       host_log_has(&log, "more than 1024 pieces") &&
	       out.nr_initrd == 1024,
	       "[L1] output: refused: 1025 pieces of the initrd");
	kexec_bpf_output_free(&out);

	/* Sizes only; nothing is behind the buffer. */
	begin(&out, false, true);
	out.buffers[0].size = 16 * gib;
	ret = kexec_bpf_output_initrd_append(&out, 0, 0, 4 * gib - 1);
	tap_ok(!ret && out.initrd_size == 4 * gib - 1,
	       "[L1][M6] output: accepted: initrd of 2^32-1 bytes");
	tap_ok(kexec_bpf_output_initrd_append(&out, 0, 0, 1) == -EFBIG &&
	       out.initrd_size == 4 * gib - 1,
	       "[L1][M6] output: refused: initrd of a byte more");
	kexec_bpf_output_free(&out);
	begin(&out, false, true);
	out.buffers[0].size = 16 * gib;
	tap_is(kexec_bpf_output_initrd_append(&out, 0, 0, 4 * gib), -EFBIG,
	       "[L1][M6] output: refused: initrd of 2^32 bytes");
	tap_is(kexec_bpf_output_initrd_append(&out, 0, 0, 16 * gib), -EFBIG,
	       "[L1][M6] output: refused: initrd of 2^34 bytes");
	kexec_bpf_output_free(&out);

	begin(&out, true, true);
	out.info.flags = KEXEC_BPF_INFO_NO_INITRAMFS;
	tap_ok(!kexec_bpf_output_initrd_append(&out, 0, 0, 4) &&
	       !out.nr_initrd && !out.initrd_size,
	       "[F4] output: without an initramfs the pieces are left out");
	tap_is(kexec_bpf_output_initrd_append(&out, 0, 0, 99), -ERANGE,
	       "[F4] output: refused: a wrong piece that is left out");
	kexec_bpf_output_free(&out);
	begin(&out, true, false);
	out.info.flags = KEXEC_BPF_INFO_NO_INITRAMFS;
	tap_is(kexec_bpf_output_initrd_append(&out, 0, 0, 4), -EKEYREJECTED,
	       "[S9] output: refused: an unverified piece that is left out");
	kexec_bpf_output_free(&out);
}

static void test_cmdline(void)
{
	static char longest[CMDLINE_MAX + 2];
	struct kexec_bpf_output out;
	unsigned int i, wrong;
	int ret;

	memset(longest, 'x', sizeof(longest));

	begin(&out, false, true);
	ret = kexec_bpf_output_cmdline_append(&out, 0, 10, 3);
	ret |= text(&out, " ", 1);
	ret |= kexec_bpf_output_cmdline_append(&out, 0, 17, 2);
	tap_ok(!ret && out.cmdline_len == 6 && !strcmp(out.cmdline, "abc gh"),
	       "[F3] output: texts are joined as they are, in order");
	tap_ok(!text(&out, "!\0hidden", 8) && !strcmp(out.cmdline, "abc gh!"),
	       "[M8] output: a parser's text ends at its NUL");
	tap_ok(!text(&out, "", 1) && !text(&out, "", 0) && out.cmdline_len == 7,
	       "[M8] output: an empty text changes nothing");
	tap_ok(kexec_bpf_output_cmdline_append(&out, 0, 14, 5) == -EINVAL &&
	       host_log_has(&log, "NUL at 0x2 of 0x5") &&
	       !strcmp(out.cmdline, "abc gh!"),
	       "[M8] output: refused: a NUL inside a range");
	tap_ok(kexec_bpf_output_cmdline_append(&out, 0, 16, 1) == -EINVAL &&
	       !strcmp(out.cmdline, "abc gh!"),
	       "[M8] output: refused: nothing but a NUL");
	kexec_bpf_output_free(&out);

	tap_is(KEXEC_BPF_CMDLINE_MAX, CMDLINE_MAX,
	       "[M6] output: the limit is what kexec on x86 takes");
	begin(&out, false, true);
	tap_ok(!text(&out, longest, CMDLINE_MAX) &&
	       out.cmdline_len == CMDLINE_MAX && !out.cmdline[CMDLINE_MAX],
	       "[M6] output: accepted: command line at the limit");
	tap_ok(text(&out, "x", 1) == -EFBIG && out.cmdline_len == CMDLINE_MAX &&
	       host_log_has(&log, "2016 bytes and 1 more, the limit is 2016"),
	       "[M6] output: refused: a byte more");
	tap_is(kexec_bpf_output_cmdline_append(&out, 0, 0, 1), -EFBIG,
	       "[M6] output: refused: a range of a byte more");
	tap_is(text(&out, "", 1), 0, "[M6] output: accepted: nothing more");
	kexec_bpf_output_free(&out);

	begin(&out, false, true);
	tap_ok(text(&out, longest, CMDLINE_MAX + 1) == -EFBIG &&
	       !out.cmdline_len && !out.cmdline[0],
	       "[M6] output: refused: command line of a byte above the limit");
	out.buffers[0].data = (const u8 *)longest;
	out.buffers[0].size = sizeof(longest);
	tap_is(kexec_bpf_output_cmdline_append(&out, 0, 0, CMDLINE_MAX + 1),
	       -EFBIG,
	       "[M6] output: refused: range of a byte above the limit");
	tap_is(kexec_bpf_output_cmdline_append(&out, 0, 2, CMDLINE_MAX), 0,
	       "[M6] output: accepted: range at the limit");
	kexec_bpf_output_free(&out);

	begin(&out, false, true);
	out.buffers[0].size = 8ULL << 30;
	tap_is(kexec_bpf_output_cmdline_append(&out, 0, 0, (4ULL << 30) + 1),
	       -EFBIG, "[M6] output: refused: range of 2^32+1 bytes");
	kexec_bpf_output_free(&out);

	begin(&out, false, true);
	for (wrong = i = 0; i < CMDLINE_MAX; i++)
		wrong += !!text(&out, "y", 1);
	tap_ok(!wrong && text(&out, "y", 1) == -EFBIG &&
	       strlen(out.cmdline) == CMDLINE_MAX,
	       "[M6] output: command line byte by byte up to the limit");
	kexec_bpf_output_free(&out);
}

static void test_buffers(void)
{
	struct kexec_bpf_output out;
	unsigned int i;
	int ret = 0;

	begin(&out, false, true);
	for (i = 1; i < KEXEC_BPF_BUFFERS_MAX; i++)
		ret |= kexec_bpf_output_image(&out, image, i % 32 + 1, true);
	tap_ok(!ret && i == 1024 && kexec_bpf_output_size(&out, 0) == 32 &&
	       kexec_bpf_output_size(&out, 1) == -EBADF,
	       "[M8] output: accepted: 1024 buffers");
	tap_ok(kexec_bpf_output_image(&out, image, 1, true) == -EFBIG &&
	       host_log_has(&log, "more than 1024 buffers"),
	       "[M8] output: refused: 1025 buffers");
	kexec_bpf_output_free(&out);
}

static void test_info(void)
{
	const u32 known = sizeof(struct kexec_bpf_info);
	struct kexec_bpf_output out;
	unsigned int wrong = 0;
	u8 *info, *zero;
	u32 size, i;

	begin(&out, false, true);
	memset(&out.info, 0x5a, sizeof(out.info));
	for (size = 0; size <= known + 16; size++) {
		info = malloc(size);
		zero = (u8 *)&out.info;
		memset(info, 0xff, size);
		wrong += kexec_bpf_output_info(&out, (void *)info, size) != 0;
		for (i = 0; i < size; i++)
			wrong += info[i] != (i < known ? zero[i] : 0);
		free(info);
	}
	tap_is(wrong, 0, "[P1] output: info of each size that a parser may know");
	kexec_bpf_output_free(&out);
}

static int output_log(struct kexec_bpf_output *out, const char *fmt,
		      const u64 *args, u32 args_size)
{
	u64 *copy = args ? host_copy(args, args_size) : NULL;
	int ret = kexec_bpf_output_log(out, fmt, copy, args_size);

	free(copy);
	return ret;
}

static void test_log(void)
{
	static const u64 args[9] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
	char *unaligned = malloc(17), fmt[400];
	struct kexec_bpf_output out;

	begin(&out, false, true);
	tap_ok(!output_log(&out, "%u%u%u%u%u%u%u%u", args, 64) &&
	       !strcmp(log.text, "image: 12345678\n"),
	       "[M7] output: accepted: a line with eight values");
	host_log_reset(&log);
	tap_is(output_log(&out, "%u", args, 72), -EINVAL,
	       "[M7] output: refused: nine values");
	tap_is(output_log(&out, "%u", args, 7), -EINVAL,
	       "[M7] output: refused: part of a value");
	tap_is(kexec_bpf_output_log(&out, "%u", args, 0xfffffff8), -EINVAL,
	       "[M6][M7] output: refused: values of 2^32-8 bytes");
	tap_is(output_log(&out, "%u", args, 0), -EINVAL,
	       "[M7] output: refused: values of no size");
	tap_is(output_log(&out, "%u", NULL, 0), -EINVAL,
	       "[M7] output: refused: conversion without values");
	tap_is(output_log(&out, "%u", NULL, 8), -EINVAL,
	       "[M7] output: refused: size of values that are not there");
	tap_ok(!log.text[0], "[M7] output: what is refused logs nothing");
	tap_ok(!output_log(&out, "text", args, 8) &&
	       !strcmp(log.text, "image: text\n"),
	       "[M7] output: accepted: a value too many");
	host_log_reset(&log);
	memset(fmt, 'f', sizeof(fmt));
	fmt[sizeof(fmt) - 1] = '\0';
	tap_ok(!output_log(&out, fmt, NULL, 0) &&
	       strlen(log.text) == 255 + strlen("image: \n"),
	       "[M7] output: a line is cut at its limit");
	/* The verifier does not ask for alignment. */
	memcpy(unaligned + 1, args, 16);
	host_log_reset(&log);
	tap_ok(!kexec_bpf_output_log(&out, "%u %u", unaligned + 1, 16) &&
	       host_log_has(&log, "image: 1 2\n"),
	       "[M7] output: values need no alignment");
	free(unaligned);
	kexec_bpf_output_free(&out);
}

int main(void)
{
	test_allocation();
	test_ids();
	test_ranges();
	test_trust();
	test_taint();
	test_kernel();
	test_initrd();
	test_cmdline();
	test_buffers();
	test_info();
	test_log();
	tap_is(shim_alloc_live, 0, "[M3] output: nothing is left allocated at the end");
	return tap_done();
}
