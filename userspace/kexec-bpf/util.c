// SPDX-License-Identifier: GPL-2.0
/* Messages and small files. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool.h"

/* "kexec-bpf: COMMAND: 'FILE': MESSAGE" */
void error_msg(const struct context *c, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "kexec-bpf: %s: ", c->command);
	if (c->file) {
		putc('\'', stderr);
		print_escaped(stderr, c->file, "");
		fputs("': ", stderr);
	}
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	putc('\n', stderr);
}

/* For &struct kexecbpf_report, whose text is escaped; @ctx is a &struct context. */
void report_msg(void *ctx, const char *text)
{
	error_msg(ctx, "%s", text);
}

/*
 * Text that came from elsewhere must neither drive the terminal nor be taken for another
 * text. @keep are control characters that stay as they are. Returns the width.
 */
int print_escaped(FILE *f, const char *text, const char *keep)
{
	const unsigned char *p = (const unsigned char *)text;
	int width = 0;

	for (; *p; p++) {
		if (*p == '\\')
			width += fprintf(f, "\\\\");
		else if ((*p >= 0x20 && *p <= 0x7e) || strchr(keep, *p))
			width += fprintf(f, "%c", *p);
		else
			width += fprintf(f, "\\x%02x", *p);
	}
	return width;
}

/*
 * Where a standard stream is closed, a file would get its number, and with it
 * the messages. Reading and writing fail on what is put there, as they should.
 */
bool fill_standard_streams(void)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && open("/", O_PATH | O_DIRECTORY) != fd)
			return false;
	}
	return true;
}

/*
 * Returns a descriptor, or -1 after a message. Neither waits for a FIFO nor gets
 * a terminal that controls the program.
 */
int open_input(const struct context *c)
{
	int fd = open(c->file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		error_msg(c, "cannot open: %s", strerror(errno));
	return fd;
}

/* First line of a small file, without the newline. Returns 0 or -errno. */
int read_line(const char *path, char *buf, size_t size)
{
	ssize_t n;
	int fd, ret = 0;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, buf, size - 1);
	if (n < 0) {
		ret = -errno;
		n = 0;
	}
	close(fd);
	buf[n] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
	return ret;
}

/* False if the file cannot be read or holds something else. */
bool read_number(const char *path, uint64_t *value)
{
	char buf[32], *end;

	if (read_line(path, buf, sizeof(buf)) || buf[0] < '0' || buf[0] > '9')
		return false;
	errno = 0;
	*value = strtoull(buf, &end, 10);
	return !errno && !*end;
}

/* What was printed but did not arrive is a failure too. */
int finish_stdout(const char *command)
{
	struct context c = { .command = command };

	if (!fflush(stdout) && !ferror(stdout))
		return STATUS_OK;
	error_msg(&c, "cannot write to the standard output: %s", strerror(errno));
	return STATUS_FAILURE;
}
