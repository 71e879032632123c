// SPDX-License-Identifier: GPL-2.0
/* PE files: headers, section table, certificate table, what a signature covers. */
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#include "private.h"

int kexecbpf_pe_read(const struct kexecbpf_pe *pe, uint64_t offset, void *buf,
		     size_t len)
{
	int saved = errno, ret = 0;
	uint8_t *p = buf;
	ssize_t n;

	if (offset > pe->info.file_size || len > pe->info.file_size - offset)
		return -ERANGE;
	while (len) {
		n = pread(pe->fd, p, len, (off_t)offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			ret = n ? -errno : -EIO;
			break;
		}
		p += n;
		offset += (uint64_t)n;
		len -= (size_t)n;
	}
	errno = saved;
	return ret;
}

/* Returns 1 if all bytes of [@offset, @end) are 0, 0 if not, or -errno. */
int kexecbpf_pe_range_is_zero(const struct kexecbpf_pe *pe, uint64_t offset,
			      uint64_t end)
{
	uint8_t buf[16384];
	size_t n, i;
	int ret;

	while (offset < end) {
		n = end - offset < sizeof(buf) ? (size_t)(end - offset) : sizeof(buf);
		ret = kexecbpf_pe_read(pe, offset, buf, n);
		if (ret)
			return ret;
		for (i = 0; i < n; i++) {
			if (buf[i])
				return 0;
		}
		offset += n;
	}
	return 1;
}

static int read_failed(const struct kexecbpf_report *report, const char *what,
		       int err)
{
	return kexecbpf_fail(report, -err, "image: cannot read %s: %s", what,
			     kexecbpf_errno_name(err));
}

/*
 * Everything up to the data directories is proven to be inside of the file
 * here, and everything up to the section table's end inside of the headers.
 */
static int read_headers(struct kexecbpf_pe *pe,
			const struct kexecbpf_report *report)
{
	struct kexecbpf_pe_info *info = &pe->info;
	uint8_t head[COFF_SIZE + OPT_PE32PLUS_SIZE];
	uint32_t at, opt_size, fixed_size, nr_dirs;
	uint8_t dos[DOS_HEADER_SIZE];
	const uint8_t *opt = head + COFF_SIZE;
	size_t dos_size;
	int ret;

	dos_size = info->file_size < sizeof(dos) ? (size_t)info->file_size : sizeof(dos);
	ret = kexecbpf_pe_read(pe, 0, dos, dos_size);
	if (ret)
		return read_failed(report, "the DOS header", ret);
	if (dos_size < 2 || dos[0] != 'M' || dos[1] != 'Z')
		return kexecbpf_fail(report, ENOEXEC,
				     "image: not a PE file: no \"MZ\" at its beginning");
	if (dos_size < sizeof(dos))
		return kexecbpf_fail(report, ELIBBAD,
				     "image: DOS header of %zu bytes needed, the file has %zu",
				     sizeof(dos), dos_size);

	at = get_le32(dos + DOS_PE_OFFSET);
	if (at < sizeof(dos) || at > info->file_size ||
	    info->file_size - at < sizeof(head))
		return kexecbpf_fail(report, ELIBBAD,
				     "image: PE header at 0x%x is not between the DOS header and the file's end at 0x%llx",
				     at, (unsigned long long)info->file_size);
	ret = kexecbpf_pe_read(pe, at, head, sizeof(head));
	if (ret)
		return read_failed(report, "the PE header", ret);
	if (memcmp(head, "PE\0", 4))
		return kexecbpf_fail(report, ENOEXEC,
				     "image: not a PE file: no \"PE\" at 0x%x", at);

	/* From here on it is a PE file, though a malformed one maybe. */
	switch (get_le16(opt)) {
	case OPT_MAGIC_PE32:
		info->bits = 32;
		fixed_size = OPT_PE32_SIZE;
		break;
	case OPT_MAGIC_PE32PLUS:
		info->bits = 64;
		fixed_size = OPT_PE32PLUS_SIZE;
		break;
	default:
		return kexecbpf_fail(report, ELIBBAD,
				     "image: optional header has unknown magic 0x%x",
				     get_le16(opt));
	}
	info->machine = get_le16(head + COFF_MACHINE);
	info->nr_sections = get_le16(head + COFF_NR_SECTIONS);
	info->section_align = get_le32(opt + OPT_SECTION_ALIGN);
	info->file_align = get_le32(opt + OPT_FILE_ALIGN);
	info->image_size = get_le32(opt + OPT_IMAGE_SIZE);
	info->headers_size = get_le32(opt + OPT_HEADERS_SIZE);
	info->subsystem = get_le16(opt + OPT_SUBSYSTEM);

	/*
	 * The section table follows the optional header by its size, and the
	 * data directories by their number: readers differ in which one they
	 * use, so both must name the same place.
	 */
	opt_size = get_le16(head + COFF_OPT_SIZE);
	nr_dirs = get_le32(opt + fixed_size - 4);
	if (nr_dirs <= DIRENT_CERTS || nr_dirs > DIRENTS_MAX)
		return kexecbpf_fail(report, ELIBBAD,
				     "image: %u data directories, not %u to %u",
				     nr_dirs, DIRENT_CERTS + 1, DIRENTS_MAX);
	if (opt_size != fixed_size + nr_dirs * DIRENT_SIZE)
		return kexecbpf_fail(report, ELIBBAD,
				     "image: optional header of %u bytes, %u data directories make %u",
				     opt_size, nr_dirs,
				     fixed_size + nr_dirs * DIRENT_SIZE);
	if (!info->nr_sections)
		return kexecbpf_fail(report, ELIBBAD, "image: no sections");

	if (info->headers_size > info->file_size)
		return kexecbpf_fail(report, ELIBBAD,
				     "image: headers of 0x%x bytes end beyond the file's 0x%llx bytes",
				     info->headers_size,
				     (unsigned long long)info->file_size);
	if (info->headers_size > KEXECBPF_HEADERS_MAX)
		return kexecbpf_fail(report, EFBIG,
				     "image: headers of %u bytes, limit is %u",
				     info->headers_size, KEXECBPF_HEADERS_MAX);
	if (at > info->headers_size ||
	    info->headers_size - at < COFF_SIZE + opt_size ||
	    (info->headers_size - at - COFF_SIZE - opt_size) / SHDR_SIZE <
	    info->nr_sections)
		return kexecbpf_fail(report, ELIBBAD,
				     "image: table of %u sections ends beyond the headers' 0x%x bytes",
				     info->nr_sections, info->headers_size);

	pe->opt = at + COFF_SIZE;
	pe->table = pe->opt + opt_size;
	info->checksum_offset = pe->opt + OPT_CHECKSUM;
	info->cert_entry_offset = pe->opt + fixed_size + DIRENT_CERTS * DIRENT_SIZE;

	pe->headers = malloc(info->headers_size);
	if (!pe->headers)
		return kexecbpf_fail(report, ENOMEM, "image: out of memory");
	ret = kexecbpf_pe_read(pe, 0, pe->headers, info->headers_size);
	if (ret)
		return read_failed(report, "the headers", ret);
	/* What was proven above must hold for what is used below. */
	if (memcmp(pe->headers + at, head, sizeof(head)))
		return kexecbpf_fail(report, EIO, "image: changes while it is read");
	return 0;
}

static int read_sections(struct kexecbpf_pe *pe,
			 const struct kexecbpf_report *report)
{
	struct kexecbpf_pe_info *info = &pe->info;
	struct kexecbpf_section *s;
	const uint8_t *p;
	uint32_t i;

	pe->sections = calloc(info->nr_sections, sizeof(*pe->sections));
	if (!pe->sections)
		return kexecbpf_fail(report, ENOMEM, "image: out of memory");
	for (i = 0; i < info->nr_sections; i++) {
		p = pe->headers + pe->table + (size_t)i * SHDR_SIZE;
		s = &pe->sections[i];
		s->index = i;
		memcpy(s->name, p, SHDR_NAME_SIZE);
		s->vsize = get_le32(p + SHDR_VSIZE);
		s->vaddr = get_le32(p + SHDR_VADDR);
		s->raw_size = get_le32(p + SHDR_RAW_SIZE);
		s->offset = get_le32(p + SHDR_RAW_OFFSET);
		s->flags = get_le32(p + SHDR_FLAGS);
		s->payload = s->vsize < s->raw_size ? s->vsize : s->raw_size;
		/* Without raw data the offset has no meaning. */
		if (s->raw_size && (s->offset > info->file_size ||
				    s->raw_size > info->file_size - s->offset))
			return kexecbpf_fail(report, ELIBBAD,
					     "image: section %u '%s': 0x%x+0x%x ends beyond the file's 0x%llx bytes",
					     i, s->name, s->offset, s->raw_size,
					     (unsigned long long)info->file_size);
	}
	return 0;
}

static int read_certs(struct kexecbpf_pe *pe,
		      const struct kexecbpf_report *report)
{
	const uint8_t *entry = pe->headers + pe->info.cert_entry_offset;
	struct kexecbpf_pe_info *info = &pe->info;
	uint64_t at, end, len, start = 0, stop = 0;
	uint8_t buf[4096];
	int ret;

	info->cert_offset = get_le32(entry);
	info->cert_size = get_le32(entry + 4);
	if (!info->cert_offset && !info->cert_size)
		return 0;
	if (!info->cert_offset || !info->cert_size ||
	    info->cert_offset > info->file_size ||
	    info->cert_size > info->file_size - info->cert_offset)
		return kexecbpf_fail(report, ELIBBAD,
				     "image: certificate table: 0x%x+0x%x is empty or ends beyond the file's 0x%llx bytes",
				     info->cert_offset, info->cert_size,
				     (unsigned long long)info->file_size);

	at = info->cert_offset;
	end = at + info->cert_size;
	while (end - at >= CERT_HEADER_SIZE) {
		/* Entries may be as short as a header, and as many as fit. */
		if (at + CERT_HEADER_SIZE > stop) {
			start = at;
			stop = end - at < sizeof(buf) ? end : at + sizeof(buf);
			ret = kexecbpf_pe_read(pe, start, buf, (size_t)(stop - start));
			if (ret)
				return read_failed(report, "the certificate table", ret);
		}
		len = get_le32(buf + (at - start));
		if (len < CERT_HEADER_SIZE || len > end - at)
			break;
		info->nr_certs++;
		/* The size of the last entry need not be rounded up. */
		len = align_up(len, CERT_ALIGN);
		at = len < end - at ? at + len : end;
	}
	return 0;
}

static int by_offset(const void *a, const void *b)
{
	const struct kexecbpf_section *s = *(const struct kexecbpf_section * const *)a;
	const struct kexecbpf_section *t = *(const struct kexecbpf_section * const *)b;

	return s->offset < t->offset ? -1 : s->offset > t->offset;
}

static int by_vaddr(const void *a, const void *b)
{
	const struct kexecbpf_section *s = *(const struct kexecbpf_section * const *)a;
	const struct kexecbpf_section *t = *(const struct kexecbpf_section * const *)b;

	return s->vaddr < t->vaddr ? -1 : s->vaddr > t->vaddr;
}

/*
 * The sections that have raw data, or take memory, in ascending order. Address 0
 * is what objcopy gives to a section that it adds without being told one: such
 * a section takes no memory.
 *
 * Returns their number; *@sorted is the caller's to free, and NULL when there
 * was no memory.
 */
static uint32_t sort_sections(const struct kexecbpf_pe *pe, bool raw,
			      const struct kexecbpf_section ***sorted)
{
	const struct kexecbpf_section *s;
	uint32_t i, n = 0;

	*sorted = calloc(pe->info.nr_sections, sizeof(**sorted));
	if (!*sorted)
		return 0;
	for (i = 0; i < pe->info.nr_sections; i++) {
		s = &pe->sections[i];
		if (raw ? s->raw_size : s->vsize && s->vaddr)
			(*sorted)[n++] = s;
	}
	qsort(*sorted, n, sizeof(**sorted), raw ? by_offset : by_vaddr);
	return n;
}

/*
 * The digest takes headers, all raw data, and then what is left of the file
 * behind the *sum* of their sizes, without the certificate table. What lies
 * between sections below that sum is in no digest.
 */
static int read_coverage(struct kexecbpf_pe *pe,
			 const struct kexecbpf_report *report)
{
	struct kexecbpf_pe_info *info = &pe->info;
	const struct kexecbpf_section **sorted;
	uint64_t end, done, sum, stop;
	uint32_t i, n;

	n = sort_sections(pe, true, &sorted);
	if (!sorted)
		return kexecbpf_fail(report, ENOMEM, "image: out of memory");
	end = info->file_size - info->cert_size;
	sum = info->headers_size;
	for (i = 0; i < n; i++)
		sum += sorted[i]->raw_size;
	info->tail_offset = sum < end ? sum : end;
	info->tail_size = end - info->tail_offset;

	done = info->headers_size;
	for (i = 0; i <= n; i++) {
		stop = i < n && sorted[i]->offset < info->tail_offset ?
		       sorted[i]->offset : info->tail_offset;
		if (stop > done)
			info->gap_size += stop - done;
		if (i < n && (uint64_t)sorted[i]->offset + sorted[i]->raw_size > done)
			done = (uint64_t)sorted[i]->offset + sorted[i]->raw_size;
	}
	free(sorted);
	return 0;
}

int kexecbpf_pe_open(int fd, const struct kexecbpf_report *report,
		     struct kexecbpf_pe **pe_out)
{
	int saved = errno, ret;
	struct kexecbpf_pe *pe;
	struct stat st;

	*pe_out = NULL;
	if (fstat(fd, &st)) {
		ret = errno;
		errno = saved;
		return kexecbpf_fail(report, ret, "image: cannot stat: %s",
				     kexecbpf_errno_name(ret));
	}
	if (!S_ISREG(st.st_mode))
		return kexecbpf_fail(report, EINVAL, "image: not a regular file");

	pe = calloc(1, sizeof(*pe));
	if (!pe)
		return kexecbpf_fail(report, ENOMEM, "image: out of memory");
	pe->fd = fd;
	pe->info.file_size = (uint64_t)st.st_size;
	ret = read_headers(pe, report);
	if (!ret)
		ret = read_sections(pe, report);
	if (!ret)
		ret = read_certs(pe, report);
	if (!ret)
		ret = read_coverage(pe, report);
	if (ret) {
		kexecbpf_pe_close(pe);
		return ret;
	}
	*pe_out = pe;
	return 0;
}

void kexecbpf_pe_close(struct kexecbpf_pe *pe)
{
	if (!pe)
		return;
	free(pe->sections);
	free(pe->headers);
	free(pe);
}

const struct kexecbpf_pe_info *kexecbpf_pe_info(const struct kexecbpf_pe *pe)
{
	return &pe->info;
}

const struct kexecbpf_section *
kexecbpf_pe_section(const struct kexecbpf_pe *pe, uint32_t index)
{
	return index < pe->info.nr_sections ? &pe->sections[index] : NULL;
}

const struct kexecbpf_section *
kexecbpf_pe_find(const struct kexecbpf_pe *pe, const char *name)
{
	uint32_t i;

	for (i = 0; i < pe->info.nr_sections; i++) {
		if (!strcmp(pe->sections[i].name, name))
			return &pe->sections[i];
	}
	return NULL;
}

/* Between sections there may be zeros only: see read_coverage(). */
static int check_gap(const struct kexecbpf_pe *pe, uint64_t start, uint64_t end,
		     const struct kexecbpf_report *report)
{
	int ret = kexecbpf_pe_range_is_zero(pe, start, end);

	if (ret < 0)
		return read_failed(report, "a gap between sections", ret);
	if (!ret)
		return kexecbpf_fail(report, ELIBBAD,
				     "image: data at 0x%llx+0x%llx are in no section, and no signature covers them",
				     (unsigned long long)start,
				     (unsigned long long)(end - start));
	return 0;
}

static int check_raw(const struct kexecbpf_pe *pe,
		     const struct kexecbpf_report *report)
{
	const struct kexecbpf_pe_info *info = &pe->info;
	const struct kexecbpf_section **sorted, *s = NULL;
	uint64_t done = info->headers_size;
	uint32_t i, n;
	int ret = 0;

	n = sort_sections(pe, true, &sorted);
	if (!sorted)
		return kexecbpf_fail(report, ENOMEM, "image: out of memory");
	for (i = 0; i < n && !ret; i++) {
		s = sorted[i];
		if (s->offset < done)
			ret = kexecbpf_fail(report, ELIBBAD,
					    "image: section %u '%s': 0x%x+0x%x overlaps %s, which ends at 0x%llx",
					    s->index, s->name, s->offset, s->raw_size,
					    i ? sorted[i - 1]->name : "the headers",
					    (unsigned long long)done);
		else
			ret = check_gap(pe, done, s->offset, report);
		done = (uint64_t)s->offset + s->raw_size;
	}
	if (!ret && s && info->cert_offset && done > info->cert_offset)
		ret = kexecbpf_fail(report, ELIBBAD,
				    "image: section %u '%s': 0x%x+0x%x overlaps the certificate table at 0x%x",
				    s->index, s->name, s->offset, s->raw_size,
				    info->cert_offset);
	free(sorted);
	return ret;
}

static int check_memory(const struct kexecbpf_pe *pe,
			const struct kexecbpf_report *report)
{
	const struct kexecbpf_section **sorted, *s;
	uint64_t done;
	uint32_t i, n;
	int ret = 0;

	for (i = 0; i < pe->info.nr_sections; i++) {
		s = &pe->sections[i];
		if ((uint64_t)s->vaddr + s->vsize > pe->info.image_size)
			return kexecbpf_fail(report, ELIBBAD,
					     "image: section %u '%s': address 0x%x+0x%x ends beyond the image's 0x%x bytes",
					     i, s->name, s->vaddr, s->vsize,
					     pe->info.image_size);
	}
	n = sort_sections(pe, false, &sorted);
	if (!sorted)
		return kexecbpf_fail(report, ENOMEM, "image: out of memory");
	for (i = 1; i < n && !ret; i++) {
		s = sorted[i];
		done = (uint64_t)sorted[i - 1]->vaddr + sorted[i - 1]->vsize;
		if (s->vaddr < done)
			ret = kexecbpf_fail(report, ELIBBAD,
					    "image: section %u '%s': address 0x%x+0x%x overlaps section %u '%s', which ends at 0x%llx",
					    s->index, s->name, s->vaddr, s->vsize,
					    sorted[i - 1]->index,
					    sorted[i - 1]->name,
					    (unsigned long long)done);
	}
	free(sorted);
	return ret;
}

static int check_certs(const struct kexecbpf_pe *pe,
		       const struct kexecbpf_report *report)
{
	const struct kexecbpf_pe_info *info = &pe->info;

	if (!info->cert_offset)
		return 0;
	if (info->cert_offset < info->headers_size ||
	    info->cert_offset % CERT_ALIGN)
		return kexecbpf_fail(report, ELIBBAD,
				     "image: certificate table at 0x%x, inside of the headers or not aligned to %u bytes",
				     info->cert_offset, CERT_ALIGN);
	if (info->cert_offset + (uint64_t)info->cert_size != info->file_size)
		return kexecbpf_fail(report, ELIBBAD,
				     "image: certificate table: 0x%x+0x%x is not at the end of the file's 0x%llx bytes",
				     info->cert_offset, info->cert_size,
				     (unsigned long long)info->file_size);
	if (!info->nr_certs)
		return kexecbpf_fail(report, ELIBBAD,
				     "image: certificate table: 0x%x+0x%x holds no well-formed entry",
				     info->cert_offset, info->cert_size);
	return 0;
}

int kexecbpf_pe_check(const struct kexecbpf_pe *pe,
		      const struct kexecbpf_report *report)
{
	const struct kexecbpf_section *s;
	uint32_t i;
	int ret;

	if (pe->info.nr_sections > KEXECBPF_SECTIONS_MAX)
		return kexecbpf_fail(report, ELIBBAD,
				     "image: %u sections, limit is %u",
				     pe->info.nr_sections, KEXECBPF_SECTIONS_MAX);
	if (pe->info.headers_size == pe->info.file_size)
		return kexecbpf_fail(report, ELIBBAD,
				     "image: headers of 0x%x bytes fill the file",
				     pe->info.headers_size);
	ret = check_raw(pe, report);
	if (!ret)
		ret = check_memory(pe, report);
	if (!ret)
		ret = check_certs(pe, report);
	if (ret)
		return ret;

	s = kexecbpf_pe_find(pe, KEXECBPF_SECTION);
	for (i = s ? s->index + 1 : pe->info.nr_sections; i < pe->info.nr_sections; i++) {
		if (!strcmp(pe->sections[i].name, KEXECBPF_SECTION))
			return kexecbpf_fail(report, ELIBBAD,
					     "image: section %u is a second '%s'", i,
					     KEXECBPF_SECTION);
	}
	return 0;
}
