// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names ranges outside the image, and empty ones, to each kfunc that takes one.
 *
 * Expected: -ERANGE or -EINVAL from each, then the load succeeds with .linux
 * alone. Where one differs: EBADMSG, parser_ret is minus the number of calls
 * that do. [M6]
 */
#include "test.bpf.h"

KEXEC_PARSER("test");

static int wrong;

/* Calls that take a length */
static void try(u64 offset, u64 length, int want)
{
	wrong += expect(bpf_kexec_set_kernel(KEXEC_BPF_IMAGE, offset, length),
			want);
	wrong += expect(bpf_kexec_initrd_append(KEXEC_BPF_IMAGE, offset,
						length), want);
	wrong += expect(bpf_kexec_cmdline_append(KEXEC_BPF_IMAGE, offset,
						 length), want);
}

/* An offset of which no byte is in the image, whatever its size */
static void try_offset(u64 offset)
{
	u64 value;

	wrong += expect(bpf_kexec_read(KEXEC_BPF_IMAGE, offset, &value,
				       sizeof(value)), -ERANGE);
	try(offset, 1, -ERANGE);
	try(offset, 0, -ERANGE);
	/* The end wraps, to 0 or to inside the image. */
	try(offset, -offset, -ERANGE);
	try(offset, -offset + 1, -ERANGE);
	try(offset, -offset + 64, -ERANGE);
}

/* A length that is larger than the image, whatever its size */
static void try_length(u64 size, u64 length)
{
	try(0, length, -ERANGE);
	try(1, length, -ERANGE);
	try(size, length, -ERANGE);
	try(-length, length, -ERANGE);
}

static const u64 large[] = {
	/* The kernel takes no image of 2^32 bytes. */
	1ULL << 32, (1ULL << 32) + 1, (1ULL << 32) + 64,
	(1ULL << 63) - 1, 1ULL << 63, (1ULL << 63) + 1,
	-64ULL, -8ULL, -1ULL,
};

SEC("syscall")
int ranges(void *ctx __attribute__((unused)))
{
	s64 size = bpf_kexec_size(KEXEC_BPF_IMAGE);
	u64 value;
	u32 i;

	if (size < 0)
		return size;
	wrong = 0;

	/* At the end of the image */
	try(size, 1, -ERANGE);
	try(size - 1, 2, -ERANGE);
	try(1, size, -ERANGE);
	try(0, size + 1, -ERANGE);
	try(size + 1, 0, -ERANGE);
	wrong += expect(bpf_kexec_read(KEXEC_BPF_IMAGE, size, &value, 1),
			-ERANGE);
	wrong += expect(bpf_kexec_read(KEXEC_BPF_IMAGE, size - 7, &value, 8),
			-ERANGE);
	wrong += expect(bpf_kexec_read(KEXEC_BPF_IMAGE, size - 8, &value, 8),
			0);
	wrong += expect(bpf_kexec_read(KEXEC_BPF_IMAGE, size, &value, 0), 0);

	/* Inside it, but empty */
	try(0, 0, -EINVAL);
	try(size, 0, -EINVAL);

	/* Around 2^31, if the image is not that large */
	if (size < (1LL << 31) - 1) {
		try_offset((1ULL << 31) - 1);
		try_offset(1ULL << 31);
		try_offset((1ULL << 31) + 1);
		try_length(size, (1ULL << 31) - 1);
		try_length(size, 1ULL << 31);
		try_length(size, (1ULL << 32) - 1);
	}
	kexec_for(i, 0, sizeof(large) / sizeof(large[0])) {
		if (i >= sizeof(large) / sizeof(large[0]))
			break;
		try_offset(large[i]);
		try_length(size, large[i]);
	}
	return wrong ? -wrong : choose_linux();
}
