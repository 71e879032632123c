// SPDX-License-Identifier: GPL-2.0
/*
 * Time and memory of kexec_bpf_load() beside kexec_file_load() of the same
 * kernel, initrd and command line. Runs in the virtual machine, prints one line
 * of CSV per call; report.c makes sense of them.
 *
 * The calls alternate: file, bpf, sha256, file, and so on. Nothing is loaded
 * when one begins. "sha256" is a dry run that also digests what it would load,
 * with the kernel's own SHA-256, timed by the kernel as a step of its own.
 * Round 0 warms up and can be watched for memory; the others are timed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <kexecbpf.h>

#define LOG_SIZE	(64U << 10)
#define CMDLINE_MAX	2048U
#define PCP_HIGH	"/proc/sys/vm/percpu_pagelist_high_fraction"

/* From linux/kexec.h, which not every libc's headers go with */
#define FILE_UNLOAD	1UL

struct bench {
	const char	*image;
	char		kernel[4096];
	char		initrd[4096];
	char		cmdline[CMDLINE_MAX];
	uint64_t	image_size;
	uint64_t	kernel_size;
	uint64_t	initrd_size;
	uint64_t	initrd_offset;
	uint64_t	cmdline_size;
	const char	*kernel_sha256;
	const char	*initrd_sha256;
	char		log[LOG_SIZE];
};

/* What one call took; of the kexec_file_load() only ns and memory are known. */
struct sample {
	uint64_t	ns;
	uint64_t	mem_free;
	uint64_t	mem_vmalloc;
	struct kexec_bpf_result result;
};

__attribute__((noreturn, format(printf, 1, 2)))
static void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("bench: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(1);
}

static int open_file(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd < 0)
		die("cannot open '%s': %s", path, strerror(errno));
	return fd;
}

static void pin(unsigned int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die("cannot run on processor %u: %s", cpu, strerror(errno));
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void write_text(const char *path, const char *text)
{
	int fd = open_file(path, O_WRONLY);

	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		die("cannot write '%s' to '%s': %s", text, path, strerror(errno));
	close(fd);
}

static bool loaded(void)
{
	int fd = open_file("/sys/kernel/kexec_loaded", O_RDONLY);
	char c;

	if (read(fd, &c, 1) != 1)
		die("cannot read '/sys/kernel/kexec_loaded'");
	close(fd);
	return c == '1';
}

/* -------- memory, watched from outside -------- */

struct meminfo {
	uint64_t	free;
	uint64_t	vmalloc;
};

static int meminfo_fd;
static bool watched;
static atomic_bool watching, stop_watching;
static struct meminfo extreme;

static uint64_t meminfo_field(const char *text, const char *name)
{
	const char *at = strstr(text, name);
	uint64_t kib;

	if (!at || sscanf(at + strlen(name), " %" SCNu64 " kB", &kib) != 1)
		die("no '%s' in '/proc/meminfo'", name);
	return kib << 10;
}

static struct meminfo read_meminfo(void)
{
	struct meminfo m;
	char text[4096];
	ssize_t n;

	n = pread(meminfo_fd, text, sizeof(text) - 1, 0);
	if (n <= 0)
		die("cannot read '/proc/meminfo': %s", strerror(errno));
	text[n] = '\0';
	m.free = meminfo_field(text, "MemFree:");
	m.vmalloc = meminfo_field(text, "VmallocUsed:");
	return m;
}

/* Without a pause: the peak of a load lasts for less than a tick. */
static void *watch(void *arg)
{
	struct meminfo m;

	(void)arg;
	pin(1);
	extreme = read_meminfo();
	atomic_store(&watching, true);
	while (!atomic_load(&stop_watching)) {
		m = read_meminfo();
		if (m.free < extreme.free)
			extreme.free = m.free;
		if (m.vmalloc > extreme.vmalloc)
			extreme.vmalloc = m.vmalloc;
	}
	return NULL;
}

static pthread_t start_watch(void)
{
	pthread_t thread;
	int err;

	atomic_store(&watching, false);
	atomic_store(&stop_watching, false);
	err = pthread_create(&thread, NULL, watch, NULL);
	if (err)
		die("cannot create a thread: %s", strerror(err));
	while (!atomic_load(&watching))
		sched_yield();
	return thread;
}

/* What is in use afterwards are the segments; what was on top is the peak. */
static void end_watch(pthread_t thread, struct sample *s)
{
	const struct timespec settle = { .tv_nsec = 200000000 };
	struct meminfo after;

	atomic_store(&stop_watching, true);
	pthread_join(thread, NULL);
	nanosleep(&settle, NULL);
	after = read_meminfo();
	s->mem_free = after.free > extreme.free ? after.free - extreme.free : 0;
	s->mem_vmalloc = extreme.vmalloc > after.vmalloc ?
			 extreme.vmalloc - after.vmalloc : 0;
}

/* -------- the calls -------- */

static int file_load(struct bench *b, struct sample *s)
{
	int kernel = open_file(b->kernel, O_RDONLY);
	int initrd = open_file(b->initrd, O_RDONLY);
	uint64_t start = now();
	long ret;

	ret = syscall(SYS_kexec_file_load, kernel, initrd, b->cmdline_size + 1,
		      b->cmdline, 0UL);
	ret = ret < 0 ? -errno : 0;
	s->ns = now() - start;
	close(kernel);
	close(initrd);
	return (int)ret;
}

static int bpf_load(struct bench *b, struct sample *s, uint64_t flags)
{
	struct kexecbpf_load_params params = {
		.version	= KEXECBPF_LOAD_VERSION,
		.image_fd	= open_file(b->image, O_RDONLY),
		.flags		= flags,
		.log		= b->log,
		.log_size	= sizeof(b->log),
	};
	uint64_t start = now();
	int ret;

	ret = kexecbpf_load(&params, &s->result);
	s->ns = now() - start;
	close(params.image_fd);
	return ret;
}

static int bpf(struct bench *b, struct sample *s)
{
	return bpf_load(b, s, 0);
}

static int sha256(struct bench *b, struct sample *s)
{
	return bpf_load(b, s, KEXEC_BPF_DRY_RUN | KEXEC_BPF_SHA256);
}

static const struct call {
	const char	*name;
	int		(*load)(struct bench *b, struct sample *s);
	bool		publishes;
	bool		digests;
	bool		has_result;
} calls[] = {
	{ "file",   file_load, true,  false, false },
	{ "bpf",    bpf,       true,  false, true },
	{ "sha256", sha256,    false, true,  true },
};

#define NR_CALLS	(sizeof(calls) / sizeof(calls[0]))

static bool same_digest(const uint8_t *sha256, const char *hex)
{
	char text[65];
	size_t i;

	for (i = 0; i < 32; i++)
		snprintf(text + 2 * i, 3, "%02x", sha256[i]);
	return !strcmp(text, hex);
}

/* Both calls load the same bytes, or there is nothing to compare. */
static void check(const struct bench *b, const struct call *call,
		  const struct sample *s)
{
	const struct kexec_bpf_result *r = &s->result;

	if (loaded() != call->publishes)
		die("%s: an image is %sloaded afterwards", call->name,
		    call->publishes ? "not " : "");
	if (!call->has_result)
		return;
	if (!(r->flags & KEXEC_BPF_RESULT_VERIFIED) ||
	    !(r->flags & KEXEC_BPF_RESULT_ENFORCED))
		die("%s: the signature was not checked: flags %#x", call->name, r->flags);
	if (r->kernel.size != b->kernel_size || r->initrd.size != b->initrd_size ||
	    r->cmdline.size != b->cmdline_size)
		die("%s: loaded a kernel of %llu, an initrd of %llu, a command line of %llu bytes, expected %" PRIu64 ", %" PRIu64 ", %" PRIu64,
		    call->name, r->kernel.size, r->initrd.size, r->cmdline.size,
		    b->kernel_size, b->initrd_size, b->cmdline_size);
	if (call->digests && (!same_digest(r->kernel.sha256, b->kernel_sha256) ||
			      !same_digest(r->initrd.sha256, b->initrd_sha256)))
		die("%s: kernel or initrd is not the one that went into the image",
		    call->name);
}

static void unload(void)
{
	if (syscall(SYS_kexec_file_load, -1, -1, 0UL, NULL, FILE_UNLOAD))
		die("cannot unload: %s", strerror(errno));
	if (loaded())
		die("an image is loaded after unloading it");
}

static void run(struct bench *b, const struct call *call, unsigned int round)
{
	pthread_t thread = { 0 };
	struct sample s = { 0 };
	unsigned int i;
	int ret;

	if (watched)
		thread = start_watch();
	ret = call->load(b, &s);
	if (watched)
		end_watch(thread, &s);
	if (ret)
		die("%s: %s (%s)\n%s", call->name, kexecbpf_errno_name(ret),
		    kexecbpf_strerror(ret), call->has_result ? b->log : "");
	check(b, call, &s);
	unload();

	printf("%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%u,%s,%" PRIu64,
	       b->image_size, b->kernel_size, b->initrd_size, b->cmdline_size,
	       round, call->name, s.ns);
	for (i = 0; i < KEXEC_BPF_NR_STEPS; i++)
		printf(",%llu", s.result.step_ns[i]);
	printf(",%llu,%" PRIu64 ",%" PRIu64 "\n", s.result.mem_peak, s.mem_free,
	       s.mem_vmalloc);
	fflush(stdout);
}

/* -------- preparation -------- */

static void copy_range(int from, uint64_t offset, uint64_t size, const char *path)
{
	int to = open_file(path, O_WRONLY | O_CREAT | O_EXCL);
	off_t pos = (off_t)offset;
	ssize_t n;

	while (size) {
		n = sendfile(to, from, &pos, size < (1U << 20) ? size : 1U << 20);
		if (n <= 0)
			die("cannot write '%s': %s", path, n ? strerror(errno) : "image ends");
		size -= (uint64_t)n;
	}
	if (close(to))
		die("cannot write '%s': %s", path, strerror(errno));
}

static void tell(void *ctx, const char *text)
{
	(void)ctx;
	fprintf(stderr, "bench: %s\n", text);
}

static const struct kexecbpf_section *find(const struct kexecbpf_pe *pe,
					   const char *name)
{
	const struct kexecbpf_section *section = kexecbpf_pe_find(pe, name);

	if (!section || !section->payload)
		die("the image has no section '%s'", name);
	return section;
}

/* Beside the image, so that both calls read from the same file system. */
static void take_apart(struct bench *b)
{
	const struct kexecbpf_report report = { .message = tell };
	const struct kexecbpf_section *section;
	struct kexecbpf_pe *pe;
	int fd;

	snprintf(b->kernel, sizeof(b->kernel), "%s.linux", b->image);
	snprintf(b->initrd, sizeof(b->initrd), "%s.initrd", b->image);
	fd = open_file(b->image, O_RDONLY);
	if (kexecbpf_pe_open(fd, &report, &pe))
		die("cannot take '%s' apart", b->image);
	b->image_size = kexecbpf_pe_info(pe)->file_size;

	section = find(pe, ".linux");
	b->kernel_size = section->payload;
	copy_range(fd, section->offset, section->payload, b->kernel);

	section = find(pe, ".initrd");
	b->initrd_size = section->payload;
	b->initrd_offset = section->offset;
	copy_range(fd, section->offset, section->payload, b->initrd);

	section = find(pe, ".cmdline");
	b->cmdline_size = section->payload;
	if (b->cmdline_size >= sizeof(b->cmdline) ||
	    kexecbpf_pe_read(pe, section->offset, b->cmdline, section->payload))
		die("cannot read the command line");

	kexecbpf_pe_close(pe);
	close(fd);
}

static void flip(const char *path, uint64_t at)
{
	int fd = open_file(path, O_RDWR);
	char c;

	if (pread(fd, &c, 1, (off_t)at) != 1)
		die("cannot read '%s'", path);
	c ^= 1;
	if (pwrite(fd, &c, 1, (off_t)at) != 1)
		die("cannot write '%s'", path);
	close(fd);
}

/* One changed byte: both calls look at the signature, or this ends here. */
static void check_refusal(struct bench *b)
{
	struct sample s;
	int ret;

	flip(b->kernel, b->kernel_size / 2);
	ret = file_load(b, &s);
	flip(b->kernel, b->kernel_size / 2);
	if (ret != -EPERM || loaded())
		die("kexec_file_load() of a changed kernel: %s, expected EPERM",
		    ret ? kexecbpf_errno_name(ret) : "success");

	flip(b->image, b->initrd_offset + b->initrd_size / 2);
	ret = bpf(b, &s);
	flip(b->image, b->initrd_offset + b->initrd_size / 2);
	if (ret != -EKEYREJECTED || loaded())
		die("kexec_bpf_load() of a changed image: %s, expected EKEYREJECTED",
		    ret ? kexecbpf_errno_name(ret) : "success");
}

int main(int argc, char **argv)
{
	static struct bench b;
	unsigned long rounds;
	unsigned int round;
	size_t i;
	char *end;

	/* A second thread can watch only where it runs at the same time. */
	watched = argc == 6 && !strcmp(argv[5], "watch");
	if (argc != 5 && !watched) {
		fputs("Usage: bench IMAGE ROUNDS KERNEL-SHA256 INITRD-SHA256 [watch]\n", stderr);
		return 2;
	}
	b.image = argv[1];
	rounds = strtoul(argv[2], &end, 10);
	if (!rounds || rounds > 1000 || *end)
		die("'%s' is no number of rounds", argv[2]);
	b.kernel_sha256 = argv[3];
	b.initrd_sha256 = argv[4];

	pin(0);
	meminfo_fd = open_file("/proc/meminfo", O_RDONLY);
	/* MemFree does not count what processors keep: let that be little. */
	write_text(PCP_HIGH, "1000000");
	take_apart(&b);
	check_refusal(&b);

	for (round = 0; round <= rounds; round++) {
		for (i = 0; i < NR_CALLS; i++) {
			if (round || calls[i].publishes)
				run(&b, &calls[i], round);
		}
		if (round)
			continue;
		write_text(PCP_HIGH, "0");
		watched = false;
	}
	return 0;
}
