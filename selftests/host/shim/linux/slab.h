/* SPDX-License-Identifier: GPL-2.0-only */
/* Allocation that can be made to fail */
#ifndef _SHIM_LINUX_SLAB_H
#define _SHIM_LINUX_SLAB_H

#include <linux/types.h>

typedef unsigned int gfp_t;

#define GFP_KERNEL 0U

/*
 * The allocation that fails, counted from 1 when the count was last reset;
 * 0 for none.
 */
extern unsigned long shim_alloc_fail;

/* How many allocations were tried since, and how many are not freed yet. */
extern unsigned long shim_alloc_count;
extern long shim_alloc_live;

void shim_alloc_reset(unsigned long fail);

void *kvmalloc_array(size_t n, size_t size, gfp_t flags);
void *kvcalloc(size_t n, size_t size, gfp_t flags);
void *kvmalloc(size_t size, gfp_t flags);
void *kvzalloc(size_t size, gfp_t flags);
void kvfree(const void *data);

#define kmalloc		kvmalloc
#define kzalloc		kvzalloc
#define kcalloc		kvcalloc
#define kmalloc_array	kvmalloc_array
#define kfree		kvfree

#endif
