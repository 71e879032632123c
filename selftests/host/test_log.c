// SPDX-License-Identifier: GPL-2.0-only
/* The log: what fits, what is counted, what is hidden, what parsers may write */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/kernel.h>

#include "host.h"
#include "tap.h"

/* Append to a log of @size bytes until @len are counted; one byte more is trap. */
static void test_truncation(void)
{
	static const char whole[] = "first line\nsecond line 12345\nthird\n";
	unsigned int wrong = 0;
	size_t size;

	for (size = 0; size <= sizeof(whole) + 1; size++) {
		struct kexec_bpf_log log = {
			.buf = size ? malloc(size) : NULL,
			.size = size,
		};
		size_t fits = size < sizeof(whole) ? size : sizeof(whole);

		kexec_bpf_printk(&log, "first line\n");
		kexec_bpf_printk(&log, "%s line %d\n", "second", 12345);
		kexec_bpf_printk(&log, "third\n");
		if (log.len != sizeof(whole) - 1)
			wrong++;
		if (size && (memcmp(log.buf, whole, fits - 1) ||
			     log.buf[fits - 1]))
			wrong++;
		free(log.buf);
	}
	tap_is(wrong, 0,
	       "[M6] log: buffers of each size: what does not fit is cut off, counted, and ends with a NUL");
}

static void test_empty(void)
{
	struct kexec_bpf_log log = {};

	kexec_bpf_printk(&log, "%s", "");
	kexec_bpf_log_verifier(&log, (char []){ "" }, 0);
	tap_is(log.len, 0, "[M6] log: nothing is no text");
}

static bool verifier(const char *text, size_t len, const char *want)
{
	static struct host_log log;
	char *copy = host_copy(text, len);
	bool same;

	host_log_reset(&log);
	kexec_bpf_log_verifier(&log.log, copy, len);
	free(copy);
	same = !strcmp(log.text, want);
	if (!same)
		tap_diag("have: %s\nwant: %s", log.text, want);
	return same;
}

static void test_hiding(void)
{
	static const struct {
		const char *text, *want, *name;
	} cases[] = {
		{ "0: (18) r1 = 0xffff888004a1d000\n",
		  "bpf: | 0: (18) r1 = 0xxxxxxxxxxxxxxxxx\n",
		  "address of x86-64 and arm64" },
		{ "0xff11000104a1d000 0xffa0000000001234\n",
		  "bpf: | 0xxxxxxxxxxxxxxxxx 0xxxxxxxxxxxxxxxxx\n",
		  "addresses of x86-64 with five levels" },
		{ "0xfff0000004a1d000\n", "bpf: | 0xxxxxxxxxxxxxxxxx\n",
		  "address of arm64 with 52 bits" },
		{ "0xf4ff000004a1d000\n", "bpf: | 0xxxxxxxxxxxxxxxxx\n",
		  "address with a tag of KASAN" },
		{ "0x3aff000004a1d000 0xaff000004a1d000 0xff000004a1d000\n",
		  "bpf: | 0xxxxxxxxxxxxxxxxx 0xxxxxxxxxxxxxxxx 0xxxxxxxxxxxxxxx\n",
		  "addresses with tags that KASAN checks in software" },
		{ "0xffff888004a1d000", "bpf: | 0xxxxxxxxxxxxxxxxx\n",
		  "address at the end of the text" },
		{ "x=0x0xffff888004a1d000\n",
		  "bpf: | x=0x0xxxxxxxxxxxxxxxxx\n",
		  "address behind another prefix" },
		{ "0xffff888004a1d\n", "bpf: | 0xffff888004a1d\n",
		  "shown: a number of 52 bits" },
		{ "0x1234567890abcdef 0xfa0000004a1d000 0xe1f00004a1d000\n",
		  "bpf: | 0x1234567890abcdef 0xfa0000004a1d000 0xe1f00004a1d000\n",
		  "shown: numbers with zeros where addresses have ones" },
		{ "0xffffffff 0x0 0x\n", "bpf: | 0xffffffff 0x0 0x\n",
		  "shown: small numbers" },
		{ "0", "bpf: | 0\n", "shown: text that ends in a prefix" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		tap_ok(verifier(cases[i].text, strlen(cases[i].text),
				cases[i].want),
		       "[S14] log: verifier: %s", cases[i].name);
}

static void test_tail(void)
{
	static char text[3 * KEXEC_BPF_VERIFIER_LOG_TAIL];
	static struct host_log log;
	const char *line;
	size_t i, len = 0;
	char *copy;

	/* Lines of different lengths, numbered */
	for (i = 0; len + 40 < sizeof(text); i++)
		len += sprintf(text + len, "line %zu%.*s\n", i, (int)(i % 20),
			       "....................");
	host_log_reset(&log);
	copy = host_copy(text, len);
	kexec_bpf_log_verifier(&log.log, copy, len);
	free(copy);
	line = log.text;
	for (i = 0; !strncmp(line, "bpf: | line ", 12) && strchr(line, '\n');
	     i++)
		line = strchr(line, '\n') + 1;
	tap_ok(i > 100 && !*line,
	       "[M6] log: verifier: the tail is whole lines, each with its prefix");
	tap_ok(log.log.len - i * 7 <= KEXEC_BPF_VERIFIER_LOG_TAIL &&
	       log.log.len - i * 7 > KEXEC_BPF_VERIFIER_LOG_TAIL - 40,
	       "[M6] log: verifier: the tail has its length");
	tap_ok(!strcmp(log.text + log.log.len - 10,
		       text + len - 10),
	       "[M6] log: verifier: the tail is the end");

	memset(text, 'a', sizeof(text));
	memcpy(text + sizeof(text) - 5, "last\n", 5);
	copy = host_copy(text, sizeof(text));
	host_log_reset(&log);
	kexec_bpf_log_verifier(&log.log, copy, sizeof(text));
	tap_ok(host_log_has(&log, "alast\n"),
	       "[M1] log: verifier: a line longer than the tail is not lost");
	free(copy);

	/* The cut goes through an address. */
	memset(text, ' ', sizeof(text));
	memcpy(text + sizeof(text) - KEXEC_BPF_VERIFIER_LOG_TAIL - 9,
	       "0xffff888004a1d000", 18);
	copy = host_copy(text, sizeof(text));
	host_log_reset(&log);
	kexec_bpf_log_verifier(&log.log, copy, sizeof(text));
	tap_ok(!host_log_has(&log, "4a1d000"),
	       "[S14] log: verifier: an address that the tail begins in is hidden");
	free(copy);

	tap_ok(verifier("kept\0dropped\n", 13, "bpf: | kept\n"),
	       "[M6] log: verifier: the text ends at a NUL");
	tap_ok(verifier("a\n\nb", 4, "bpf: | a\nbpf: | \nbpf: | b\n"),
	       "[M6] log: verifier: empty lines, last one without a newline");
}

static void test_printable(void)
{
	const char raw[] = "a\x1b[1m\x80\x7f\n~ ";
	char text[32];

	tap_ok(!strcmp(kexec_bpf_printable(text, sizeof(text), raw,
					   sizeof(raw)), "a?[1m???~ "),
	       "[M8] log: what is not printable becomes '?'");
	tap_ok(!strcmp(kexec_bpf_printable(text, 4, "abcdef", 6), "abc"),
	       "[M8] log: printable text is cut at the size of its place");
	tap_ok(!strcmp(kexec_bpf_printable(text, sizeof(text), "abcdef", 3),
		       "abc"),
	       "[M8] log: printable text ends without a NUL");
	tap_ok(!strcmp(kexec_bpf_printable(text, 1, "abc", 3), ""),
	       "[M8] log: printable text in one byte");
}

static void test_format(void)
{
	static const struct {
		const char *fmt;
		u64 args[3];
		size_t nr_args;
		int ret;
		const char *line;
		const char *name;
	} cases[] = {
		{ "plain", {}, 0, 0, "plain", "no conversion" },
		{ "", {}, 0, 0, "", "nothing" },
		{ "%d|%d", { -5, 1ULL << 63 }, 2, 0,
		  "-5|-9223372036854775808", "%d" },
		{ "%u|%u", { -1, 0 }, 2, 0, "18446744073709551615|0", "%u" },
		{ "%x|%x", { -1, 0x10 }, 2, 0, "0xffffffffffffffff|0x10",
		  "%x" },
		{ "'%s'", { 0x78756e696c2e }, 1, 0, "'.linux'", "%s" },
		{ "'%s'", { 0x656e696c646d632e }, 1, 0, "'.cmdline'",
		  "%s of eight characters" },
		{ "'%s'", { 0x1b61 }, 1, 0, "'a?'",
		  "%s with a control character" },
		{ "100%%", {}, 0, 0, "100%", "%%" },
		{ "%%%u%%", { 7 }, 1, 0, "%7%", "%% around a value" },
		{ "a\nimage: forged\tb\x80", {}, 0, 0, "a?image: forged?b?",
		  "control characters cannot forge a line" },
		{ "%u", { 1, 2 }, 2, 0, "1", "more values than conversions" },
		{ "%u %u", { 1 }, 1, -EINVAL, NULL, "a value too few" },
		{ "%u", {}, 0, -EINVAL, NULL, "no value" },
		{ "abc%", { 1 }, 1, -EINVAL, NULL, "'%' at the end" },
		{ "%", { 1 }, 1, -EINVAL, NULL, "nothing but '%'" },
		{ "%p", { 1 }, 1, -EINVAL, NULL, "%p" },
		{ "%n", { 1 }, 1, -EINVAL, NULL, "%n" },
		{ "%pK", { 1 }, 1, -EINVAL, NULL, "%pK" },
		{ "%lx", { 1 }, 1, -EINVAL, NULL, "%lx" },
		{ "%08x", { 1 }, 1, -EINVAL, NULL, "%08x" },
		{ "%*d", { 1, 2 }, 2, -EINVAL, NULL, "%*d" },
		{ "%-1s", { 1 }, 1, -EINVAL, NULL, "%-1s" },
		{ "%.1s", { 1 }, 1, -EINVAL, NULL, "%.1s" },
		{ "%X", { 1 }, 1, -EINVAL, NULL, "%X" },
		{ "% d", { 1 }, 1, -EINVAL, NULL, "% d" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		char *fmt, line[128];
		u64 *args;
		int ret;

		fmt = host_copy(cases[i].fmt, strlen(cases[i].fmt) + 1);
		args = host_copy(cases[i].args, cases[i].nr_args * 8);
		ret = kexec_bpf_log_format(line, sizeof(line), fmt, args,
					   cases[i].nr_args);
		if (!tap_ok(ret == cases[i].ret &&
			    (ret || !strcmp(line, cases[i].line)),
			    "[%s] log: format: %s: %s",
			    strchr(cases[i].name, 'p') ? "S14" : "M7",
			    ret ? "refused" : "accepted", cases[i].name))
			tap_diag("%d '%s'", ret, ret ? "" : line);
		free(args);
		free(fmt);
	}
}

/* Each size of the line, so each place to be cut at */
static void test_format_sizes(void)
{
	static const char fmt[] = "a%d%%%x'%s'%u.";
	const u64 args[] = { -1234567, 0xabcdef, 0x656e696c646d632e, 42 };
	char whole[128], *line;
	unsigned int wrong = 0;
	size_t size, len;

	if (kexec_bpf_log_format(whole, sizeof(whole), fmt, args,
				 ARRAY_SIZE(args)))
		tap_bail("format refused");
	tap_ok(!strcmp(whole, "a-1234567%0xabcdef'.cmdline'42."),
	       "[M7] log: format: all conversions in one line");
	len = strlen(whole);
	for (size = 1; size <= len + 2; size++) {
		size_t fits = size - 1 < len ? size - 1 : len;

		line = malloc(size);
		if (kexec_bpf_log_format(line, size, fmt, args,
					 ARRAY_SIZE(args)) ||
		    strlen(line) != fits || memcmp(line, whole, fits))
			wrong++;
		free(line);
	}
	tap_is(wrong, 0, "[M6] log: format: cut at each place");
}

int main(void)
{
	test_truncation();
	test_empty();
	test_hiding();
	test_tail();
	test_printable();
	test_format();
	test_format_sizes();
	return tap_done();
}
