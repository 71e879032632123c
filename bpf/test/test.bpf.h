/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parsers of tests share
 */
#ifndef TEST_BPF_H
#define TEST_BPF_H

#include "kexec_bpf.bpf.h"
#include "pe.bpf.h"

/* The first section of a name in the image */
static inline int find_section(const char *name, struct pe_range *payload)
{
	struct pe_section_header section;
	u64 wanted = kexec_name8(name);
	struct pe pe;
	int ret;
	u32 i;

	ret = pe_open(&pe, KEXEC_BPF_IMAGE);
	if (ret)
		return ret;
	kexec_for(i, 0, pe.nr_sections) {
		ret = pe_read_section(&pe, i, &section);
		if (ret)
			return ret;
		if (kexec_name8(section.name) == wanted)
			return pe_payload(&pe, i, &section, payload);
	}
	return -ENOENT;
}

/* Choose .linux as the kernel, and nothing else */
static inline int choose_linux(void)
{
	struct pe_range payload;
	int ret;

	ret = find_section(".linux\0", &payload);
	if (ret)
		return ret;
	return bpf_kexec_set_kernel(KEXEC_BPF_IMAGE, payload.offset,
				    payload.size);
}

/* Log what a call returned and what it should have; return whether they differ */
#define expect(call, ret)						\
	({								\
		s64 ___got = (call), ___want = (ret);			\
									\
		if (___got != ___want)					\
			kexec_log("line %d: returned %d, not %d",	\
				  __LINE__, ___got, ___want);		\
		___got != ___want;					\
	})

#endif /* TEST_BPF_H */
