// SPDX-License-Identifier: GPL-2.0-only
/*
 * The text that tells the caller what a load did and where it failed
 */

#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/stdarg.h>
#include <linux/string.h>

#include "core.h"
#include "limits.h"

/**
 * kexec_bpf_printk() - append to the log
 * @log: the log
 * @fmt: format, with the newline where a line ends
 *
 * What does not fit is cut off, but counted in @log->len.
 */
void kexec_bpf_printk(struct kexec_bpf_log *log, const char *fmt, ...)
{
	size_t left = log->len < log->size ? log->size - log->len : 0;
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(left ? log->buf + log->len : NULL, left, fmt, args);
	va_end(args);
	if (len > 0)
		log->len += len;
}

/*
 * The verifier prints constants of the program, among them the addresses of
 * its maps. However large the address space is, those of x86-64 begin with 8 set
 * bits, and those of arm64 have them below 8 that can be a tag of KASAN. Leading
 * zeros are not printed.
 */
static void hide_addresses(char *text, size_t len)
{
	size_t i, j, digits;

	for (i = 0; i + 2 < len; i++) {
		if (text[i] != '0' || text[i + 1] != 'x')
			continue;
		for (j = i + 2; j < len && isxdigit(text[j]); j++)
			;
		digits = j - i - 2;
		if ((digits == 16 && text[i + 2] == 'f') ||
		    (digits >= 14 && digits <= 16 && text[j - 14] == 'f'))
			memset(text + i + 2, 'x', digits);
	}
}

/**
 * kexec_bpf_log_verifier() - append the end of the verifier's own log
 * @log: the log
 * @text: what the verifier wrote; changed
 * @len: its length in bytes
 *
 * The reason of a refusal stands at the end. Whole lines only, no addresses.
 */
void kexec_bpf_log_verifier(struct kexec_bpf_log *log, char *text, size_t len)
{
	size_t start = 0;
	const char *end;

	len = strnlen(text, len);
	hide_addresses(text, len);
	if (len > KEXEC_BPF_VERIFIER_LOG_TAIL) {
		start = len - KEXEC_BPF_VERIFIER_LOG_TAIL;
		/* Not behind the last byte, or nothing would be left. */
		end = memchr(text + start, '\n', len - 1 - start);
		if (end)
			start = end + 1 - text;
	}

	while (start < len) {
		size_t n = len - start;

		end = memchr(text + start, '\n', n);
		if (end)
			n = end - (text + start);
		kexec_bpf_printk(log, "bpf: | %.*s\n", (int)n, text + start);
		start += n + 1;
	}
}

/**
 * kexec_bpf_printable() - copy text of unknown origin for a message
 * @dst: where to; NUL-terminated
 * @dst_size: size of @dst in bytes, at least 1
 * @src: the text
 * @src_size: its size; ends at the first NUL, if there is one
 *
 * Return: @dst, where every byte that is not printable ASCII became '?'.
 */
char *kexec_bpf_printable(char *dst, size_t dst_size, const void *src,
			  size_t src_size)
{
	const u8 *s = src;
	size_t i;

	for (i = 0; i < src_size && i + 1 < dst_size && s[i]; i++)
		dst[i] = s[i] >= 0x20 && s[i] < 0x7f ? s[i] : '?';
	dst[i] = '\0';
	return dst;
}

static int format_arg(char *dst, size_t size, char conversion, u64 value)
{
	char text[sizeof(value) + 1];

	switch (conversion) {
	case 'd':
		return snprintf(dst, size, "%lld", (long long)value);
	case 'u':
		return snprintf(dst, size, "%llu", (unsigned long long)value);
	case 'x':
		return snprintf(dst, size, "0x%llx", (unsigned long long)value);
	case 's':
		kexec_bpf_printable(text, sizeof(text), &value, sizeof(value));
		return snprintf(dst, size, "%s", text);
	default:
		return -EINVAL;
	}
}

/**
 * kexec_bpf_log_format() - format a line for a parser
 * @line: where to; NUL-terminated on success
 * @size: size of @line in bytes, at least 1
 * @fmt: format
 * @args: the values
 * @nr_args: number of them
 *
 * Conversions: %d, %u, %x (with 0x before it), %s (up to eight bytes of text
 * inside the value, as a section name has) and %%. None takes an address. What
 * does not fit into @line is cut off.
 *
 * Return: 0, or -EINVAL for an unknown conversion or one without a value.
 */
int kexec_bpf_log_format(char *line, size_t size, const char *fmt,
			 const u64 *args, size_t nr_args)
{
	size_t len = 0, i, arg = 0;
	int n;

	for (i = 0; fmt[i] && len + 1 < size; i++) {
		if (fmt[i] != '%') {
			kexec_bpf_printable(line + len, 2, fmt + i, 1);
			len++;
			continue;
		}
		if (fmt[++i] == '%') {
			line[len++] = '%';
			continue;
		}
		if (arg == nr_args)
			return -EINVAL;
		n = format_arg(line + len, size - len, fmt[i], args[arg++]);
		if (n < 0)
			return n;
		len = min(len + n, size - 1);
	}
	line[len] = '\0';
	return 0;
}
