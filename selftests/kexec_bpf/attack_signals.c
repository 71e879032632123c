// SPDX-License-Identifier: GPL-2.0
/*
 * Root sends signals to the thread of a parser, and moves it between
 * processors, priorities and control groups: at worst it becomes slow.
 */

#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "attack.h"

#define FREEZER	"/tmp/freezer"
#define CGROUP	"/tmp/cgroup"

static const int signals[] = {
	SIGKILL, SIGSTOP, SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGTSTP, SIGSEGV, SIGUSR1, SIGALRM,
};

/* What was done to parsers */
struct storm {
	atomic_bool	stop;
	atomic_uint	signals;
	atomic_uint	moves;
	atomic_uint	groups;
	atomic_uint	frozen;
};

static bool group(const char *directory, pid_t pid)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/cgroup.procs", directory);
	return write_number(path, pid);
}

static char state_of(pid_t pid)
{
	char path[64], stat[512], *c;
	bool ok;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "re");
	if (!f)
		return 0;
	ok = fgets(stat, sizeof(stat), f);
	fclose(f);
	c = ok ? strrchr(stat, ')') : NULL;
	return c && c[1] ? c[2] : 0;
}

static void signal_all(pid_t pid, struct storm *storm)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(signals); i++)
		storm->signals += !kill(pid, signals[i]);
}

static void move(pid_t pid, struct storm *storm)
{
	const struct sched_param none = {}, first = { .sched_priority = 1 };
	unsigned int turn = storm->moves;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(turn % sysconf(_SC_NPROCESSORS_ONLN), &set);
	storm->moves += !sched_setaffinity(pid, sizeof(set), &set);
	if (turn % 3 == 0)
		sched_setscheduler(pid, SCHED_IDLE, &none);
	else if (turn % 3 == 1)
		sched_setscheduler(pid, SCHED_FIFO, &first);
	else
		sched_setscheduler(pid, SCHED_OTHER, &none);
	setpriority(PRIO_PROCESS, pid, turn % 40 - 20);
}

static void regroup(pid_t pid, struct storm *storm)
{
	storm->groups += group(CGROUP "/one", pid);
	storm->frozen += group(CGROUP "/frozen", pid);
	storm->frozen += group(FREEZER "/frozen", pid);
}

static bool is_parser(pid_t pid)
{
	char path[64], comm[32] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	f = fopen(path, "re");
	if (!f)
		return false;
	if (!fgets(comm, sizeof(comm), f))
		comm[0] = '\0';
	fclose(f);
	return !strcmp(comm, "kexec_bpf\n");
}

static bool disturb(pid_t pid, void *ctx)
{
	if (!is_parser(pid))
		return true;
	signal_all(pid, ctx);
	move(pid, ctx);
	regroup(pid, ctx);
	return true;
}

static bool setup_groups(void)
{
	mkdir(FREEZER, 0755);
	mkdir(CGROUP, 0755);
	return !mount("cgroup", FREEZER, "cgroup", 0, "freezer") &&
	       !mount("cgroup2", CGROUP, "cgroup2", 0, NULL) &&
	       write_text(CGROUP "/cgroup.subtree_control", "+cpuset") &&
	       !mkdir(FREEZER "/frozen", 0755) && !mkdir(CGROUP "/one", 0755) &&
	       !mkdir(CGROUP "/frozen", 0755) && !mkdir(CGROUP "/caller", 0755) &&
	       write_text(CGROUP "/one/cpuset.cpus", "0") &&
	       write_text(FREEZER "/frozen/freezer.state", "FROZEN") &&
	       write_text(CGROUP "/frozen/cgroup.freeze", "1");
}

/* Ordinary processes are impressed. */
static void controls(void)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		for (;;)
			usleep(1000);
	}
	kill(pid, SIGSTOP);
	waitpid(pid, &status, WUNTRACED);
	tap_ok(WIFSTOPPED(status), "SIGSTOP stops an ordinary process");
	kill(pid, SIGCONT);
	tap_ok(group(CGROUP "/frozen", pid) && group(CGROUP, pid) &&
	       group(FREEZER "/frozen", pid) && group(FREEZER, pid),
	       "an ordinary process can be moved between groups");
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	tap_ok(WIFSIGNALED(status), "SIGKILL ends it");
}

/*
 * Moving this one would wait for its end: a program that runs stays on its
 * processor.
 */
static void long_load(unsigned int ms)
{
	struct storm storm = {};
	struct hold hold;
	bool stopped = false;
	int error;

	hold_begin(&hold, ms);
	while (now_ms() - hold.start < ms / 2) {
		signal_all(hold.parser, &storm);
		stopped |= state_of(hold.parser) == 'T';
		usleep(10000);
	}
	tap_ok(storm.signals > 100 && hold_lives(&hold),
	       "[L4] a parser ran on after %u signals", storm.signals);
	tap_ok(!stopped, "[L4] and was never stopped");
	error = hold_wait(&hold);
	/* A tick of the kernel's coarser clock less, at most */
	tap_ok(error == ETIME && hold.run_ms + 20 > ms,
	       "[L4] it ended by its own time: errno %d after %llu of %u ms", error,
	       (unsigned long long)hold.run_ms, ms);
	tap_is(parser_threads(), 0, "nothing is left of it");
}

static void short_loads(unsigned int rounds)
{
	struct kexec_bpf_result reference;
	unsigned int loads = 0;
	struct storm *storm;
	bool agree = true;
	uint64_t start;
	pid_t pid;

	storm = mmap(NULL, sizeof(*storm), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		     -1, 0);
	if (storm == MAP_FAILED)
		tap_bail("no memory");
	make_reference(&reference);
	fflush(stdout);
	pid = fork();
	if (pid < 0)
		tap_bail("cannot fork");
	if (!pid) {
		pin(-1);
		while (!storm->stop)
			for_each_kthread(disturb, storm);
		_exit(0);
	}
	/* It may take a while until it has met a parser in each way. */
	start = now_ms();
	do {
		agree &= loads_agree(&reference, rounds);
		loads += rounds;
	} while (!(storm->signals && storm->moves && storm->groups && storm->frozen) &&
		 now_ms() - start < 20000);
	tap_ok(agree, "[M1] %u loads have the same output in a storm of signals and moves", loads);
	storm->stop = true;
	waitpid(pid, NULL, 0);
	tap_ok(storm->signals && storm->moves && storm->groups && storm->frozen,
	       "it was one: %u signals, %u processors, %u groups, %u frozen", storm->signals,
	       storm->moves, storm->groups, storm->frozen);
}

/* The caller can be frozen, and still be killed. */
static void frozen_caller(void)
{
	struct hold hold;

	hold_begin(&hold, 60000);
	tap_ok(group(CGROUP "/caller", hold.caller) &&
	       write_text(CGROUP "/caller/cgroup.freeze", "1"), "a caller is frozen");
	usleep(200000);
	tap_ok(hold_lives(&hold), "[L4] its parser runs on");
	hold_kill(&hold);
	tap_ok(!parser_threads(), "[L4] and ends with the caller, which can be killed");
	write_text(CGROUP "/caller/cgroup.freeze", "0");
}

/* A thread of the kernel inherits its limits; all root gets is a refusal. */
static void no_descriptors(void)
{
	static const struct {
		rlim_t		limit;
		const char	*what;
		struct refusal	want;
	} cases[] = {
		{ 0, "any of its objects",
		  { EMFILE, KEXEC_BPF_STEP_LOAD, "bpf: map for section ", 0, 0 } },
		/* The parser for UKIs has three maps. */
		{ 3, "its program",
		  { EMFILE, KEXEC_BPF_STEP_LOAD, "bpf: no descriptor for the program: error -24",
		    0, 0 } },
	};
	struct rlimit was, few;
	static struct load load;
	int fd = open_image(ORDINARY);
	unsigned int i;

	if (prlimit(2, RLIMIT_NOFILE, NULL, &was))
		tap_bail("cannot ask for the limits of kthreadd");
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		few = (struct rlimit){ cases[i].limit, was.rlim_max };
		if (prlimit(2, RLIMIT_NOFILE, &few, NULL))
			tap_bail("cannot change the limits of kthreadd");
		check_refused(fd, 0, &cases[i].want,
			      "[M1] without a descriptor for %s a parser is refused",
			      cases[i].what);
	}
	few = (struct rlimit){ 4, was.rlim_max };
	prlimit(2, RLIMIT_NOFILE, &few, NULL);
	check_loads(fd, 0, &load, "with one for each it runs");
	prlimit(2, RLIMIT_NOFILE, &was, NULL);
	close(fd);
}

int main(void)
{
	require_kernel();
	if (!setup_groups())
		tap_bail("cannot set up control groups: %s", strerror(errno));
	controls();
	long_load(2000);
	short_loads(slow() ? 10 : 40);
	frozen_caller();
	no_descriptors();
	unload();
	return tap_done();
}
