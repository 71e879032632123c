// SPDX-License-Identifier: GPL-2.0-only
/*
 * Text by others: formats and values of parsers, and the verifier's log
 *
 * Input: one byte for the size of the line, one for the number of values, the
 * values, then the format; all of it again is the verifier's text.
 */

#include <errno.h>

#include "fuzz.h"
#include "host.h"

static void check_format(const uint8_t *data, size_t size)
{
	size_t line_size, nr, fmt_size, i, len;
	char *line, *fmt;
	u64 *args;
	int ret;

	if (size < 2)
		return;
	line_size = data[0] + 1;
	nr = data[1] % 9;
	data += 2;
	size -= 2;
	if (size < nr * 8)
		return;
	args = host_copy(data, nr * 8);
	fmt_size = strnlen((const char *)data + nr * 8, size - nr * 8);
	fmt = malloc(fmt_size + 1);
	must(fmt);
	memcpy(fmt, data + nr * 8, fmt_size);
	fmt[fmt_size] = '\0';
	line = malloc(line_size);
	must(line);
	memset(line, 0xff, line_size);
	ret = kexec_bpf_log_format(line, line_size, fmt, args, nr);
	must(ret == 0 || ret == -EINVAL);
	if (!ret) {
		len = strnlen(line, line_size);
		must(len < line_size);
		for (i = 0; i < len; i++)
			must(line[i] >= 0x20 && line[i] < 0x7f);
	}
	free(line);
	free(fmt);
	free(args);
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
	       (c >= 'A' && c <= 'F');
}

/* An address as the verifier prints it */
static bool has_address(const char *text)
{
	size_t i;

	for (; (text = strstr(text, "0xff")); text++) {
		for (i = 2; is_hex(text[i]); i++)
			;
		if (i == 18)
			return true;
	}
	return false;
}

static void check_verifier(const uint8_t *data, size_t size)
{
	static struct host_log log;
	char *text = host_copy(data, size), *line, *end;

	host_log_reset(&log);
	kexec_bpf_log_verifier(&log.log, text, size);
	must(log.log.len < log.log.size);
	must(strlen(log.text) == log.log.len);
	must(!has_address(log.text));
	for (line = log.text; *line; line = end + 1) {
		end = strchr(line, '\n');
		must(end && !strncmp(line, "bpf: | ", 7));
	}
	/* What is at the end is never lost. */
	must(!strnlen((const char *)data, size) || log.log.len);
	free(text);
}

static void check_truncation(const uint8_t *data, size_t size)
{
	static struct host_log log;
	struct kexec_bpf_log small = {};
	char *text;

	if (!size)
		return;
	text = malloc(size);
	must(text);
	memcpy(text, data, size);
	text[size - 1] = '\0';
	small.size = data[0];
	small.buf = small.size ? malloc(small.size) : NULL;
	host_log_reset(&log);
	kexec_bpf_printk(&log.log, "%s|", text);
	kexec_bpf_printk(&log.log, "%s\n", text);
	kexec_bpf_printk(&small, "%s|", text);
	kexec_bpf_printk(&small, "%s\n", text);
	must(log.log.len == small.len && small.len == strlen(text) * 2 + 2);
	if (small.size) {
		size_t fits = small.len < small.size ? small.len :
						       small.size - 1;

		must(!memcmp(small.buf, log.text, fits) && !small.buf[fits]);
	}
	free(small.buf);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > 8192)
		return -1;
	check_format(data, size);
	check_verifier(data, size);
	check_truncation(data, size);
	return 0;
}
