// SPDX-License-Identifier: GPL-2.0-only
/* Results in the Test Anything Protocol */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "tap.h"

static unsigned int nr_results, nr_failed;

static void result(bool passed, const char *fmt, va_list args,
		   const char *reason)
{
	printf("%sok %u - ", passed ? "" : "not ", ++nr_results);
	vprintf(fmt, args);
	if (reason)
		printf(" # SKIP %s", reason);
	putchar('\n');
	if (!passed)
		nr_failed++;
	fflush(stdout);
}

bool tap_ok(bool passed, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	result(passed, fmt, args, NULL);
	va_end(args);
	return passed;
}

bool tap_is(long long have, long long want, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	result(have == want, fmt, args, NULL);
	va_end(args);
	if (have != want)
		tap_diag("have %lld, want %lld", have, want);
	return have == want;
}

void tap_skip(const char *reason, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	result(true, fmt, args, reason);
	va_end(args);
}

/* Each line of the text gets its "# ". */
void tap_diag(const char *fmt, ...)
{
	char text[4096];
	const char *c;
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	printf("# ");
	for (c = text; *c; c++) {
		putchar(*c);
		if (*c == '\n' && c[1])
			printf("# ");
	}
	if (c == text || c[-1] != '\n')
		putchar('\n');
	fflush(stdout);
}

void tap_bail(const char *fmt, ...)
{
	va_list args;

	printf("Bail out! ");
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
	exit(1);
}

int tap_done(void)
{
	if (!nr_results) {
		tap_bail("no result");
		return 1;
	}
	printf("1..%u\n", nr_results);
	return nr_failed || fflush(stdout) ? 1 : 0;
}
