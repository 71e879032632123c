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
 *		 does not do; a UKI as the kernel of another image, whose command
 *		 line and initrd would mix with its own
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
 * The image, the section that is looked at, and what was found so far. Not on the
 * stack, where the verifier would follow each combination of values: that would
 * take it twice as long. Set before use: natively, this runs more than once.
 */
static struct pe pe;
static struct pe_section_header section;
static u32 seen;
static u32 debug;
static struct pe_range parts[NR_PARTS];

/*
 * .cmdline is UTF-8, shortest form and no surrogates. The stub leaves characters
 * beyond U+FFFF out, which cannot be what the author of the text meant, so they are
 * refused as well. The text ends at its first NUL; what follows may only be padding.
 *
 * By tables: with a comparison for each case, the verifier would look at the loop
 * once for each way through it.
 */

/* What a byte can be */
enum byte_class {
	BYTE_NONE,		/* no part of such text: 0xc0, 0xc1, above 0xef */
	BYTE_NUL,
	BYTE_BLANK,		/* space and control characters */
	BYTE_ASCII,
	BYTE_CONT_LOW,		/* continues a character, 0x80 to 0x9f */
	BYTE_CONT_HIGH,		/* likewise, 0xa0 to 0xbf */
	BYTE_LEAD_2,		/* begins a character of two bytes */
	BYTE_LEAD_3,		/* of three */
	BYTE_LEAD_E0,		/* of three, or an overlong one of two */
	BYTE_LEAD_ED,		/* of three, or a surrogate */
	NR_BYTE_CLASSES = 16,	/* so that a mask keeps the index in its table */
};

static const u8 byte_classes[256] = {
	[0x00]		= BYTE_NUL,
	[0x01 ... 0x20]	= BYTE_BLANK,
	[0x21 ... 0x7e]	= BYTE_ASCII,
	[0x7f]		= BYTE_BLANK,
	[0x80 ... 0x9f]	= BYTE_CONT_LOW,
	[0xa0 ... 0xbf]	= BYTE_CONT_HIGH,
	[0xc2 ... 0xdf]	= BYTE_LEAD_2,
	[0xe0]		= BYTE_LEAD_E0,
	[0xe1 ... 0xec]	= BYTE_LEAD_3,
	[0xed]		= BYTE_LEAD_ED,
	[0xee ... 0xef]	= BYTE_LEAD_3,
};

/* Where in the text one is */
enum text_state {
	TEXT_REFUSED,
	TEXT_BETWEEN,		/* between characters */
	TEXT_1_MORE,		/* the character has one byte more */
	TEXT_2_MORE,
	TEXT_BEHIND_E0,		/* two, the first of which keeps it from being overlong */
	TEXT_BEHIND_ED,		/* two, the first of which keeps it from being a surrogate */
	TEXT_ENDED,
	NR_TEXT_STATES = 8,
};

/* What a byte makes of that; whatever is not listed is refused. */
static const u8 text_states[NR_TEXT_STATES][NR_BYTE_CLASSES] = {
	[TEXT_BETWEEN] = {
		[BYTE_NUL]	= TEXT_ENDED,
		[BYTE_BLANK]	= TEXT_BETWEEN,
		[BYTE_ASCII]	= TEXT_BETWEEN,
		[BYTE_LEAD_2]	= TEXT_1_MORE,
		[BYTE_LEAD_3]	= TEXT_2_MORE,
		[BYTE_LEAD_E0]	= TEXT_BEHIND_E0,
		[BYTE_LEAD_ED]	= TEXT_BEHIND_ED,
	},
	[TEXT_1_MORE] = {
		[BYTE_CONT_LOW]		= TEXT_BETWEEN,
		[BYTE_CONT_HIGH]	= TEXT_BETWEEN,
	},
	[TEXT_2_MORE] = {
		[BYTE_CONT_LOW]		= TEXT_1_MORE,
		[BYTE_CONT_HIGH]	= TEXT_1_MORE,
	},
	[TEXT_BEHIND_E0] = {
		[BYTE_CONT_HIGH]	= TEXT_1_MORE,
	},
	[TEXT_BEHIND_ED] = {
		[BYTE_CONT_LOW]		= TEXT_1_MORE,
	},
	[TEXT_ENDED] = {
		[BYTE_NUL]	= TEXT_ENDED,
	},
};

/**
 * struct text - what is known of .cmdline, as far as it was read
 * @begin: offset in the section of the first byte that stays
 * @end: offset behind the last byte that stays; 0 if there is none yet
 * @state: one of &enum text_state
 */
struct text {
	u32	begin;
	u32	end;
	u32	state;
};

/* Not on the stack, see above */
static struct text text;

/* Index of the section's name in known_sections, or NR_KNOWN_SECTIONS. */
static u32 find_known(void)
{
	u64 name = kexec_name8(section.name);
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
static int check_unique(u32 i, u32 known)
{
	u32 bit = 1U << known;

	if ((seen & bit) && !known_sections[known].repeatable) {
		kexec_log("section %u '%s' is there twice", i,
			  kexec_name8(section.name));
		return -ENOTUNIQ;
	}
	seen |= bit;
	return 0;
}

static int take_part(u32 i, u32 part)
{
	/*
	 * In memory, zeros follow what the file has. Behind .cmdline they only
	 * end its text. ukify 257.0 to 257.2 made them follow .linux, where
	 * nothing reads them. Behind .initrd they would be a part of it, which
	 * cannot be named here, and no tool makes them.
	 */
	if (part == PART_INITRD && section.virtual_size > section.raw_size) {
		kexec_log("section %u '%s': %x bytes in memory, only %x in the file",
			  i, kexec_name8(section.name), section.virtual_size,
			  section.raw_size);
		return -EINVAL;
	}
	return pe_payload(&pe, i, &section, &parts[part]);
}

static int look_at_section(u32 i)
{
	u32 known;
	int ret;

	ret = pe_read_section(&pe, i, &section);
	if (ret)
		return ret;

	known = find_known();
	if (known < NR_KNOWN_SECTIONS) {
		/* A section without a size in memory counts as absent. */
		if (!section.virtual_size)
			return 0;
		ret = check_unique(i, known);
		if (ret)
			return ret;
		if (known_sections[known].rule == REFUSED) {
			kexec_log("section %u '%s' is not supported by this parser",
				  i, kexec_name8(section.name));
			return -EOPNOTSUPP;
		}
		if (known < NR_PARTS)
			return take_part(i, known);
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

static int refuse_byte(u32 state, u64 offset, u8 c)
{
	if (state == TEXT_ENDED) {
		kexec_log("section '.cmdline': data at %x, behind a NUL", offset);
		return -EINVAL;
	}
	kexec_log("section '.cmdline': byte %x at %x is no UTF-8 up to U+FFFF",
		  c, offset);
	return -EILSEQ;
}

/* Find the text of .cmdline, without the blanks at both ends. */
static int read_cmdline(u32 buffer, u64 offset, u32 size)
{
	u32 i, state, class;
	int ret;
	u8 c;

	text = (struct text){ .state = TEXT_BETWEEN };
	kexec_for(i, 0, size) {
		ret = bpf_kexec_read(buffer, offset + i, &c, sizeof(c));
		if (ret)
			return ret;
		class = byte_classes[c] & (NR_BYTE_CLASSES - 1);
		state = text.state & (NR_TEXT_STATES - 1);
		text.state = text_states[state][class];
		if (text.state == TEXT_REFUSED)
			return refuse_byte(state, offset + i, c);
		if (class == BYTE_NUL || class == BYTE_BLANK)
			continue;
		if (!text.end)
			text.begin = i;
		text.end = i + 1;
	}
	if (text.state != TEXT_BETWEEN && text.state != TEXT_ENDED) {
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
	int ret;
	u32 i;

	seen = 0;
	__builtin_memset(parts, 0, sizeof(parts));
	ret = bpf_kexec_info(&info, sizeof(info));
	if (ret)
		return ret;
	debug = info.flags & KEXEC_BPF_INFO_DEBUG;
	if (info.depth) {
		kexec_log("a UKI cannot be the kernel of another image");
		return -EOPNOTSUPP;
	}

	ret = pe_open(&pe, KEXEC_BPF_IMAGE);
	if (ret)
		return ret;
	kexec_for(i, 0, pe.nr_sections) {
		ret = look_at_section(i);
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
