// SPDX-License-Identifier: GPL-2.0
/* A JSON writer. What it writes is ASCII, whatever it is given. */
#include <inttypes.h>

#include "tool.h"

/* Returns how many bytes make up the character at @p, or 0 if it is not UTF-8. */
static unsigned int decode(const unsigned char *p, uint32_t *c)
{
	/* Below these, fewer bytes would have done. */
	static const uint32_t lowest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned int i, len;

	if (*p < 0x80) {
		*c = *p;
		return 1;
	}
	if (*p >= 0xc2 && *p < 0xe0)
		len = 2;
	else if (*p >= 0xe0 && *p < 0xf0)
		len = 3;
	else if (*p >= 0xf0 && *p < 0xf5)
		len = 4;
	else
		return 0;
	*c = *p & (0x7fU >> len);
	for (i = 1; i < len; i++) {
		/* Not beyond the end: a NUL is no continuation. */
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		*c = *c << 6 | (p[i] & 0x3f);
	}
	if (*c < lowest[len] || *c > 0x10ffff || (*c >= 0xd800 && *c < 0xe000))
		return 0;
	return len;
}

/*
 * With @escape a reader gets "\\" for a backslash beside the "\xNN" for a byte that
 * is not UTF-8, so that no two texts look alike.
 */
static void quote(struct json *j, const char *text, bool escape)
{
	const unsigned char *p = (const unsigned char *)text;
	unsigned int len;
	uint32_t c;

	putc('"', j->f);
	for (; *p; p += len) {
		len = decode(p, &c);
		if (!len) {
			fprintf(j->f, "\\\\x%02x", *p);
			len = 1;
		} else if (c == '\\') {
			fputs(escape ? "\\\\\\\\" : "\\\\", j->f);
		} else if (c == '"') {
			fputs("\\\"", j->f);
		} else if (c >= 0x10000) {
			fprintf(j->f, "\\u%04" PRIx32 "\\u%04" PRIx32,
				0xd800 + ((c - 0x10000) >> 10),
				0xdc00 + ((c - 0x10000) & 0x3ff));
		} else if (c < 0x20 || c > 0x7e) {
			fprintf(j->f, "\\u%04" PRIx32, c);
		} else {
			putc((int)c, j->f);
		}
	}
	putc('"', j->f);
}

static void indent(struct json *j)
{
	unsigned int i;

	for (i = 0; i < j->depth; i++)
		fputs("  ", j->f);
}

/* @key is NULL for elements of an array and for the document itself. */
static void start(struct json *j, const char *key)
{
	if (j->comma)
		putc(',', j->f);
	if (j->depth)
		putc('\n', j->f);
	indent(j);
	if (key) {
		quote(j, key, false);
		fputs(": ", j->f);
	}
	j->comma = true;
}

void json_open(struct json *j, const char *key, char bracket)
{
	start(j, key);
	putc(bracket, j->f);
	j->depth++;
	j->comma = false;
}

void json_close(struct json *j, char bracket)
{
	j->depth--;
	if (j->comma) {
		putc('\n', j->f);
		indent(j);
	}
	putc(bracket, j->f);
	j->comma = true;
	if (!j->depth)
		putc('\n', j->f);
}

void json_str(struct json *j, const char *key, const char *value)
{
	start(j, key);
	quote(j, value, false);
}

/* @value came from elsewhere and can be any bytes. */
void json_text(struct json *j, const char *key, const char *value)
{
	start(j, key);
	quote(j, value, true);
}

void json_num(struct json *j, const char *key, uint64_t value)
{
	start(j, key);
	fprintf(j->f, "%" PRIu64, value);
}

void json_int(struct json *j, const char *key, int64_t value)
{
	start(j, key);
	fprintf(j->f, "%" PRId64, value);
}

void json_bool(struct json *j, const char *key, bool value)
{
	start(j, key);
	fputs(value ? "true" : "false", j->f);
}

void json_null(struct json *j, const char *key)
{
	start(j, key);
	fputs("null", j->f);
}
