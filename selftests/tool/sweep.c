// SPDX-License-Identifier: GPL-2.0
/*
 * Damage a PE file in each byte of its headers, and then in random ones, and
 * let the library look at it and embed a parser. Built with sanitizers. What
 * embedding accepts must be a good file: well-formed, the parser in it as it
 * was, every other section's payload as before, no data between sections.
 *
 *	sweep PE PARSER ROUNDS
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <kexecbpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define NO_ERRNO	4242

static uint8_t *image, *parser;
static size_t image_size, parser_size;
static int in_fd, out_fd;
static unsigned int nr_opened, nr_embedded, nr_messages;

static void die(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(1);
}

static void count_message(void *ctx, const char *text)
{
	const char *p;

	(void)ctx;
	nr_messages++;
	for (p = text; *p; p++) {
		if (*p < 0x20 || *p > 0x7e) {
			printf("# message is not printable ASCII: %s\n", text);
			exit(1);
		}
	}
}

static const struct kexecbpf_report report = { .message = count_message };

static void tell_message(void *ctx, const char *text)
{
	(void)ctx;
	printf("# %s\n", text);
}

static const struct kexecbpf_report tell = { .message = tell_message };

static uint8_t *read_file(const char *path, size_t *size)
{
	struct stat st;
	uint8_t *buf;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st))
		die(path);
	*size = (size_t)st.st_size;
	buf = malloc(*size);
	if (!buf || read(fd, buf, *size) != (ssize_t)*size)
		die(path);
	close(fd);
	return buf;
}

/* Numbers that repeat from run to run */
static uint32_t next_random(void)
{
	static uint64_t state = 0x9e3779b97f4a7c15ULL;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 16);
}

static bool same_payload(const struct kexecbpf_pe *pe,
			 const struct kexecbpf_section *s,
			 const struct kexecbpf_pe *other,
			 const struct kexecbpf_section *t)
{
	uint8_t *a, *b;
	bool same;

	if (strcmp(s->name, t->name) || s->payload != t->payload ||
	    s->vaddr != t->vaddr || s->vsize != t->vsize)
		return false;
	if (!s->payload)
		return true;
	a = malloc(s->payload);
	b = malloc(t->payload);
	if (!a || !b)
		die("malloc");
	same = !kexecbpf_pe_read(pe, s->offset, a, s->payload) &&
	       !kexecbpf_pe_read(other, t->offset, b, t->payload) &&
	       !memcmp(a, b, s->payload);
	free(a);
	free(b);
	return same;
}

static bool good_result(const struct kexecbpf_pe *pe)
{
	const struct kexecbpf_section *s;
	struct kexecbpf_parser_info info;
	struct kexecbpf_pe *made;
	uint8_t *copy = NULL;
	bool good = false;
	uint32_t i;

	if (kexecbpf_pe_open(out_fd, &tell, &made) ||
	    kexecbpf_pe_check(made, &tell) ||
	    kexecbpf_pe_parser(made, &info, &tell))
		goto out;
	for (i = 0; (s = kexecbpf_pe_section(pe, i)); i++) {
		if (!same_payload(pe, s, made, kexecbpf_pe_section(made, i))) {
			printf("# section %u is not as it was\n", i);
			goto out;
		}
	}
	s = kexecbpf_pe_section(made, i);
	copy = malloc(parser_size);
	good = copy && s && s->payload == parser_size &&
	       !kexecbpf_pe_read(made, s->offset, copy, parser_size) &&
	       !memcmp(copy, parser, parser_size) &&
	       !kexecbpf_pe_section(made, i + 1) &&
	       s->raw_size % kexecbpf_pe_info(made)->file_align == 0 &&
	       s->vaddr % kexecbpf_pe_info(made)->section_align == 0 &&
	       !kexecbpf_pe_info(made)->cert_size;
	if (!good)
		printf("# section '.bpf' is not as it should be\n");
out:
	free(copy);
	kexecbpf_pe_close(made);
	return good;
}

/* Returns false if the library did something wrong; errno is not its to set. */
static bool try_image(void)
{
	const struct kexecbpf_embed_params params = {
		.version	= KEXECBPF_EMBED_VERSION,
		.flags		= KEXECBPF_EMBED_DROP_SIGNATURE,
		.parser		= parser,
		.parser_size	= parser_size,
	};
	struct kexecbpf_parser_info info;
	struct kexecbpf_pe *pe;
	unsigned int before = nr_messages;
	bool good = true;
	struct stat st;
	int ret;

	errno = NO_ERRNO;
	ret = kexecbpf_pe_open(in_fd, &report, &pe);
	if (ret)
		return !pe && (ret == -ENOEXEC || ret == -ELIBBAD || ret == -EFBIG) &&
		       nr_messages == before + 1 && errno == NO_ERRNO;
	nr_opened++;
	kexecbpf_pe_parser(pe, &info, &report);
	if (errno != NO_ERRNO)
		return false;

	if (ftruncate(out_fd, 0) || lseek(out_fd, 0, SEEK_SET))
		die("truncate");
	before = nr_messages;
	errno = NO_ERRNO;
	ret = kexecbpf_pe_embed(pe, &params, out_fd, &report);
	if (errno != NO_ERRNO) {
		printf("# errno changed\n");
		good = false;
	} else if (ret) {
		good = nr_messages == before + 1 && !fstat(out_fd, &st) &&
		       st.st_size == 0;
	} else {
		nr_embedded++;
		good = good_result(pe);
	}
	kexecbpf_pe_close(pe);
	return good;
}

static void put(size_t offset, uint8_t value)
{
	if (pwrite(in_fd, &value, 1, (off_t)offset) != 1)
		die("write");
}

static bool each_byte(size_t end)
{
	static const uint8_t flips[] = { 0x01, 0x80, 0xff };
	size_t i, k;
	bool good = true;

	for (i = 0; i < end; i++) {
		for (k = 0; k < sizeof(flips); k++) {
			put(i, image[i] ^ flips[k]);
			if (!try_image()) {
				printf("# byte 0x%zx ^ 0x%x\n", i, flips[k]);
				good = false;
			}
		}
		put(i, image[i]);
	}
	return good;
}

static bool each_length(size_t end)
{
	size_t len, step = 1;
	bool good = true;

	for (len = 0; len < image_size; len += step) {
		if (len >= end)
			step = image_size / 64 + 1;
		if (ftruncate(in_fd, (off_t)len))
			die("truncate");
		if (!try_image()) {
			printf("# cut to 0x%zx bytes\n", len);
			good = false;
		}
	}
	if (pwrite(in_fd, image, image_size, 0) != (ssize_t)image_size)
		die("write");
	return good;
}

/* Up to four bytes at once, and fields of four with values at the edges */
static bool at_random(size_t end, unsigned int rounds)
{
	static const uint32_t edges[] = {
		0, 1, 0x1ff, 0x7fffffff, 0x80000000, 0xfffffe00, 0xffffffff,
	};
	size_t at[4], i, n;
	unsigned int r;
	uint32_t edge;
	bool good = true;

	for (r = 0; r < rounds; r++) {
		n = 1 + next_random() % 4;
		at[0] = next_random() % (end - 4);
		if (r % 2) {
			edge = edges[next_random() % (sizeof(edges) / sizeof(edges[0]))];
			at[0] &= ~(size_t)3;
			for (i = 0; i < 4; i++) {
				at[i] = at[0] + i;
				put(at[i], (uint8_t)(edge >> (8 * i)));
			}
			n = 4;
		} else {
			for (i = 0; i < n; i++) {
				at[i] = next_random() % end;
				put(at[i], (uint8_t)next_random());
			}
		}
		if (!try_image()) {
			printf("# random round %u\n", r);
			good = false;
		}
		for (i = 0; i < n; i++)
			put(at[i], image[at[i]]);
	}
	return good;
}

static bool parsers(unsigned int rounds)
{
	struct kexecbpf_parser_info info;
	uint8_t *copy = malloc(parser_size);
	size_t len, i, k;
	unsigned int r;
	int ret;

	if (!copy)
		die("malloc");
	for (len = 0; len <= parser_size; len++) {
		ret = kexecbpf_parser_inspect(parser, len, &info, &report);
		if (len == parser_size ? ret : ret != -ENOEXEC && ret != -ELIBSCN) {
			printf("# parser of %zu bytes: %d\n", len, ret);
			free(copy);
			return false;
		}
	}
	for (r = 0; r < rounds; r++) {
		memcpy(copy, parser, parser_size);
		for (k = 1 + next_random() % 3; k; k--) {
			i = next_random() % parser_size;
			copy[i] = (uint8_t)next_random();
		}
		ret = kexecbpf_parser_inspect(copy, parser_size, &info, &report);
		if (ret && ret != -ENOEXEC && ret != -ELIBSCN) {
			printf("# damaged parser: %d\n", ret);
			free(copy);
			return false;
		}
	}
	free(copy);
	return true;
}

static unsigned int test_nr;
static bool all_good = true;

static void result(bool good, const char *name)
{
	printf("%sok %u - %s\n", good ? "" : "not ", ++test_nr, name);
	all_good &= good;
}

int main(int argc, char *argv[])
{
	const size_t headers = 1024;
	unsigned int rounds;
	bool good;

	if (argc != 4) {
		fprintf(stderr, "usage: sweep PE PARSER ROUNDS\n");
		return 2;
	}
	image = read_file(argv[1], &image_size);
	parser = read_file(argv[2], &parser_size);
	rounds = (unsigned int)strtoul(argv[3], NULL, 0);
	in_fd = memfd_create("in", MFD_CLOEXEC);
	out_fd = memfd_create("out", MFD_CLOEXEC);
	if (in_fd < 0 || out_fd < 0 || image_size < headers ||
	    pwrite(in_fd, image, image_size, 0) != (ssize_t)image_size)
		die("cannot set up");

	printf("TAP version 13\n1..5\n");
	good = try_image();
	result(good && nr_embedded == 1, "the file itself is good");
	result(each_byte(headers), "each byte of the headers damaged");
	result(each_length(headers), "cut at each length");
	result(at_random(headers, rounds), "random damage");
	result(parsers(rounds), "damaged parsers");
	printf("# %u opened, %u embedded, %u messages\n", nr_opened, nr_embedded,
	       nr_messages);
	return all_good ? 0 : 1;
}
