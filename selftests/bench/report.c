// SPDX-License-Identifier: GPL-2.0
/*
 * Read the CSV of a benchmark, print tables (Markdown) and verdicts, draw a plot
 */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

#define MIB	(1024.0 * 1024.0)

/* Columns before and after those of the steps */
enum { IMAGE, KERNEL, INITRD, CMDLINE, ROUND, CALL, TOTAL, STEPS };
enum { MEM_PEAK = STEPS + KEXEC_BPF_NR_STEPS, MEM_FREE, MEM_VMALLOC, NR_COLUMNS };

struct row {
	uint64_t	value[NR_COLUMNS];
	char		call[16];
};

/* The calls of one round; each has to be there exactly once. */
struct round {
	const struct row *file, *bpf, *sha256;
};

const char *const share_names[NR_SHARES] = {
	[KEXEC_BPF_STEP_READ]		= "read",
	[KEXEC_BPF_STEP_SCREEN]		= "screen",
	[KEXEC_BPF_STEP_SIGNATURE]	= "verify signature",
	[KEXEC_BPF_STEP_LOAD]		= "load BPF",
	[KEXEC_BPF_STEP_RUN]		= "run",
	[KEXEC_BPF_STEP_COLLECT]	= "collect",
	[KEXEC_BPF_STEP_SEGMENTS]	= "segments and digests",
	[STEP_REST]			= "rest",
};

__attribute__((noreturn, format(printf, 1, 2)))
static void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("report: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(2);
}

static void *grow(void *array, size_t n, size_t size)
{
	array = reallocarray(array, n, size);
	if (!array)
		die("out of memory");
	return array;
}

static void parse_row(char *line, unsigned long nr, struct row *row)
{
	char *field, *end;
	size_t i;

	for (i = 0; (field = strsep(&line, ",")); i++) {
		if (i == NR_COLUMNS)
			die("line %lu: more than %d columns", nr, NR_COLUMNS);
		if (i == CALL) {
			if (strlen(field) >= sizeof(row->call))
				die("line %lu: unknown call '%s'", nr, field);
			strcpy(row->call, field);
			continue;
		}
		errno = 0;
		row->value[i] = strtoull(field, &end, 10);
		if (errno || *end || end == field)
			die("line %lu: '%s' is not a number", nr, field);
	}
	if (i != NR_COLUMNS)
		die("line %lu: %zu columns, expected %d", nr, i, NR_COLUMNS);
}

static struct row *read_csv(const char *path, size_t *n)
{
	struct row *rows = NULL;
	unsigned long nr = 0;
	char *line = NULL;
	size_t size = 0;
	ssize_t len;
	FILE *f;

	f = fopen(path, "re");
	if (!f)
		die("cannot open '%s': %s", path, strerror(errno));
	*n = 0;
	while ((len = getline(&line, &size, f)) > 0) {
		/* The first line names the columns. */
		if (!nr++)
			continue;
		if (line[len - 1] == '\n')
			line[len - 1] = '\0';
		rows = grow(rows, *n + 1, sizeof(*rows));
		memset(&rows[*n], 0, sizeof(*rows));
		parse_row(line, nr, &rows[(*n)++]);
	}
	if (ferror(f) || !*n)
		die("nothing in '%s'", path);
	free(line);
	fclose(f);
	return rows;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Sorts the values. */
static double median(double *value, size_t n)
{
	qsort(value, n, sizeof(*value), compare);
	return n % 2 ? value[n / 2] : (value[n / 2 - 1] + value[n / 2]) / 2;
}

static double seconds(uint64_t ns)
{
	return (double)ns / 1e9;
}

static double file_time(const struct round *r)
{
	return seconds(r->file->value[TOTAL]);
}

static double bpf_time(const struct round *r)
{
	return seconds(r->bpf->value[TOTAL]);
}

/* The step digests all three parts; the initrd's share is by bytes. */
static double sha256_time(const struct round *r)
{
	const uint64_t *v = r->sha256->value;

	return seconds(v[STEPS + KEXEC_BPF_STEP_COLLECT]) * (double)v[INITRD] /
	       (double)(v[KERNEL] + v[INITRD] + v[CMDLINE]);
}

static double floor_time(const struct round *r)
{
	return file_time(r) + sha256_time(r);
}

static double ratio_to_file(const struct round *r)
{
	return bpf_time(r) / file_time(r);
}

static double ratio_to_floor(const struct round *r)
{
	return bpf_time(r) / floor_time(r);
}

static double parser_time(const struct round *r)
{
	return seconds(r->bpf->value[STEPS + KEXEC_BPF_STEP_LOAD] +
		       r->bpf->value[STEPS + KEXEC_BPF_STEP_RUN]);
}

static double share(const struct round *r, unsigned int step)
{
	const uint64_t *v = r->bpf->value;
	uint64_t rest = v[TOTAL];
	unsigned int i;

	if (step != STEP_REST)
		return (double)v[STEPS + step] / (double)v[TOTAL];
	for (i = KEXEC_BPF_STEP_READ; i < STEP_REST; i++)
		rest -= v[STEPS + i];
	return (double)rest / (double)v[TOTAL];
}

static double median_of(double (*of)(const struct round *r),
			const struct round *rounds, size_t n, double *scratch)
{
	size_t i;

	for (i = 0; i < n; i++)
		scratch[i] = of(&rounds[i]);
	return median(scratch, n);
}

static void put(const struct row **place, const struct row *row)
{
	if (*place)
		die("image of %" PRIu64 " bytes, round %" PRIu64 ": call '%s' twice",
		    row->value[IMAGE], row->value[ROUND], row->call);
	*place = row;
}

/* Rows of one size, in the order in which they were taken. */
static void summarize(const struct row *rows, size_t n, struct summary *s)
{
	double image = (double)rows[0].value[IMAGE];
	struct round *rounds = NULL, *r;
	size_t count = 0, i, step;
	double *scratch;

	for (i = 0; i < n; i++) {
		if (rows[i].value[ROUND] >= count) {
			if (rows[i].value[ROUND] > count)
				die("image of %.0f bytes: no round %zu", image, count);
			rounds = grow(rounds, count + 1, sizeof(*rounds));
			memset(&rounds[count++], 0, sizeof(*rounds));
		}
		r = &rounds[rows[i].value[ROUND]];
		if (!strcmp(rows[i].call, "file"))
			put(&r->file, &rows[i]);
		else if (!strcmp(rows[i].call, "bpf"))
			put(&r->bpf, &rows[i]);
		else if (!strcmp(rows[i].call, "sha256"))
			put(&r->sha256, &rows[i]);
		else
			die("unknown call '%s'", rows[i].call);
	}
	for (i = 0; i < count; i++) {
		if (!rounds[i].file || !rounds[i].bpf || (i && !rounds[i].sha256))
			die("image of %.0f bytes: round %zu is not complete", image, i);
	}
	if (count < 2)
		die("image of %.0f bytes: no timed round", image);

	s->image_mib = image / MIB;
	s->initrd_mib = (double)rows[0].value[INITRD] / MIB;
	s->mem_seen = (double)rounds[0].bpf->value[MEM_FREE] / image;
	s->mem_file = (double)rounds[0].file->value[MEM_FREE] / image;

	n = count - 1;
	r = rounds + 1;
	scratch = grow(NULL, n, sizeof(*scratch));
	s->rounds = (unsigned int)n;
	s->file = median_of(file_time, r, n, scratch);
	s->sha256 = median_of(sha256_time, r, n, scratch);
	s->floor = median_of(floor_time, r, n, scratch);
	s->bpf = median_of(bpf_time, r, n, scratch);
	s->to_file = median_of(ratio_to_file, r, n, scratch);
	s->to_floor = median_of(ratio_to_floor, r, n, scratch);
	s->parser = median_of(parser_time, r, n, scratch);
	s->parser_best = scratch[0];
	for (step = KEXEC_BPF_STEP_READ; step < NR_SHARES; step++) {
		for (i = 0; i < n; i++)
			scratch[i] = share(&r[i], (unsigned int)step);
		s->share[step] = median(scratch, n);
	}
	s->mem_counted = 0;
	for (i = 0; i < count; i++) {
		double m = (double)rounds[i].bpf->value[MEM_PEAK] / image;

		if (m > s->mem_counted)
			s->mem_counted = m;
	}
	free(scratch);
	free(rounds);
}

static void print_time(const struct summary *s, size_t n)
{
	size_t i;

	puts("| Image, MiB | Initrd, MiB | Rounds | kexec_file_load, s | SHA-256 of the initrd, s | Floor, s | kexec_bpf_load, s | to kexec_file_load | to the floor |");
	puts("|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
	for (i = 0; i < n; i++)
		printf("| %.1f | %.1f | %u | %.3f | %.3f | %.3f | %.3f | %.3f | %.3f |\n",
		       s[i].image_mib, s[i].initrd_mib, s[i].rounds, s[i].file,
		       s[i].sha256, s[i].floor, s[i].bpf, s[i].to_file, s[i].to_floor);
}

static void print_steps(const struct summary *s, size_t n)
{
	size_t i, step;

	printf("\n| Image, MiB ");
	for (step = KEXEC_BPF_STEP_READ; step < NR_SHARES; step++)
		printf("| %s ", share_names[step]);
	puts("| load BPF + run, ms | fastest, ms |");
	for (step = KEXEC_BPF_STEP_READ; step < NR_SHARES + 3; step++)
		printf("|--:");
	puts("|");
	for (i = 0; i < n; i++) {
		printf("| %.1f ", s[i].image_mib);
		for (step = KEXEC_BPF_STEP_READ; step < NR_SHARES; step++)
			printf("| %.2f %% ", 100 * s[i].share[step]);
		printf("| %.1f | %.1f |\n", 1e3 * s[i].parser, 1e3 * s[i].parser_best);
	}
}

static void print_memory(const struct summary *s, size_t n)
{
	size_t i;

	puts("\n| Image, MiB | kexec_bpf_load, by its own count | seen from outside | kexec_file_load, seen from outside |");
	puts("|--:|--:|--:|--:|");
	for (i = 0; i < n; i++) {
		printf("| %.1f | %.3f ", s[i].image_mib, s[i].mem_counted);
		/* Both are 0 where nobody watched. */
		if (s[i].mem_file > 0)
			printf("| %.3f | %.3f |\n", s[i].mem_seen, s[i].mem_file);
		else
			puts("| - | - |");
	}
}

__attribute__((format(printf, 2, 3)))
static bool verdict(bool good, const char *format, ...)
{
	va_list args;

	printf("- %s: ", good ? "PASS" : "FAIL");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	return good;
}

static bool judge(const struct summary *s, size_t n)
{
	double growth = s[n - 1].parser_best / s[0].parser_best;
	bool good = true;
	size_t i;

	putchar('\n');
	for (i = 0; i < n; i++) {
		double memory = s[i].mem_seen > s[i].mem_counted ? s[i].mem_seen :
								   s[i].mem_counted;

		/* Images are made a little smaller than their nominal size. */
		if (s[i].image_mib > FLOOR_FROM_MIB - 1)
			good &= verdict(s[i].to_floor <= FLOOR_RATIO_MAX,
					"%.1f MiB: %.3f times the floor, at most %.2f",
					s[i].image_mib, s[i].to_floor, FLOOR_RATIO_MAX);
		good &= verdict(memory <= MEMORY_MAX,
				"%.1f MiB: peak of %.3f times the image beyond the segments, at most %.1f",
				s[i].image_mib, memory, MEMORY_MAX);
	}
	if (n > 1)
		good &= verdict(growth <= PARSER_GROWTH_MAX,
				"load BPF and run: %.1f ms at %.1f MiB, %.1f ms at %.1f MiB, at most %.1f times as long",
				1e3 * s[0].parser_best, s[0].image_mib,
				1e3 * s[n - 1].parser_best, s[n - 1].image_mib,
				PARSER_GROWTH_MAX);
	return good;
}

static int by_size(const void *a, const void *b)
{
	const struct summary *x = a, *y = b;

	return compare(&x->image_mib, &y->image_mib);
}

int main(int argc, char **argv)
{
	struct summary *s = NULL;
	size_t nr_rows, from, to, n = 0;
	struct row *rows;
	bool good;

	if (argc != 3) {
		fputs("Usage: report bench.csv bench.svg\n", stderr);
		return 2;
	}
	rows = read_csv(argv[1], &nr_rows);
	for (from = 0; from < nr_rows; from = to) {
		for (to = from + 1; to < nr_rows; to++) {
			if (rows[to].value[IMAGE] != rows[from].value[IMAGE])
				break;
		}
		s = grow(s, n + 1, sizeof(*s));
		summarize(rows + from, to - from, &s[n++]);
	}
	qsort(s, n, sizeof(*s), by_size);

	print_time(s, n);
	print_steps(s, n);
	print_memory(s, n);
	good = judge(s, n);
	if (write_svg(argv[2], s, n))
		die("cannot write '%s': %s", argv[2], strerror(errno));
	if (fflush(stdout))
		die("cannot print: %s", strerror(errno));
	free(s);
	free(rows);
	return good ? 0 : 1;
}
