/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SHIM_LINUX_STRING_H
#define _SHIM_LINUX_STRING_H

#include <string.h>
#include <linux/types.h>

/* The first byte that is not @c, or NULL. */
void *memchr_inv(const void *data, int c, size_t size);

#endif
