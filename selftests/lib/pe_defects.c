// SPDX-License-Identifier: GPL-2.0-only
/* Broken PE images, one defect each */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pe_defects.h"

#define SAMPLE_CAPACITY	(4U << 20)

int pe_sample(struct pe *pe)
{
	static const char *const names[PE_SAMPLE_NR] = {
		".text", ".cmdline", ".linux", ".initrd", ".bpf",
	};
	static const unsigned int sizes[PE_SAMPLE_NR] = {
		700, 21, 5000, 1536, 900,
	};
	uint8_t data[5000];
	unsigned int i, j;

	if (pe_init(pe, PE_MACHINE_AMD64, PE_SECTIONS_MAX + 1,
		    SAMPLE_CAPACITY))
		return -1;
	for (i = 0; i < PE_SAMPLE_NR; i++) {
		for (j = 0; j < sizes[i]; j++)
			data[j] = (uint8_t)(i * 41 + j * 7 + 1);
		if (i == PE_SAMPLE_CMDLINE)
			memcpy(data, "root=/dev/vda1 quiet ", 21);
		if (pe_add(pe, names[i], data, sizes[i]) < 0)
			return -1;
	}
	return pe_add_certs(pe, NULL, 1000);
}

/* Shorthands; every defect is a line or two of them. */

static void set(struct pe *pe, size_t field, uint32_t value)
{
	pe_set32(pe, pe_at(pe, field), value);
}

static uint32_t get(const struct pe *pe, size_t field)
{
	return pe_get32(pe, pe_at(pe, field));
}

static void set_sec(struct pe *pe, unsigned int i, size_t field, uint32_t value)
{
	pe_set32(pe, pe_section_at(pe, i, field), value);
}

static uint32_t get_sec(const struct pe *pe, unsigned int i, size_t field)
{
	return pe_get32(pe, pe_section_at(pe, i, field));
}

static void drop_certs(struct pe *pe)
{
	pe->size = get(pe, PE_CERTS);
	set(pe, PE_CERTS, 0);
	set(pe, PE_CERTS + 4, 0);
}

/* A section without bytes, at address 0: it is in nobody's way. */
static void add_headers(struct pe *pe, unsigned int total)
{
	unsigned int i = pe_nr_sections(pe);

	for (; i < total; i++) {
		memset(pe->data + pe_section_at(pe, i, 0), 0, PE_SEC_SIZE);
		memcpy(pe->data + pe_section_at(pe, i, 0), ".more", 5);
	}
	pe_set16(pe, pe_at(pe, PE_NR_SECTIONS), total);
}

/* DOS header, PE signature, what the file is for */

static void cut_to_1(struct pe *pe)
{
	pe->size = 1;
}

static void no_dos_magic(struct pe *pe)
{
	pe->data[1] = 'z';
}

static void dos_header_cut_off(struct pe *pe)
{
	pe->size = 63;
}

static void pe_offset_0(struct pe *pe)
{
	pe_set32(pe, PE_DOS_OFFSET, 0);
}

static void pe_offset_63(struct pe *pe)
{
	pe_set32(pe, PE_DOS_OFFSET, 63);
}

static void pe_offset_64(struct pe *pe)
{
	pe_move_headers(pe, 64);
}

static void pe_offset_odd(struct pe *pe)
{
	pe_move_headers(pe, 77);
}

static void pe_offset_at_end(struct pe *pe)
{
	pe_set32(pe, PE_DOS_OFFSET, pe->size);
}

static void pe_magic_cut_off(struct pe *pe)
{
	pe->size = pe_at(pe, 3);
}

static void opt_header_cut_off(struct pe *pe)
{
	pe->size = pe_at(pe, PE_DIRS) - 1;
}

static void pe_offset_half(struct pe *pe)
{
	pe_set32(pe, PE_DOS_OFFSET, 0x80000000);
}

static void pe_offset_max(struct pe *pe)
{
	pe_set32(pe, PE_DOS_OFFSET, UINT32_MAX);
}

static void no_pe_magic(struct pe *pe)
{
	pe->data[pe_at(pe, 1)] = 'e';
}

static void machine_arm64(struct pe *pe)
{
	pe_set16(pe, pe_at(pe, PE_MACHINE), PE_MACHINE_ARM64);
}

static void machine_0(struct pe *pe)
{
	pe_set16(pe, pe_at(pe, PE_MACHINE), 0);
}

static void machine_i386(struct pe *pe)
{
	pe_set16(pe, pe_at(pe, PE_MACHINE), 0x014c);
}

static void pe32(struct pe *pe)
{
	pe_set16(pe, pe_at(pe, PE_OPT_MAGIC), 0x010b);
}

static void subsystem_gui(struct pe *pe)
{
	pe_set16(pe, pe_at(pe, PE_SUBSYSTEM), 2);
}

static void subsystem_boot_driver(struct pe *pe)
{
	pe_set16(pe, pe_at(pe, PE_SUBSYSTEM), 11);
}

/* Optional header */

static void dirs_4(struct pe *pe)
{
	drop_certs(pe);
	pe_set_dirs(pe, 4);
}

static void dirs_5(struct pe *pe)
{
	pe_set_dirs(pe, 5);
}

static void dirs_17(struct pe *pe)
{
	pe_set_dirs(pe, 17);
}

static void dirs_max(struct pe *pe)
{
	set(pe, PE_NR_DIRS, UINT32_MAX);
}

/* 112 + 8 * count wraps to the size that the header states. */
static void dirs_wrap(struct pe *pe)
{
	set(pe, PE_NR_DIRS, 0x20000000 + 16);
}

static void opt_size_less(struct pe *pe)
{
	pe_set16(pe, pe_at(pe, PE_OPT_SIZE), 112 + 15 * 8);
}

static void opt_size_more(struct pe *pe)
{
	pe_set16(pe, pe_at(pe, PE_OPT_SIZE), 112 + 16 * 8 + 1);
}

static void opt_size_0(struct pe *pe)
{
	pe_set16(pe, pe_at(pe, PE_OPT_SIZE), 0);
}

static void opt_size_max(struct pe *pe)
{
	pe_set16(pe, pe_at(pe, PE_OPT_SIZE), UINT16_MAX);
}

static void sections_0(struct pe *pe)
{
	pe_set16(pe, pe_at(pe, PE_NR_SECTIONS), 0);
}

static void sections_max(struct pe *pe)
{
	add_headers(pe, PE_SECTIONS_MAX);
}

static void sections_max_1(struct pe *pe)
{
	add_headers(pe, PE_SECTIONS_MAX + 1);
}

static void sections_65535(struct pe *pe)
{
	pe_set16(pe, pe_at(pe, PE_NR_SECTIONS), UINT16_MAX);
}

static void headers_end_in_table(struct pe *pe)
{
	set(pe, PE_HEADERS_SIZE, pe_section_at(pe, PE_SAMPLE_NR, 0) - 1);
}

static void headers_end_at_table(struct pe *pe)
{
	set(pe, PE_HEADERS_SIZE, pe_section_at(pe, PE_SAMPLE_NR, 0));
}

static void headers_0(struct pe *pe)
{
	set(pe, PE_HEADERS_SIZE, 0);
}

/* Nothing but headers, as many as can be without filling the file. */
static void headers_before_end(struct pe *pe)
{
	unsigned int i;

	drop_certs(pe);
	for (i = 0; i < PE_SAMPLE_NR; i++)
		set_sec(pe, i, PE_SEC_RAW_SIZE, 0);
	pe->size = get(pe, PE_HEADERS_SIZE) + 1;
}

static void headers_fill(struct pe *pe)
{
	headers_before_end(pe);
	pe->size--;
}

static void headers_half(struct pe *pe)
{
	set(pe, PE_HEADERS_SIZE, 0x80000000);
}

static void headers_max(struct pe *pe)
{
	set(pe, PE_HEADERS_SIZE, UINT32_MAX);
}

/* Certificate table */

static void certs_in_headers(struct pe *pe)
{
	set(pe, PE_CERTS, 8);
	set(pe, PE_CERTS + 4, pe->size - 8);
}

static void certs_without_offset(struct pe *pe)
{
	set(pe, PE_CERTS, 0);
}

static void certs_without_size(struct pe *pe)
{
	set(pe, PE_CERTS + 4, 0);
}

static void certs_unaligned(struct pe *pe)
{
	pe->size += 8;
	memmove(pe->data + get(pe, PE_CERTS) + 4,
		pe->data + get(pe, PE_CERTS), get(pe, PE_CERTS + 4));
	set(pe, PE_CERTS, get(pe, PE_CERTS) + 4);
	set(pe, PE_CERTS + 4, get(pe, PE_CERTS + 4) + 4);
}

static void certs_aligned(struct pe *pe)
{
	pe->size += 8;
	memmove(pe->data + get(pe, PE_CERTS) + 8,
		pe->data + get(pe, PE_CERTS), get(pe, PE_CERTS + 4));
	set(pe, PE_CERTS, get(pe, PE_CERTS) + 8);
}

static void data_after_certs(struct pe *pe)
{
	pe_append(pe, "hidden", 7);
}

/* What the size of the table tells, the digest does not cover. */
static void data_in_certs(struct pe *pe)
{
	pe_append(pe, "concealed", 8);
	set(pe, PE_CERTS + 4, get(pe, PE_CERTS + 4) + 8);
}

static void certs_beyond_end(struct pe *pe)
{
	set(pe, PE_CERTS + 4, get(pe, PE_CERTS + 4) + 8);
}

/* The sum of offset and size is that of the file, after it wrapped. */
static void certs_wrap(struct pe *pe)
{
	set(pe, PE_CERTS, 0xfffffff8);
	set(pe, PE_CERTS + 4, pe->size + 8);
}

static void certs_size_max(struct pe *pe)
{
	set(pe, PE_CERTS + 4, UINT32_MAX);
}

static void certs_size_7(struct pe *pe)
{
	set(pe, PE_CERTS + 4, 7);
	pe->size = get(pe, PE_CERTS) + 7;
}

static void certs_size_8(struct pe *pe)
{
	set(pe, PE_CERTS + 4, 8);
	pe->size = get(pe, PE_CERTS) + 8;
	pe_set32(pe, get(pe, PE_CERTS), 8);
}

static void cert_length_0(struct pe *pe)
{
	pe_set32(pe, get(pe, PE_CERTS), 0);
}

static void cert_length_7(struct pe *pe)
{
	pe_set32(pe, get(pe, PE_CERTS), 7);
}

static void cert_length_8(struct pe *pe)
{
	pe_set32(pe, get(pe, PE_CERTS), 8);
}

static void cert_length_fits(struct pe *pe)
{
	pe_set32(pe, get(pe, PE_CERTS), get(pe, PE_CERTS + 4));
}

static void cert_length_more(struct pe *pe)
{
	pe_set32(pe, get(pe, PE_CERTS), get(pe, PE_CERTS + 4) + 1);
}

static void cert_length_max(struct pe *pe)
{
	pe_set32(pe, get(pe, PE_CERTS), UINT32_MAX);
}

/* Sections: ranges in the file */

static void raw_at_headers(struct pe *pe)
{
	set_sec(pe, PE_SAMPLE_TEXT, PE_SEC_RAW_OFFSET,
		get(pe, PE_HEADERS_SIZE));
}

static void raw_inside_headers(struct pe *pe)
{
	set_sec(pe, PE_SAMPLE_TEXT, PE_SEC_RAW_OFFSET,
		get(pe, PE_HEADERS_SIZE) - 1);
}

static void raw_offset_0(struct pe *pe)
{
	set_sec(pe, PE_SAMPLE_TEXT, PE_SEC_RAW_OFFSET, 0);
}

/* Without bytes in the file, where they are has no meaning. */
static void raw_offset_of_nothing(struct pe *pe)
{
	set_sec(pe, PE_SAMPLE_TEXT, PE_SEC_RAW_OFFSET, UINT32_MAX);
	set_sec(pe, PE_SAMPLE_TEXT, PE_SEC_RAW_SIZE, 0);
	memset(pe->data + get(pe, PE_HEADERS_SIZE), 0,
	       get_sec(pe, PE_SAMPLE_CMDLINE, PE_SEC_RAW_OFFSET) -
	       get(pe, PE_HEADERS_SIZE));
}

static void raw_offset_end(struct pe *pe)
{
	set_sec(pe, PE_SAMPLE_BPF, PE_SEC_RAW_OFFSET, get(pe, PE_CERTS));
}

static void raw_offset_beyond(struct pe *pe)
{
	set_sec(pe, PE_SAMPLE_BPF, PE_SEC_RAW_OFFSET, pe->size + 1);
}

static void raw_offset_half(struct pe *pe)
{
	set_sec(pe, PE_SAMPLE_BPF, PE_SEC_RAW_OFFSET, 0x80000000);
}

static void raw_offset_max(struct pe *pe)
{
	set_sec(pe, PE_SAMPLE_BPF, PE_SEC_RAW_OFFSET, UINT32_MAX);
}

static void raw_size_more(struct pe *pe)
{
	set_sec(pe, PE_SAMPLE_BPF, PE_SEC_RAW_SIZE,
		get(pe, PE_CERTS) + 1 -
		get_sec(pe, PE_SAMPLE_BPF, PE_SEC_RAW_OFFSET));
}

static void raw_size_half(struct pe *pe)
{
	set_sec(pe, PE_SAMPLE_BPF, PE_SEC_RAW_SIZE, 0x80000000);
}

static void raw_size_max(struct pe *pe)
{
	set_sec(pe, PE_SAMPLE_BPF, PE_SEC_RAW_SIZE, UINT32_MAX);
}

/* Offset and size add up to a place inside the file, after they wrapped. */
static void raw_wrap(struct pe *pe)
{
	uint32_t offset = get_sec(pe, PE_SAMPLE_BPF, PE_SEC_RAW_OFFSET);

	set_sec(pe, PE_SAMPLE_BPF, PE_SEC_RAW_SIZE, 0 - offset + 0x1000);
}

static void raw_inside_certs(struct pe *pe)
{
	set_sec(pe, PE_SAMPLE_BPF, PE_SEC_RAW_OFFSET, get(pe, PE_CERTS));
	set_sec(pe, PE_SAMPLE_BPF, PE_SEC_RAW_SIZE, 8);
}

/* Unsigned, so the file itself is the end. */
static void unsigned_raw_size_more(struct pe *pe)
{
	drop_certs(pe);
	set_sec(pe, PE_SAMPLE_BPF, PE_SEC_RAW_SIZE,
		get_sec(pe, PE_SAMPLE_BPF, PE_SEC_RAW_SIZE) + 1);
}

static void cut_last_byte(struct pe *pe)
{
	drop_certs(pe);
	pe->size--;
}

/* Sections: addresses */

static void vaddr_fits(struct pe *pe)
{
	set_sec(pe, PE_SAMPLE_BPF, PE_SEC_VSIZE,
		get(pe, PE_IMAGE_SIZE) -
		get_sec(pe, PE_SAMPLE_BPF, PE_SEC_VADDR));
}

static void vaddr_beyond(struct pe *pe)
{
	vaddr_fits(pe);
	set(pe, PE_IMAGE_SIZE, get(pe, PE_IMAGE_SIZE) - 1);
}

static void vaddr_max(struct pe *pe)
{
	set_sec(pe, PE_SAMPLE_BPF, PE_SEC_VADDR, UINT32_MAX);
}

static void vsize_half(struct pe *pe)
{
	set_sec(pe, PE_SAMPLE_BPF, PE_SEC_VSIZE, 0x80000000);
}

static void vsize_wrap(struct pe *pe)
{
	set_sec(pe, PE_SAMPLE_BPF, PE_SEC_VSIZE,
		0 - get_sec(pe, PE_SAMPLE_BPF, PE_SEC_VADDR) + 1);
}

static void image_size_0(struct pe *pe)
{
	set(pe, PE_IMAGE_SIZE, 0);
}

static void image_size_max(struct pe *pe)
{
	set(pe, PE_IMAGE_SIZE, UINT32_MAX);
}

/* Sections: each with each */

static void raw_overlap_by_1(struct pe *pe)
{
	set_sec(pe, PE_SAMPLE_CMDLINE, PE_SEC_RAW_SIZE,
		get_sec(pe, PE_SAMPLE_CMDLINE, PE_SEC_RAW_SIZE) + 1);
}

static void raw_same(struct pe *pe)
{
	set_sec(pe, PE_SAMPLE_INITRD, PE_SEC_RAW_OFFSET,
		get_sec(pe, PE_SAMPLE_LINUX, PE_SEC_RAW_OFFSET));
	set_sec(pe, PE_SAMPLE_INITRD, PE_SEC_RAW_SIZE,
		get_sec(pe, PE_SAMPLE_LINUX, PE_SEC_RAW_SIZE));
}

static void raw_inside_other(struct pe *pe)
{
	set_sec(pe, PE_SAMPLE_BPF, PE_SEC_RAW_OFFSET,
		get_sec(pe, PE_SAMPLE_LINUX, PE_SEC_RAW_OFFSET) + 0x200);
	set_sec(pe, PE_SAMPLE_BPF, PE_SEC_RAW_SIZE, 0x200);
}

static void address_overlap_by_1(struct pe *pe)
{
	set_sec(pe, PE_SAMPLE_LINUX, PE_SEC_VADDR,
		get_sec(pe, PE_SAMPLE_INITRD, PE_SEC_VADDR) + 1 -
		get_sec(pe, PE_SAMPLE_LINUX, PE_SEC_VSIZE));
}

static void address_adjacent(struct pe *pe)
{
	set_sec(pe, PE_SAMPLE_LINUX, PE_SEC_VADDR,
		get_sec(pe, PE_SAMPLE_INITRD, PE_SEC_VADDR) -
		get_sec(pe, PE_SAMPLE_LINUX, PE_SEC_VSIZE));
}

static void address_inside_other(struct pe *pe)
{
	set_sec(pe, PE_SAMPLE_BPF, PE_SEC_VADDR,
		get_sec(pe, PE_SAMPLE_LINUX, PE_SEC_VADDR) + 0x1000);
}

/* As objcopy adds sections that are told no address, to more than one. */
static void address_0_twice(struct pe *pe)
{
	set_sec(pe, PE_SAMPLE_INITRD, PE_SEC_VADDR, 0);
	set_sec(pe, PE_SAMPLE_BPF, PE_SEC_VADDR, 0);
}

/* It leaves SizeOfImage as it was, too. */
static void address_0_large(struct pe *pe)
{
	address_0_twice(pe);
	set_sec(pe, PE_SAMPLE_INITRD, PE_SEC_VSIZE, UINT32_MAX);
	set_sec(pe, PE_SAMPLE_BPF, PE_SEC_VSIZE, get(pe, PE_IMAGE_SIZE) + 1);
}

static void address_1_large(struct pe *pe)
{
	address_0_large(pe);
	set_sec(pe, PE_SAMPLE_INITRD, PE_SEC_VADDR, 1);
}

/* Bytes that belong to nothing */

static void make_gap(struct pe *pe)
{
	uint32_t at = get_sec(pe, PE_SAMPLE_LINUX, PE_SEC_RAW_OFFSET);
	uint32_t size = get_sec(pe, PE_SAMPLE_LINUX, PE_SEC_RAW_SIZE);

	set_sec(pe, PE_SAMPLE_LINUX, PE_SEC_RAW_SIZE, size - 0x200);
	memset(pe->data + at + size - 0x200, 0, 0x200);
}

static void gap_first_byte(struct pe *pe)
{
	make_gap(pe);
	pe->data[get_sec(pe, PE_SAMPLE_LINUX, PE_SEC_RAW_OFFSET) +
		 get_sec(pe, PE_SAMPLE_LINUX, PE_SEC_RAW_SIZE)] = 1;
}

static void gap_last_byte(struct pe *pe)
{
	make_gap(pe);
	pe->data[get_sec(pe, PE_SAMPLE_INITRD, PE_SEC_RAW_OFFSET) - 1] = 0x80;
}

/* Bytes between .linux and what is behind it */
static void insert_gap(struct pe *pe, uint32_t bytes)
{
	uint32_t at = get_sec(pe, PE_SAMPLE_INITRD, PE_SEC_RAW_OFFSET), raw;
	unsigned int i;

	if (bytes > pe->capacity - pe->size)
		abort();
	memmove(pe->data + at + bytes, pe->data + at, pe->size - at);
	memset(pe->data + at, 0, bytes);
	pe->size += bytes;
	for (i = 0; i < pe_nr_sections(pe); i++) {
		raw = get_sec(pe, i, PE_SEC_RAW_OFFSET);
		if (raw >= at)
			set_sec(pe, i, PE_SEC_RAW_OFFSET, raw + bytes);
	}
	if (get(pe, PE_CERTS))
		set(pe, PE_CERTS, get(pe, PE_CERTS) + bytes);
}

static void gap_of_limit(struct pe *pe)
{
	insert_gap(pe, PE_GAP_MAX);
}

static void gap_above_limit(struct pe *pe)
{
	insert_gap(pe, PE_GAP_MAX + 0x200);
}

static void headers_gap(struct pe *pe)
{
	headers_end_at_table(pe);
	pe->data[get_sec(pe, PE_SAMPLE_TEXT, PE_SEC_RAW_OFFSET) - 1] = 1;
}

/* Behind a section without bytes there is a gap as well. */
static void gap_by_empty_section(struct pe *pe)
{
	raw_offset_of_nothing(pe);
	pe->data[get_sec(pe, PE_SAMPLE_CMDLINE, PE_SEC_RAW_OFFSET) - 1] = 1;
}

/* The table of sections need not be in the order of the file. */
static void swap_headers(struct pe *pe, unsigned int a, unsigned int b)
{
	uint8_t header[PE_SEC_SIZE];

	memcpy(header, pe->data + pe_section_at(pe, a, 0), PE_SEC_SIZE);
	memcpy(pe->data + pe_section_at(pe, a, 0),
	       pe->data + pe_section_at(pe, b, 0), PE_SEC_SIZE);
	memcpy(pe->data + pe_section_at(pe, b, 0), header, PE_SEC_SIZE);
}

static void shuffled_gap(struct pe *pe)
{
	make_gap(pe);
	swap_headers(pe, PE_SAMPLE_TEXT, PE_SAMPLE_INITRD);
	swap_headers(pe, PE_SAMPLE_CMDLINE, PE_SAMPLE_BPF);
}

static void shuffled_gap_byte(struct pe *pe)
{
	gap_last_byte(pe);
	swap_headers(pe, PE_SAMPLE_TEXT, PE_SAMPLE_INITRD);
	swap_headers(pe, PE_SAMPLE_CMDLINE, PE_SAMPLE_BPF);
}

/* The digest covers what stands between the last section and the table. */
static void data_before_certs(struct pe *pe)
{
	uint32_t at = get(pe, PE_CERTS), size = get(pe, PE_CERTS + 4);

	pe->size += 16;
	memmove(pe->data + at + 16, pe->data + at, size);
	memcpy(pe->data + at, "covered, so fine", 16);
	set(pe, PE_CERTS, at + 16);
}

/* Readers that compare names as strings see another one. */
static void name_behind_nul(struct pe *pe)
{
	pe->data[pe_section_at(pe, PE_SAMPLE_LINUX, 7)] = 'x';
}

static void name_of_eight(struct pe *pe)
{
	memcpy(pe->data + pe_section_at(pe, PE_SAMPLE_LINUX, 0),
	       ".pcrpkey", 8);
}

/* The section that the kernel itself looks for */

static void bpf_twice(struct pe *pe)
{
	memcpy(pe->data + pe_section_at(pe, PE_SAMPLE_INITRD, 0),
	       ".bpf\0\0\0", 8);
}

static void bpf_beside_longer_name(struct pe *pe)
{
	memcpy(pe->data + pe_section_at(pe, PE_SAMPLE_INITRD, 0),
	       ".bpf2\0\0", 8);
}

static void bpf_missing(struct pe *pe)
{
	memcpy(pe->data + pe_section_at(pe, PE_SAMPLE_BPF, 0),
	       ".bpff\0\0", 8);
}

static void bpf_vsize_0(struct pe *pe)
{
	set_sec(pe, PE_SAMPLE_BPF, PE_SEC_VSIZE, 0);
}

static void bpf_vsize_1(struct pe *pe)
{
	set_sec(pe, PE_SAMPLE_BPF, PE_SEC_VSIZE, 1);
}

static void bpf_raw_size_0(struct pe *pe)
{
	set_sec(pe, PE_SAMPLE_BPF, PE_SEC_RAW_SIZE, 0);
}

static void bpf_raw_size_1(struct pe *pe)
{
	set_sec(pe, PE_SAMPLE_BPF, PE_SEC_RAW_SIZE, 1);
}

#define DEFECT(lessons, name, refuse, error, log, accept) \
	{ lessons, name, refuse, error, log, accept }

const struct pe_defect pe_defects[] = {
	DEFECT("[M8][P5]", "file of one byte", cut_to_1, ENOEXEC, "no DOS header", NULL),
	DEFECT("[M8][P5]", "no MZ at its start", no_dos_magic, ENOEXEC, "no DOS header", NULL),
	DEFECT("[M8][P5]", "DOS header is cut off", dos_header_cut_off, ENOEXEC, "no DOS header", NULL),
	DEFECT("[M6][M8][P5]", "PE header at 0", pe_offset_0, ENOEXEC, "no PE signature", NULL),
	DEFECT("[M8][P5]", "PE header at 63", pe_offset_63, ENOEXEC, "no PE signature at 0x3f", pe_offset_64),
	DEFECT("[M8][P5]", "PE header at the end of the file", pe_offset_at_end, ENOEXEC, "no PE signature", pe_offset_odd),
	DEFECT("[M8][P5]", "PE signature is cut off", pe_magic_cut_off, ENOEXEC, "no PE signature", NULL),
	DEFECT("[M8]", "optional header is cut off", opt_header_cut_off, ELIBBAD, "PE header at 0x80 does not fit", NULL),
	DEFECT("[M6][M8][P5]", "PE header at 2^31", pe_offset_half, ENOEXEC, "no PE signature at 0x80000000", NULL),
	DEFECT("[M6][M8][P5]", "PE header at 2^32-1", pe_offset_max, ENOEXEC, "no PE signature at 0xffffffff", NULL),
	DEFECT("[M8][P5]", "no PE signature", no_pe_magic, ENOEXEC, "no PE signature", NULL),
	DEFECT("[F6][P5]", "for arm64", machine_arm64, ENOEXEC, "for machine 0xaa64", NULL),
	DEFECT("[F6][P5]", "for no machine", machine_0, ENOEXEC, "for machine", NULL),
	DEFECT("[F6][P5]", "for i386", machine_i386, ENOEXEC, "for machine 0x14c", NULL),
	DEFECT("[F6][P5]", "PE32", pe32, ENOEXEC, "0x10b, not PE32+", NULL),
	DEFECT("[F6][P5]", "subsystem is a window system", subsystem_gui, ENOEXEC, "subsystem is 2", NULL),
	DEFECT("[F6][P5]", "subsystem is that of a boot service driver", subsystem_boot_driver, ENOEXEC, "subsystem is 11", NULL),

	DEFECT("[M8]", "four data directories", dirs_4, ELIBBAD, "4 data directories", dirs_5),
	DEFECT("[M8]", "17 data directories", dirs_17, ELIBBAD, "17 data directories", NULL),
	DEFECT("[M6][M8]", "2^32-1 data directories", dirs_max, ELIBBAD, "4294967295 data directories", NULL),
	DEFECT("[M6][M8]", "size of the data directories wraps", dirs_wrap, ELIBBAD, "536870928 data directories", NULL),
	DEFECT("[M8]", "optional header smaller than its data directories", opt_size_less, ELIBBAD, "optional header of 232 bytes", dirs_5),
	DEFECT("[M8]", "optional header larger than its data directories", opt_size_more, ELIBBAD, "optional header of 241 bytes", NULL),
	DEFECT("[M6][M8]", "optional header of 0 bytes", opt_size_0, ELIBBAD, "optional header of 0 bytes", NULL),
	DEFECT("[M6][M8]", "optional header of 2^16-1 bytes", opt_size_max, ELIBBAD, "optional header of 65535 bytes", NULL),
	DEFECT("[M8]", "no sections", sections_0, ELIBBAD, "0 sections", NULL),
	DEFECT("[F1][M8]", "1025 sections", sections_max_1, ELIBBAD, "1025 sections", sections_max),
	DEFECT("[M6][M8]", "2^16-1 sections", sections_65535, ELIBBAD, "65535 sections", NULL),
	DEFECT("[M8]", "headers end inside the section table", headers_end_in_table, ELIBBAD, "section table ends at", headers_end_at_table),
	DEFECT("[M6][M8]", "headers of 0 bytes", headers_0, ELIBBAD, "section table ends at", NULL),
	DEFECT("[M8]", "headers fill the file", headers_fill, ELIBBAD, "fill the file", NULL),
	DEFECT("[M6][M8]", "headers of 2^31 bytes", headers_half, ELIBBAD, "headers of 0x80000000 bytes", NULL),
	DEFECT("[M6][M8]", "headers of 2^32-1 bytes", headers_max, ELIBBAD, "headers of 0xffffffff bytes", NULL),

	DEFECT("[M8]", "certificate table inside the headers", certs_in_headers, ELIBBAD, "certificate table at 0x8", NULL),
	DEFECT("[M8]", "certificate table has a size and no offset", certs_without_offset, ELIBBAD, "certificate table at", NULL),
	DEFECT("[M8]", "certificate table has an offset and no size", certs_without_size, ELIBBAD, "does not end at", drop_certs),
	DEFECT("[M8]", "certificate table is not aligned", certs_unaligned, ELIBBAD, "not aligned", certs_aligned),
	DEFECT("[M8][S7]", "data behind the certificate table", data_after_certs, ELIBBAD, "does not end at", data_before_certs),
	DEFECT("[M8]", "certificate table ends beyond the file", certs_beyond_end, ELIBBAD, "does not end at", data_in_certs),
	DEFECT("[M6][M8]", "offset and size of the certificate table wrap", certs_wrap, ELIBBAD, "does not end at", NULL),
	DEFECT("[M6][M8]", "certificate table of 2^32-1 bytes", certs_size_max, ELIBBAD, "does not end at", NULL),
	DEFECT("[M8]", "certificate table is smaller than its header", certs_size_7, ELIBBAD, "table of 7 bytes", certs_size_8),
	DEFECT("[M6][M8]", "certificate of 0 bytes", cert_length_0, ELIBBAD, "in a table of", NULL),
	DEFECT("[M8]", "certificate is smaller than its header", cert_length_7, ELIBBAD, "certificate of 0x7 bytes", cert_length_8),
	DEFECT("[M8]", "certificate is larger than the table", cert_length_more, ELIBBAD, "in a table of", cert_length_fits),
	DEFECT("[M6][M8]", "certificate of 2^32-1 bytes", cert_length_max, ELIBBAD, "certificate of 0xffffffff bytes", NULL),

	DEFECT("[M8]", "section begins inside the headers", raw_inside_headers, ELIBBAD, "begins inside the headers", raw_at_headers),
	DEFECT("[M6][M8]", "section begins at 0", raw_offset_0, ELIBBAD, "begins inside the headers", raw_offset_of_nothing),
	DEFECT("[M8]", "section begins at the certificate table", raw_offset_end, ELIBBAD, "section 4 '.bpf'", NULL),
	DEFECT("[M8]", "section begins beyond the file", raw_offset_beyond, ELIBBAD, "ends beyond the file", NULL),
	DEFECT("[M6][M8]", "section begins at 2^31", raw_offset_half, ELIBBAD, "'.bpf': 0x80000000+", NULL),
	DEFECT("[M6][M8]", "section begins at 2^32-1", raw_offset_max, ELIBBAD, "'.bpf': 0xffffffff+", NULL),
	DEFECT("[M8]", "section ends a byte beyond the certificate table's begin", raw_size_more, ELIBBAD, "ends beyond the file", NULL),
	DEFECT("[M6][M8]", "section of 2^31 bytes", raw_size_half, ELIBBAD, "ends beyond the file", NULL),
	DEFECT("[M6][M8]", "section of 2^32-1 bytes", raw_size_max, ELIBBAD, "ends beyond the file", NULL),
	DEFECT("[M6][M8]", "offset and size of a section wrap", raw_wrap, ELIBBAD, "ends beyond the file", NULL),
	DEFECT("[M8]", "section lies in the certificate table", raw_inside_certs, ELIBBAD, "ends beyond the file", NULL),
	DEFECT("[M8]", "section of an unsigned file ends a byte beyond it", unsigned_raw_size_more, ELIBBAD, "ends beyond the file", drop_certs),
	DEFECT("[M8]", "last byte is missing", cut_last_byte, ELIBBAD, "ends beyond the file", drop_certs),

	DEFECT("[M8]", "section ends a byte beyond SizeOfImage", vaddr_beyond, ELIBBAD, "ends beyond the image", vaddr_fits),
	DEFECT("[M6][M8]", "section at address 2^32-1", vaddr_max, ELIBBAD, "address 0xffffffff", NULL),
	DEFECT("[M6][M8]", "section of 2^31 bytes in memory", vsize_half, ELIBBAD, "ends beyond the image", NULL),
	DEFECT("[M6][M8]", "address and size of a section wrap", vsize_wrap, ELIBBAD, "ends beyond the image", NULL),
	DEFECT("[M8]", "section at address 1 is larger than SizeOfImage", address_1_large, ELIBBAD, "address 0x1+0xffffffff ends beyond the image", address_0_large),
	DEFECT("[M6][M8]", "SizeOfImage is 0", image_size_0, ELIBBAD, "ends beyond the image", image_size_max),

	DEFECT("[M8]", "two sections overlap by a byte in the file", raw_overlap_by_1, ELIBBAD, "overlap in the file", NULL),
	DEFECT("[M8]", "two sections are the same bytes of the file", raw_same, ELIBBAD, "section 2 '.linux' and section 3 '.initrd' overlap in the file", NULL),
	DEFECT("[M8]", "a section lies inside another in the file", raw_inside_other, ELIBBAD, "overlap in the file", NULL),
	DEFECT("[M8]", "two sections overlap by a byte in memory", address_overlap_by_1, ELIBBAD, "overlap in memory", address_adjacent),
	DEFECT("[M8]", "a section lies inside another in memory", address_inside_other, ELIBBAD, "overlap in memory", address_0_twice),

	DEFECT("[M8][S7]", "first byte of a gap is not 0", gap_first_byte, ELIBBAD, "between sections, is 0x1", make_gap),
	DEFECT("[M8][S7]", "last byte of a gap is not 0", gap_last_byte, ELIBBAD, "between sections, is 0x80", make_gap),
	DEFECT("[M8]", "gap larger than any alignment", gap_above_limit, ELIBBAD, "between sections, are more than", gap_of_limit),
	DEFECT("[M8][S7]", "gap behind the headers is not 0", headers_gap, ELIBBAD, "between sections", headers_end_at_table),
	DEFECT("[M8][S7]", "gap at a section without bytes is not 0", gap_by_empty_section, ELIBBAD, "between sections", raw_offset_of_nothing),
	DEFECT("[M8][S7]", "gap between sections out of order is not 0", shuffled_gap_byte, ELIBBAD, "between sections", shuffled_gap),

	DEFECT("[M8]", "name of a section goes on behind a NUL", name_behind_nul, ELIBBAD, "goes on behind a NUL", name_of_eight),
	DEFECT("[M8]", "two sections .bpf", bpf_twice, ELIBBAD, "'.bpf' is there twice", bpf_beside_longer_name),
	DEFECT("[F6][P5]", "no section .bpf", bpf_missing, ENOEXEC, NULL, NULL),
	DEFECT("[M8]", "section .bpf without bytes in memory", bpf_vsize_0, ELIBBAD, "'.bpf' is empty", bpf_vsize_1),
	DEFECT("[M8]", "section .bpf without bytes in the file", bpf_raw_size_0, ELIBBAD, "'.bpf' is empty", bpf_raw_size_1),
};

const unsigned int nr_pe_defects = sizeof(pe_defects) / sizeof(pe_defects[0]);
