// SPDX-License-Identifier: GPL-2.0
/* Write a copy of a PE file with a parser in a section of its own. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "private.h"

/**
 * struct plan - the new file, decided before the first byte is written
 * @headers: changed copy of the headers
 * @copy_end: what of the old file is kept
 * @offset: where the new section's raw data begin; zeros from @copy_end to it
 * @raw_size: their size with padding
 */
struct plan {
	uint8_t		*headers;
	uint64_t	copy_end;
	uint64_t	offset;
	uint32_t	raw_size;
};

static bool good_align(uint32_t align, uint32_t max)
{
	return align && align <= max && !(align & (align - 1));
}

static int check_params(const struct kexecbpf_pe *pe,
			const struct kexecbpf_embed_params *params,
			const struct kexecbpf_report *report)
{
	struct kexecbpf_parser_info parser;
	size_t i;
	int ret;

	if (params->version != KEXECBPF_EMBED_VERSION ||
	    params->flags & ~(uint32_t)KEXECBPF_EMBED_DROP_SIGNATURE)
		return kexecbpf_fail(report, EINVAL,
				     "embed: unknown version %u or flags 0x%x",
				     params->version, params->flags);
	for (i = 0; i < sizeof(params->reserved) / sizeof(params->reserved[0]); i++) {
		if (params->reserved[i])
			return kexecbpf_fail(report, EINVAL,
					     "embed: reserved field %zu is not 0", i);
	}
	ret = kexecbpf_parser_inspect(params->parser, params->parser_size, &parser,
				      report);
	if (!ret)
		ret = kexecbpf_pe_check(pe, report);
	if (ret)
		return ret;
	if (kexecbpf_pe_find(pe, KEXECBPF_SECTION))
		return kexecbpf_fail(report, EEXIST,
				     "image: has a section '%s' already",
				     KEXECBPF_SECTION);
	if (pe->info.cert_offset &&
	    !(params->flags & KEXECBPF_EMBED_DROP_SIGNATURE))
		return kexecbpf_fail(report, EPERM,
				     "image: is signed (certificate table at 0x%x+0x%x), and a new section breaks the signature",
				     pe->info.cert_offset, pe->info.cert_size);
	return 0;
}

/* Room for one more entry, not used for anything else. */
static int check_room(const struct kexecbpf_pe *pe,
		      const struct kexecbpf_report *report)
{
	const struct kexecbpf_pe_info *info = &pe->info;
	uint32_t at, i, left;

	at = pe->table + info->nr_sections * SHDR_SIZE;
	left = info->headers_size - at;
	if (left < SHDR_SIZE || info->nr_sections >= KEXECBPF_SECTIONS_MAX)
		return kexecbpf_fail(report, ENOBUFS,
				     "image: no room for another section: %u of at most %u sections, %u bytes left in the headers and %u needed",
				     info->nr_sections, KEXECBPF_SECTIONS_MAX, left,
				     SHDR_SIZE);
	for (i = 0; i < SHDR_SIZE; i++) {
		if (pe->headers[at + i])
			return kexecbpf_fail(report, ENOBUFS,
					     "image: no room for another section: the headers have other data at 0x%x",
					     at + i);
	}
	return 0;
}

static uint8_t *section_header(const struct kexecbpf_pe *pe,
			       const struct plan *plan, uint32_t index)
{
	return plan->headers + pe->table + (size_t)index * SHDR_SIZE;
}

/*
 * Decide where the raw data go, and let the last section's reach up to there.
 * Between sections there must be no gap: the digest of a signature takes the
 * sum of all sizes for the end of the last section, and would leave out as much
 * at the gap as it takes twice at the file's end.
 */
static int place(const struct kexecbpf_pe *pe, struct plan *plan,
		 const struct kexecbpf_report *report)
{
	const struct kexecbpf_pe_info *info = &pe->info;
	uint64_t end, last_end = info->headers_size, grow;
	const struct kexecbpf_section *last = NULL, *s;
	uint32_t i;
	int ret;

	for (i = 0; i < info->nr_sections; i++) {
		s = &pe->sections[i];
		if (s->raw_size && (uint64_t)s->offset + s->raw_size > last_end) {
			last_end = (uint64_t)s->offset + s->raw_size;
			last = s;
		}
	}
	end = info->cert_offset ? info->cert_offset : info->file_size;
	/* Before it is read: a file with a hole can be of any size. */
	if (end > UINT32_MAX)
		return kexecbpf_fail(report, EFBIG,
				     "image: 0x%llx bytes, beyond the 32 bits of a PE header",
				     (unsigned long long)end);
	ret = kexecbpf_pe_range_is_zero(pe, last_end, end);
	if (ret < 0)
		return kexecbpf_fail(report, -ret, "image: cannot read its end: %s",
				     kexecbpf_errno_name(ret));
	/* Zeros behind the last section are padding, as a signature needs. */
	plan->copy_end = ret ? last_end : end;
	plan->offset = align_up(plan->copy_end, info->file_align);
	if (plan->offset + plan->raw_size > UINT32_MAX)
		return kexecbpf_fail(report, EFBIG,
				     "image: section '%s' would end at 0x%llx, beyond the 32 bits of a PE header",
				     KEXECBPF_SECTION,
				     (unsigned long long)(plan->offset + plan->raw_size));

	grow = plan->offset - last_end;
	if (!grow)
		return 0;
	if (!last)
		return kexecbpf_fail(report, EOPNOTSUPP,
				     "image: 0x%llx bytes behind the headers are in no section",
				     (unsigned long long)grow);
	/* Up to its size in memory, raw data are payload rather than padding. */
	if (!last->vsize || last->vsize > last->raw_size)
		return kexecbpf_fail(report, EOPNOTSUPP,
				     "image: section %u '%s' ends at 0x%llx and would have to take 0x%llx bytes of padding, but has 0x%x bytes in the file and 0x%x in memory, so that they would be its payload",
				     last->index, last->name,
				     (unsigned long long)last_end,
				     (unsigned long long)grow, last->raw_size,
				     last->vsize);
	put_le32(section_header(pe, plan, last->index) + SHDR_RAW_SIZE,
		 (uint32_t)(last->raw_size + grow));
	return 0;
}

/* The new section header, and the fields that depend on it. */
static int fill_headers(const struct kexecbpf_pe *pe, struct plan *plan,
			uint32_t size, const struct kexecbpf_report *report)
{
	const struct kexecbpf_pe_info *info = &pe->info;
	uint8_t *opt = plan->headers + pe->opt, *p;
	uint64_t vaddr = info->headers_size, image_size, init_data;
	const struct kexecbpf_section *s;
	uint32_t i;

	for (i = 0; i < info->nr_sections; i++) {
		s = &pe->sections[i];
		if ((uint64_t)s->vaddr + s->vsize > vaddr)
			vaddr = (uint64_t)s->vaddr + s->vsize;
	}
	/* Never shrink: SizeOfImage may reach beyond the last section. */
	vaddr = align_up(vaddr, info->section_align);
	image_size = align_up(vaddr + size, info->section_align);
	if (image_size < info->image_size)
		image_size = align_up(info->image_size, info->section_align);
	init_data = (uint64_t)get_le32(opt + OPT_INIT_DATA) + plan->raw_size;
	if (image_size > UINT32_MAX || init_data > UINT32_MAX)
		return kexecbpf_fail(report, EFBIG,
				     "image: 0x%llx bytes in memory, 0x%llx of them initialized, exceed the 32 bits of a PE header",
				     (unsigned long long)image_size,
				     (unsigned long long)init_data);

	p = section_header(pe, plan, info->nr_sections);
	memset(p, 0, SHDR_SIZE);
	memcpy(p, KEXECBPF_SECTION, strlen(KEXECBPF_SECTION));
	put_le32(p + SHDR_VSIZE, size);
	put_le32(p + SHDR_VADDR, (uint32_t)vaddr);
	put_le32(p + SHDR_RAW_SIZE, plan->raw_size);
	put_le32(p + SHDR_RAW_OFFSET, (uint32_t)plan->offset);
	put_le32(p + SHDR_FLAGS, SHDR_INIT_DATA | SHDR_MEM_READ);

	put_le16(opt - COFF_SIZE + COFF_NR_SECTIONS,
		 (uint16_t)(info->nr_sections + 1));
	put_le32(opt + OPT_INIT_DATA, (uint32_t)init_data);
	put_le32(opt + OPT_IMAGE_SIZE, (uint32_t)image_size);
	put_le32(opt + OPT_CHECKSUM, 0);
	memset(plan->headers + info->cert_entry_offset, 0, DIRENT_SIZE);
	return 0;
}

/* Returns 0 or -errno. */
static int write_all(int fd, const void *buf, uint64_t len)
{
	const uint8_t *p = buf;
	ssize_t n;

	while (len) {
		n = write(fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		p += n;
		len -= (uint64_t)n;
	}
	return 0;
}

static int write_zeros(int fd, uint64_t len)
{
	static const uint8_t zeros[4096];
	uint64_t n;
	int ret = 0;

	for (; len && !ret; len -= n) {
		n = len < sizeof(zeros) ? len : sizeof(zeros);
		ret = write_all(fd, zeros, n);
	}
	return ret;
}

static int copy_range(const struct kexecbpf_pe *pe, int fd, uint64_t offset,
		      uint64_t end)
{
	const size_t size = 1U << 20;
	uint8_t *buf;
	size_t n;
	int ret = 0;

	buf = malloc(size);
	if (!buf)
		return -ENOMEM;
	for (; offset < end && !ret; offset += n) {
		n = end - offset < size ? (size_t)(end - offset) : size;
		ret = kexecbpf_pe_read(pe, offset, buf, n);
		if (!ret)
			ret = write_all(fd, buf, n);
	}
	free(buf);
	return ret;
}

static int write_plan(const struct kexecbpf_pe *pe, const struct plan *plan,
		      const struct kexecbpf_embed_params *params, int fd)
{
	int ret;

	ret = write_all(fd, plan->headers, pe->info.headers_size);
	if (!ret)
		ret = copy_range(pe, fd, pe->info.headers_size, plan->copy_end);
	if (!ret)
		ret = write_zeros(fd, plan->offset - plan->copy_end);
	if (!ret)
		ret = write_all(fd, params->parser, params->parser_size);
	if (!ret)
		ret = write_zeros(fd, plan->raw_size - params->parser_size);
	return ret;
}

int kexecbpf_pe_embed(const struct kexecbpf_pe *pe,
		      const struct kexecbpf_embed_params *params, int out_fd,
		      const struct kexecbpf_report *report)
{
	const struct kexecbpf_pe_info *info = &pe->info;
	int saved = errno, ret;
	struct plan plan = { 0 };

	ret = check_params(pe, params, report);
	if (!ret)
		ret = check_room(pe, report);
	if (ret)
		return ret;
	/* 64 KiB is what the format allows; a section must be addressable. */
	if (!good_align(info->file_align, 1U << 16) ||
	    !good_align(info->section_align, 1U << 30))
		return kexecbpf_fail(report, ELIBBAD,
				     "image: bad alignment of sections: 0x%x in the file, 0x%x in memory",
				     info->file_align, info->section_align);

	plan.raw_size = (uint32_t)align_up(params->parser_size, info->file_align);
	plan.headers = malloc(info->headers_size);
	if (!plan.headers)
		return kexecbpf_fail(report, ENOMEM, "image: out of memory");
	memcpy(plan.headers, pe->headers, info->headers_size);
	ret = place(pe, &plan, report);
	if (!ret)
		ret = fill_headers(pe, &plan, (uint32_t)params->parser_size, report);
	if (!ret) {
		ret = write_plan(pe, &plan, params, out_fd);
		if (ret)
			kexecbpf_fail(report, -ret, "cannot write the new image: %s",
				      kexecbpf_errno_name(ret));
	}
	free(plan.headers);
	errno = saved;
	return ret;
}
