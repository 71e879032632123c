/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Building PE32+ EFI images, sound ones and broken ones
 *
 * pe_init(), pe_add() for each section, pe_add_certs() if wanted: the image is
 * sound after each step. Then pe_set16() and pe_set32() break what shall be
 * broken. Depends on nothing but the C library.
 */
#ifndef PE_H
#define PE_H

#include <stddef.h>
#include <stdint.h>

#define PE_MACHINE_AMD64	0x8664
#define PE_MACHINE_ARM64	0xaa64

/* Offsets in the DOS header, from the PE signature, in a section header */
#define PE_DOS_OFFSET		0x3c
#define PE_MACHINE		4
#define PE_NR_SECTIONS		6
#define PE_OPT_SIZE		20
#define PE_OPT			24
#define PE_OPT_MAGIC		(PE_OPT + 0)
#define PE_SECTION_ALIGN	(PE_OPT + 32)
#define PE_FILE_ALIGN		(PE_OPT + 36)
#define PE_IMAGE_SIZE		(PE_OPT + 56)
#define PE_HEADERS_SIZE		(PE_OPT + 60)
#define PE_CHECKSUM		(PE_OPT + 64)
#define PE_SUBSYSTEM		(PE_OPT + 68)
#define PE_NR_DIRS		(PE_OPT + 108)
#define PE_DIRS			(PE_OPT + 112)
#define PE_CERTS		(PE_DIRS + 4 * 8)

#define PE_SEC_SIZE		40
#define PE_SEC_VSIZE		8
#define PE_SEC_VADDR		12
#define PE_SEC_RAW_SIZE		16
#define PE_SEC_RAW_OFFSET	20
#define PE_SEC_FLAGS		36

/**
 * struct pe - an image that is being built
 * @data: its bytes
 * @size: their number
 * @capacity: room behind @data; bytes above @size are zero
 * @offset: where the PE signature is
 * @nr_dirs: number of data directories
 */
struct pe {
	uint8_t		*data;
	size_t		size;
	size_t		capacity;
	uint32_t	offset;
	uint32_t	nr_dirs;
};

/*
 * An image without sections, with room for the headers of @room of them.
 * @capacity bytes of address space are reserved; memory is used as it is
 * written. Returns 0 or -1 with errno set.
 */
int pe_init(struct pe *pe, uint16_t machine, unsigned int room,
	    size_t capacity);
void pe_free(struct pe *pe);

/*
 * Append a section: @size bytes at @data, zeros if @data is NULL. @name has up
 * to eight bytes. Returns its index, or -1 if there is no room.
 */
int pe_add(struct pe *pe, const char *name, const void *data, size_t size);

/* A section without bytes in the file, of @size bytes in memory. */
int pe_add_empty(struct pe *pe, const char *name, uint32_t size);

/*
 * Append a certificate table with one certificate of @size bytes; zeros if
 * @data is NULL. No section can follow. Returns 0, or -1 if there is no room.
 */
int pe_add_certs(struct pe *pe, const void *data, size_t size);

/* Append bytes that belong to nothing. Returns 0, or -1 if there is no room. */
int pe_append(struct pe *pe, const void *data, size_t size);

/* Move the headers behind the DOS header to @offset. */
void pe_move_headers(struct pe *pe, uint32_t offset);

/* Give the image @nr data directories; the section table moves along. */
void pe_set_dirs(struct pe *pe, uint32_t nr);

/* Fields by their offset in the file */
uint16_t pe_get16(const struct pe *pe, size_t at);
uint32_t pe_get32(const struct pe *pe, size_t at);
void pe_set16(struct pe *pe, size_t at, uint16_t value);
void pe_set32(struct pe *pe, size_t at, uint32_t value);

/* Offsets in the file: of a header field, and of a field of section @i */
size_t pe_at(const struct pe *pe, size_t field);
size_t pe_section_at(const struct pe *pe, unsigned int i, size_t field);

unsigned int pe_nr_sections(const struct pe *pe);

#endif
