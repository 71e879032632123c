/* SPDX-License-Identifier: GPL-2.0-only */
/* As in the kernel, min() takes two values of the same signedness only. */
#ifndef _SHIM_LINUX_MINMAX_H
#define _SHIM_LINUX_MINMAX_H

#define min(a, b) ({				\
	__auto_type _a = (a);			\
	__auto_type _b = (b);			\
	_a < _b ? _a : _b; })
#define max(a, b) ({				\
	__auto_type _a = (a);			\
	__auto_type _b = (b);			\
	_a > _b ? _a : _b; })
#define min_t(type, a, b) min((type)(a), (type)(b))
#define max_t(type, a, b) max((type)(a), (type)(b))

#endif
