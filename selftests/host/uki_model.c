// SPDX-License-Identifier: GPL-2.0-only
/* What a UKI means, written a second time, over an image that was screened */

#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "uki_model.h"

static u32 number(const u8 *data, int n)
{
	u32 value = 0;

	while (n--)
		value = value << 8 | data[n];
	return value;
}

static bool is_name(const u8 *header, const char *name)
{
	char padded[8] = {};

	memcpy(padded, name, strlen(name));
	return !memcmp(header, padded, 8);
}

/* A character of UTF-8 up to U+FFFF at the begin of the text; 0 if there is none */
static size_t character(const u8 *text, size_t left)
{
	u32 code;

	if (text[0] < 0x80)
		return 1;
	if ((text[0] & 0xe0) == 0xc0 && left >= 2 && (text[1] & 0xc0) == 0x80) {
		code = (text[0] & 0x1f) << 6 | (text[1] & 0x3f);
		return code >= 0x80 ? 2 : 0;
	}
	if ((text[0] & 0xf0) == 0xe0 && left >= 3 &&
	    (text[1] & 0xc0) == 0x80 && (text[2] & 0xc0) == 0x80) {
		code = (text[0] & 0x0f) << 12 | (text[1] & 0x3f) << 6 |
		       (text[2] & 0x3f);
		return code >= 0x800 && (code < 0xd800 || code > 0xdfff) ? 3 : 0;
	}
	return 0;
}

/* Mangle @size bytes of text into @uki; false if they are to be refused. */
static bool mangle(struct uki_model *uki, const u8 *text, size_t size)
{
	size_t len = strnlen((const char *)text, size), i, n;
	char *line;

	for (i = len; i < size; i++)
		if (text[i])
			return false;
	for (i = 0; i < len; i += n) {
		n = character(text + i, len - i);
		if (!n)
			return false;
	}
	line = uki->cmdline = malloc(len + 1);
	if (!line)
		abort();
	for (i = 0; i < len; i++)
		line[i] = text[i] < 0x20 || text[i] == 0x7f ? ' ' : text[i];
	while (len && line[len - 1] == ' ')
		len--;
	line[len] = '\0';
	n = strspn(line, " ");
	memmove(line, line + n, len - n + 1);
	return true;
}

bool uki_model(struct uki_model *uki, const u8 *data, size_t cmdline_max)
{
	static const char *const unique[] = {
		".linux", ".initrd", ".cmdline", ".ucode", ".dtb", ".hwids",
		".splash", ".uname", ".sbat", ".osrel", ".pcrsig", ".pcrpkey",
	};
	static const char *const unsupported[] = {
		".ucode", ".profile", ".dtb", ".dtbauto",
	};
	u32 pe = number(data + 60, 4);
	u32 nr = number(data + pe + 6, 2);
	const u8 *table = data + pe + 24 + number(data + pe + 20, 2);
	struct kexec_bpf_range cmdline = {};
	unsigned int seen[12] = {};
	size_t i, j;

	memset(uki, 0, sizeof(*uki));
	for (i = 0; i < nr; i++) {
		const u8 *header = table + i * 40;
		u32 vsize = number(header + 8, 4), raw = number(header + 16, 4);
		struct kexec_bpf_range range = {
			number(header + 20, 4), vsize < raw ? vsize : raw };

		for (j = 0; j < 12; j++)
			if (is_name(header, unique[j]) && seen[j]++)
				return false;
		if (!vsize)
			continue;
		for (j = 0; j < 4; j++)
			if (is_name(header, unsupported[j]))
				return false;
		if (is_name(header, ".linux"))
			uki->kernel = range;
		if (is_name(header, ".cmdline"))
			cmdline = range;
		if (is_name(header, ".initrd")) {
			if (vsize > raw)
				return false;
			uki->initrd = range;
		}
	}
	if (!uki->kernel.size || cmdline.size > 65536)
		return false;
	return mangle(uki, data + cmdline.offset, cmdline.size) &&
	       strlen(uki->cmdline) <= cmdline_max;
}

void uki_model_free(struct uki_model *uki)
{
	free(uki->cmdline);
	memset(uki, 0, sizeof(*uki));
}
