/* SPDX-License-Identifier: GPL-2.0-only */
/* Older system headers lack some of the section flags. */
#ifndef _SHIM_LINUX_ELF_H
#define _SHIM_LINUX_ELF_H

#include_next <linux/elf.h>

#ifndef SHF_MERGE
#define SHF_MERGE	0x10
#define SHF_STRINGS	0x20
#define SHF_INFO_LINK	0x40
#endif

#endif
