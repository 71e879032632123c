// SPDX-License-Identifier: GPL-2.0
/* What a parser object says about itself. */
#include <errno.h>
#include <gelf.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

/* As in section ".kexec_bpf", in the object's byte order: little-endian */
#define PARSER_ABI		offsetof(struct kexec_bpf_parser, abi)
#define PARSER_RESERVED		offsetof(struct kexec_bpf_parser, reserved)
#define PARSER_FORMAT		offsetof(struct kexec_bpf_parser, format)

static int check_header(Elf *elf, const struct kexecbpf_report *report)
{
	GElf_Ehdr ehdr;

	if (elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &ehdr))
		return kexecbpf_fail(report, ENOEXEC, "parser: not an ELF object");
	if (ehdr.e_ident[EI_CLASS] != ELFCLASS64)
		return kexecbpf_fail(report, ENOEXEC, "parser: not a 64-bit ELF object");
	if (ehdr.e_ident[EI_DATA] != ELFDATA2LSB)
		return kexecbpf_fail(report, ENOEXEC,
				     "parser: not a little-endian ELF object");
	if (ehdr.e_machine != EM_BPF)
		return kexecbpf_fail(report, ENOEXEC,
				     "parser: ELF object for machine %u, not for BPF (%u)",
				     ehdr.e_machine, EM_BPF);
	if (ehdr.e_type != ET_REL)
		return kexecbpf_fail(report, ENOEXEC,
				     "parser: ELF object of type %u, not relocatable (%u)",
				     ehdr.e_type, ET_REL);
	return 0;
}

/* Sets @shdr to section ".kexec_bpf". */
static int find_section(Elf *elf, GElf_Shdr *shdr,
			const struct kexecbpf_report *report)
{
	unsigned int found = 0;
	Elf_Scn *scn = NULL;
	GElf_Shdr cur;
	size_t strndx;
	const char *name;

	if (elf_getshdrstrndx(elf, &strndx))
		return kexecbpf_fail(report, ELIBSCN, "parser: no section names: %s",
				     elf_errmsg(-1));
	while ((scn = elf_nextscn(elf, scn))) {
		if (!gelf_getshdr(scn, &cur))
			return kexecbpf_fail(report, ELIBSCN,
					     "parser: section %zu: %s",
					     elf_ndxscn(scn), elf_errmsg(-1));
		name = elf_strptr(elf, strndx, cur.sh_name);
		if (!name)
			return kexecbpf_fail(report, ELIBSCN,
					     "parser: section %zu: bad name",
					     elf_ndxscn(scn));
		if (strcmp(name, ".kexec_bpf"))
			continue;
		if (found++)
			return kexecbpf_fail(report, ELIBSCN,
					     "parser: second section '.kexec_bpf'");
		*shdr = cur;
	}
	if (!found)
		return kexecbpf_fail(report, ELIBSCN,
				     "parser: no section '.kexec_bpf'");
	return 0;
}

static int read_section(const uint8_t *obj, size_t len, const GElf_Shdr *shdr,
			struct kexecbpf_parser_info *info,
			const struct kexecbpf_report *report)
{
	const uint8_t *p;
	size_t i, n;

	if (shdr->sh_type != SHT_PROGBITS ||
	    shdr->sh_size != sizeof(struct kexec_bpf_parser))
		return kexecbpf_fail(report, ELIBSCN,
				     "parser: section '.kexec_bpf': type %u, %llu bytes instead of type %u, %zu bytes",
				     shdr->sh_type,
				     (unsigned long long)shdr->sh_size,
				     SHT_PROGBITS, sizeof(struct kexec_bpf_parser));
	if (shdr->sh_offset > len || shdr->sh_size > len - shdr->sh_offset)
		return kexecbpf_fail(report, ELIBSCN,
				     "parser: section '.kexec_bpf': 0x%llx+0x%llx ends beyond the object's 0x%zx bytes",
				     (unsigned long long)shdr->sh_offset,
				     (unsigned long long)shdr->sh_size, len);

	p = obj + shdr->sh_offset;
	info->abi = get_le32(p + PARSER_ABI);
	memcpy(info->format, p + PARSER_FORMAT, sizeof(info->format));
	if (!info->abi || get_le32(p + PARSER_RESERVED))
		return kexecbpf_fail(report, ELIBSCN,
				     "parser: section '.kexec_bpf': ABI version %u, reserved 0x%x",
				     info->abi, get_le32(p + PARSER_RESERVED));

	n = strnlen(info->format, sizeof(info->format));
	for (i = 0; i < sizeof(info->format); i++) {
		if (i < n ? info->format[i] < 0x20 || info->format[i] > 0x7e :
			    info->format[i] != '\0')
			break;
	}
	if (!n || n == sizeof(info->format) || i < sizeof(info->format))
		return kexecbpf_fail(report, ELIBSCN,
				     "parser: section '.kexec_bpf': name of the format is not printable text with NULs behind it");
	return 0;
}

int kexecbpf_parser_inspect(const void *obj, size_t len,
			    struct kexecbpf_parser_info *info,
			    const struct kexecbpf_report *report)
{
	GElf_Shdr shdr = { };
	char *copy;
	Elf *elf;
	int ret;

	memset(info, 0, sizeof(*info));
	if (len > KEXECBPF_PARSER_MAX)
		return kexecbpf_fail(report, EFBIG, "parser: %zu bytes, limit is %u",
				     len, KEXECBPF_PARSER_MAX);
	if (len < EI_NIDENT)
		return kexecbpf_fail(report, ENOEXEC,
				     "parser: %zu bytes are no ELF object", len);
	if (elf_version(EV_CURRENT) == EV_NONE)
		return kexecbpf_fail(report, ENOEXEC, "parser: libelf: %s",
				     elf_errmsg(-1));

	/* elf_memory() wants memory that it may write to, and aligned. */
	copy = malloc(len);
	if (!copy)
		return kexecbpf_fail(report, ENOMEM, "parser: out of memory");
	memcpy(copy, obj, len);
	elf = elf_memory(copy, len);
	if (elf) {
		ret = check_header(elf, report);
		if (!ret)
			ret = find_section(elf, &shdr, report);
		if (!ret)
			ret = read_section(obj, len, &shdr, info, report);
		elf_end(elf);
	} else {
		ret = kexecbpf_fail(report, ENOEXEC, "parser: %s", elf_errmsg(-1));
	}
	free(copy);
	return ret;
}

int kexecbpf_pe_parser(const struct kexecbpf_pe *pe,
		       struct kexecbpf_parser_info *info,
		       const struct kexecbpf_report *report)
{
	const struct kexecbpf_section *s = kexecbpf_pe_find(pe, KEXECBPF_SECTION);
	uint8_t *obj;
	int ret;

	memset(info, 0, sizeof(*info));
	if (!s)
		return kexecbpf_fail(report, ENOENT, "image: no section '%s'",
				     KEXECBPF_SECTION);
	if (s->payload > KEXECBPF_PARSER_MAX)
		return kexecbpf_fail(report, EFBIG, "parser: %u bytes, limit is %u",
				     s->payload, KEXECBPF_PARSER_MAX);
	if (!s->payload)
		return kexecbpf_fail(report, ENOEXEC,
				     "parser: section '%s' is empty", KEXECBPF_SECTION);
	obj = malloc(s->payload);
	if (!obj)
		return kexecbpf_fail(report, ENOMEM, "parser: out of memory");
	ret = kexecbpf_pe_read(pe, s->offset, obj, s->payload);
	if (ret)
		kexecbpf_fail(report, -ret, "image: cannot read section '%s': %s",
			      KEXECBPF_SECTION, kexecbpf_errno_name(ret));
	else
		ret = kexecbpf_parser_inspect(obj, s->payload, info, report);
	free(obj);
	return ret;
}
