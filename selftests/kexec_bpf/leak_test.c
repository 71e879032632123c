// SPDX-License-Identifier: GPL-2.0
/*
 * [M3] Loads that fail and loads that succeed leave no memory behind; any
 * allocation may fail.
 */

#include <limits.h>
#include <sys/stat.h>

#include "common.h"

static struct load load;

/* Failures of each step, in turn */
static const struct {
	const char	*image;
	int		error;
} failures[] = {
	{ "unsigned.efi", ENODATA },
	{ "parser-ret_error.efi", EBADMSG },
	{ "nobpf.efi", ENOEXEC },
	{ "parser-bad_verifier.efi", EPROTO },
	{ "other.efi", ENOKEY },
	{ "bpf-text.efi", ELIBSCN },
	{ "parser-no_kernel.efi", ENOMSG },
	{ "parser-abi_unknown.efi", EPROTONOSUPPORT },
	{ "no-bzimage.efi", ENOEXEC },
	{ "parser-self_nest.efi", ELOOP },
	{ "two-linux.efi", EBADMSG },
	{ "nested-refused.efi", EBADMSG },
};

static unsigned int run_failures(unsigned int nr)
{
	unsigned int i, wrong = 0;

	for (i = 0; i < nr; i++) {
		load_image(&load, failures[i % ARRAY_SIZE(failures)].image, SHA256);
		if (load.error != failures[i % ARRAY_SIZE(failures)].error) {
			if (!wrong++)
				diag_load(&load);
		}
	}
	return wrong;
}

static unsigned int run_successes(unsigned int nr)
{
	static const char *const names[] = { "good.efi", "nested.efi", "parser-texts.efi" };
	unsigned int i, wrong = 0;

	for (i = 0; i < nr; i++) {
		if (load_image(&load, names[i % ARRAY_SIZE(names)], DRY_RUN | SHA256)) {
			if (!wrong++)
				diag_load(&load);
		}
	}
	return wrong;
}

struct usage {
	long long	used, slab, vmalloc;
};

static struct usage usage(void)
{
	struct usage u = {
		.used		= meminfo("MemTotal") - meminfo("MemFree"),
		.slab		= meminfo("Slab"),
		.vmalloc	= meminfo("VmallocUsed"),
	};

	return u;
}

/*
 * Programs are freed after a grace period that all tasks have to pass, and
 * descriptors of kernel threads by a worker. What is lower than at the time
 * before is no leak.
 */
static struct usage settle(const struct usage *before, const struct usage *limit)
{
	uint64_t start = now_ms();
	struct usage u;

	write_text("/proc/sys/vm/drop_caches", "3");
	do {
		usleep(200000);
		u = usage();
	} while (before && now_ms() - start < 20000 &&
		 (u.used - before->used > limit->used ||
		  u.slab - before->slab > limit->slab ||
		  u.vmalloc - before->vmalloc > limit->vmalloc));
	return u;
}

static void test_flat(void)
{
	/* KiB that are in motion anyway: per-CPU lists, slabs in part */
	static const struct usage limit = { 2048, 1024, 512 };
	unsigned int failed = slow() ? 24 : 1000, succeeded = slow() ? 6 : 100;
	/* It keeps what was freed for a while, up to a part of all memory. */
	bool kasan = has_kasan();
	struct usage before, after;

	if (!kasan) {
		/* The first ones fill caches. */
		run_failures(60);
		run_successes(20);
		sleep(2);
		before = settle(NULL, NULL);
	}
	tap_is(run_failures(failed), 0, "[M3] %u loads fail, each as it should", failed);
	tap_is(run_successes(succeeded), 0, "[M3] %u loads succeed", succeeded);
	if (kasan) {
		tap_skip("KASAN keeps freed memory; kmemleak looks for leaks",
			 "[M3] memory stays flat");
		return;
	}
	after = settle(&before, &limit);
	tap_diag("KiB more than before: memory %lld, slab %lld, vmalloc %lld",
		 after.used - before.used, after.slab - before.slab,
		 after.vmalloc - before.vmalloc);
	tap_ok(after.used - before.used <= limit.used, "[M3] memory stays flat");
	tap_ok(after.slab - before.slab <= limit.slab, "[M3] slab stays flat");
	tap_ok(after.vmalloc - before.vmalloc <= limit.vmalloc, "[M3] vmalloc stays flat");
	tap_is(parser_threads(), 0, "[M3] no parser thread is left");
}

/* -------- fault injection -------- */

#define FAULTS		"/sys/kernel/debug/"

static const char *const kinds[] = { "failslab", "fail_page_alloc", "fail_usercopy" };

static void set_fault(const char *kind, const char *name, long long value)
{
	char path[128];

	snprintf(path, sizeof(path), FAULTS "%s/%s", kind, name);
	write_number(path, value);
}

/* Written as Y or N */
static void set_fault_bool(const char *kind, const char *name, bool value)
{
	char path[128];

	snprintf(path, sizeof(path), FAULTS "%s/%s", kind, name);
	write_text(path, value ? "Y" : "N");
}

static void arm(const char *kind)
{
	/* Allocations that may wait are the ones that we make. */
	set_fault_bool(kind, "ignore-gfp-wait", false);
	set_fault_bool(kind, "ignore-gfp-highmem", false);
	set_fault(kind, "min-order", 0);
	set_fault(kind, "verbose", 0);
	set_fault(kind, "probability", 0);
}

/*
 * What may come of an allocation or a copy to or from user space that failed. The
 * image is refused, but code that is not ours has other words for some of them:
 * that for keys and PKCS#7 takes the signature for a bad one, as rsa_enc() does
 * with EINVAL, and walk_system_ram_res_rev() finds no room for a segment.
 */
static bool is_injected(const struct load *load)
{
	return load->error == ENOMEM || load->error == EFAULT ||
	       (load->error == EKEYREJECTED &&
		load->result.step == KEXEC_BPF_STEP_SIGNATURE) ||
	       (load->error == EADDRNOTAVAIL &&
		load->result.step == KEXEC_BPF_STEP_SEGMENTS);
}

/*
 * The kernel shows its stack and memory for each allocation that fails, which
 * takes longer than the load on a serial console. What stands for a mistake of
 * the kernel must not be lost: a warning becomes a panic meanwhile.
 */
static void quiet(bool on)
{
	static char printk[64];
	FILE *f;

	if (on) {
		f = fopen("/proc/sys/kernel/printk", "re");
		if (!f || !fgets(printk, sizeof(printk), f))
			tap_bail("cannot read the console's log level");
		fclose(f);
	}
	if (!write_text("/proc/sys/kernel/panic_on_warn", on ? "1" : "0") ||
	    !write_text("/proc/sys/kernel/printk", on ? "4" : printk))
		tap_bail("cannot set the console's log level");
}

/* Reports that are neither an error nor a warning to the kernel */
static bool kmsg_is_clean(int mark)
{
	static const char *const reports[] = {
		"WARNING: possible", "WARNING: suspicious", "WARNING: inconsistent",
		"BUG:", "cut here", "INFO: task",
	};
	char *kmsg = kmsg_since(mark);
	bool clean = true;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(reports); i++) {
		if (strstr(kmsg, reports[i])) {
			tap_diag("the kernel reports '%s'", reports[i]);
			clean = false;
		}
	}
	free(kmsg);
	return clean;
}

/* Arm the n-th place of this task that can fail; 0 for none. */
static void set_nth(int nth, unsigned int n)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", n);
	/* If the fault hits this very call, it is spent, and the next one passes. */
	if (pwrite(nth, text, strlen(text), 0) < 0 &&
	    pwrite(nth, text, strlen(text), 0) < 0)
		tap_bail("cannot write fail-nth");
}

/*
 * Disarm, and return how many more it would have taken; 0 if one did fail. Where
 * the fault hits the question, the load had one less to give than it needed.
 */
static unsigned int left(int nth)
{
	char text[16] = "";

	if (pread(nth, text, sizeof(text) - 1, 0) < 0) {
		if (errno != ENOMEM && errno != EFAULT)
			tap_bail("cannot read fail-nth");
		strcpy(text, "1");
	}
	set_nth(nth, 0);
	return atoi(text);
}

/*
 * Let each place of this task fail that can, one in a load: all of them, or
 * @most, spread evenly, where one load takes long; which ones, changes from run
 * to run. Ends when a load gets through without meeting the fault.
 */
static void sweep_own(const char *image, int error, unsigned int most)
{
	static const unsigned int beyond = 1000000;
	unsigned int n, wrong = 0, injected = 0, changed = 0, tried = 0, places, stride;
	int fd = open_image(image), was = loaded(), nth;
	bool through = false, clean = true;
	int mark = kmsg_mark();

	nth = open("/proc/self/fail-nth", O_RDWR | O_CLOEXEC);
	if (nth < 0)
		tap_bail("cannot open fail-nth");
	set_nth(nth, beyond);
	load_fd(&load, fd, DRY_RUN | SHA256);
	places = beyond - left(nth);
	stride = places > most ? places / most : 1;

	for (n = 1 + now_ms() % stride; !through && n < 2 * places + stride + 100; n += stride) {
		set_nth(nth, n);
		load_fd(&load, fd, DRY_RUN | SHA256);
		if (left(nth))
			through = load.error == error;
		clean &= kmsg_is_clean(mark);
		tried++;
		if (loaded() != was)
			changed++;
		if (is_injected(&load)) {
			injected++;
		} else if (load.error != error) {
			if (wrong++ < 5) {
				tap_diag("%s: fault %u", image, n);
				diag_load(&load);
			}
		}
	}
	close(mark);
	close(nth);
	close(fd);
	tap_diag("%s: %u places, %u of them fail in turn, %u end the load", image, places,
		 tried, injected);
	tap_ok(!wrong && injected && clean,
	       "[M3] %s: allocations of the caller fail in turn: ENOMEM, or no harm", image);
	tap_ok(through, "[M3] %s: and without a fault the load ends as usual", image);
	tap_is(changed, 0, "[M3] %s: what is loaded stays", image);
}

/*
 * The parser's thread is another task, and new at each load, so nobody can arm a
 * fault in it. But it inherits from kthreadd that it may be made to fail. What may
 * fail is counted then, from boot on, and each time that the count is a multiple of
 * the interval, it does: with count + n for an interval it is the n-th from now on.
 * Nothing is counted once a fault has come up, nor with an interval of 1.
 *
 * So a fault that has come up leaves a count that equals the interval, and the
 * kernel keeps that for whoever runs this next. After a boot the interval is 1.
 */
static struct kind {
	const char		*name;
	unsigned long long	count;
} thread_kinds[] = {
	{ "failslab", 0 }, { "fail_page_alloc", 0 },
};

static void begin_thread_faults(struct kind *kind)
{
	char path[128];
	long long interval;

	snprintf(path, sizeof(path), FAULTS "%s/interval", kind->name);
	interval = read_number(path);
	if (interval < 1)
		tap_bail("cannot read '%s'", path);
	kind->count = interval > 1 ? interval : 0;

	if (!write_text("/proc/2/make-it-fail", "1"))
		tap_bail("cannot mark kthreadd");
	set_fault_bool(kind->name, "task-filter", true);
	set_fault(kind->name, "probability", 100);
}

static void end_thread_faults(struct kind *kind)
{
	set_fault(kind->name, "times", 0);
	set_fault(kind->name, "probability", 0);
	write_text("/proc/2/make-it-fail", "0");
}

static bool has_failed(const struct kind *kind)
{
	char path[128];

	snprintf(path, sizeof(path), FAULTS "%s/times", kind->name);
	return !read_number(path);
}

/* Whether the n-th did fail; if not, catch_up() is due. */
static bool load_with_nth(struct kind *kind, unsigned int n, int fd)
{
	set_fault(kind->name, "interval", kind->count + n);
	set_fault(kind->name, "times", 1);
	load_fd(&load, fd, DRY_RUN);
	if (!has_failed(kind))
		return false;
	if (kind->count + n > 1)
		kind->count += n;
	return true;
}

/*
 * If n was not reached, the load had at most n - 1. How many is not known until the
 * fault has come up in another load: then the count equals the interval again.
 */
static void catch_up(struct kind *kind, unsigned int n, int fd)
{
	static const unsigned int patience = 1000;
	unsigned int loads;

	for (loads = 0; !has_failed(kind); loads++) {
		if (loads == patience)
			tap_bail("%s: no fault comes up in %u loads", kind->name, loads);
		load_fd(&load, fd, DRY_RUN);
	}
	kind->count += n;
}

/*
 * Let each place of the thread fail, one in a load, or one of @step, which ones
 * changes from run to run; until there is none that far. Loads differ a little in
 * what they allocate, so several must be without a fault.
 */
static void sweep_thread(struct kind *kind, const char *image, int error,
			 unsigned int step)
{
	static const unsigned int beyond = 100000, enough = 3;
	unsigned int n, tried = 0, missed = 0, wrong = 0, injected = 0, changed = 0;
	int fd = open_image(image), mark = kmsg_mark(), was = loaded();
	bool clean = true, failed, met;

	begin_thread_faults(kind);
	for (n = 1 + now_ms() % step; missed < enough && n < beyond;) {
		failed = load_with_nth(kind, n, fd);
		clean &= kmsg_is_clean(mark);
		if (loaded() != was)
			changed++;
		if (failed && is_injected(&load)) {
			injected++;
		} else if (load.error != error) {
			if (wrong++ < 5) {
				tap_diag("%s: %s, fault %u", image, kind->name, n);
				diag_load(&load);
			}
		}
		if (failed) {
			tried++;
			missed = 0;
			n += step;
		} else {
			missed++;
			catch_up(kind, n, fd);
		}
	}
	clean &= kmsg_is_clean(mark);
	end_thread_faults(kind);
	close(fd);
	close(mark);
	tap_diag("%s: %s in the parser's thread: %u fail in turn, %u end the load", image,
		 kind->name, tried, injected);
	/* One load may take fewer pages than there are in a step. */
	met = step == 1 ? injected : tried || !strcmp(kind->name, "fail_page_alloc");
	tap_ok(!wrong && missed == enough && met && clean,
	       "[M3] %s: allocations of the parser's thread fail in turn (%s): ENOMEM, or no harm",
	       image, kind->name);
	tap_is(changed, 0, "[M3] %s: what is loaded stays", image);
}

/* All places, or some of them, which change from run to run */
static void test_faults(bool all, bool must)
{
	struct stat st;
	size_t i;

	if (stat("/proc/self/fail-nth", &st) || stat(FAULTS "failslab", &st)) {
		if (must)
			tap_bail("no fault injection in this kernel");
		tap_skip("no fault injection in this kernel", "[M3] allocations fail in turn");
		return;
	}
	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		arm(kinds[i]);
	if (load_image(&load, "good.efi", 0))
		tap_bail("the good image does not load");

	quiet(true);
	sweep_own("kernel-only.efi", 0, all ? UINT_MAX : 16);
	sweep_own("parser-ret_error.efi", EBADMSG, all ? UINT_MAX : 8);
	for (i = 0; i < ARRAY_SIZE(thread_kinds); i++) {
		sweep_thread(&thread_kinds[i], "small.efi", 0, all ? 1 : 13);
		sweep_thread(&thread_kinds[i], "parser-bad_verifier.efi", EPROTO,
			     all ? 1 : 29);
	}
	quiet(false);
	tap_is(load_image(&load, "good.efi", 0), 0, "[M3] after all that, the good image loads");
	tap_is(parser_threads(), 0, "[M3] no parser thread is left");
}

/* Takes long, so it is left to whoever runs this and does it at the end anyway. */
static void test_kmemleak(void)
{
	static const char path[] = "/sys/kernel/debug/kmemleak";
	char *text;
	struct stat st;
	size_t len;
	FILE *f;

	if (getenv("KEXEC_BPF_SCAN_LATER"))
		return;
	if (stat(path, &st) || !write_text(path, "scan=off")) {
		tap_skip("no kmemleak in this kernel", "[M3] kmemleak finds nothing");
		return;
	}
	/* Objects are reported when they are some seconds old, by the second scan. */
	sleep(6);
	if (!write_text(path, "scan") || !write_text(path, "scan"))
		tap_bail("kmemleak does not scan");
	text = calloc(1, LOG_SIZE);
	f = fopen(path, "re");
	if (!text || !f)
		tap_bail("cannot read '%s'", path);
	len = fread(text, 1, LOG_SIZE - 1, f);
	fclose(f);
	if (len)
		tap_diag("%s", text);
	tap_ok(!len, "[M3] kmemleak finds nothing");
	free(text);
}

/* leak_test [sweep]: the allocations alone, but all of them */
int main(int argc, char **argv)
{
	bool sweep = argc > 1 && !strcmp(argv[1], "sweep");

	require_kernel();
	if (!sweep)
		test_flat();
	/* The machines for ordinary use have neither KASAN nor fault injection. */
	test_faults(sweep || !slow(), sweep || (required() && has_kasan()));
	test_kmemleak();
	return tap_done();
}
