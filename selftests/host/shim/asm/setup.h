/* SPDX-License-Identifier: GPL-2.0-only */
/* Host tests build the core as x86-64 does. */
#ifndef _SHIM_ASM_SETUP_H
#define _SHIM_ASM_SETUP_H

#define CONFIG_X86		1
#define COMMAND_LINE_SIZE	2048

#endif
