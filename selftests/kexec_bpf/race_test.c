// SPDX-License-Identifier: GPL-2.0
/* Many loads at once, and files that change while they are read */

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "common.h"

static struct load load;

struct tally {
	long	done;
	long	busy;
	long	wrong;
	int	last;
};

static struct tally *tallies;
static uint64_t end;

/* Milliseconds for one race; where there is lockdown, it has been run without. */
static unsigned int duration(void)
{
	return enforced() ? 500 : 1000;
}

static void count(struct tally *t, int error)
{
	if (!error) {
		t->done++;
	} else if (error == EBUSY) {
		t->busy++;
		/* Not all at once again */
		usleep(500 + getpid() % 7 * 300);
	} else {
		t->wrong++;
		t->last = error;
	}
}

/* Whoever has not been lucky until the end goes on a little. */
static void loader(struct tally *t)
{
	while (now_ms() < end || (!t->done && now_ms() < end + 20000))
		count(t, load_image(&load, "good.efi", 0));
}

static void dry_runner(struct tally *t)
{
	while (now_ms() < end)
		count(t, load_image(&load, "nested.efi", DRY_RUN | SHA256));
}

static void unloader(struct tally *t)
{
	while (now_ms() < end) {
		count(t, -sys_kexec_bpf_load(NULL, 0, KEXEC_BPF_UNLOAD));
		usleep(1000);
	}
}

/* The other system calls share the lock that publishes an image. */
static void file_loader(struct tally *t)
{
	int fd = open_image("linux.signed"), initrd = open_image("parts/initrd");

	while (now_ms() < end)
		count(t, file_load(fd, initrd, "race", 0));
}

/* A refusal in between: nothing else may come of it */
static void refused(struct tally *t)
{
	int error;

	while (now_ms() < end) {
		error = load_image(&load, "parser-ret_error.efi", 0);
		count(t, error == EBADMSG ? 0 : error ? error : 1000);
	}
}

static void (*const racers[])(struct tally *t) = {
	loader, loader, dry_runner, unloader, file_loader, refused,
};

static const char *const racer_names[] = {
	"load", "load", "dry run", "unload", "kexec_file_load()", "refused load",
};

static void test_race(void)
{
	pid_t pids[ARRAY_SIZE(racers)];
	size_t i;
	int status;

	end = now_ms() + 2 * duration();
	fflush(stdout);
	for (i = 0; i < ARRAY_SIZE(racers); i++) {
		pids[i] = fork();
		if (pids[i] < 0)
			tap_bail("cannot fork");
		if (!pids[i]) {
			racers[i](&tallies[i]);
			_exit(0);
		}
	}
	for (i = 0; i < ARRAY_SIZE(racers); i++) {
		if (waitpid(pids[i], &status, 0) != pids[i] || !WIFEXITED(status) ||
		    WEXITSTATUS(status))
			tallies[i].wrong++;
		tap_diag("%s: %ld done, %ld busy", racer_names[i], tallies[i].done,
			 tallies[i].busy);
		tap_ok(!tallies[i].wrong && tallies[i].done + tallies[i].busy,
		       "%s[M4] race: %s: success or EBUSY, nothing else (%s)", s12(),
		       racer_names[i],
		       tallies[i].wrong ? strerror(tallies[i].last) : "none");
	}
	tap_ok(tallies[0].done && tallies[1].done, "[M4] race: loads get through");
	tap_is(parser_threads(), 0, "[M4] race: no parser thread is left");
	tap_is(load_image(&load, "good.efi", 0), 0, "%s[M4] race: afterwards a load succeeds",
	       s12());
	tap_is(loaded(), 1, "[M4] race: and is loaded");
}

/*
 * While the kernel reads, it denies everybody else to open the file for
 * writing; truncate(2) is denied likewise. Whoever gets in before makes it
 * ETXTBSY, or a torn image that the signature tells.
 */

static char directory[] = "/tmp/race_test.XXXXXX";
static char file_name[64], new_name[64];

static void changer_bytes(const struct bytes *good)
{
	uint8_t change = 1, byte;
	int fd;

	for (;;) {
		fd = open(file_name, O_WRONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		/* Never what it was. */
		change ^= 3;
		byte = good->data[good->size / 2] ^ change;
		if (pwrite(fd, &byte, 1, good->size / 2) != 1)
			_exit(1);
		close(fd);
	}
}

static void changer_size(const struct bytes *good)
{
	for (;;) {
		/* Either can fail, while the file is read. */
		if (truncate(file_name, good->size / 3))
			sched_yield();
		if (truncate(file_name, good->size + 4096))
			sched_yield();
	}
}

static void changer_name(const struct bytes *good)
{
	int fd;

	for (;;) {
		fd = open(new_name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		if (fd < 0 || write(fd, good->data, good->size) != (ssize_t)good->size)
			_exit(1);
		close(fd);
		if (rename(new_name, file_name))
			_exit(1);
		/* Long enough for somebody to open it. */
		usleep(200);
		unlink(file_name);
		/* Now and then there is none. */
		if (symlink("/dev/null", file_name))
			_exit(1);
	}
}

/* What each of them must lead to at least once, so that it was a race at all */
static const struct changer {
	const char	*name;
	void		(*change)(const struct bytes *good);
	bool		can_succeed;
	int		must[2];
} changers[] = {
	{ "a byte changes", changer_bytes, false, { EKEYREJECTED, ETXTBSY } },
	{ "the size changes", changer_size, false, { ELIBBAD, ETXTBSY } },
	{ "the name changes", changer_name, true, { 0, EINVAL } },
};

/* How often a load ended with each errno */
static unsigned int seen[200];

static void write_good(const struct bytes *good)
{
	int fd;

	unlink(file_name);
	fd = open(file_name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, good->data, good->size) != (ssize_t)good->size)
		tap_bail("cannot write '%s'", file_name);
	close(fd);
}

static bool is_expected(int error, bool can_succeed)
{
	switch (error) {
	case 0:
		return can_succeed;
	case ETXTBSY:
	case EKEYREJECTED:
	case ELIBBAD:
	case ENOEXEC:
	case EINVAL:	/* "not a regular file, or empty" */
	case EIO:	/* changed its size while it was read */
		return true;
	default:
		return false;
	}
}

/* Load while somebody changes the file; returns how often that went wrong. */
static int load_changing(const struct changer *changer)
{
	uint64_t start = now_ms();
	int wrong = 0, fd;

	memset(seen, 0, sizeof(seen));
	while (now_ms() - start < duration() ||
	       (!(seen[changer->must[0]] && seen[changer->must[1]]) &&
		now_ms() - start < 20000)) {
		fd = open(file_name, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		load_fd(&load, fd, DRY_RUN);
		close(fd);
		if (load.error < (int)ARRAY_SIZE(seen))
			seen[load.error]++;
		if (!is_expected(load.error, changer->can_succeed)) {
			wrong++;
			diag_load(&load);
		}
	}
	return wrong;
}

static void test_changing(void)
{
	struct bytes good = read_image("good.efi");
	uint8_t byte = good.data[good.size / 2] ^ 1;
	int wrong, fd;
	size_t i, e;
	pid_t pid;

	if (!mkdtemp(directory))
		tap_bail("cannot make '%s': %s", directory, strerror(errno));
	snprintf(file_name, sizeof(file_name), "%s/image.efi", directory);
	snprintf(new_name, sizeof(new_name), "%s/new.efi", directory);
	for (i = 0; i < ARRAY_SIZE(changers); i++) {
		write_good(&good);
		if (!changers[i].can_succeed) {
			/* Not once the file that is signed */
			fd = open(file_name, O_WRONLY | O_CLOEXEC);
			if (fd < 0 || pwrite(fd, &byte, 1, good.size / 2) != 1)
				tap_bail("cannot write '%s'", file_name);
			close(fd);
		}
		fflush(stdout);
		pid = fork();
		if (pid < 0)
			tap_bail("cannot fork");
		if (!pid)
			changers[i].change(&good);
		wrong = load_changing(&changers[i]);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		for (e = 0; e < ARRAY_SIZE(seen); e++) {
			if (seen[e])
				tap_diag("%s: %u times %s", changers[i].name, seen[e],
					 e ? strerror(e) : "success");
		}
		tap_ok(!wrong, "%s[S7] race: %s while it is read: never taken for the signed one",
		       s12(), changers[i].name);
		for (e = 0; e < ARRAY_SIZE(changers[i].must); e++)
			tap_ok(seen[changers[i].must[e]], "race: %s: at least once '%s'",
			       changers[i].name, strerror(changers[i].must[e]));
	}
	unlink(file_name);
	unlink(new_name);
	rmdir(directory);
	tap_is(load_image(&load, "good.efi", DRY_RUN), 0,
	       "%srace: afterwards the good image loads", s12());
}

/*
 * The memory for log and result goes away while the parser runs. The load ends
 * as it would have, and what it read, made and published has one owner each: in
 * a kernel with KASAN, whoever frees twice or too early is told of.
 */

#define MEMORY	(2 * sizeof(struct load))

static struct {
	const char	*image;
	void		*memory;
	volatile int	error;
} victim;

static void *load_into_memory(void *unused)
{
	struct load *into = victim.memory;
	struct kexec_bpf_args args = {
		.parser_fd	= -1,
		.log		= (uintptr_t)into->log,
		.log_size	= sizeof(into->log),
		.result		= (uintptr_t)&into->result,
		.result_size	= sizeof(into->result),
	};

	args.image_fd = open_image(victim.image);
	victim.error = -sys_kexec_bpf_load(&args, sizeof(args), DEBUG | SHA256);
	close(args.image_fd);
	return unused;
}

/* Only where somebody looks for it does a test for use after free count as one. */
static const char *m5(void)
{
	static int kasan = -1;

	if (kasan < 0)
		kasan = has_kasan();
	return kasan ? "[M5] " : "";
}

/*
 * What the load returned while its memory went away so many microseconds later,
 * or after its parser was there
 */
static int load_without_memory(const char *image, bool parser, unsigned long delay,
			       bool read_only)
{
	pthread_t thread;

	victim.image = image;
	victim.error = -1;
	victim.memory = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (victim.memory == MAP_FAILED ||
	    pthread_create(&thread, NULL, load_into_memory, NULL))
		tap_bail("cannot begin a load");
	while (parser && !parser_threads() && victim.error < 0)
		usleep(1000);
	usleep(delay);
	if (read_only ? mprotect(victim.memory, MEMORY, PROT_READ) :
			munmap(victim.memory, MEMORY))
		tap_bail("cannot take the memory away");
	pthread_join(thread, NULL);
	if (read_only)
		munmap(victim.memory, MEMORY);
	return victim.error;
}

static void test_memory(void)
{
	static const char path[] = "/proc/sys/kernel/kexec_bpf_parser_ms";
	long long was = read_number(path);
	int i, good = 0, faults = 0, rounds = slow() ? 10 : 40;
	/* The parser, once it is there, has to be verified. */
	unsigned int ms = slow() ? 1000 : 400;

	write_number(path, ms);
	tap_is(load_without_memory("parser-too_long.efi", true, ms * 500, false), ETIME,
	       "%slog and result are unmapped while the parser runs", m5());
	tap_is(load_without_memory("parser-too_long.efi", true, ms * 500, true), ETIME,
	       "%slog and result become read-only while the parser runs", m5());
	write_number(path, was);

	/* Before the load looks at it, it is EFAULT; later it makes no difference. */
	for (i = 0; i < rounds; i++) {
		switch (load_without_memory(i & 1 ? "nested.efi" : "good.efi", false, i * 1000,
					    i % 3 == 0)) {
		case 0:
			good++;
			break;
		case EFAULT:
			faults++;
			break;
		}
	}
	tap_ok(good + faults == rounds && good,
	       "%sthe same at any point in time: %d loads succeed, %d are EFAULT", m5(), good,
	       faults);
	tap_is(loaded(), 1, "%swhat was published stays", m5());

	/* Ranges inside ranges of one image, replaced and dropped */
	for (i = 0, good = 0; i < rounds; i++) {
		good += !load_image(&load, "nested.efi", SHA256);
		if (i % 4 == 3)
			unload();
	}
	tap_is(good, rounds, "%san image in an image is loaded, replaced and dropped", m5());
}

int main(void)
{
	require_kernel();
	tallies = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (tallies == MAP_FAILED)
		tap_bail("no memory");
	test_race();
	test_changing();
	test_memory();
	return tap_done();
}
