// SPDX-License-Identifier: GPL-2.0-only
/* What the kernel sources call and the C library does not have */

#include <stdlib.h>

#include <linux/slab.h>
#include <linux/string.h>

unsigned long shim_alloc_fail;
unsigned long shim_alloc_count;
long shim_alloc_live;

void shim_alloc_reset(unsigned long fail)
{
	shim_alloc_fail = fail;
	shim_alloc_count = 0;
}

static void *alloc(size_t n, size_t size, bool zero)
{
	void *data;

	if (++shim_alloc_count == shim_alloc_fail)
		return NULL;
	data = calloc(n, size);
	if (!data)
		return NULL;
	/* Whoever relies on zeros must have asked for them. */
	if (!zero)
		memset(data, 0xa5, n * size);
	shim_alloc_live++;
	return data;
}

void *kvmalloc_array(size_t n, size_t size, gfp_t flags)
{
	(void)flags;
	return alloc(n, size, false);
}

void *kvcalloc(size_t n, size_t size, gfp_t flags)
{
	(void)flags;
	return alloc(n, size, true);
}

void *kvmalloc(size_t size, gfp_t flags)
{
	(void)flags;
	return alloc(1, size, false);
}

void *kvzalloc(size_t size, gfp_t flags)
{
	(void)flags;
	return alloc(1, size, true);
}

void kvfree(const void *data)
{
	if (data)
		shim_alloc_live--;
	free((void *)data);
}

void *memchr_inv(const void *data, int c, size_t size)
{
	const u8 *byte = data;
	size_t i;

	/* Payloads of a gigabyte are mostly zeros: by words, as in the kernel. */
	for (i = 0; size - i >= sizeof(u64); i += sizeof(u64)) {
		u64 have, want;

		memcpy(&have, byte + i, sizeof(have));
		memset(&want, c, sizeof(want));
		if (have != want)
			break;
	}
	for (; i < size; i++)
		if (byte[i] != (u8)c)
			return (void *)(byte + i);
	return NULL;
}
