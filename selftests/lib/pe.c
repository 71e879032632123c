// SPDX-License-Identifier: GPL-2.0-only
/* Building PE32+ EFI images */

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "pe.h"

#define DOS_SIZE	0x80
#define FILE_ALIGN	0x200
#define SECTION_ALIGN	0x1000
#define SUBSYSTEM_EFI	10
#define NR_DIRS		16
#define IMAGE_BASE	0x140000000ULL

#define SEC_CODE	0x60000020	/* code, execute, read */
#define SEC_DATA	0x40000040	/* initialised data, read */

static uint64_t align(uint64_t value, uint64_t to)
{
	return (value + to - 1) / to * to;
}

uint16_t pe_get16(const struct pe *pe, size_t at)
{
	return (uint16_t)(pe->data[at] | pe->data[at + 1] << 8);
}

uint32_t pe_get32(const struct pe *pe, size_t at)
{
	return pe_get16(pe, at) | (uint32_t)pe_get16(pe, at + 2) << 16;
}

void pe_set16(struct pe *pe, size_t at, uint16_t value)
{
	pe->data[at] = value & 0xff;
	pe->data[at + 1] = value >> 8;
}

void pe_set32(struct pe *pe, size_t at, uint32_t value)
{
	pe_set16(pe, at, value & 0xffff);
	pe_set16(pe, at + 2, value >> 16);
}

size_t pe_at(const struct pe *pe, size_t field)
{
	return pe->offset + field;
}

static size_t table_at(const struct pe *pe)
{
	return pe_at(pe, PE_DIRS) + (size_t)pe->nr_dirs * 8;
}

size_t pe_section_at(const struct pe *pe, unsigned int i, size_t field)
{
	return table_at(pe) + (size_t)i * PE_SEC_SIZE + field;
}

unsigned int pe_nr_sections(const struct pe *pe)
{
	return pe_get16(pe, pe_at(pe, PE_NR_SECTIONS));
}

int pe_init(struct pe *pe, uint16_t machine, unsigned int room,
	    size_t capacity)
{
	size_t headers;

	memset(pe, 0, sizeof(*pe));
	pe->offset = DOS_SIZE;
	pe->nr_dirs = NR_DIRS;
	headers = align(table_at(pe) + (size_t)room * PE_SEC_SIZE, FILE_ALIGN);
	if (headers > capacity) {
		errno = ENOSPC;
		return -1;
	}
	pe->data = mmap(NULL, capacity, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (pe->data == MAP_FAILED) {
		pe->data = NULL;
		return -1;
	}
	pe->capacity = capacity;
	pe->size = headers;

	memcpy(pe->data, "MZ", 2);
	pe_set32(pe, PE_DOS_OFFSET, pe->offset);
	memcpy(pe->data + pe->offset, "PE\0\0", 4);
	pe_set16(pe, pe_at(pe, PE_MACHINE), machine);
	pe_set16(pe, pe_at(pe, PE_OPT_SIZE), PE_DIRS - PE_OPT + NR_DIRS * 8);
	pe_set16(pe, pe_at(pe, 22), 0x0206);		/* Characteristics */
	pe_set16(pe, pe_at(pe, PE_OPT_MAGIC), 0x020b);
	pe_set32(pe, pe_at(pe, PE_OPT + 16), SECTION_ALIGN);	/* entry */
	pe_set32(pe, pe_at(pe, PE_OPT + 20), SECTION_ALIGN);	/* BaseOfCode */
	pe_set32(pe, pe_at(pe, PE_OPT + 24), IMAGE_BASE & 0xffffffff);
	pe_set32(pe, pe_at(pe, PE_OPT + 28), IMAGE_BASE >> 32);
	pe_set32(pe, pe_at(pe, PE_SECTION_ALIGN), SECTION_ALIGN);
	pe_set32(pe, pe_at(pe, PE_FILE_ALIGN), FILE_ALIGN);
	pe_set32(pe, pe_at(pe, PE_IMAGE_SIZE), align(headers, SECTION_ALIGN));
	pe_set32(pe, pe_at(pe, PE_HEADERS_SIZE), headers);
	pe_set32(pe, pe_at(pe, PE_CHECKSUM), 0x12345678);
	pe_set16(pe, pe_at(pe, PE_SUBSYSTEM), SUBSYSTEM_EFI);
	pe_set32(pe, pe_at(pe, PE_NR_DIRS), NR_DIRS);
	return 0;
}

void pe_free(struct pe *pe)
{
	if (pe->data)
		munmap(pe->data, pe->capacity);
	memset(pe, 0, sizeof(*pe));
}

static int add(struct pe *pe, const char *name, const void *data,
	       uint64_t raw_size, uint64_t size)
{
	uint32_t vaddr = pe_get32(pe, pe_at(pe, PE_IMAGE_SIZE));
	uint64_t raw_offset = align(pe->size, FILE_ALIGN);
	uint64_t padded = align(raw_size, FILE_ALIGN);
	unsigned int i = pe_nr_sections(pe);
	uint8_t *header = pe->data + pe_section_at(pe, i, 0);
	size_t at = pe_section_at(pe, i, 0);

	if (at + PE_SEC_SIZE > pe_get32(pe, pe_at(pe, PE_HEADERS_SIZE)) ||
	    raw_offset + padded > pe->capacity ||
	    align(vaddr + size, SECTION_ALIGN) > UINT32_MAX) {
		errno = ENOSPC;
		return -1;
	}
	memset(header, 0, PE_SEC_SIZE);
	memcpy(header, name, strnlen(name, 8));
	pe_set32(pe, at + PE_SEC_VSIZE, size);
	pe_set32(pe, at + PE_SEC_VADDR, vaddr);
	if (raw_size) {
		pe_set32(pe, at + PE_SEC_RAW_SIZE, padded);
		pe_set32(pe, at + PE_SEC_RAW_OFFSET, raw_offset);
		if (data)
			memcpy(pe->data + raw_offset, data, raw_size);
		pe->size = raw_offset + padded;
	}
	pe_set32(pe, at + PE_SEC_FLAGS, strcmp(name, ".text") ? SEC_DATA : SEC_CODE);
	pe_set32(pe, pe_at(pe, PE_IMAGE_SIZE), align(vaddr + size, SECTION_ALIGN));
	pe_set16(pe, pe_at(pe, PE_NR_SECTIONS), i + 1);
	return i;
}

int pe_add(struct pe *pe, const char *name, const void *data, size_t size)
{
	return add(pe, name, data, size, size);
}

int pe_add_empty(struct pe *pe, const char *name, uint32_t size)
{
	return add(pe, name, NULL, 0, size);
}

int pe_append(struct pe *pe, const void *data, size_t size)
{
	if (size > pe->capacity - pe->size) {
		errno = ENOSPC;
		return -1;
	}
	if (data)
		memcpy(pe->data + pe->size, data, size);
	pe->size += size;
	return 0;
}

int pe_add_certs(struct pe *pe, const void *data, size_t size)
{
	size_t at = align(pe->size, 8);
	size_t length = 8 + size;
	size_t padded = align(length, 8);

	if (at + padded > pe->capacity) {
		errno = ENOSPC;
		return -1;
	}
	pe_set32(pe, at, length);
	pe_set16(pe, at + 4, 0x0200);		/* revision 2.0 */
	pe_set16(pe, at + 6, 0x0002);		/* PKCS#7 */
	if (data)
		memcpy(pe->data + at + 8, data, size);
	pe->size = at + padded;
	pe_set32(pe, pe_at(pe, PE_CERTS), at);
	pe_set32(pe, pe_at(pe, PE_CERTS) + 4, padded);
	return 0;
}

void pe_move_headers(struct pe *pe, uint32_t offset)
{
	size_t size = pe_section_at(pe, pe_nr_sections(pe), 0) - pe->offset;
	uint32_t old = pe->offset;

	memmove(pe->data + offset, pe->data + old, size);
	if (offset < old)
		memset(pe->data + offset + size, 0, old - offset);
	pe->offset = offset;
	pe_set32(pe, PE_DOS_OFFSET, offset);
}

void pe_set_dirs(struct pe *pe, uint32_t nr)
{
	size_t size = (size_t)pe_nr_sections(pe) * PE_SEC_SIZE;
	size_t old = table_at(pe);

	pe->nr_dirs = nr;
	memmove(pe->data + table_at(pe), pe->data + old, size);
	if (table_at(pe) < old)
		memset(pe->data + table_at(pe) + size, 0, old - table_at(pe));
	else
		memset(pe->data + old, 0, table_at(pe) - old);
	pe_set32(pe, pe_at(pe, PE_NR_DIRS), nr);
	pe_set16(pe, pe_at(pe, PE_OPT_SIZE), PE_DIRS - PE_OPT + nr * 8);
}
