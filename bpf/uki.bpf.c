// SPDX-License-Identifier: GPL-2.0-only
/*
 * Parser for unified kernel images (UKI)
 *
 * Spec: UAPI.5 Unified Kernel Image; where it is silent, what systemd-stub does
 * from version 257 on.
 *
 * Accepts a PE32+ file with .linux and, if they are there, .initrd and .cmdline.
 * The kernel and the initrd are the payloads as they are. The command line is
 * the text of .cmdline, mangled as the stub mangles it.
 *
 * Refuses, each with a line in the log:
 *   -ENODATA	 no .linux, or an empty one
 *   -ENOTUNIQ	 two sections with a name that must be unique
 *   -EOPNOTSUPP a section that changes what is booted, in a way that this parser
 *		 does not do
 *   -EILSEQ	 .cmdline is not UTF-8, or has a character beyond U+FFFF
 *   -EINVAL	 .cmdline has data behind a NUL; .initrd is larger in memory than
 *		 in the file
 *   -EFBIG	 .cmdline, or the section table, is too large to be meant
 *   -ERANGE	 a section is not inside the file
 *   -ENOEXEC	 no PE32+ file
 * and what the kernel refuses of a range that is named to it.
 *
 * Ignores sections with other names, as the stub does.
 */
#include "kexec_bpf.bpf.h"
#include "pe.bpf.h"

KEXEC_PARSER("uki");

/*
 * Bytes of .cmdline, with whatever pads it. No kernel takes more than a few
 * KiB of text.
 */
#define CMDLINE_SECTION_MAX	(64 << 10)

enum rule {
	LOADED,		/* becomes a part of what is booted */
	IGNORED,	/* has no effect on kernel, initrd or command line */
	REFUSED,	/* would have an effect that is not supported */
};

enum part {
	PART_LINUX,
	PART_INITRD,
	PART_CMDLINE,
	NR_PARTS,
};

/**
 * struct known_section - a name that the format gives a meaning to
 * @name: filled up with NULs
 * @rule: what is done about it
 * @repeatable: whether there may be more than one
 */
struct known_section {
	char		name[8];
	enum rule	rule;
	u32		repeatable;
} __attribute__((aligned(8)));

/*
 * All names that systemd-stub knows as of version 258, those of enum part first
 * and in its order.
 */
static const struct known_section known_sections[] = {
	{ ".linux",	LOADED,		0 },
	{ ".initrd",	LOADED,		0 },
	{ ".cmdline",	LOADED,		0 },

	/* Comes ahead of the initrd. */
	{ ".ucode",	REFUSED,	0 },
	/* Opens a profile, whose sections override others. */
	{ ".profile",	REFUSED,	1 },
	/* Replace the devicetree. */
	{ ".dtb",	REFUSED,	0 },
	{ ".dtbauto",	REFUSED,	1 },

	/* Selects one of .dtbauto and .efifw. */
	{ ".hwids",	IGNORED,	0 },
	/* Firmware for the machine, which runs already. */
	{ ".efifw",	IGNORED,	1 },
	/* Drawn before the kernel starts. */
	{ ".splash",	IGNORED,	0 },
	/* Selects addons, of which there are none. */
	{ ".uname",	IGNORED,	0 },
	/* Read by shim. */
	{ ".sbat",	IGNORED,	0 },
	/* Copies for user space, in /.extra. */
	{ ".osrel",	IGNORED,	0 },
	/*
	 * Likewise. They unlock what is bound to the stub's measurements, which
	 * kexec cannot repeat.
	 */
	{ ".pcrsig",	IGNORED,	0 },
	{ ".pcrpkey",	IGNORED,	0 },
};

#define NR_KNOWN_SECTIONS (sizeof(known_sections) / sizeof(known_sections[0]))

_Static_assert(NR_KNOWN_SECTIONS <= 32, "known sections are bits of a u32");

/*
 * What was found so far. Not on the stack, where the verifier would follow each
 * combination of sections. Set before use: natively, this runs more than once.
 */
static u32 seen;
static u32 debug;
static struct pe_range parts[NR_PARTS];

/* Index of the section's name in known_sections, or NR_KNOWN_SECTIONS. */
static u32 find_known(const struct pe_section_header *section)
{
	u64 name = kexec_name8(section->name);
	u32 i;

	kexec_for(i, 0, NR_KNOWN_SECTIONS) {
		if (i >= NR_KNOWN_SECTIONS)
			break;
		if (kexec_name8(known_sections[i].name) == name)
			return i;
	}
	return NR_KNOWN_SECTIONS;
}

/*
 * Two sections of a unique name: the stub takes the first from version 257 on,
 * and took the last before. One signed file would mean two things.
 */
static int check_unique(u32 i, const struct pe_section_header *section,
			u32 known)
{
	u32 bit = 1U << known;

	if ((seen & bit) && !known_sections[known].repeatable) {
		kexec_log("section %u '%s' is there twice", i,
			  kexec_name8(section->name));
		return -ENOTUNIQ;
	}
	seen |= bit;
	return 0;
}

static int take_part(const struct pe *pe, u32 i,
		     const struct pe_section_header *section, u32 part)
{
	/*
	 * In memory, zeros follow what the file has. Behind .cmdline they only
	 * end its text. ukify 257.0 to 257.2 made them follow .linux, where
	 * nothing reads them. Behind .initrd they would be a part of it, which
	 * cannot be named here, and no tool makes them.
	 */
	if (part == PART_INITRD && section->virtual_size > section->raw_size) {
		kexec_log("section %u '%s': %x bytes in memory, only %x in the file",
			  i, kexec_name8(section->name), section->virtual_size,
			  section->raw_size);
		return -EINVAL;
	}
	return pe_payload(pe, i, section, &parts[part]);
}

static int look_at_section(const struct pe *pe, u32 i)
{
	struct pe_section_header section;
	u32 known;
	int ret;

	ret = pe_read_section(pe, i, &section);
	if (ret)
		return ret;

	known = find_known(&section);
	if (known < NR_KNOWN_SECTIONS) {
		ret = check_unique(i, &section, known);
		if (ret)
			return ret;
		/* A section without a size in memory counts as absent. */
		if (!section.virtual_size)
			return 0;
		if (known_sections[known].rule == REFUSED) {
			kexec_log("section %u '%s' is not supported by this parser",
				  i, kexec_name8(section.name));
			return -EOPNOTSUPP;
		}
		if (known < NR_PARTS)
			return take_part(pe, i, &section, known);
	}
	if (debug)
		kexec_log("section %u '%s' is ignored", i,
			  kexec_name8(section.name));
	return 0;
}

static bool is_control(u8 c)
{
	return c < 0x20 || c == 0x7f;
}

static int refuse_encoding(u64 offset, u8 first)
{
	kexec_log("section '.cmdline': no UTF-8 character up to U+FFFF at %x, where %x is",
		  offset, first);
	return -EILSEQ;
}

/*
 * Read the character at @offset, with @left bytes up to the end, and return its
 * length. Shortest form and no surrogates, as UTF-8 is defined. The stub leaves
 * characters beyond U+FFFF out, which cannot be what the text's author meant.
 */
static int read_character(u32 buffer, u64 offset, u32 left, u8 *first)
{
	u8 c[2];
	int ret;

	ret = bpf_kexec_read(buffer, offset, first, sizeof(*first));
	if (ret)
		return ret;
	if (*first < 0x80)
		return 1;

	if (*first >= 0xc2 && *first <= 0xdf && left >= 2) {
		ret = bpf_kexec_read(buffer, offset + 1, c, 1);
		if (ret)
			return ret;
		if ((c[0] & 0xc0) == 0x80)
			return 2;
	} else if (*first >= 0xe0 && *first <= 0xef && left >= 3) {
		ret = bpf_kexec_read(buffer, offset + 1, c, 2);
		if (ret)
			return ret;
		if ((c[0] & 0xc0) == 0x80 && (c[1] & 0xc0) == 0x80 &&
		    !(*first == 0xe0 && c[0] < 0xa0) &&
		    !(*first == 0xed && c[0] > 0x9f))
			return 3;
	}
	return refuse_encoding(offset, *first);
}

/* The text ends at its first NUL; what follows may only be padding. */
static int check_padding(u32 buffer, u64 offset, u32 start, u32 size)
{
	u32 i;
	u8 c;
	int ret;

	kexec_for(i, start, size) {
		ret = bpf_kexec_read(buffer, offset + i, &c, sizeof(c));
		if (ret)
			return ret;
		if (c) {
			kexec_log("section '.cmdline': NUL at %x, and data at %x",
				  offset + start, offset + i);
			return -EINVAL;
		}
	}
	return 0;
}

/*
 * Find the text of .cmdline, without the blanks and control characters at both
 * ends. @text is empty if nothing is left.
 */
static int measure_cmdline(u32 buffer, const struct pe_range *payload,
			   struct pe_range *text)
{
	u32 size = payload->size, pos = 0, begin = 0, end = 0, i;
	u8 first;
	int ret;

	kexec_for(i, 0, size) {
		if (pos >= size)
			break;
		ret = read_character(buffer, payload->offset + pos, size - pos,
				     &first);
		if (ret < 0)
			return ret;
		if (!first)
			break;
		if (first != ' ' && !is_control(first)) {
			if (!end)
				begin = pos;
			end = pos + ret;
		}
		pos += ret;
	}
	text->offset = payload->offset + begin;
	text->size = end - begin;
	return check_padding(buffer, payload->offset, pos, size);
}

/* Append the text, with a space for each control character inside it. */
static int append_cmdline(u32 buffer, const struct pe_range *text)
{
	u64 offset = text->offset;
	u32 size = text->size, run = 0, i;
	char space = ' ';
	int ret;
	u8 c;

	kexec_for(i, 0, size) {
		ret = bpf_kexec_read(buffer, offset + i, &c, sizeof(c));
		if (ret)
			return ret;
		if (!is_control(c))
			continue;
		if (i > run)
			ret = bpf_kexec_cmdline_append(buffer, offset + run,
						       i - run);
		if (!ret)
			ret = bpf_kexec_cmdline_append_text(&space,
							    sizeof(space));
		if (ret)
			return ret;
		run = i + 1;
	}
	return bpf_kexec_cmdline_append(buffer, offset + run, size - run);
}

static int make_cmdline(u32 buffer, const struct pe_range *payload)
{
	struct pe_range text;
	int ret;

	if (payload->size > CMDLINE_SECTION_MAX) {
		kexec_log("section '.cmdline' has %x bytes, the limit is %x",
			  payload->size, CMDLINE_SECTION_MAX);
		return -EFBIG;
	}
	ret = measure_cmdline(buffer, payload, &text);
	if (ret || !text.size)
		return ret;
	return append_cmdline(buffer, &text);
}

SEC("syscall")
int uki(void *ctx __attribute__((unused)))
{
	struct kexec_bpf_info info;
	struct pe pe;
	int ret;
	u32 i;

	seen = 0;
	__builtin_memset(parts, 0, sizeof(parts));
	ret = bpf_kexec_info(&info, sizeof(info));
	if (ret)
		return ret;
	debug = info.flags & KEXEC_BPF_INFO_DEBUG;

	ret = pe_open(&pe, KEXEC_BPF_IMAGE);
	if (ret)
		return ret;
	kexec_for(i, 0, pe.nr_sections) {
		ret = look_at_section(&pe, i);
		if (ret)
			return ret;
	}

	if (!parts[PART_LINUX].size) {
		kexec_log("no section '.linux' with a kernel among %u sections",
			  pe.nr_sections);
		return -ENODATA;
	}
	ret = bpf_kexec_set_kernel(KEXEC_BPF_IMAGE, parts[PART_LINUX].offset,
				   parts[PART_LINUX].size);
	if (!ret && parts[PART_INITRD].size)
		ret = bpf_kexec_initrd_append(KEXEC_BPF_IMAGE,
					      parts[PART_INITRD].offset,
					      parts[PART_INITRD].size);
	if (!ret)
		ret = make_cmdline(KEXEC_BPF_IMAGE, &parts[PART_CMDLINE]);
	return ret;
}
