/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel types and annotations in user space */
#ifndef _SHIM_LINUX_TYPES_H
#define _SHIM_LINUX_TYPES_H

#include_next <linux/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef __u64 u64;
typedef int32_t s32;
typedef __s64 s64;

#ifndef __aligned_u64
#define __aligned_u64 __u64 __attribute__((aligned(8)))
#endif
#define __printf(a, b) __attribute__((format(printf, a, b)))

#endif
