// SPDX-License-Identifier: GPL-2.0-only
/*
 * The example of docs/parser-guide.md: parser for appliance images
 *
 * Accepts a PE32+ file with the kernel in .linux, any number of .rd, which are
 * the initrd in the order of the section table, and a fixed command line.
 *
 * Refuses an empty .rd (-EINVAL), two of .linux (-EEXIST, by the kernel), none
 * (ENOMSG, by the kernel), and what pe.bpf.h refuses. Ignores other sections.
 */
#include "kexec_bpf.bpf.h"
#include "pe.bpf.h"

KEXEC_PARSER("appliance");

static char cmdline[] SEC(".data") = "root=LABEL=appliance ro";

static int take_section(const struct pe *pe, u32 i)
{
	struct pe_section_header section;
	struct pe_range payload;
	u64 name;
	int ret;

	ret = pe_read_section(pe, i, &section);
	if (!ret)
		ret = pe_payload(pe, i, &section, &payload);
	if (ret)
		return ret;

	name = kexec_name8(section.name);
	if (name == kexec_name8(".linux\0"))
		return bpf_kexec_set_kernel(pe->buffer, payload.offset,
					    payload.size);
	if (name != kexec_name8(".rd\0\0\0\0"))
		return 0;
	if (!payload.size) {
		kexec_log("section %u '%s' is empty", i, name);
		return -EINVAL;
	}
	return bpf_kexec_initrd_append(pe->buffer, payload.offset,
				       payload.size);
}

SEC("syscall")
int appliance(void *ctx __attribute__((unused)))
{
	struct pe pe;
	int ret;
	u32 i;

	ret = pe_open(&pe, KEXEC_BPF_IMAGE);
	if (ret)
		return ret;
	kexec_for(i, 0, pe.nr_sections) {
		ret = take_section(&pe, i);
		if (ret)
			return ret;
	}
	return bpf_kexec_cmdline_append_text(cmdline, sizeof(cmdline));
}
