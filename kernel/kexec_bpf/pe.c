// SPDX-License-Identifier: GPL-2.0-only
/*
 * Screening of a PE file before anything else looks at it
 *
 * verify_pefile_signature() takes section ranges as they stand in the file, and
 * its digest leaves bytes out. So every range is proven here first, and a file
 * is refused if bytes that the digest leaves out could carry meaning.
 *
 * Layout: Microsoft PE format, as systemd-stub, ukify, objcopy and the kernel's
 * own images use it. All integers are little-endian.
 */

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "core.h"
#include "limits.h"

/* DOS header */
#define DOS_MAGIC		0x5a4d
#define DOS_PE_OFFSET		0x3c
#define DOS_HEADER_SIZE		64

/* Offsets from the PE signature; the optional header follows at OPT_HEADER */
#define PE_MAGIC		0x00004550
#define PE_MACHINE		4
#define PE_NR_SECTIONS		6
#define PE_OPT_SIZE		20
#define PE_OPT_HEADER		24

/* Offsets from the optional header */
#define OPT_MAGIC		0
#define OPT_MAGIC_PE32PLUS	0x020b
#define OPT_IMAGE_SIZE		56
#define OPT_HEADERS_SIZE	60
#define OPT_CHECKSUM		64
#define OPT_SUBSYSTEM		68
#define OPT_NR_DIRS		108
#define OPT_DIRS		112
#define OPT_NR_DIRS_MAX		16
#define SUBSYSTEM_EFI_APP	10
#define DIR_SIZE		8
#define DIR_CERTS		4

/* Section header */
#define SEC_SIZE		40
#define SEC_NAME_SIZE		8
#define SEC_VIRTUAL_SIZE	8
#define SEC_VIRTUAL_ADDR	12
#define SEC_RAW_SIZE		16
#define SEC_RAW_OFFSET		20

/* WIN_CERTIFICATE */
#define CERT_HEADER_SIZE	8
#define CERT_ALIGN		8

struct section {
	u32 virtual_size;
	u32 virtual_addr;
	u32 raw_size;
	u32 raw_offset;
};

static void get_section(const struct kexec_bpf_pe *pe, u32 i,
			struct section *sec)
{
	const u8 *hdr = pe->data + pe->sections + i * SEC_SIZE;

	sec->virtual_size = get_unaligned_le32(hdr + SEC_VIRTUAL_SIZE);
	sec->virtual_addr = get_unaligned_le32(hdr + SEC_VIRTUAL_ADDR);
	sec->raw_size = get_unaligned_le32(hdr + SEC_RAW_SIZE);
	sec->raw_offset = get_unaligned_le32(hdr + SEC_RAW_OFFSET);
}

/* The name of a section for a message */
struct name {
	char text[SEC_NAME_SIZE + 1];
};

static struct name get_name(const struct kexec_bpf_pe *pe, u32 i)
{
	struct name name;

	kexec_bpf_printable(name.text, sizeof(name.text),
			    pe->data + pe->sections + i * SEC_SIZE,
			    SEC_NAME_SIZE);
	return name;
}

/**
 * kexec_bpf_pe_open() - check the headers of a PE file
 * @pe: filled in
 * @data: the file
 * @size: its size in bytes
 * @machine: COFF machine type that the file must be for
 * @log: where the reason of a refusal goes
 *
 * Proves that all headers and the section table lie inside SizeOfHeaders, and
 * that inside the file. Looks at no section yet.
 *
 * Return: 0; -ENOEXEC if this is no PE32+ EFI application for @machine;
 * -ELIBBAD if it is one, but broken.
 */
int kexec_bpf_pe_open(struct kexec_bpf_pe *pe, const void *data, u64 size,
		      u16 machine, struct kexec_bpf_log *log)
{
	u32 pe_offset, opt_offset, opt_size, nr_dirs;
	const u8 *hdr, *opt;
	u64 table_end;

	memset(pe, 0, sizeof(*pe));
	pe->data = data;
	pe->size = size;
	pe->end = size;

	if (size < DOS_HEADER_SIZE ||
	    get_unaligned_le16(pe->data) != DOS_MAGIC) {
		kexec_bpf_printk(log, "image: not a PE file: no DOS header in its %#llx bytes\n",
				 (unsigned long long)size);
		return -ENOEXEC;
	}

	/* DOS programs have anything here. */
	pe_offset = get_unaligned_le32(pe->data + DOS_PE_OFFSET);
	if (pe_offset < DOS_HEADER_SIZE || pe_offset > size ||
	    size - pe_offset < sizeof(u32) ||
	    get_unaligned_le32(pe->data + pe_offset) != PE_MAGIC) {
		kexec_bpf_printk(log, "image: not a PE file: no PE signature at %#x in its %#llx bytes\n",
				 pe_offset, (unsigned long long)size);
		return -ENOEXEC;
	}
	if (size - pe_offset < PE_OPT_HEADER + OPT_DIRS) {
		kexec_bpf_printk(log, "image: PE header at %#x does not fit in the file's %#llx bytes\n",
				 pe_offset, (unsigned long long)size);
		return -ELIBBAD;
	}
	hdr = pe->data + pe_offset;
	if (get_unaligned_le16(hdr + PE_MACHINE) != machine) {
		kexec_bpf_printk(log, "image: for machine %#x, this one is %#x\n",
				 get_unaligned_le16(hdr + PE_MACHINE), machine);
		return -ENOEXEC;
	}

	opt_offset = pe_offset + PE_OPT_HEADER;
	opt = hdr + PE_OPT_HEADER;
	if (get_unaligned_le16(opt + OPT_MAGIC) != OPT_MAGIC_PE32PLUS) {
		kexec_bpf_printk(log, "image: optional header is %#x, not PE32+\n",
				 get_unaligned_le16(opt + OPT_MAGIC));
		return -ENOEXEC;
	}
	if (get_unaligned_le16(opt + OPT_SUBSYSTEM) != SUBSYSTEM_EFI_APP) {
		kexec_bpf_printk(log, "image: subsystem is %u, not an EFI application\n",
				 get_unaligned_le16(opt + OPT_SUBSYSTEM));
		return -ENOEXEC;
	}

	/*
	 * The kernel's digest finds the section table behind the directories,
	 * others find it by SizeOfOptionalHeader: both must mean the same.
	 */
	nr_dirs = get_unaligned_le32(opt + OPT_NR_DIRS);
	opt_size = get_unaligned_le16(hdr + PE_OPT_SIZE);
	if (nr_dirs <= DIR_CERTS || nr_dirs > OPT_NR_DIRS_MAX) {
		kexec_bpf_printk(log, "image: %u data directories, not %d to %d\n",
				 nr_dirs, DIR_CERTS + 1, OPT_NR_DIRS_MAX);
		return -ELIBBAD;
	}
	if (opt_size != OPT_DIRS + nr_dirs * DIR_SIZE) {
		kexec_bpf_printk(log, "image: optional header of %u bytes, %u data directories make %u\n",
				 opt_size, nr_dirs, OPT_DIRS + nr_dirs * DIR_SIZE);
		return -ELIBBAD;
	}

	pe->nr_sections = get_unaligned_le16(hdr + PE_NR_SECTIONS);
	pe->headers = get_unaligned_le32(opt + OPT_HEADERS_SIZE);
	pe->image_size = get_unaligned_le32(opt + OPT_IMAGE_SIZE);
	if (pe->nr_sections == 0 ||
	    pe->nr_sections > KEXEC_BPF_PE_SECTIONS_MAX) {
		kexec_bpf_printk(log, "image: %u sections, not 1 to %u\n",
				 pe->nr_sections, KEXEC_BPF_PE_SECTIONS_MAX);
		return -ELIBBAD;
	}
	table_end = (u64)opt_offset + opt_size +
		    (u64)pe->nr_sections * SEC_SIZE;
	if (table_end > pe->headers) {
		kexec_bpf_printk(log, "image: section table ends at %#llx, beyond the headers' %#x bytes\n",
				 (unsigned long long)table_end, pe->headers);
		return -ELIBBAD;
	}
	if (pe->headers >= size) {
		kexec_bpf_printk(log, "image: headers of %#x bytes fill the file's %#llx bytes\n",
				 pe->headers, (unsigned long long)size);
		return -ELIBBAD;
	}

	/* Below SizeOfHeaders, so none of these wraps. */
	pe->sections = opt_offset + opt_size;
	pe->checksum = opt_offset + OPT_CHECKSUM;
	pe->cert_entry = opt_offset + OPT_DIRS + DIR_CERTS * DIR_SIZE;
	return 0;
}

/*
 * The certificate table must be the last thing in the file: its size is not
 * part of the digest, so whatever follows could be changed at will.
 */
static int screen_certs(struct kexec_bpf_pe *pe, struct kexec_bpf_log *log)
{
	u32 offset = get_unaligned_le32(pe->data + pe->cert_entry);
	u32 size = get_unaligned_le32(pe->data + pe->cert_entry + 4);
	u32 length;

	if (!offset && !size)
		return 0;

	if (offset < pe->headers || offset % CERT_ALIGN) {
		kexec_bpf_printk(log, "image: certificate table at %#x, inside the headers or not aligned\n",
				 offset);
		return -ELIBBAD;
	}
	if ((u64)offset + size != pe->size) {
		kexec_bpf_printk(log, "image: certificate table %#x+%#x does not end at the file's %#llx bytes\n",
				 offset, size, (unsigned long long)pe->size);
		return -ELIBBAD;
	}
	if (size < CERT_HEADER_SIZE) {
		kexec_bpf_printk(log, "image: certificate table of %u bytes, its header takes %d\n",
				 size, CERT_HEADER_SIZE);
		return -ELIBBAD;
	}
	length = get_unaligned_le32(pe->data + offset);
	if (length < CERT_HEADER_SIZE || length > size) {
		kexec_bpf_printk(log, "image: certificate of %#x bytes in a table of %#x\n",
				 length, size);
		return -ELIBBAD;
	}

	pe->end = offset;
	return 0;
}

/* Some compare names as strings, some as eight bytes: no room for both. */
static bool is_padded(const u8 *name)
{
	size_t len = strnlen((const char *)name, SEC_NAME_SIZE);

	return !memchr_inv(name + len, 0, SEC_NAME_SIZE - len);
}

/*
 * Address 0 is what objcopy gives to a section that it adds without being told
 * one. Such a section is not meant for the firmware, and has no place in its
 * view of the image.
 */
static int screen_section(const struct kexec_bpf_pe *pe, u32 i,
			  struct kexec_bpf_log *log)
{
	struct section sec;

	get_section(pe, i, &sec);
	if (!is_padded(pe->data + pe->sections + i * SEC_SIZE)) {
		kexec_bpf_printk(log, "image: section %u '%s': its name goes on behind a NUL\n",
				 i, get_name(pe, i).text);
		return -ELIBBAD;
	}
	if (sec.raw_size) {
		if (sec.raw_offset < pe->headers) {
			kexec_bpf_printk(log, "image: section %u '%s': %#x+%#x begins inside the headers' %#x bytes\n",
					 i, get_name(pe, i).text, sec.raw_offset, sec.raw_size,
					 pe->headers);
			return -ELIBBAD;
		}
		if (sec.raw_offset > pe->end ||
		    sec.raw_size > pe->end - sec.raw_offset) {
			kexec_bpf_printk(log, "image: section %u '%s': %#x+%#x ends beyond the file's %#llx bytes\n",
					 i, get_name(pe, i).text, sec.raw_offset, sec.raw_size,
					 (unsigned long long)pe->end);
			return -ELIBBAD;
		}
	}
	if (sec.virtual_addr &&
	    (sec.virtual_addr > pe->image_size ||
	     sec.virtual_size > pe->image_size - sec.virtual_addr)) {
		kexec_bpf_printk(log, "image: section %u '%s': address %#x+%#x ends beyond the image's %#x bytes\n",
				 i, get_name(pe, i).text, sec.virtual_addr, sec.virtual_size,
				 pe->image_size);
		return -ELIBBAD;
	}
	return 0;
}

static bool overlap(u32 a, u32 a_size, u32 b, u32 b_size)
{
	if (!a_size || !b_size)
		return false;
	return a < b ? b - a < a_size : a - b < b_size;
}

/* Where sections overlap, the firmware's view and the file's differ. */
static int screen_overlap(const struct kexec_bpf_pe *pe,
			  struct kexec_bpf_log *log)
{
	struct section a, b;
	u32 i, j;

	for (i = 0; i < pe->nr_sections; i++) {
		get_section(pe, i, &a);
		for (j = 0; j < i; j++) {
			get_section(pe, j, &b);
			if (overlap(a.raw_offset, a.raw_size,
				    b.raw_offset, b.raw_size)) {
				kexec_bpf_printk(log, "image: section %u '%s' and section %u '%s' overlap in the file\n",
						 j, get_name(pe, j).text, i,
						 get_name(pe, i).text);
				return -ELIBBAD;
			}
			if (a.virtual_addr && b.virtual_addr &&
			    overlap(a.virtual_addr, a.virtual_size,
				    b.virtual_addr, b.virtual_size)) {
				kexec_bpf_printk(log, "image: section %u '%s' and section %u '%s' overlap in memory\n",
						 j, get_name(pe, j).text, i,
						 get_name(pe, i).text);
				return -ELIBBAD;
			}
		}
	}
	return 0;
}

/*
 * The digest covers the headers, each section, and then as many bytes before
 * the certificate table as follow after the sum of all those sizes. A gap
 * between sections is not covered, so it may hold nothing but zeros, and no more
 * of them than alignment takes.
 */
static int screen_gaps(const struct kexec_bpf_pe *pe, struct kexec_bpf_log *log)
{
	u64 pos = pe->headers;
	struct section sec;
	u32 i, next;
	const u8 *byte;

	for (;;) {
		/* The section that begins first among those not yet passed */
		next = U32_MAX;
		for (i = 0; i < pe->nr_sections; i++) {
			get_section(pe, i, &sec);
			if (sec.raw_size && sec.raw_offset >= pos &&
			    sec.raw_offset < next)
				next = sec.raw_offset;
		}
		if (next == U32_MAX)
			return 0;

		if (next - pos > KEXEC_BPF_PE_GAP_MAX) {
			kexec_bpf_printk(log, "image: %#llx bytes at %#llx, between sections, are more than the %#x of any alignment\n",
					 (unsigned long long)(next - pos),
					 (unsigned long long)pos,
					 KEXEC_BPF_PE_GAP_MAX);
			return -ELIBBAD;
		}
		byte = memchr_inv(pe->data + pos, 0, next - pos);
		if (byte) {
			kexec_bpf_printk(log, "image: byte at %#llx, between sections, is %#x: no signature covers it\n",
					 (unsigned long long)(byte - pe->data),
					 *byte);
			return -ELIBBAD;
		}
		for (i = 0; i < pe->nr_sections; i++) {
			get_section(pe, i, &sec);
			if (sec.raw_size && sec.raw_offset == next)
				pos = (u64)next + sec.raw_size;
		}
	}
}

/**
 * kexec_bpf_pe_screen() - prove the ranges of a PE file
 * @pe: as kexec_bpf_pe_open() filled it in; @pe->end is set
 * @log: where the reason of a refusal goes
 *
 * After this, every section lies between the headers and the certificate table,
 * none overlaps another, the certificate table is the last thing in the file,
 * and between them lies no more than alignment takes, and no byte with a value
 * that the digest leaves out.
 *
 * Return: 0 or -ELIBBAD.
 */
int kexec_bpf_pe_screen(struct kexec_bpf_pe *pe, struct kexec_bpf_log *log)
{
	int ret;
	u32 i;

	ret = screen_certs(pe, log);
	if (ret)
		return ret;
	for (i = 0; i < pe->nr_sections; i++) {
		ret = screen_section(pe, i, log);
		if (ret)
			return ret;
	}
	ret = screen_overlap(pe, log);
	if (ret)
		return ret;
	return screen_gaps(pe, log);
}

/**
 * kexec_bpf_pe_find() - find a section that may exist only once
 * @pe: as kexec_bpf_pe_open() filled it in
 * @name: its name, at most eight characters
 * @range: set to its payload: what the file has of it without the padding
 *	behind it; may be NULL, then only the section table is read
 * @log: where the reason of a refusal goes
 *
 * With @range, @pe must have passed kexec_bpf_pe_screen().
 *
 * Return: 0; -ENOENT if there is none (nothing is logged then); -ELIBBAD if
 * there are two, or if it is empty.
 */
int kexec_bpf_pe_find(const struct kexec_bpf_pe *pe, const char *name,
		      struct kexec_bpf_range *range, struct kexec_bpf_log *log)
{
	char padded[SEC_NAME_SIZE] = {};
	struct section sec;
	bool found = false;
	u32 i;

	memcpy(padded, name, strnlen(name, sizeof(padded)));
	for (i = 0; i < pe->nr_sections; i++) {
		if (memcmp(pe->data + pe->sections + i * SEC_SIZE, padded,
			   sizeof(padded)))
			continue;
		if (!range)
			return 0;
		if (found) {
			kexec_bpf_printk(log, "image: section %u '%s' is there twice\n",
					 i, name);
			return -ELIBBAD;
		}
		found = true;
		get_section(pe, i, &sec);
		range->offset = sec.raw_offset;
		range->size = min(sec.virtual_size, sec.raw_size);
		if (!range->size) {
			kexec_bpf_printk(log, "image: section %u '%s' is empty\n",
					 i, name);
			return -ELIBBAD;
		}
	}
	return found ? 0 : -ENOENT;
}

/**
 * kexec_bpf_pe_scrub() - clear the header fields that no digest covers
 * @pe: as kexec_bpf_pe_open() filled it in
 * @data: the file; the same bytes as @pe->data
 *
 * To be called after the signature was checked, so that a parser cannot read
 * what nobody signed.
 */
void kexec_bpf_pe_scrub(const struct kexec_bpf_pe *pe, void *data)
{
	memset(data + pe->checksum, 0, 4);
	memset(data + pe->cert_entry, 0, DIR_SIZE);
}
