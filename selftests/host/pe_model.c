// SPDX-License-Identifier: GPL-2.0-only
/* The rules for a PE file, written a second time */

#include <stdlib.h>
#include <string.h>

#include "host.h"

typedef unsigned __int128 wide;

struct file {
	const uint8_t *data;
	size_t size;
};

/* Little-endian number of @n bytes; only called for what is inside. */
static uint32_t number(const struct file *file, wide at, int n)
{
	uint32_t value = 0;

	if (at + n > file->size)
		abort();
	while (n--)
		value = value << 8 | file->data[(size_t)at + n];
	return value;
}

static bool inside(wide at, wide n, wide end)
{
	return at + n <= end;
}

static bool cross(wide a, wide a_size, wide b, wide b_size)
{
	return a_size && b_size && a < b + b_size && b < a + a_size;
}

static enum pe_verdict check_sections(const struct file *file, wide table,
				      uint32_t nr, wide headers, wide end,
				      wide image)
{
	enum pe_verdict verdict = PE_BROKEN;
	bool *owned = calloc(file->size, sizeof(*owned));
	wide at, other, last = headers, k, unowned = 0;
	uint32_t i, j;

	if (!owned)
		abort();
	for (i = 0; i < nr; i++) {
		wide vsize, vaddr, size, offset;

		at = table + i * 40;
		for (j = 1; j < 8; j++)
			if (number(file, at + j, 1) &&
			    !number(file, at + j - 1, 1))
				goto out;
		vsize = number(file, at + 8, 4);
		vaddr = number(file, at + 12, 4);
		size = number(file, at + 16, 4);
		offset = number(file, at + 20, 4);
		/* What has no address has no place in memory. */
		if (vaddr && !inside(vaddr, vsize, image))
			goto out;
		for (j = 0; j < i; j++) {
			other = table + j * 40;
			if (vaddr && number(file, other + 12, 4) &&
			    cross(vaddr, vsize, number(file, other + 12, 4),
				  number(file, other + 8, 4)))
				goto out;
		}
		if (!size)
			continue;
		if (offset < headers || !inside(offset, size, end))
			goto out;
		for (k = offset; k < offset + size; k++) {
			if (owned[(size_t)k])
				goto out;
			owned[(size_t)k] = true;
		}
		if (offset + size > last)
			last = offset + size;
	}
	for (k = headers; k < last; k++) {
		unowned = owned[(size_t)k] ? 0 : unowned + 1;
		if (unowned > 65536 || (unowned && file->data[(size_t)k]))
			goto out;
	}
	verdict = PE_SOUND;
out:
	free(owned);
	return verdict;
}

enum pe_verdict pe_model(const uint8_t *data, size_t size, uint16_t machine)
{
	struct file file = { data, size };
	wide pe, opt, table, headers, end = size;
	uint32_t dirs, nr, cert_at, cert_size;

	if (!inside(0, 64, size) || data[0] != 'M' || data[1] != 'Z')
		return PE_FOREIGN;
	pe = number(&file, 60, 4);
	if (pe < 64 || !inside(pe, 4, size) || number(&file, pe, 4) != 0x4550)
		return PE_FOREIGN;
	if (!inside(pe, 24 + 112, size))
		return PE_BROKEN;
	opt = pe + 24;
	if (number(&file, pe + 4, 2) != machine ||
	    number(&file, opt, 2) != 0x20b || number(&file, opt + 68, 2) != 10)
		return PE_FOREIGN;

	dirs = number(&file, opt + 108, 4);
	nr = number(&file, pe + 6, 2);
	table = opt + 112 + (wide)dirs * 8;
	headers = number(&file, opt + 60, 4);
	if (dirs < 5 || dirs > 16 ||
	    number(&file, pe + 20, 2) != 112 + dirs * 8 ||
	    nr < 1 || nr > 1024 || !inside(table, nr * 40, headers) ||
	    headers >= size)
		return PE_BROKEN;

	cert_at = number(&file, opt + 144, 4);
	cert_size = number(&file, opt + 148, 4);
	if (cert_at || cert_size) {
		if (cert_at < headers || cert_at % 8 || cert_size < 8 ||
		    (wide)cert_at + cert_size != size ||
		    number(&file, cert_at, 4) < 8 ||
		    number(&file, cert_at, 4) > cert_size)
			return PE_BROKEN;
		end = cert_at;
	}
	return check_sections(&file, table, nr, headers, end,
			      number(&file, opt + 56, 4));
}

bool *pe_model_covered(const uint8_t *data, size_t size)
{
	struct file file = { data, size };
	uint32_t pe = number(&file, 60, 4), opt = pe + 24;
	uint32_t table = opt + 112 + number(&file, opt + 108, 4) * 8;
	uint32_t nr = number(&file, pe + 6, 2);
	uint32_t headers = number(&file, opt + 60, 4);
	uint32_t certs = number(&file, opt + 148, 4);
	bool *covered = calloc(size, sizeof(*covered));
	size_t hashed = headers;
	uint32_t i;

	if (!covered)
		abort();
	memset(covered, true, headers);
	memset(covered + opt + 64, false, 4);
	memset(covered + opt + 144, false, 8);
	for (i = 0; i < nr; i++) {
		uint32_t raw = number(&file, table + i * 40 + 16, 4);

		if (raw)
			memset(covered + number(&file, table + i * 40 + 20, 4),
			       true, raw);
		hashed += raw;
	}
	if (size - certs > hashed)
		memset(covered + hashed, true, size - certs - hashed);
	return covered;
}
