// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's first process: mounts what the tests need, runs one command on a
 * pseudo-terminal, and reports on a serial port of its own how it ended, or that
 * the kernel did not watch itself meanwhile. The host takes everything but a
 * complete report for a failure.
 *
 * Ports: ttyS0 console, ttyS1 report, ttyS2 the command's output alone, which
 * kernel messages cannot cut in two. Command: /etc/vm/argv, its arguments with
 * a NUL after each.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#define ARGV_FILE	"/etc/vm/argv"
#define KMEMLEAK	"/sys/kernel/debug/kmemleak"
#define LOCKDEP		"/proc/lockdep_stats"
/* kmemleak reports nothing that is younger than 5 s. */
#define KMEMLEAK_AGE	6

static const struct {
	const char *type, *target, *options;
	mode_t mode;
	bool optional;
} mounts[] = {
	{ "proc",	"/proc",			NULL,		0555, false },
	{ "sysfs",	"/sys",				NULL,		0555, false },
	{ "devtmpfs",	"/dev",				"mode=0755",	0755, false },
	{ "devpts",	"/dev/pts",			"mode=0620",	0755, false },
	{ "tmpfs",	"/dev/shm",			"mode=1777",	01777, false },
	{ "tmpfs",	"/tmp",				"mode=1777",	01777, false },
	{ "tmpfs",	"/run",				"mode=0755",	0755, false },
	{ "debugfs",	"/sys/kernel/debug",		NULL,		0700, true },
	{ "tracefs",	"/sys/kernel/tracing",		NULL,		0700, true },
	{ "securityfs",	"/sys/kernel/security",		NULL,		0700, true },
	{ "bpf",	"/sys/fs/bpf",			NULL,		0700, true },
};

static int console = STDERR_FILENO;

static void say(const char *what, const char *name)
{
	dprintf(console, "vm: %s '%s': %s\n", what, name, strerror(errno));
}

static bool mount_all(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(mounts); i++) {
		/* On a virtual file system the directory is there or is not. */
		if (mkdir(mounts[i].target, mounts[i].mode) && errno != EEXIST &&
		    mounts[i].optional)
			continue;
		if (!mount(mounts[i].type, mounts[i].target, mounts[i].type, 0,
			   mounts[i].options))
			continue;
		/* Mounted by the kernel, or not configured. */
		if (errno == EBUSY || (mounts[i].optional && (errno == ENODEV || errno == ENOENT ||
							      errno == EPERM)))
			continue;
		say("cannot mount", mounts[i].target);
		return false;
	}
	return true;
}

static int open_port(const char *name, bool raw)
{
	struct termios t;
	int fd;

	fd = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	if (raw && !tcgetattr(fd, &t)) {
		cfmakeraw(&t);
		tcsetattr(fd, TCSANOW, &t);
	}
	return fd;
}

/* Split the file in place; the strings live as long as this process. */
static char **read_argv(void)
{
	size_t len = 0, size = 0, n = 0, i;
	char *text = NULL, **argv;
	ssize_t got = 1;
	int fd;

	fd = open(ARGV_FILE, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		say("cannot open", ARGV_FILE);
		return NULL;
	}
	while (got > 0) {
		if (len == size) {
			size = size ? size * 2 : 4096;
			text = realloc(text, size);
			if (!text)
				return NULL;
		}
		got = read(fd, text + len, size - len);
		if (got > 0)
			len += got;
	}
	close(fd);
	if (got < 0 || !len || text[len - 1]) {
		errno = got < 0 ? errno : EINVAL;
		say("cannot read", ARGV_FILE);
		return NULL;
	}

	for (i = 0; i < len; i++)
		n += !text[i];
	argv = calloc(n + 1, sizeof(*argv));
	if (!argv)
		return NULL;
	for (i = 0, n = 0; i < len; i += strlen(text + i) + 1)
		argv[n++] = text + i;
	return argv;
}

static void write_all(int fd, const char *buf, size_t len)
{
	ssize_t done;

	while (fd >= 0 && len) {
		done = write(fd, buf, len);
		if (done < 0) {
			if (errno == EINTR)
				continue;
			return;
		}
		buf += done;
		len -= done;
	}
}

static int open_pty(char *name, size_t size)
{
	struct termios t;
	int master, slave;

	master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (master < 0 || grantpt(master) || unlockpt(master) ||
	    ptsname_r(master, name, size))
		return -1;
	/* Stays open here, so that the settings do, and reading never fails. */
	slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0 || tcgetattr(slave, &t))
		return -1;
	cfmakeraw(&t);
	if (tcsetattr(slave, TCSANOW, &t))
		return -1;
	return master;
}

static void run_child(char **argv, const char *pty)
{
	sigset_t none;
	int in, out;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	in = open("/dev/null", O_RDONLY);
	out = open(pty, O_RDWR);
	if (in < 0 || out < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0) {
		say("cannot open", pty);
		_exit(127);
	}
	if (in > 2)
		close(in);
	if (out > 2)
		close(out);
	setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
	setenv("HOME", "/root", 1);
	setenv("TERM", "dumb", 1);
	setenv("LC_ALL", "C", 1);
	/* Leaks are looked for at the end, once for all tests. */
	setenv("KEXEC_BPF_SCAN_LATER", "1", 1);
	/* This kernel was built to be tested. */
	setenv("KEXEC_BPF_REQUIRED", "1", 1);
	if (chdir("/root"))
		_exit(127);
	execvp(argv[0], argv);
	say("cannot execute", argv[0]);
	_exit(errno == ENOENT ? 127 : 126);
}

/* Reap everything, as the first process must; true when the command ended. */
static bool reap(pid_t command, int *status)
{
	bool ended = false;
	pid_t pid;
	int st;

	while ((pid = waitpid(-1, &st, WNOHANG)) > 0) {
		if (pid == command) {
			*status = st;
			ended = true;
		}
	}
	return ended;
}

static int run_command(char **argv, int output)
{
	const struct timespec drain = { 0 }, tick = { .tv_nsec = 100000000 };
	char pty[64], buf[4096];
	bool ended = false;
	struct pollfd p;
	sigset_t chld;
	pid_t pid;
	ssize_t n;
	int st;

	p.fd = open_pty(pty, sizeof(pty));
	p.events = POLLIN;
	if (p.fd < 0) {
		say("cannot open", "/dev/ptmx");
		return -1;
	}

	/* Delivered in ppoll() alone: no child can end between the tests. */
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, NULL);

	pid = fork();
	if (pid < 0) {
		say("cannot fork for", argv[0]);
		return -1;
	}
	if (!pid)
		run_child(argv, pty);

	for (;;) {
		sigset_t open;

		sigemptyset(&open);
		p.revents = 0;
		n = ppoll(&p, 1, ended ? &drain : &tick, &open);
		if (n > 0 && (p.revents & POLLIN)) {
			n = read(p.fd, buf, sizeof(buf));
			if (n > 0) {
				write_all(console, buf, n);
				write_all(output, buf, n);
			}
		} else if (ended) {
			break;
		}
		if (!ended)
			ended = reap(pid, &st);
	}
	if (output >= 0)
		tcdrain(output);
	if (WIFSIGNALED(st)) {
		dprintf(console, "vm: '%s' was killed by signal %d\n", argv[0], WTERMSIG(st));
		return 128 + WTERMSIG(st);
	}
	return WEXITSTATUS(st);
}

static bool on_command_line(const char *word)
{
	char line[4096], *have, *rest = line;
	ssize_t n = -1;
	int fd;

	fd = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, line, sizeof(line) - 1);
		close(fd);
	}
	line[n > 0 ? n : 0] = '\0';
	while ((have = strsep(&rest, " \n"))) {
		if (!strcmp(have, word))
			return true;
	}
	return false;
}

/*
 * An object counts as leaked when two scans in a row find no pointer to it.
 * Leaks are for the console; returns whether it was looked for them.
 */
static bool check_leaks(void)
{
	char buf[4096];
	bool ok = false;
	ssize_t n;
	int fd;

	/* Then it refuses everything; it does so too when it gave up by itself. */
	if (on_command_line("kmemleak=off"))
		return true;
	fd = open(KMEMLEAK, O_RDWR | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return true;
	if (fd < 0 || write(fd, "scan=off", 8) != 8)
		goto out;
	sleep(KMEMLEAK_AGE);
	if (write(fd, "scan", 4) != 4 || write(fd, "scan", 4) != 4)
		goto out;
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		write_all(console, buf, n);
	ok = !n;
out:
	if (!ok)
		say("cannot scan", KMEMLEAK);
	if (fd >= 0)
		close(fd);
	return ok;
}

/*
 * Whether lockdep, if this kernel has it, still looks. That it does not is in
 * the kernel's log below what the console shows.
 */
static bool check_locks(void)
{
	bool on = false;
	char line[256];
	FILE *f;
	int value;

	f = fopen(LOCKDEP, "re");
	if (!f)
		return errno == ENOENT;
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, " debug_locks: %d", &value) == 1)
			on = value;
	}
	fclose(f);
	return on;
}

static void on_child(int sig)
{
	(void)sig;
}

int main(void)
{
	int report, output, status;
	struct sigaction sa = { .sa_handler = on_child };
	char **argv;

	sigaction(SIGCHLD, &sa, NULL);
	umask(0);
	if (!mount_all())
		goto out;
	umask(022);

	console = open_port("/dev/console", false);
	if (console < 0)
		console = STDERR_FILENO;
	report = open_port("/dev/ttyS1", true);
	if (report < 0) {
		say("cannot open", "/dev/ttyS1");
		goto out;
	}
	output = open_port("/dev/ttyS2", true);

	argv = read_argv();
	if (!argv)
		goto out;
	status = run_command(argv, output);
	if (!check_leaks())
		dprintf(report, "problem kmemleak does not look for leaks\n");
	else if (!check_locks())
		dprintf(report, "problem lockdep does not look at locks any more\n");
	else if (status >= 0)
		dprintf(report, "exit %d\n", status);
	tcdrain(report);
out:
	tcdrain(console);
	sync();
	reboot(RB_AUTOBOOT);
	for (;;)
		pause();
}
