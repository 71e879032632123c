/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's functions take any char; those of the C library do not. */
#ifndef _SHIM_LINUX_CTYPE_H
#define _SHIM_LINUX_CTYPE_H

#include <stdbool.h>

static inline bool shim_isdigit(int c)
{
	return c >= '0' && c <= '9';
}

static inline bool shim_isxdigit(int c)
{
	return shim_isdigit(c) || (c >= 'a' && c <= 'f') ||
	       (c >= 'A' && c <= 'F');
}

#define isdigit shim_isdigit
#define isxdigit shim_isxdigit

#endif
