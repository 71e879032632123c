/* SPDX-License-Identifier: GPL-2.0-only */
/* What the fuzz targets share */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Something that must hold; the input that shows the contrary is kept. */
#define must(condition)							\
	do {								\
		if (!(condition)) {					\
			fprintf(stderr, "%s:%d: not so: %s\n",		\
				__FILE__, __LINE__, #condition);	\
			abort();					\
		}							\
	} while (0)

/* A log of whole lines: no control characters but the newlines. */
static inline bool log_is_clean(const char *text)
{
	size_t len = strlen(text), i;

	if (len && text[len - 1] != '\n')
		return false;
	for (i = 0; i < len; i++)
		if ((unsigned char)text[i] < 0x20 ? text[i] != '\n' :
						    text[i] >= 0x7f)
			return false;
	return true;
}

#endif
