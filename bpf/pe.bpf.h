/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PE files: their layout, and what parsers of PE-based formats share
 *
 * Layout: Microsoft PE format, PE32+ only. All integers are little-endian.
 *
 * The kernel has screened the image before a parser runs. What is compared here
 * again is what this code relies on, so that each file stands by itself.
 */
#ifndef PE_BPF_H
#define PE_BPF_H

#include "kexec_bpf.bpf.h"

#define PE_DOS_MAGIC		0x5a4d		/* "MZ" */
#define PE_SIGNATURE		0x00004550	/* "PE\0\0" */
#define PE_OPT_MAGIC_PE32PLUS	0x020b

/* As many section headers as the kernel takes */
#define PE_SECTIONS_MAX		1024

/**
 * struct pe_dos_header - the first bytes of a PE file
 * @magic: %PE_DOS_MAGIC
 * @unused: of the DOS program
 * @pe_offset: where struct pe_header begins
 */
struct pe_dos_header {
	u16	magic;
	u8	unused[58];
	u32	pe_offset;
};

/**
 * struct pe_header - PE signature and COFF header
 * @signature: %PE_SIGNATURE
 * @machine: architecture of the code
 * @nr_sections: number of section headers
 * @timestamp: unused
 * @symbols: unused
 * @nr_symbols: unused
 * @opt_size: size of the optional header, which follows; the section headers
 *	follow that
 * @characteristics: unused
 */
struct pe_header {
	u32	signature;
	u16	machine;
	u16	nr_sections;
	u32	timestamp;
	u32	symbols;
	u32	nr_symbols;
	u16	opt_size;
	u16	characteristics;
};

/**
 * struct pe_section_header - an entry of the section table
 * @name: filled up with NULs; a name of eight characters has none
 * @virtual_size: bytes that the section has in memory
 * @virtual_addr: where it begins in memory
 * @raw_size: bytes that it has in the file
 * @raw_offset: where it begins in the file
 * @unused: relocations and line numbers
 * @characteristics: unused
 */
struct pe_section_header {
	char	name[8];
	u32	virtual_size;
	u32	virtual_addr;
	u32	raw_size;
	u32	raw_offset;
	u8	unused[12];
	u32	characteristics;
} __attribute__((aligned(8)));

_Static_assert(offsetof(struct pe_dos_header, pe_offset) == 0x3c &&
	       sizeof(struct pe_dos_header) == 64, "DOS header");
_Static_assert(offsetof(struct pe_header, machine) == 4 &&
	       offsetof(struct pe_header, nr_sections) == 6 &&
	       offsetof(struct pe_header, opt_size) == 20 &&
	       sizeof(struct pe_header) == 24, "PE header");
_Static_assert(offsetof(struct pe_section_header, virtual_size) == 8 &&
	       offsetof(struct pe_section_header, virtual_addr) == 12 &&
	       offsetof(struct pe_section_header, raw_size) == 16 &&
	       offsetof(struct pe_section_header, raw_offset) == 20 &&
	       offsetof(struct pe_section_header, characteristics) == 36 &&
	       sizeof(struct pe_section_header) == 40, "section header");

/**
 * struct pe - a PE file in a buffer
 * @size: size of the buffer
 * @sections: offset of the section table
 * @buffer: id of the buffer
 * @nr_sections: number of section headers
 */
struct pe {
	u64	size;
	u64	sections;
	u32	buffer;
	u32	nr_sections;
};

/**
 * struct pe_range - bytes of a buffer
 * @offset: where they begin
 * @size: how many they are
 */
struct pe_range {
	u64	offset;
	u64	size;
};

/**
 * pe_open() - find the section table of a PE file
 * @pe: filled in; all zero after a failure
 * @buffer: id of the buffer that holds the file
 *
 * Return: 0; -EBADF if there is no such buffer; -ERANGE if the headers are not
 * inside it; -ENOEXEC if it holds no PE32+ file; -EFBIG if the section table
 * has too many entries.
 */
static inline int pe_open(struct pe *pe, u32 buffer)
{
	struct pe_dos_header dos;
	struct pe_header header;
	u16 magic;
	s64 size;
	int ret;

	/*
	 * Never left without a value: where C does not read it, the compiler
	 * may, and the verifier refuses that.
	 */
	*pe = (struct pe){};
	size = bpf_kexec_size(buffer);
	if (size < 0)
		return -EBADF;
	ret = bpf_kexec_read(buffer, 0, &dos, sizeof(dos));
	if (ret)
		return ret;
	if (dos.magic != PE_DOS_MAGIC) {
		kexec_log("not a PE file: begins with %x", dos.magic);
		return -ENOEXEC;
	}
	ret = bpf_kexec_read(buffer, dos.pe_offset, &header, sizeof(header));
	if (!ret)
		ret = bpf_kexec_read(buffer,
				     (u64)dos.pe_offset + sizeof(header),
				     &magic, sizeof(magic));
	if (ret) {
		kexec_log("PE header at %x does not fit in the file's %x bytes",
			  dos.pe_offset, size);
		return ret;
	}
	if (header.signature != PE_SIGNATURE ||
	    magic != PE_OPT_MAGIC_PE32PLUS) {
		kexec_log("not a PE32+ file: signature %x, optional header %x",
			  header.signature, magic);
		return -ENOEXEC;
	}
	if (header.nr_sections > PE_SECTIONS_MAX) {
		kexec_log("%u sections, the limit is %u", header.nr_sections,
			  PE_SECTIONS_MAX);
		return -EFBIG;
	}

	pe->size = size;
	pe->sections = (u64)dos.pe_offset + sizeof(header) + header.opt_size;
	pe->buffer = buffer;
	pe->nr_sections = header.nr_sections;
	return 0;
}

/**
 * pe_read_section() - read an entry of the section table
 * @pe: as pe_open() filled it in
 * @i: index of the entry, below @pe->nr_sections
 * @section: filled in
 *
 * Return: 0, or -ERANGE if the entry is not inside the buffer.
 */
static inline int pe_read_section(const struct pe *pe, u32 i,
				  struct pe_section_header *section)
{
	u64 offset = pe->sections + (u64)i * sizeof(*section);
	int ret;

	ret = bpf_kexec_read(pe->buffer, offset, section, sizeof(*section));
	if (ret)
		kexec_log("section table: entry %u at %x does not fit in the file's %x bytes",
			  i, offset, pe->size);
	return ret;
}

/**
 * pe_payload() - what the file has of a section
 * @pe: as pe_open() filled it in
 * @i: index of the section, for messages
 * @section: its header
 * @payload: filled in, after a failure too; size 0 if the file has nothing of
 *	it
 *
 * The smaller of both sizes: what the file has beyond the size in memory is
 * padding, and what the memory has beyond the size in the file is zeros.
 *
 * Return: 0, or -ERANGE if the payload is not inside the buffer.
 */
static inline int pe_payload(const struct pe *pe, u32 i,
			     const struct pe_section_header *section,
			     struct pe_range *payload)
{
	u64 offset = section->raw_offset;
	u64 size = section->virtual_size < section->raw_size ?
		   section->virtual_size : section->raw_size;

	payload->offset = offset;
	payload->size = size;
	if (size && (offset > pe->size || size > pe->size - offset)) {
		kexec_log("section %u '%s': %x+%x ends beyond the file's %x bytes",
			  i, kexec_name8(section->name), offset, size,
			  pe->size);
		return -ERANGE;
	}
	return 0;
}

#endif /* PE_BPF_H */
