// SPDX-License-Identifier: GPL-2.0
/*
 * Stands in for the kernel, preloaded into the tool: checks what arrives and
 * answers as the environment says. FAKE_ERRNO is a number, FAKE_EARLY means
 * that the arguments are refused before a result is written, FAKE_LOG is what
 * the kernel logs. The flags of the call go to the file FAKE_FLAGS.
 *
 * And for what files do at bad times: FAKE_FAIL names the function that fails
 * with FAKE_ERRNO, where O_PATH stands for open() with that flag. FAKE_RACE is
 * "before" or "after": around such an open() the file "new" takes the place of
 * the one that is opened. With FAKE_SHORT write() is interrupted every other time
 * and takes little in between; with FAKE_SIGNAL that signal arrives there.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/kexec_bpf.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static int answer(void)
{
	const char *value = getenv("FAKE_ERRNO");

	errno = value ? atoi(value) : 0;
	return errno ? -1 : 0;
}

static void note_flags(unsigned long flags)
{
	const char *path = getenv("FAKE_FLAGS");
	FILE *f = path ? fopen(path, "w") : NULL;

	if (f) {
		fprintf(f, "0x%lx\n", flags);
		fclose(f);
	}
}

static void fill_part(struct kexec_bpf_part *part, uint64_t size, int byte,
		      unsigned long flags)
{
	part->size = size;
	if (flags & KEXEC_BPF_SHA256)
		memset(part->sha256, byte, sizeof(part->sha256));
}

static int load(const struct kexec_bpf_args *args, size_t size, unsigned long flags)
{
	const char *text = getenv("FAKE_LOG") ?: "";
	struct kexec_bpf_result *r = (void *)(uintptr_t)args->result;
	char byte;

	if (size != KEXEC_BPF_ARGS_SIZE_VER0 || args->parser_fd != -1 || args->files ||
	    args->nr_files || args->file_size || args->data || args->data_size ||
	    !args->log || !args->log_size || !args->result ||
	    args->result_size != KEXEC_BPF_RESULT_SIZE_VER0 ||
	    pread(args->image_fd, &byte, 1, 0) != 1) {
		fprintf(stderr, "fake: the arguments are not as they should be\n");
		errno = EINVAL;
		return -1;
	}
	if (getenv("FAKE_EARLY"))
		return answer();

	strncpy((char *)(uintptr_t)args->log, text, args->log_size - 1);
	r->size = KEXEC_BPF_RESULT_SIZE_VER0;
	r->flags = KEXEC_BPF_RESULT_VERIFIED | KEXEC_BPF_RESULT_ENFORCED;
	if (flags & KEXEC_BPF_SHA256)
		r->flags |= KEXEC_BPF_RESULT_SHA256;
	r->step = KEXEC_BPF_STEP_DONE;
	r->rounds = 1;
	r->log_len = strlen(text) + 1;
	if (answer()) {
		r->step = KEXEC_BPF_STEP_RUN;
		r->parser_ret = -22;
		return -1;
	}
	if (!(flags & KEXEC_BPF_DRY_RUN))
		r->flags |= KEXEC_BPF_RESULT_PUBLISHED;
	fill_part(&r->kernel, 0x123456789aULL, 0xab, flags);
	fill_part(&r->initrd, 0, 0, flags);
	fill_part(&r->cmdline, 13, 0x01, flags);
	r->mem_peak = 4096;
	r->step_ns[KEXEC_BPF_STEP_SIGNATURE] = 1234567;
	return 0;
}

long syscall(long number, ...)
{
	const void *args;
	unsigned long flags;
	size_t size;
	va_list ap;

	va_start(ap, number);
	args = va_arg(ap, const void *);
	size = va_arg(ap, size_t);
	flags = va_arg(ap, unsigned long);
	va_end(ap);
	if (number != __NR_kexec_bpf_load) {
		errno = ENOSYS;
		return -1;
	}
	note_flags(flags);
	if (flags & KEXEC_BPF_ABI_VERSION)
		return !args && !size && flags == KEXEC_BPF_ABI_VERSION ? 3 : -1;
	if (flags & KEXEC_BPF_UNLOAD) {
		if (args || size || flags & ~(KEXEC_BPF_UNLOAD | KEXEC_BPF_ON_CRASH)) {
			errno = EINVAL;
			return -1;
		}
		return answer();
	}
	return load(args, size, flags);
}

static bool fails(const char *function)
{
	const char *name = getenv("FAKE_FAIL");

	return name && !strcmp(name, function) && answer();
}

ssize_t write(int fd, const void *buf, size_t len)
{
	const char *number = getenv("FAKE_SIGNAL");
	bool in_pieces = getenv("FAKE_SHORT");
	const struct iovec iov = {
		.iov_base	= (void *)buf,
		.iov_len	= in_pieces && len > 1000 ? 1000 : len,
	};
	static unsigned int count;

	if (number)
		raise(atoi(number));
	if (in_pieces && count++ % 2) {
		errno = EINTR;
		return -1;
	}
	return fails("write") ? -1 : writev(fd, &iov, 1);
}

/* Files are created with openat() only, so there is no mode. */
int open64(const char *path, int flags, ...)
{
	const char *when = flags & O_PATH ? getenv("FAKE_RACE") : NULL;
	int fd;

	if (flags & O_PATH && fails("O_PATH"))
		return -1;
	if (when && !strcmp(when, "before"))
		rename("new", path);
	fd = openat(AT_FDCWD, path, flags);
	if (when && !strcmp(when, "after"))
		rename("new", path);
	/* Where nobody would read a message, a status tells of this mistake. */
	if (fd >= 0 && fd <= STDERR_FILENO && !(flags & O_PATH))
		_exit(98);
	return fd;
}

int fsync(int fd)
{
	return fails("fsync") ? -1 : fdatasync(fd);
}

int renameat(int old_dir, const char *old, int new_dir, const char *new)
{
	return fails("renameat") ? -1 : renameat2(old_dir, old, new_dir, new, 0);
}
