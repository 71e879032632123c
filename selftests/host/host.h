/* SPDX-License-Identifier: GPL-2.0-only */
/* What the host tests and the fuzz targets share */
#ifndef HOST_H
#define HOST_H

#include <stdbool.h>
#include <stddef.h>

#include "core.h"

/* A log with room, and what is in it */
struct host_log {
	struct kexec_bpf_log	log;
	char			text[1 << 16];
};

struct kexec_bpf_log *host_log_reset(struct host_log *log);
bool host_log_has(const struct host_log *log, const char *text);

/* Whether the log is one whole line: a refusal is final, and says why once. */
bool host_log_is_line(const struct host_log *log);

/*
 * A copy that begins and ends where its allocation does, so that a sanitizer
 * sees each access outside it. Never NULL.
 */
void *host_copy(const void *data, size_t size);

/* A file. Returns its bytes, which the caller frees, or NULL. */
void *host_read_file(const char *path, size_t *size);

/**
 * enum pe_verdict - what a PE file is
 * @PE_SOUND: it passes the screen
 * @PE_FOREIGN: it is of another format
 * @PE_BROKEN: it is of this format, but malformed
 */
enum pe_verdict {
	PE_SOUND,
	PE_FOREIGN,
	PE_BROKEN,
};

/*
 * The rules that the kernel's screen follows, written a second time: without
 * regard to speed, in 128-bit arithmetic, with an owner for each byte of the
 * file.
 */
enum pe_verdict pe_model(const uint8_t *data, size_t size, uint16_t machine);

/*
 * For each byte of a sound file whether its digest covers it, in the way of
 * crypto/asymmetric_keys/verify_pefile.c. The caller frees it.
 */
bool *pe_model_covered(const uint8_t *data, size_t size);

#endif
