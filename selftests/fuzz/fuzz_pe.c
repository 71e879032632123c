// SPDX-License-Identifier: GPL-2.0-only
/*
 * A PE file: open, screen, find, scrub
 *
 * The verdict must be that of the second implementation of the rules, and what
 * is found must lie where a section may lie.
 */

#include <errno.h>

#include "fuzz.h"
#include "host.h"

#define MACHINE		0x8664
#define SIZE_MAX_INPUT	(1U << 18)

static void check_find(const struct kexec_bpf_pe *pe, const uint8_t *data)
{
	/* Names are logged as they are asked for: those below are anything. */
	static struct kexec_bpf_log none, *log = &none;
	struct kexec_bpf_range range;
	char name[9] = {};
	uint32_t i;
	int ret;

	/* Each name that is there, as a reader of the table sees it */
	for (i = 0; i < pe->nr_sections; i++) {
		memcpy(name, data + pe->sections + i * 40, 8);
		must(kexec_bpf_pe_find(pe, name, NULL, log) == 0);
		ret = kexec_bpf_pe_find(pe, name, &range, log);
		must(ret == 0 || ret == -ELIBBAD);
		if (ret)
			continue;
		must(range.size && range.offset >= pe->headers &&
		     range.offset <= pe->end &&
		     range.size <= pe->end - range.offset);
	}
	ret = kexec_bpf_pe_find(pe, ".bpf", &range, log);
	must(ret == 0 || ret == -ENOENT || ret == -ELIBBAD);
}

static void check_scrub(const struct kexec_bpf_pe *pe, const uint8_t *data,
			size_t size)
{
	bool *covered = pe_model_covered(data, size);
	uint8_t *copy = host_copy(data, size);
	size_t i;

	kexec_bpf_pe_scrub(pe, copy);
	/* A parser sees no byte that could be changed under the signature. */
	for (i = 0; i < pe->end; i++)
		must(covered[i] || !copy[i]);
	free(covered);
	for (i = 0; i < size; i++) {
		if (i - pe->checksum < 4 || i - pe->cert_entry < 8)
			must(!copy[i]);
		else
			must(copy[i] == data[i]);
	}
	must(pe->cert_entry + 8 <= pe->headers);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
	static struct host_log log;
	enum pe_verdict verdict;
	struct kexec_bpf_pe pe;
	uint8_t *data;
	int ret;

	if (size > SIZE_MAX_INPUT)
		return -1;
	data = host_copy(input, size);
	host_log_reset(&log);
	ret = kexec_bpf_pe_open(&pe, data, size, MACHINE, &log.log);
	if (!ret) {
		must(pe.end == size);
		ret = kexec_bpf_pe_screen(&pe, &log.log);
	}
	verdict = pe_model(data, size, MACHINE);
	must(ret == (verdict == PE_SOUND ? 0 :
		     verdict == PE_FOREIGN ? -ENOEXEC : -ELIBBAD));
	must(!ret == !log.text[0] && log_is_clean(log.text));
	must(!memcmp(data, input, size));
	if (!ret) {
		must(pe.end <= size && pe.headers <= pe.end);
		check_find(&pe, data);
		check_scrub(&pe, data, size);
	}
	free(data);
	return 0;
}
