/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the figures of a benchmark come to
 */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include <stddef.h>

#include <linux/kexec_bpf.h>

/* Steps from reading the image on, and the rest: entry, exit, freeing buffers */
#define STEP_REST	KEXEC_BPF_STEP_DONE
#define NR_SHARES	(STEP_REST + 1)

/* Thresholds */
#define FLOOR_RATIO_MAX	1.05	/* kexec_bpf_load() to the floor ... */
#define FLOOR_FROM_MIB	64.0	/* ... from this size on */
#define PARSER_GROWTH_MAX	1.5	/* loading and running a parser, by size */
#define MEMORY_MAX	1.1	/* bytes beyond the segments, per image byte */

/**
 * struct summary - one image size
 * @image_mib: size of the image in MiB
 * @initrd_mib: size of its initrd
 * @rounds: timed rounds
 * @file: median time of kexec_file_load(), seconds
 * @sha256: median time of the kernel's SHA-256 over the initrd
 * @floor: median of both together
 * @bpf: median time of kexec_bpf_load()
 * @to_file: kexec_bpf_load() to kexec_file_load(): median of the rounds' ratios
 * @to_floor: the same, to the floor
 * @share: median share of each step in kexec_bpf_load(), the first unused
 * @parser: median time to load the parser and to run it, seconds
 * @parser_best: that of the round that was fastest there
 * @mem_counted: peak beyond the segments as the kernel counts it, per image byte
 * @mem_seen: the same, seen from outside
 * @mem_file: that of kexec_file_load(), seen from outside
 */
struct summary {
	double		image_mib;
	double		initrd_mib;
	unsigned int	rounds;
	double		file;
	double		sha256;
	double		floor;
	double		bpf;
	double		to_file;
	double		to_floor;
	double		share[NR_SHARES];
	double		parser;
	double		parser_best;
	double		mem_counted;
	double		mem_seen;
	double		mem_file;
};

extern const char *const share_names[NR_SHARES];

/**
 * write_svg() - draw time, ratio and shares by size
 * @path: file to write
 * @s: summaries by rising size
 * @n: their number, at least 1
 *
 * Return: 0, or -1 with errno set.
 */
int write_svg(const char *path, const struct summary *s, size_t n);

#endif /* BENCH_REPORT_H */
