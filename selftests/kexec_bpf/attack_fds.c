// SPDX-License-Identifier: GPL-2.0
/*
 * Root looks for the descriptors of a parser: in its own table, in that of the
 * caller, in those of kernel threads, and behind every other door of a process.
 *
 * With --helper, what the kernel starts to take a core dump: lists the
 * descriptors that it was given.
 */

#include <linux/kcmp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "attack.h"

#define FDS		64
#define CORE_PATTERN	"/proc/sys/kernel/core_pattern"
#define HELPER_FILE	"/tmp/attack_fds.helper"

/* What came of trying to get descriptors out of other tables */
struct tally {
	atomic_uint	tries;
	atomic_uint	got;
	atomic_uint	bpf;
	atomic_uint	refused;
	atomic_uint	empty;
};

static void grab(pid_t pid, int fds, struct tally *tally)
{
	char target[128];
	int pidfd, fd, got;

	pidfd = syscall(SYS_pidfd_open, pid, 0);
	if (pidfd < 0)
		return;
	for (fd = 0; fd < fds; fd++) {
		got = syscall(SYS_pidfd_getfd, pidfd, fd, 0);
		atomic_fetch_add(&tally->tries, 1);
		if (got < 0) {
			if (errno == EPERM)
				atomic_fetch_add(&tally->refused, 1);
			else if (errno == EBADF)
				atomic_fetch_add(&tally->empty, 1);
			continue;
		}
		atomic_fetch_add(&tally->got, 1);
		if (fd_target(0, got, target, sizeof(target)) &&
		    !strncmp(target, "anon_inode:bpf", 14))
			atomic_fetch_add(&tally->bpf, 1);
		close(got);
	}
	close(pidfd);
}

struct others {
	pid_t		parser;
	unsigned int	threads;
	struct tally	tally;
};

static bool grab_other(pid_t pid, void *ctx)
{
	struct others *others = ctx;

	if (pid != others->parser) {
		others->threads++;
		grab(pid, FDS, &others->tally);
	}
	return true;
}

/* A process that does nothing and has a map open */
static pid_t start_victim(void)
{
	pid_t pid;
	int map;

	map = make_map(8);
	pid = fork();
	if (pid < 0)
		tap_bail("cannot fork");
	if (!pid) {
		for (;;)
			pause();
	}
	close(map);
	return pid;
}

static void test_getfd(const struct hold *hold, pid_t victim)
{
	struct tally tally = {};
	struct others others = { .parser = hold->parser };

	grab(victim, FDS, &tally);
	tap_ok(tally.bpf == 1, "pidfd_getfd() takes a map from an ordinary process");

	tally = (struct tally){};
	grab(hold->caller, FDS, &tally);
	tap_ok(tally.got && !tally.bpf && !tally.refused,
	       "[S4] the caller's table has no descriptor of BPF");

	tally = (struct tally){};
	grab(hold->parser, FDS, &tally);
	tap_is(tally.refused, FDS, "[S4] pidfd_getfd() on the parser's thread: EPERM");

	for_each_kthread(grab_other, &others);
	tap_ok(others.threads > 5 && others.tally.tries == others.threads * FDS &&
	       others.tally.empty == others.tally.tries,
	       "[S4] pidfd_getfd() on %u other kernel threads: EBADF",
	       others.threads);
}

static long long fdinfo_number(pid_t pid, int fd, const char *key)
{
	char path[64], line[128];
	long long value = -1;
	size_t len = strlen(key);
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", pid, fd);
	f = fopen(path, "re");
	if (!f)
		return -1;
	while (fgets(line, sizeof(line), f)) {
		if (!strncmp(line, key, len) && line[len] == ':')
			value = atoll(line + len + 1);
	}
	fclose(f);
	return value;
}

static int info(int fd)
{
	struct bpf_prog_info prog = {};
	union bpf_attr attr = {
		.info = {
			.bpf_fd		= fd,
			.info		= (uintptr_t)&prog,
			.info_len	= sizeof(prog),
		},
	};

	return sys_bpf(BPF_OBJ_GET_INFO_BY_FD, &attr);
}

static int get_object(const char *path)
{
	union bpf_attr attr = { .pathname = (uintptr_t)path };

	return sys_bpf(BPF_OBJ_GET, &attr);
}

static int pin_object(int fd, const char *path)
{
	union bpf_attr attr = { .pathname = (uintptr_t)path, .bpf_fd = fd };

	return sys_bpf(BPF_OBJ_PIN, &attr);
}

static void test_proc(const struct hold *hold)
{
	static const char pinned[] = "/sys/fs/bpf/attack_fds";
	char path[64], again[64], target[128];
	int fd, found = -1, opened = 0, other = 0, got = 0, ret, map;

	map = make_map(8);
	ret = pin_object(map, pinned);
	fd = get_object(pinned);
	tap_ok(!ret && fd >= 0, "BPF_OBJ_GET gets a pinned map");
	close(fd);
	close(map);
	unlink(pinned);

	for (fd = 0; fd < FDS; fd++) {
		if (!fd_target(hold->parser, fd, target, sizeof(target)))
			continue;
		found = fd;
		snprintf(path, sizeof(path), "/proc/%d/fd/%d", hold->parser, fd);
		ret = open(path, O_RDWR | O_CLOEXEC);
		if (ret >= 0)
			opened++;
		else if (errno != ENXIO)
			other++;
		got += get_object(path) >= 0;
	}
	tap_ok(found >= 0 && !opened && !other,
	       "[S4] what /proc shows of the parser's table cannot be opened: ENXIO");
	tap_is(got, 0, "[S4] nor got as if it were pinned");
	tap_is(fdinfo_number(hold->parser, found, "prog_id"), 0,
	       "[S5] its program has id 0");

	/* A path without a file behind it is no descriptor of a program. */
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", hold->parser, found);
	fd = open(path, O_PATH | O_CLOEXEC);
	snprintf(again, sizeof(again), "/proc/self/fd/%d", fd);
	tap_ok(fd < 0 || (info(fd) < 0 && open(again, O_RDWR) < 0 && errno == ENXIO),
	       "[S4] with O_PATH neither");
	if (fd >= 0)
		close(fd);
}

static void test_memory(const struct hold *hold, pid_t victim)
{
	static char secret[] = "in the memory of both";
	char path[64], copy[sizeof(secret)] = "";
	struct iovec local = { copy, sizeof(copy) }, remote = { secret, sizeof(secret) };
	int fd;

	tap_ok(process_vm_readv(victim, &local, 1, &remote, 1, 0) == sizeof(secret) &&
	       !strcmp(copy, secret), "process_vm_readv() reads an ordinary process");
	tap_ok(process_vm_readv(hold->parser, &local, 1, &remote, 1, 0) < 0,
	       "[S4] process_vm_readv() on the parser's thread fails");
	tap_ok(process_vm_writev(hold->parser, &local, 1, &remote, 1, 0) < 0,
	       "[S4] process_vm_writev() on the parser's thread fails");

	snprintf(path, sizeof(path), "/proc/%d/mem", victim);
	fd = open(path, O_RDWR | O_CLOEXEC);
	tap_ok(fd >= 0 && pread(fd, copy, sizeof(copy), (uintptr_t)secret) == sizeof(copy),
	       "/proc/PID/mem reads an ordinary process");
	close(fd);
	snprintf(path, sizeof(path), "/proc/%d/mem", hold->parser);
	fd = open(path, O_RDWR | O_CLOEXEC);
	tap_ok(fd < 0 || (pread(fd, copy, sizeof(copy), (uintptr_t)secret) <= 0 &&
			  pwrite(fd, copy, sizeof(copy), (uintptr_t)secret) <= 0),
	       "[S4] /proc/PID/mem of the parser's thread is empty");
	if (fd >= 0)
		close(fd);

	tap_ok(!ptrace(PTRACE_SEIZE, victim, NULL, NULL),
	       "an ordinary process can be traced");
	tap_ok(ptrace(PTRACE_SEIZE, hold->parser, NULL, NULL) < 0 && errno == EPERM,
	       "[S4] the parser's thread cannot be traced: EPERM");
	tap_ok(ptrace(PTRACE_ATTACH, hold->parser, NULL, NULL) < 0 && errno == EPERM,
	       "[S4] nor attached to: EPERM");
}

static bool note_other(pid_t pid, void *ctx)
{
	pid_t *other = ctx;

	if (pid <= 2)
		return true;
	*other = pid;
	return false;
}

static int same_files(pid_t a, pid_t b)
{
	return syscall(SYS_kcmp, a, b, KCMP_FILES, 0, 0);
}

static void test_table(const struct hold *hold)
{
	union bpf_attr attr = {};
	int fd, queries = 0;
	pid_t other = 0;

	for_each_kthread(note_other, &other);
	tap_is(same_files(2, other), 0, "ordinary kernel threads share a table");
	tap_ok(same_files(2, hold->parser) > 0 && same_files(1, hold->parser) > 0 &&
	       same_files(hold->caller, hold->parser) > 0,
	       "[S4] the parser's thread has its own");

	for (fd = 0; fd < FDS; fd++) {
		attr.task_fd_query.pid = hold->parser;
		attr.task_fd_query.fd = fd;
		queries += sys_bpf(BPF_TASK_FD_QUERY, &attr) >= 0;
	}
	tap_is(queries, 0, "[S4] BPF_TASK_FD_QUERY finds nothing there");
}

/* Kernel threads are cloned by kthreadd, helpers by a worker: neither inherits. */
static void test_helper(void)
{
	char self[256], pattern[300], text[4096] = "";
	struct bytes list;
	int status;
	pid_t pid;
	ssize_t n;

	n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	self[n > 0 ? n : 0] = '\0';
	snprintf(pattern, sizeof(pattern), "|%s --helper", self);
	if (!write_text(CORE_PATTERN, pattern)) {
		tap_skip("no '" CORE_PATTERN "'", "[S4] a helper of the kernel inherits nothing");
		return;
	}
	pid = fork();
	if (!pid)
		abort();
	waitpid(pid, &status, 0);
	write_text(CORE_PATTERN, "core\n");

	if (!access(HELPER_FILE, R_OK)) {
		list = read_file(HELPER_FILE);
		memcpy(text, list.data, list.size < sizeof(text) ? list.size : sizeof(text) - 1);
	}
	tap_ok(strstr(text, "0 pipe:") && strstr(text, "end\n") && !strstr(text, "bpf"),
	       "[S4] a helper of the kernel inherits nothing");
}

static int helper(void)
{
	FILE *f = fopen(HELPER_FILE, "we");
	char text[4096];
	int fd;

	if (!f)
		return 1;
	for (fd = 0; fd < FDS; fd++) {
		if (fd != fileno(f) && fd_target(0, fd, text, sizeof(text)))
			fprintf(f, "%d %s\n", fd, text);
	}
	fprintf(f, "end\n");
	return fclose(f) ? 1 : 0;
}

/* Short loads, with a sibling thread of the caller and a process watching */
struct watch {
	pid_t		caller;
	atomic_bool	stop;
	atomic_uint	rounds;
	atomic_uint	seen;
	struct tally	tally;
	struct tally	parsers;
};

static void *sibling(void *arg)
{
	struct watch *watch = arg;

	pin(-1);
	while (!atomic_load(&watch->stop)) {
		if (count_bpf_fds(0))
			atomic_fetch_add(&watch->seen, 1);
		atomic_fetch_add(&watch->rounds, 1);
	}
	return NULL;
}

static bool grab_any(pid_t pid, void *ctx)
{
	struct watch *watch = ctx;

	grab(pid, 8, &watch->tally);
	return true;
}

/* The thread of a parser is among the tasks that were created last. */
static pid_t last_pid(void)
{
	FILE *f = fopen("/proc/loadavg", "re");
	pid_t pid = 0;

	if (!f || fscanf(f, "%*s %*s %*s %*s %d", &pid) != 1)
		tap_bail("cannot read '/proc/loadavg'");
	fclose(f);
	return pid;
}

static void stranger(struct watch *watch)
{
	pid_t last;
	int i;

	pin(-1);
	while (!atomic_load(&watch->stop)) {
		for (i = 0; i < 100; i++) {
			last = last_pid();
			grab(last, 8, &watch->parsers);
			grab(last - 1, 8, &watch->parsers);
		}
		grab(watch->caller, FDS, &watch->tally);
		for_each_kthread(grab_any, watch);
		atomic_fetch_add(&watch->rounds, 1);
	}
	_exit(0);
}

static void test_watchers(unsigned int rounds)
{
	struct kexec_bpf_result reference;
	struct watch own = {}, *other;
	pthread_t thread;
	pid_t pid;
	int map;

	other = mmap(NULL, sizeof(*other), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		     -1, 0);
	if (other == MAP_FAILED)
		tap_bail("no memory");
	other->caller = getpid();
	make_reference(&reference);

	fflush(stdout);
	pid = fork();
	if (pid < 0)
		tap_bail("cannot fork");
	if (!pid)
		stranger(other);
	if (pthread_create(&thread, NULL, sibling, &own))
		tap_bail("cannot create a thread");

	map = make_map(8);
	while (!atomic_load(&own.seen) || !atomic_load(&other->tally.bpf))
		usleep(1000);
	close(map);
	tap_ok(true, "both watchers see an ordinary map in the caller's table");
	usleep(200000);
	atomic_store(&own.seen, 0);
	atomic_store(&own.rounds, 0);
	atomic_store(&other->tally.bpf, 0);
	atomic_store(&other->rounds, 0);

	tap_ok(loads_agree(&reference, rounds), "%u loads beside them", rounds);
	atomic_store(&own.stop, true);
	atomic_store(&other->stop, true);
	pthread_join(thread, NULL);
	waitpid(pid, NULL, 0);
	tap_ok(own.rounds > rounds && other->rounds && other->parsers.refused,
	       "they looked %u and %u times, and were refused by parsers %u times",
	       own.rounds, other->rounds, other->parsers.refused);
	tap_is(own.seen, 0, "[S4] a thread that shares the caller's table saw nothing");
	tap_is(other->tally.bpf + other->parsers.bpf, 0,
	       "[S4] a process got nothing from caller and kernel threads");
}

int main(int argc, char **argv)
{
	struct hold hold;
	pid_t victim;

	if (argc > 1 && !strcmp(argv[1], "--helper"))
		return helper();
	require_kernel();
	mount_bpf();
	test_watchers(slow() ? 10 : 40);

	victim = start_victim();
	hold_begin(&hold, 60000);
	test_getfd(&hold, victim);
	test_proc(&hold);
	test_table(&hold);
	test_memory(&hold, victim);
	test_helper();
	tap_ok(hold_lives(&hold), "the load was under way all the time");
	hold_kill(&hold);
	kill(victim, SIGKILL);
	waitpid(victim, NULL, 0);
	unload();
	return tap_done();
}
