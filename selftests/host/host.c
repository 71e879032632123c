// SPDX-License-Identifier: GPL-2.0-only
/* What the host tests and the fuzz targets share */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

struct kexec_bpf_log *host_log_reset(struct host_log *log)
{
	log->log.buf = log->text;
	log->log.size = sizeof(log->text);
	log->log.len = 0;
	log->text[0] = '\0';
	return &log->log;
}

bool host_log_has(const struct host_log *log, const char *text)
{
	return strstr(log->text, text);
}

bool host_log_is_line(const struct host_log *log)
{
	const char *end = strchr(log->text, '\n');

	return end && !end[1];
}

void *host_copy(const void *data, size_t size)
{
	void *copy = malloc(size);

	if (!copy)
		abort();
	if (size)
		memcpy(copy, data, size);
	return copy;
}

void *host_read_file(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	void *data = NULL;
	long end;

	if (!file)
		return NULL;
	if (fseek(file, 0, SEEK_END))
		goto out;
	end = ftell(file);
	if (end < 0 || fseek(file, 0, SEEK_SET))
		goto out;
	data = malloc(end + 1);
	if (!data)
		goto out;
	*size = fread(data, 1, end, file);
	if (*size != (size_t)end) {
		free(data);
		data = NULL;
	}
out:
	fclose(file);
	return data;
}
