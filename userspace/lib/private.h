/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of libkexecbpf share. */
#ifndef KEXECBPF_PRIVATE_H
#define KEXECBPF_PRIVATE_H

#include <kexecbpf.h>

/* PE layout; offsets are relative to the structure named */
#define DOS_HEADER_SIZE		64U
#define DOS_PE_OFFSET		0x3cU

#define COFF_SIZE		24U	/* with "PE\0\0" */
#define COFF_MACHINE		4U
#define COFF_NR_SECTIONS	6U
#define COFF_OPT_SIZE		20U

#define OPT_MAGIC_PE32		0x10bU
#define OPT_MAGIC_PE32PLUS	0x20bU
#define OPT_PE32_SIZE		96U	/* without data directories */
#define OPT_PE32PLUS_SIZE	112U
#define OPT_INIT_DATA		8U
#define OPT_SECTION_ALIGN	32U
#define OPT_FILE_ALIGN		36U
#define OPT_IMAGE_SIZE		56U
#define OPT_HEADERS_SIZE	60U
#define OPT_CHECKSUM		64U
#define OPT_SUBSYSTEM		68U

#define DIRENT_SIZE		8U
#define DIRENT_CERTS		4U	/* index of the certificate table */
#define DIRENTS_MAX		16U

#define SHDR_SIZE		40U
#define SHDR_NAME_SIZE		8U
#define SHDR_VSIZE		8U
#define SHDR_VADDR		12U
#define SHDR_RAW_SIZE		16U
#define SHDR_RAW_OFFSET		20U
#define SHDR_FLAGS		36U
#define SHDR_INIT_DATA		0x00000040U
#define SHDR_MEM_READ		0x40000000U

#define CERT_HEADER_SIZE	8U
#define CERT_ALIGN		8U

/**
 * struct kexecbpf_pe - a PE file that is open for inspection
 * @fd: the caller's
 * @info: what callers see
 * @headers: copy of the first info.headers_size bytes of the file
 * @opt: offset of the optional header
 * @table: offset of the section table
 * @sections: info.nr_sections of them
 */
struct kexecbpf_pe {
	int				fd;
	struct kexecbpf_pe_info		info;
	uint8_t				*headers;
	uint32_t			opt;
	uint32_t			table;
	struct kexecbpf_section		*sections;
};

static inline uint16_t get_le16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t get_le32(const uint8_t *p)
{
	return (uint32_t)get_le16(p) | (uint32_t)get_le16(p + 2) << 16;
}

static inline void put_le16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

static inline void put_le32(uint8_t *p, uint32_t v)
{
	put_le16(p, (uint16_t)v);
	put_le16(p + 2, (uint16_t)(v >> 16));
}

/* @align is a power of two; neither can wrap: 33 bits are the most there are */
static inline uint64_t align_up(uint64_t v, uint32_t align)
{
	return (v + align - 1) & ~((uint64_t)align - 1);
}

/* lib/report.c */
int kexecbpf_fail(const struct kexecbpf_report *report, int err,
		  const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* lib/pe.c */
int kexecbpf_pe_range_is_zero(const struct kexecbpf_pe *pe, uint64_t offset,
			      uint64_t end);

#endif /* KEXECBPF_PRIVATE_H */
