// SPDX-License-Identifier: GPL-2.0
/* Arguments, flags, permission, and what the caller gets back */

#include <pthread.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <linux/capability.h>
#include <linux/kexec.h>

#include "common.h"

static struct load load;
static int good;

static struct kexec_bpf_args sound_args(void)
{
	struct kexec_bpf_args args = {
		.image_fd	= good,
		.parser_fd	= -1,
		.log		= (uintptr_t)load.log,
		.log_size	= sizeof(load.log),
		.result		= (uintptr_t)&load.result,
		.result_size	= sizeof(load.result),
	};

	memset(&load, 0, sizeof(load));
	return args;
}

static bool is(long have, int want, const char *name)
{
	return tap_is(have, want, "%s%s", s12(), name);
}

static long try(const struct kexec_bpf_args *args, unsigned long flags)
{
	return sys_kexec_bpf_load(args, sizeof(*args), flags | DRY_RUN);
}

/* The number */

static void test_number(void)
{
	static const unsigned long x32 = 0x40000000;

	is(syscall(__NR_kexec_bpf_load, NULL, 0, KEXEC_BPF_ABI_VERSION), KEXEC_BPF_ABI,
	   "the number of the system call is that of the header");
	tap_ok(syscall(__NR_kexec_bpf_load | x32, NULL, 0, KEXEC_BPF_ABI_VERSION) == -1 &&
	       errno == ENOSYS, "with the bit of x32 programs it is ENOSYS");
}

/* Flags */

static void test_flags(void)
{
	static const unsigned long known = KEXEC_BPF_UNLOAD | KEXEC_BPF_ON_CRASH |
		KEXEC_BPF_NO_INITRAMFS | KEXEC_BPF_DEBUG | KEXEC_BPF_ALLOW_UNSIGNED |
		KEXEC_BPF_DRY_RUN | KEXEC_BPF_SHA256 | KEXEC_BPF_ABI_VERSION;
	struct kexec_bpf_args args = sound_args();
	int bit, refused = 0, unknown = 0;

	for (bit = 0; bit < 64; bit++) {
		if (known & 1UL << bit)
			continue;
		unknown++;
		if (try(&args, 1UL << bit) == -EINVAL)
			refused++;
		else
			tap_diag("flag 1 << %d is not refused", bit);
	}
	tap_is(refused, unknown, "each unknown flag is EINVAL");
	tap_is(sys_kexec_bpf_load(NULL, 0, KEXEC_BPF_UNLOAD | 1UL << 63),
	       -EINVAL, "unknown flag with unload is EINVAL");
	tap_is(sys_kexec_bpf_load(NULL, 0, KEXEC_BPF_ABI_VERSION | 1UL << 32),
	       -EINVAL, "unknown flag with the ABI query is EINVAL");

	/* All that go together, each alone, and none but what try() adds */
	is(try(&args, DEBUG | UNSIGNED | SHA256), 0, "flags that go together are accepted");
	tap_is(try(&args, KEXEC_BPF_NO_INITRAMFS | DEBUG | UNSIGNED | SHA256),
	       enforced() ? -EPERM : 0, "%sone more is %s", s12(),
	       enforced() ? "EPERM where signatures are enforced" : "accepted");
	is(try(&args, 0), 0, "no further flag is accepted");

	is(sys_kexec_bpf_load(&args, sizeof(args), KEXEC_BPF_UNLOAD), -EINVAL,
	   "unload with arguments is EINVAL");
	is(sys_kexec_bpf_load(&args, 0, KEXEC_BPF_UNLOAD), -EINVAL,
	   "unload with an address is EINVAL");
	is(sys_kexec_bpf_load(NULL, sizeof(args), KEXEC_BPF_UNLOAD), -EINVAL,
	   "unload with a size is EINVAL");
	for (bit = 2; bit < 8; bit++)
		tap_is(sys_kexec_bpf_load(NULL, 0, KEXEC_BPF_UNLOAD | 1UL << bit),
		       -EINVAL, "unload with flag %#lx is EINVAL", 1UL << bit);
	is(sys_kexec_bpf_load(NULL, 0, KEXEC_BPF_UNLOAD), 0, "unload alone is accepted");
	is(sys_kexec_bpf_load(NULL, 0, KEXEC_BPF_UNLOAD | KEXEC_BPF_ON_CRASH), 0,
	   "unload of the crash kernel is accepted");

	is(sys_kexec_bpf_load(&args, sizeof(args), KEXEC_BPF_ABI_VERSION), -EINVAL,
	   "ABI query with arguments is EINVAL");
	is(sys_kexec_bpf_load(NULL, 1, KEXEC_BPF_ABI_VERSION), -EINVAL,
	   "ABI query with a size is EINVAL");
	is(sys_kexec_bpf_load(NULL, 0, KEXEC_BPF_ABI_VERSION | DRY_RUN), -EINVAL,
	   "ABI query with another flag is EINVAL");
	is(sys_kexec_bpf_load(NULL, 0, KEXEC_BPF_ABI_VERSION), KEXEC_BPF_ABI,
	   "ABI query returns the version of the header");
}

/* The structure and its size */

static void test_size(void)
{
	size_t page = sysconf(_SC_PAGESIZE);
	struct kexec_bpf_args args = sound_args();
	uint8_t *large;

	/* Two pages, nothing behind them. */
	large = mmap(NULL, 3 * page, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (large == MAP_FAILED || munmap(large + 2 * page, page))
		tap_bail("no memory");

	is(sys_kexec_bpf_load(&args, 0, DRY_RUN), -EINVAL, "size 0 is EINVAL");
	is(sys_kexec_bpf_load(&args, KEXEC_BPF_ARGS_SIZE_VER0 - 1, DRY_RUN),
	   -EINVAL, "size one below the first version's is EINVAL");
	is(sys_kexec_bpf_load(&args, KEXEC_BPF_ARGS_SIZE_VER0, DRY_RUN), 0,
	   "size of the first version is accepted");

	memcpy(large, &args, sizeof(args));
	is(sys_kexec_bpf_load(large, sizeof(args) + 1, DRY_RUN), 0,
	   "one unknown byte that is zero is accepted");
	is(sys_kexec_bpf_load(large, page, DRY_RUN), 0,
	   "a page with zeros behind what is known is accepted");
	is(sys_kexec_bpf_load(large, page + 1, DRY_RUN), -E2BIG,
	   "more than a page is E2BIG");
	is(sys_kexec_bpf_load(large, SIZE_MAX, DRY_RUN), -E2BIG,
	   "the largest size is E2BIG");
	large[sizeof(args)] = 1;
	is(sys_kexec_bpf_load(large, sizeof(args) + 1, DRY_RUN), -E2BIG,
	   "one unknown byte that is not zero is E2BIG");
	large[sizeof(args)] = 0;
	large[page - 1] = 1;
	is(sys_kexec_bpf_load(large, page, DRY_RUN), -E2BIG,
	   "last byte of a page not zero is E2BIG");
	is(sys_kexec_bpf_load(large, page - 1, DRY_RUN), 0,
	   "a byte behind the size does not count");

	is(sys_kexec_bpf_load(NULL, sizeof(args), DRY_RUN), -EFAULT,
	   "NULL arguments are EFAULT");
	is(sys_kexec_bpf_load(large + 2 * page, sizeof(args), DRY_RUN), -EFAULT,
	   "unmapped arguments are EFAULT");
	is(sys_kexec_bpf_load(large + 2 * page - sizeof(args) + 1, sizeof(args),
			      DRY_RUN), -EFAULT,
	   "arguments whose last byte is unmapped are EFAULT");
	memcpy(large + 2 * page - sizeof(args), &args, sizeof(args));
	is(sys_kexec_bpf_load(large + 2 * page - sizeof(args), sizeof(args),
			      DRY_RUN), 0,
	   "arguments that end where memory ends are accepted");
	is(sys_kexec_bpf_load((void *)0xffff888000000000, sizeof(args), DRY_RUN),
	   -EFAULT, "arguments at an address of the kernel are EFAULT");
	munmap(large, 2 * page);
}

/* Fields that belong together; what this version does not take */

static void test_fields(void)
{
	static char bytes[64];
	struct kexec_bpf_args args;

#define TRY(name, want, ...)						\
	do {								\
		args = sound_args();					\
		__VA_ARGS__;						\
		is(try(&args, 0), want, name);				\
	} while (0)

	TRY("neither log nor result is accepted", 0,
	    args.log = 0, args.log_size = 0, args.result = 0, args.result_size = 0);
	TRY("log without a size is EINVAL", -EINVAL, args.log_size = 0);
	TRY("size of the log without an address is EINVAL", -EINVAL, args.log = 0);
	TRY("result without a size is EINVAL", -EINVAL, args.result_size = 0);
	TRY("size of the result without an address is EINVAL", -EINVAL, args.result = 0);
	TRY("data without a size are EINVAL", -EINVAL, args.data = (uintptr_t)bytes);
	TRY("size of data without an address is EINVAL", -EINVAL, args.data_size = 1);
	TRY("files without a number are EINVAL", -EINVAL, args.files = (uintptr_t)bytes);
	TRY("number of files without an address is EINVAL", -EINVAL,
	    args.nr_files = 1, args.file_size = KEXEC_BPF_FILE_SIZE_VER0);
	TRY("files without a size of one are EINVAL", -EINVAL,
	    args.files = (uintptr_t)bytes, args.nr_files = 1);
	TRY("size of a file without files is EINVAL", -EINVAL,
	    args.file_size = KEXEC_BPF_FILE_SIZE_VER0);
	TRY("parser_fd below -1 is EINVAL", -EINVAL, args.parser_fd = -2);
	TRY("smallest parser_fd is EINVAL", -EINVAL, args.parser_fd = INT32_MIN);

	TRY("further files are EOPNOTSUPP", -EOPNOTSUPP,
	    args.files = (uintptr_t)bytes, args.nr_files = 1,
	    args.file_size = KEXEC_BPF_FILE_SIZE_VER0);
	TRY("a detached parser is EOPNOTSUPP", -EOPNOTSUPP, args.parser_fd = good);
	TRY("descriptor 0 is one: EOPNOTSUPP as a parser", -EOPNOTSUPP,
	    args.parser_fd = 0);
	TRY("private data are EOPNOTSUPP", -EOPNOTSUPP,
	    args.data = (uintptr_t)bytes, args.data_size = sizeof(bytes));

	TRY("result one byte too small is EINVAL", -EINVAL, args.result_size--);
	TRY("result of one byte is EINVAL", -EINVAL, args.result_size = 1);
	TRY("result larger than a page is E2BIG", -E2BIG, args.result_size = 4097);
	TRY("largest result is E2BIG", -E2BIG, args.result_size = UINT32_MAX);
	TRY("unwritable log is EFAULT", -EFAULT, args.log = 8);
	TRY("unwritable result is EFAULT", -EFAULT, args.result = 8);
	TRY("log in the kernel's memory is EFAULT", -EFAULT,
	    args.log = 0xffff888000000000);
#undef TRY
}

/* Unwritable memory is noticed before anything happens. */
static void test_unwritable(void)
{
	struct kexec_bpf_args args = sound_args();
	void *page;

	page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		tap_bail("no memory");
	unload();
	args.result = (uintptr_t)page;
	tap_ok(sys_kexec_bpf_load(&args, sizeof(args), 0) == -EFAULT &&
	       loaded() == 0 && !load.log[0],
	       "[M1] read-only result is EFAULT, and nothing is loaded");
	args = sound_args();
	args.log = (uintptr_t)page;
	tap_ok(sys_kexec_bpf_load(&args, sizeof(args), 0) == -EFAULT &&
	       loaded() == 0 && !load.result.size,
	       "[M1] read-only log is EFAULT, and nothing is loaded");
	munmap(page, 4096);
}

/* Sizes of what comes back */

static void test_result(void)
{
	struct {
		struct kexec_bpf_result known;
		uint8_t more[64], behind[8];
	} large;
	struct kexec_bpf_args args = sound_args();
	uint8_t zeros[64] = {};
	char log[64];
	long ret;

	memset(&large, 0xaa, sizeof(large));
	args.result = (uintptr_t)&large;
	args.result_size = sizeof(large.known) + sizeof(large.more);
	ret = try(&args, 0);
	tap_ok(!ret && large.known.size == sizeof(large.known) &&
	       large.known.step == KEXEC_BPF_STEP_DONE,
	       "larger result: what the kernel knows is filled in");
	tap_ok(!memcmp(large.more, zeros, sizeof(zeros)),
	       "larger result: what it does not know is zero");
	tap_ok(large.behind[0] == 0xaa, "larger result: nothing behind it is written");

	/* The log is cut off, and its true size is told. */
	args = sound_args();
	ret = try(&args, DEBUG);
	tap_ok(!ret && load.result.log_len == strlen(load.log) + 1 &&
	       strlen(load.log) > sizeof(log),
	       "log_len is the log with its NUL");

	memset(log, 0xaa, sizeof(log));
	args = sound_args();
	args.log = (uintptr_t)log;
	args.log_size = sizeof(log) - 1;
	ret = try(&args, DEBUG);
	tap_ok(!ret && strnlen(log, sizeof(log)) == sizeof(log) - 2 &&
	       (uint8_t)log[sizeof(log) - 1] == 0xaa,
	       "small log: cut off, ends with NUL, nothing behind it is written");
	tap_ok(load.result.log_len > sizeof(log), "small log: log_len is what it would take");

	memset(log, 0xaa, sizeof(log));
	args = sound_args();
	args.log = (uintptr_t)log;
	args.log_size = 1;
	ret = try(&args, DEBUG);
	tap_ok(!ret && !log[0] && (uint8_t)log[1] == 0xaa,
	       "log of one byte holds the NUL");

	/* A log without anything to say is an empty string. */
	memset(log, 0xaa, sizeof(log));
	args = sound_args();
	args.log = (uintptr_t)log;
	args.log_size = sizeof(log);
	ret = try(&args, 0);
	tap_ok(!ret && !log[0] && load.result.log_len == 1,
	       "log of a load without a word is empty");
}

/* Nobody who asks for no log is told of another error, or of less. */
static void test_no_log(void)
{
	int fd = open_image("parser-bad_verifier.efi");
	struct kexec_bpf_args args = sound_args();
	uint64_t log_len;

	args.image_fd = fd;
	is(try(&args, 0), -EPROTO, "a parser that the verifier refuses is EPROTO");
	log_len = load.result.log_len;
	args = sound_args();
	args.image_fd = fd;
	args.log = 0;
	args.log_size = 0;
	is(try(&args, 0), -EPROTO, "it is as well for a caller without a log");
	tap_ok(log_len > 100 && load.result.log_len == log_len && !load.log[0],
	       "who is told the size that the log would have");
	close(fd);
}

/* Descriptors */

static void test_fds(void)
{
	static const struct refusal ebadf = {
		EBADF, KEXEC_BPF_STEP_READ, "read: ", 0, 0,
	};
	static const struct refusal einval = {
		EINVAL, KEXEC_BPF_STEP_READ, "regular file", 0, 0,
	};
	struct bytes image = read_image("good.efi");
	char path[] = "/tmp/args_test.XXXXXX";
	int fd, p[2], writer;

	check_refused(-1, DRY_RUN, &ebadf, "descriptor -1 is EBADF");
	fd = open_image("good.efi");
	close(fd);
	check_refused(fd, DRY_RUN, &ebadf, "closed descriptor is EBADF");
	check_refused(INT32_MAX, DRY_RUN, &ebadf, "largest descriptor is EBADF");
	fd = open(image_path("good.efi"), O_PATH | O_CLOEXEC);
	check_refused(fd, DRY_RUN, &ebadf, "descriptor of O_PATH is EBADF");
	close(fd);

	writer = mkostemp(path, O_CLOEXEC);
	if (writer < 0 || write(writer, image.data, image.size) != (ssize_t)image.size)
		tap_bail("cannot write '%s'", path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	check_refused(fd, DRY_RUN, &(struct refusal){ ETXTBSY, KEXEC_BPF_STEP_READ,
						      "read: ", 0, 0 },
		      "file that somebody has open for writing is ETXTBSY");
	close(fd);
	close(writer);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	check_refused(fd, DRY_RUN, &ebadf, "descriptor for writing alone is EBADF");
	close(fd);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	check_loads(fd, DRY_RUN, &load, "the same file is accepted once nobody has");
	if (lseek(fd, 1000, SEEK_SET) != 1000)
		tap_bail("cannot seek");
	load_fd(&load, fd, DRY_RUN);
	tap_ok(!load.error && lseek(fd, 0, SEEK_CUR) == 1000,
	       "position of the descriptor neither matters nor changes");
	close(fd);
	unlink(path);

	fd = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	check_refused(fd, DRY_RUN, &einval, "directory is EINVAL");
	close(fd);
	fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	check_refused(fd, DRY_RUN, &einval, "device is EINVAL");
	close(fd);
	if (pipe(p))
		tap_bail("no pipe");
	check_refused(p[0], DRY_RUN, &einval, "pipe is EINVAL");
	close(p[0]);
	close(p[1]);
	fd = make_file("", 0);
	check_refused(fd, DRY_RUN, &einval, "empty file is EINVAL");
	close(fd);
	bytes_free(&image);
}

/* Privileges */

#define CAP(name)	(1ULL << CAP_ ## name)

static void keep_caps(uint64_t caps)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data))
		_exit(100);
	data[0].effective &= caps;
	data[1].effective &= caps >> 32;
	if (syscall(SYS_capset, &header, data))
		_exit(101);
}

/* Return of a call in a process with these capabilities, as its exit status */
static int with_caps(uint64_t caps, const void *args, size_t size, unsigned long flags)
{
	int status;
	pid_t pid;
	long ret;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		keep_caps(caps);
		ret = sys_kexec_bpf_load(args, size, flags);
		_exit(ret < 0 ? -ret : 200 + ret);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

/* What the kernel tells a child, the parent shall see as well. */
static struct kexec_bpf_args shared_args(struct load *told)
{
	struct kexec_bpf_args args = sound_args();

	memset(told, 0, sizeof(*told));
	args.log = (uintptr_t)told->log;
	args.result = (uintptr_t)&told->result;
	return args;
}

static void test_privileges(struct load *told)
{
	struct kexec_bpf_args args = shared_args(told);
	uint64_t others = ~CAP(SYS_BOOT);

	is(with_caps(others, &args, sizeof(args), DRY_RUN), EPERM,
	   "without CAP_SYS_BOOT a load is EPERM");
	tap_ok(!told->log[0] && !told->result.size,
	       "without CAP_SYS_BOOT nothing is told");
	is(with_caps(CAP(SYS_BOOT), &args, sizeof(args), DRY_RUN), 200,
	   "with it, and with nothing else, a load is accepted");
	tap_ok(told->result.size, "and its outcome is told");
	is(with_caps(others, NULL, 0, KEXEC_BPF_UNLOAD), EPERM,
	   "without CAP_SYS_BOOT an unload is EPERM");
	is(with_caps(CAP(SYS_BOOT), NULL, 0, KEXEC_BPF_UNLOAD), 200,
	   "with it an unload is accepted");
	is(with_caps(others, NULL, 0, KEXEC_BPF_ABI_VERSION), 200 + KEXEC_BPF_ABI,
	   "without CAP_SYS_BOOT the ABI version can be asked for");
	is(with_caps(others, &args, sizeof(args), 1UL << 40), EINVAL,
	   "without CAP_SYS_BOOT an unknown flag is EINVAL");
}

/* The parser of an unsigned image is a program of the caller. */
static void test_unsigned(struct load *told)
{
	static const struct {
		const char	*name;
		uint64_t	caps;
		bool		enough;
	} sets[] = {
		{ "CAP_SYS_BOOT alone", CAP(SYS_BOOT), false },
		{ "CAP_BPF without CAP_PERFMON", CAP(SYS_BOOT) | CAP(BPF), false },
		{ "CAP_PERFMON without CAP_BPF", CAP(SYS_BOOT) | CAP(PERFMON), false },
		{ "CAP_BPF and CAP_PERFMON", CAP(SYS_BOOT) | CAP(BPF) | CAP(PERFMON), true },
	};
	int fd = open_image("unsigned.efi");
	struct kexec_bpf_args args;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sets); i++) {
		bool enough = sets[i].enough, loads;

		unload();
		args = shared_args(told);
		args.image_fd = fd;
		loads = enough && !enforced();
		tap_is(with_caps(sets[i].caps, &args, sizeof(args), UNSIGNED),
		       loads ? 200 : EPERM, "%s%s: an unsigned image is %s", s12(),
		       sets[i].name, loads ? "accepted" : "EPERM");
		tap_ok(loaded() == loads && !told->result.size == !enough,
		       "and is%s loaded, and%s looked at", loads ? "" : " not",
		       enough ? "" : " not");

		unload();
		args = shared_args(told);
		tap_is(with_caps(sets[i].caps, &args, sizeof(args), UNSIGNED),
		       enough ? 200 : EPERM, "%s: so is a signed one, which might not have been",
		       sets[i].name);
		tap_is(with_caps(sets[i].caps, &args, sizeof(args), 0), 200,
		       "%s: one that has to be signed is accepted", sets[i].name);
		tap_is(loaded(), 1, "and is loaded");
	}
	unload();
	close(fd);
}

static void test_caps(void)
{
	struct load *told = mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (told == MAP_FAILED)
		tap_bail("no memory");
	test_privileges(told);
	test_unsigned(told);
	munmap(told, sizeof(*told));
}

/* One load at a time */

struct background {
	pthread_t thread;
	struct load load;
};

static void *in_background(void *data)
{
	struct background *b = data;

	load_image(&b->load, "parser-too_long.efi", DRY_RUN);
	return NULL;
}

static void test_busy(void)
{
	static const struct kexec_bpf_result refused = {
		.size		= sizeof(refused),
		.step		= KEXEC_BPF_STEP_ARGS,
		.log_len	= 1,
	};
	long long was = read_number("/proc/sys/kernel/kexec_bpf_parser_ms");
	struct background b = {};
	uint64_t start = now_ms();
	struct kexec_bpf_args args;

	if (!write_number("/proc/sys/kernel/kexec_bpf_parser_ms", 1500) ||
	    pthread_create(&b.thread, NULL, in_background, &b))
		tap_bail("cannot begin a load in the background");
	while (!parser_threads() && now_ms() - start < 5000)
		usleep(1000);
	args = sound_args();
	memset(load.log, 'x', 2);
	is(try(&args, 0), -EBUSY, "[M4] a load while another one runs is EBUSY");
	tap_ok(!memcmp(load.log, "\0x", 2), "[M4] a load that is refused so has no log");
	tap_ok(!memcmp(&load.result, &refused, sizeof(refused)),
	       "[M4] and a result that says so, and nothing else");
	write_number("/proc/sys/kernel/kexec_bpf_parser_ms", was);
	pthread_join(b.thread, NULL);
	tap_is(b.load.error, ETIME, "[M4] the load that runs is not disturbed");
	tap_ok(strstr(b.load.log, "not ended after 1500 ms"),
	       "[M4] and keeps the limit that it began with");
	args = sound_args();
	is(try(&args, 0), 0, "[M4] afterwards a load is accepted");
}

/* Limits in /proc/sys/kernel */

static void test_sysctl(void)
{
	static const struct {
		const char *path;
		long long initial, max;
	} sysctls[] = {
		{ "/proc/sys/kernel/kexec_bpf_image_max", 2LL << 30, 0xffffffffLL },
		{ "/proc/sys/kernel/kexec_bpf_parser_ms", 10000, 60000 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sysctls); i++) {
		const char *path = sysctls[i].path;
		long long was = read_number(path);

		tap_is(was, sysctls[i].initial, "%s has its default", path);
		write_number(path, 0);
		tap_is(read_number(path), was, "%s does not become 0", path);
		write_number(path, sysctls[i].max + 1);
		tap_is(read_number(path), was, "%s does not exceed its limit", path);
		write_number(path, sysctls[i].max);
		tap_is(read_number(path), sysctls[i].max, "%s takes its limit", path);
		write_number(path, was);
	}
}

/* A loop that no limit could end; the only one that can be had asks for it. */
static void test_loops(void)
{
	static const struct refusal refusal = {
		ELIBSCN, KEXEC_BPF_STEP_LOAD, "instruction 2 is a loop that cannot be stopped", 0, 0,
	};
	int fd = open_image("parser-may_goto.efi");

	check_refused(fd, 0, &refusal, "[L4] parser with may_goto is refused");
	close(fd);
	fd = open_image("parser-kernel_only.efi");
	check_loads(fd, 0, &load, "[L4] a parser that counts by kexec_for is accepted");
	close(fd);
}

static void test_unload(void)
{
	tap_is(load_fd(&load, good, 0), 0, "a load succeeds");
	tap_is(loaded(), 1, "then an image is loaded");
	is(sys_kexec_bpf_load(NULL, 0, KEXEC_BPF_UNLOAD), 0, "an unload succeeds");
	tap_is(loaded(), 0, "then none is loaded");
	is(sys_kexec_bpf_load(NULL, 0, KEXEC_BPF_UNLOAD), 0, "a second unload succeeds");
}

/* The last one: there is no way back. */
static void test_load_disabled(void)
{
	struct kexec_bpf_args args = sound_args();

	if (load_fd(&load, good, 0) ||
	    !write_number("/proc/sys/kernel/kexec_load_disabled", 1))
		tap_bail("cannot set kexec_load_disabled");
	args = sound_args();
	is(try(&args, 0), -EPERM, "kexec_load_disabled: a load is EPERM");
	is(sys_kexec_bpf_load(NULL, 0, KEXEC_BPF_UNLOAD), -EPERM,
	   "kexec_load_disabled: an unload is EPERM");
	tap_is(loaded(), 1, "kexec_load_disabled: what is loaded stays");
	is(sys_kexec_bpf_load(NULL, 0, KEXEC_BPF_ABI_VERSION), KEXEC_BPF_ABI,
	   "kexec_load_disabled: the ABI version can be asked for");
}

/* A kernel that was booted with initcall_blacklist=kfuncs_init */
static void test_unregistered(void)
{
	static const struct refusal refusal = {
		EOPNOTSUPP, KEXEC_BPF_STEP_LOAD,
		"parser: this kernel could not register the kfuncs", 0, 0,
	};
	int fd = open_image("linux.signed");

	tap_is(file_load(fd, -1, "test", KEXEC_FILE_NO_INITRAMFS), 0,
	       "without kfuncs kexec_file_load() loads");
	close(fd);
	check_refused(good, 0, &refusal, "[P3] without kfuncs no image loads: EOPNOTSUPP");
	check_refused(good, DRY_RUN, &refusal, "[P3] nor in a dry run");
	is(sys_kexec_bpf_load(NULL, 0, KEXEC_BPF_UNLOAD), 0,
	   "without kfuncs an unload is accepted");
}

/*
 * args_test [final | unregistered]: with 'final', kexec is disabled at the end;
 * 'unregistered' is for a kernel without kfuncs, and for nothing else.
 */
int main(int argc, char **argv)
{
	require_kernel();
	good = open_image("good.efi");
	if (argc > 1 && !strcmp(argv[1], "unregistered")) {
		test_unregistered();
		return tap_done();
	}
	test_number();
	test_flags();
	test_size();
	test_fields();
	test_unwritable();
	test_result();
	test_no_log();
	test_fds();
	test_caps();
	test_busy();
	test_sysctl();
	test_loops();
	test_unload();
	if (argc > 1 && !strcmp(argv[1], "final"))
		test_load_disabled();
	return tap_done();
}
