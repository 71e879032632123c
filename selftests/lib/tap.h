/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Results in the Test Anything Protocol, on standard output
 *
 * The plan comes last, so a program that ends early has none and counts as
 * failed.
 */
#ifndef TAP_H
#define TAP_H

#include <stdbool.h>

#define TAP_PRINTF(a, b) __attribute__((format(printf, a, b)))

/* One result; returns @passed. */
bool tap_ok(bool passed, const char *fmt, ...) TAP_PRINTF(2, 3);

/* One result that compares numbers; both are shown where they differ. */
bool tap_is(long long have, long long want, const char *fmt, ...)
	TAP_PRINTF(3, 4);

/* A result that could not be had, and why. */
void tap_skip(const char *reason, const char *fmt, ...) TAP_PRINTF(2, 3);

/* Lines for whoever looks into a failure. */
void tap_diag(const char *fmt, ...) TAP_PRINTF(1, 2);

/* Everything that follows is pointless: say why, and end as failed. */
void tap_bail(const char *fmt, ...) TAP_PRINTF(1, 2) __attribute__((noreturn));

/* Print the plan. Returns the exit status of the program. */
int tap_done(void);

#endif
