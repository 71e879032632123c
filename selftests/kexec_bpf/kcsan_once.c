// SPDX-License-Identifier: GPL-2.0
/*
 * [M4] What KCSAN has to say of the tests that ran before in this kernel. That
 * it looked at all is the first thing to ask.
 */

#include "common.h"

#define STATS	"/sys/kernel/debug/kcsan"

/* Fewer than any run of race_test comes to by far, more than a boot */
#define WATCHED	10000

static long long stat_of(const char *name)
{
	char line[128];
	long long value = -1;
	size_t len = strlen(name);
	FILE *f = fopen(STATS, "re");

	if (!f)
		tap_bail("no '" STATS "': this kernel has no KCSAN");
	while (fgets(line, sizeof(line), f)) {
		if (!strncmp(line, name, len) && line[len] == ':')
			value = strtoll(line + len + 1, NULL, 10);
	}
	fclose(f);
	return value;
}

int main(void)
{
	long long watched = stat_of("setup_watchpoints");

	require_kernel();
	tap_is(stat_of("enabled"), 1, "[M4] KCSAN is on");
	tap_ok(watched >= WATCHED, "[M4] it watched %lld accesses, of at least %d", watched,
	       WATCHED);
	tap_is(stat_of("data_races"), 0, "[M4] it saw no data race");
	tap_is(stat_of("assert_failures"), 0, "[M4] and no broken assertion");
	return tap_done();
}
