// SPDX-License-Identifier: GPL-2.0
/*
 * [L4] A load can be killed at any point. The process is gone within a second,
 * what is loaded stays, no parser thread is left, and the next load works.
 */

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "common.h"

/* Milliseconds: as promised; with the debug kernel under emulation */
#define PROMISED	1000
#define SLOW_LIMIT	5000

static struct load load;

/*
 * What the process that is killed shares: whether it has begun, its load, and how
 * long that took if it came to an end, in microseconds
 */
static struct shared {
	volatile bool	started;
	struct load	load;
	unsigned long	duration;
} *shared;

static int limit(void)
{
	return slow() ? SLOW_LIMIT : PROMISED;
}

/*
 * A large image. With @certs, it carries the signature of another one: the load
 * spends its time in the digest. Without, in the segments.
 */
static int make_large(uint64_t mib, bool certs)
{
	struct bytes good = read_image("good.efi"), kernel = read_image("parts/linux");
	struct pe from = pe_view(good), pe;
	int bpf = pe_find_section(&from, ".bpf"), fd;
	uint32_t table = pe_get32(&from, pe_at(&from, PE_CERTS));

	if (pe_init(&pe, PE_MACHINE_AMD64, 4, (mib + 1) << 20) ||
	    pe_add(&pe, ".linux", kernel.data, kernel.size) < 0 ||
	    pe_add(&pe, ".initrd", NULL, mib << 20) < 0 ||
	    pe_add(&pe, ".bpf", good.data + pe_get32(&from, pe_section_at(&from, bpf, PE_SEC_RAW_OFFSET)),
		   pe_get32(&from, pe_section_at(&from, bpf, PE_SEC_VSIZE))) < 0)
		tap_bail("cannot build an image");
	if (certs && pe_add_certs(&pe, good.data + table + 8,
				  pe_get32(&from, table) - 8))
		tap_bail("cannot add a signature");
	fd = make_file(pe.data, pe.size);
	pe_free(&pe);
	bytes_free(&good);
	bytes_free(&kernel);
	return fd;
}

/* A process that begins a load */
static pid_t begin(int fd, unsigned long flags)
{
	uint64_t start;
	pid_t pid;

	fflush(stdout);
	shared->started = false;
	shared->load.result.flags = 0;
	pid = fork();
	if (pid < 0)
		tap_bail("cannot fork");
	if (!pid) {
		start = now_ms();
		shared->started = true;
		load_fd(&shared->load, fd, flags);
		shared->duration = (now_ms() - start) * 1000;
		_exit(0);
	}
	while (!shared->started)
		usleep(100);
	return pid;
}

/*
 * Kill it. Returns the milliseconds from the signal to the end of the process,
 * or -1 if the load ended by itself.
 */
static int end(pid_t pid)
{
	uint64_t killed = now_ms(), took;
	int status;

	kill(pid, SIGKILL);
	if (waitpid(pid, &status, 0) != pid)
		tap_bail("lost a process");
	took = now_ms() - killed;
	return WIFSIGNALED(status) ? (int)took : -1;
}

/* How long the load takes when nobody kills it, in microseconds */
static unsigned long duration(int fd, unsigned long flags, int error)
{
	uint64_t start = now_ms();

	load_fd(&load, fd, flags);
	if (load.error != error) {
		diag_load(&load);
		tap_bail("the load to be killed ends in another way than it should");
	}
	start = now_ms() - start;
	tap_diag("takes %llu ms when nobody kills it", (unsigned long long)start);
	return start * 1000;
}

static bool no_threads_left(void)
{
	uint64_t start = now_ms();

	while (parser_threads()) {
		if (now_ms() - start > (uint64_t)limit())
			return false;
		usleep(10000);
	}
	return true;
}

static void sweep(const char *what, int fd, unsigned long flags, unsigned long whole,
		  int points)
{
	int i, took, worst = 0, killed = 0, changed = 0, left = 0;
	bool was = loaded();
	pid_t pid;

	for (i = 0; i <= points; i++) {
		pid = begin(fd, flags);
		usleep(whole / points * i);
		took = end(pid);
		if (took >= 0)
			killed++;
		else if (shared->duration < whole)
			/* kexec had more luck with the pages that it found */
			whole = shared->duration;
		if (took > worst)
			worst = took;
		if (shared->load.result.flags & KEXEC_BPF_RESULT_PUBLISHED && !was)
			unload();	/* was faster than the signal */
		if (loaded() != was)
			changed++;
		if (!no_threads_left())
			left++;
	}
	tap_ok(killed > points / 4 && worst < limit(),
	       "%s[L4] %s: killed at %d of %d points in time, gone after %d ms at most",
	       s12(), what, killed, points + 1, worst);
	tap_is(changed, 0, "%s[L4] %s: what is loaded stays", s12(), what);
	tap_is(left, 0, "%s[L4] %s: no parser thread is left", s12(), what);
	tap_is(load_image(&load, "good.efi", KEXEC_BPF_DRY_RUN), 0,
	       "%s[L4] %s: the next load works at once", s12(), what);
}

static bool has_ended(pid_t pid)
{
	siginfo_t info = {};

	if (waitid(P_PID, pid, &info, WEXITED | WNOHANG | WNOWAIT))
		tap_bail("lost a process");
	return info.si_pid;
}

/*
 * An image so large that it takes a second to read: killed while memory for it is
 * being found, and as soon as there is all of it and reading begins.
 */
static void test_read(void)
{
	static const long long size = 1 << 20;
	static const struct {
		const char	*what;
		/* A line of /proc/meminfo, and by how many KiB it changes till then */
		const char	*line;
		long long	change;
	} points[] = {
		{ "memory is being found", "MemFree", -size / 16 },
		/* Stacks come and go there as well. */
		{ "it is read", "VmallocUsed", size * 15 / 16 },
	};
	long long before, change;
	unsigned int i;
	pid_t pid;
	int fd, took;

	if (meminfo("MemAvailable") < size + size / 4) {
		tap_skip("too little memory", "[L4] image of a gigabyte");
		return;
	}
	fd = temporary_file();
	if (ftruncate(fd, size * 1024))
		tap_bail("cannot make a large file");
	fd = read_only(fd);
	for (i = 0; i < ARRAY_SIZE(points); i++) {
		before = meminfo(points[i].line);
		pid = begin(fd, DRY_RUN);
		do {
			change = meminfo(points[i].line) - before;
		} while (llabs(change) < llabs(points[i].change) && !has_ended(pid));
		took = end(pid);
		tap_ok(took >= 0 && took < PROMISED,
		       "%s[L4] image of a gigabyte, %s: killed, gone after %d ms", s12(),
		       points[i].what, took);
	}
	close(fd);
	tap_is(loaded(), 1, "%s[L4] image of a gigabyte: what is loaded stays", s12());
}

int main(void)
{
	int points = slow() ? 4 : 6, fd;
	const uint64_t mib = 8;
	unsigned long flags = DRY_RUN;

	require_kernel();
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		tap_bail("no memory");
	if (load_image(&load, "good.efi", 0))
		tap_bail("the good image does not load");

	fd = make_large(mib, true);
	sweep("digest of a large image", fd, 0, duration(fd, 0, EKEYREJECTED), points);
	close(fd);

	if (enforced()) {
		fd = unpack_image("large.efi.gz");
	} else {
		fd = make_large(mib, false);
		flags |= UNSIGNED;
	}
	sweep("digests and segments of a large image", fd, flags | SHA256,
	      duration(fd, flags | SHA256, 0), points);

	unload();
	flags &= ~DRY_RUN;
	sweep("load with nothing loaded before", fd, flags,
	      duration(fd, flags | DRY_RUN, 0) * 3 / 4, points / 2);
	close(fd);

	if (load_image(&load, "good.efi", 0))
		tap_bail("the good image does not load");
	fd = open_image("parser-too_long.efi");
	sweep("parser that does not end", fd, 0, 200000, points);
	close(fd);

	fd = open_image("good.efi");
	sweep("small image", fd, DRY_RUN, duration(fd, DRY_RUN, 0), 2 * points);
	close(fd);
	fd = open_image("parser-bad_verifier.efi");
	sweep("parser that the verifier refuses", fd, 0, duration(fd, 0, EPROTO), 2 * points);
	close(fd);
	if (!slow())
		test_read();
	return tap_done();
}
