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

/**
 * struct text - what is known of .cmdline, as far as it was read
 * @begin: offset in the section of the first byte that stays
 * @end: offset behind the last byte that stays; 0 if there is none yet
 * @ended: whether there was a NUL
 * @more: bytes that the current character has yet to have
 * @low: smallest value that the next of them can have
 * @high: largest value
 */
struct text {
	u32	begin;
	u32	end;
	u32	ended;
	u32	more;
	u8	low;
	u8	high;
};

/* Not on the stack, for the same reason */
static struct text text;

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
		/* A section without a size in memory counts as absent. */
		if (!section.virtual_size)
			return 0;
		ret = check_unique(i, &section, known);
		if (ret)
			return ret;
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

/*
 * Take one more byte of UTF-8, at @offset in the file: shortest form and no
 * surrogates. The stub leaves characters beyond U+FFFF out, which cannot be what
 * the author of the text meant.
 */
static int check_utf8(u64 offset, u8 c)
{
	if (text.more) {
		if (c < text.low || c > text.high)
			goto refuse;
		text.more--;
		text.low = 0x80;
		text.high = 0xbf;
		return 0;
	}
	if (c < 0x80)
		return 0;
	if (c < 0xc2 || c > 0xef)
		goto refuse;
	text.more = c < 0xe0 ? 1 : 2;
	text.low = c == 0xe0 ? 0xa0 : 0x80;
	text.high = c == 0xed ? 0x9f : 0xbf;
	return 0;

refuse:
	kexec_log("section '.cmdline': byte %x at %x is no UTF-8 up to U+FFFF",
		  c, offset);
	return -EILSEQ;
}

/*
 * Find the text of .cmdline, without the blanks and control characters at both
 * ends. It ends at the first NUL; what follows may only be padding.
 */
static int read_cmdline(u32 buffer, u64 offset, u32 size)
{
	int ret;
	u32 i;
	u8 c;

	text = (struct text){};
	kexec_for(i, 0, size) {
		ret = bpf_kexec_read(buffer, offset + i, &c, sizeof(c));
		if (ret)
			return ret;
		if (text.ended) {
			if (!c)
				continue;
			kexec_log("section '.cmdline': data at %x, behind a NUL",
				  offset + i);
			return -EINVAL;
		}
		ret = check_utf8(offset + i, c);
		if (ret)
			return ret;
		text.ended = !c;
		if (c == ' ' || is_control(c))
			continue;
		if (!text.end)
			text.begin = i;
		text.end = i + 1;
	}
	if (text.more) {
		kexec_log("section '.cmdline': ends inside a character at %x",
			  offset + size);
		return -EILSEQ;
	}
	return 0;
}

/* Append the text, with a space for each control character inside it. */
static int append_cmdline(u32 buffer, u64 offset)
{
	char space = ' ';
	int ret;
	u32 i;
	u8 c;

	kexec_for(i, text.begin, text.end) {
		ret = bpf_kexec_read(buffer, offset + i, &c, sizeof(c));
		if (ret)
			return ret;
		if (!is_control(c))
			continue;
		if (i > text.begin)
			ret = bpf_kexec_cmdline_append(buffer,
						       offset + text.begin,
						       i - text.begin);
		if (!ret)
			ret = bpf_kexec_cmdline_append_text(&space,
							    sizeof(space));
		if (ret)
			return ret;
		/* What is before is appended. */
		text.begin = i + 1;
	}
	return bpf_kexec_cmdline_append(buffer, offset + text.begin,
					text.end - text.begin);
}

static int make_cmdline(u32 buffer, const struct pe_range *payload)
{
	int ret;

	if (payload->size > CMDLINE_SECTION_MAX) {
		kexec_log("section '.cmdline' has %x bytes, the limit is %x",
			  payload->size, CMDLINE_SECTION_MAX);
		return -EFBIG;
	}
	ret = read_cmdline(buffer, payload->offset, payload->size);
	if (ret || !text.end)
		return ret;
	return append_cmdline(buffer, payload->offset);
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
