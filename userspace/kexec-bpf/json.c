// SPDX-License-Identifier: GPL-2.0
/* A JSON writer. Bytes above 0x7e are written as the code point of that value. */
#include <inttypes.h>

#include "tool.h"

static void quote(struct json *j, const char *text)
{
	const unsigned char *p = (const unsigned char *)text;

	putc('"', j->f);
	for (; *p; p++) {
		if (*p == '"' || *p == '\\')
			fprintf(j->f, "\\%c", *p);
		else if (*p < 0x20 || *p > 0x7e)
			fprintf(j->f, "\\u%04x", *p);
		else
			putc(*p, j->f);
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
		quote(j, key);
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
	quote(j, value);
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
