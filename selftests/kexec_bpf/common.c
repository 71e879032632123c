// SPDX-License-Identifier: GPL-2.0
/* What the test programs share */

#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

#include "common.h"

static bool is_set(const char *name)
{
	const char *value = getenv(name);

	return value && *value && strcmp(value, "0");
}

bool slow(void)
{
	return is_set("KEXEC_BPF_SLOW");
}

bool required(void)
{
	return is_set("KEXEC_BPF_REQUIRED");
}

uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000ULL + t.tv_nsec / 1000000;
}

/* Files */

const char *image_path(const char *name)
{
	static char path[PATH_MAX];
	const char *dir = getenv("KEXEC_BPF_IMAGES");

	snprintf(path, sizeof(path), "%s/%s", dir && *dir ? dir : "/images", name);
	return path;
}

static void *map(size_t size)
{
	void *data;

	data = mmap(NULL, size ? size : 1, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (data == MAP_FAILED)
		tap_bail("no memory for %zu bytes", size);
	return data;
}

struct bytes read_file(const char *path)
{
	struct bytes b = {};
	size_t done = 0;
	struct stat st;
	ssize_t n;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st))
		tap_bail("cannot open '%s': %s", path, strerror(errno));
	b.size = st.st_size;
	b.data = map(b.size);
	while (done < b.size) {
		n = read(fd, b.data + done, b.size - done);
		if (n <= 0)
			tap_bail("cannot read '%s'", path);
		done += n;
	}
	close(fd);
	return b;
}

struct bytes read_image(const char *name)
{
	return read_file(image_path(name));
}

int open_image(const char *name)
{
	int fd = open(image_path(name), O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		tap_bail("cannot open '%s': %s", image_path(name), strerror(errno));
	return fd;
}

struct bytes bytes_copy(struct bytes b)
{
	struct bytes copy = { map(b.size), b.size };

	memcpy(copy.data, b.data, b.size);
	return copy;
}

void bytes_free(struct bytes *b)
{
	munmap(b->data, b->size ? b->size : 1);
	b->data = NULL;
	b->size = 0;
}

/* Where temporary files are: the last directory that was tried. */
static const char *directory;

int temporary_file(void)
{
	/* The first one is a tmpfs of its own wherever there is one. */
	static const char *const directories[] = { "/dev/shm", "/tmp" };
	int fd = -1;
	size_t i;

	for (i = 0; fd < 0 && i < ARRAY_SIZE(directories); i++) {
		directory = directories[i];
		fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	}
	if (fd < 0)
		tap_bail("cannot make a file in %s: %s", directory, strerror(errno));
	return fd;
}

int read_only(int fd)
{
	char path[32];
	int ro;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ro = open(path, O_RDONLY | O_CLOEXEC);
	if (ro < 0)
		tap_bail("cannot open '%s': %s", path, strerror(errno));
	close(fd);
	return ro;
}

static void write_all(int fd, const uint8_t *data, size_t size)
{
	ssize_t n;

	while (size) {
		n = write(fd, data, size);
		if (n <= 0)
			tap_bail("cannot write a file in %s: %s", directory,
				 strerror(errno));
		data += n;
		size -= n;
	}
}

int make_file(const void *data, size_t size)
{
	int fd = temporary_file();

	write_all(fd, data, size);
	return read_only(fd);
}

int unpack_image(const char *name)
{
	char command[PATH_MAX + 16];
	static uint8_t data[1 << 16];
	int fd = temporary_file();
	size_t n;
	FILE *f;

	snprintf(command, sizeof(command), "gzip -dc '%s'", image_path(name));
	f = popen(command, "re");
	if (!f)
		tap_bail("cannot run gzip");
	while ((n = fread(data, 1, sizeof(data), f)))
		write_all(fd, data, n);
	if (pclose(f))
		tap_bail("cannot unpack '%s'", image_path(name));
	return read_only(fd);
}

struct pe pe_view(struct bytes b)
{
	struct pe pe = { .data = b.data, .size = b.size, .capacity = b.size };

	pe.offset = pe_get32(&pe, PE_DOS_OFFSET);
	pe.nr_dirs = pe_get32(&pe, pe_at(&pe, PE_NR_DIRS));
	return pe;
}

int pe_find_section(const struct pe *pe, const char *name)
{
	char padded[9] = {};
	unsigned int i;

	snprintf(padded, sizeof(padded), "%s", name);
	for (i = 0; i < pe_nr_sections(pe); i++) {
		if (!memcmp(pe->data + pe_section_at(pe, i, 0), padded, 8))
			return i;
	}
	return -1;
}

struct bytes read_parser(void)
{
	struct bytes image = read_image("kernel-only.efi"), parser;
	struct pe pe = pe_view(image);
	int bpf = pe_find_section(&pe, ".bpf");

	if (bpf < 0)
		tap_bail("no '.bpf' in 'kernel-only.efi'");
	parser.data = image.data + pe_get32(&pe, pe_section_at(&pe, bpf, PE_SEC_RAW_OFFSET));
	parser.size = pe_get32(&pe, pe_section_at(&pe, bpf, PE_SEC_VSIZE));
	return parser;
}

int make_hungry(uint32_t init_size)
{
	struct bytes kernel = read_image("parts/linux"), parser = read_parser();
	struct pe pe;
	int fd;

	memcpy(kernel.data + 0x260, &init_size, sizeof(init_size));
	if (pe_init(&pe, PE_MACHINE_AMD64, 8, 1 << 20) ||
	    pe_add(&pe, ".linux", kernel.data, kernel.size) < 0 ||
	    pe_add(&pe, ".bpf", parser.data, parser.size) < 0)
		tap_bail("cannot build an image");
	fd = make_file(pe.data, pe.size);
	pe_free(&pe);
	bytes_free(&kernel);
	return fd;
}

void part_sha256(const char *name, uint8_t sha256[32])
{
	char file[64];
	struct bytes b;
	unsigned int byte;
	int i;

	snprintf(file, sizeof(file), "parts/%s.sha256", name);
	b = read_image(file);
	for (i = 0; i < 32; i++) {
		if (b.size < 64 || sscanf((char *)b.data + 2 * i, "%2x", &byte) != 1)
			tap_bail("'%s' has no digest", file);
		sha256[i] = byte;
	}
	bytes_free(&b);
}

size_t part_size(const char *name)
{
	char file[64];
	struct stat st;

	snprintf(file, sizeof(file), "parts/%s", name);
	if (stat(image_path(file), &st))
		tap_bail("no '%s'", file);
	return st.st_size;
}

long long read_number(const char *path)
{
	long long value = -1;
	FILE *f = fopen(path, "re");

	if (!f)
		return -1;
	if (fscanf(f, "%lld", &value) != 1)
		value = -1;
	fclose(f);
	return value;
}

bool write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok;

	if (fd < 0)
		return false;
	ok = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return ok;
}

bool write_number(const char *path, long long value)
{
	char text[32];

	snprintf(text, sizeof(text), "%lld", value);
	return write_text(path, text);
}

long long meminfo(const char *name)
{
	char line[128];
	long long value = -1;
	size_t len = strlen(name);
	FILE *f = fopen("/proc/meminfo", "re");

	if (!f)
		return -1;
	while (fgets(line, sizeof(line), f)) {
		if (!strncmp(line, name, len) && line[len] == ':')
			value = atoll(line + len + 1);
	}
	fclose(f);
	return value;
}

/* Loads */

long sys_kexec_bpf_load(const void *args, size_t size, unsigned long flags)
{
	long ret = syscall(__NR_kexec_bpf_load, args, size, flags);

	return ret < 0 ? -errno : ret;
}

int file_load(int kernel_fd, int initrd_fd, const char *cmdline,
	      unsigned long flags)
{
	return syscall(SYS_kexec_file_load, kernel_fd, initrd_fd,
		       cmdline ? strlen(cmdline) + 1 : 0, cmdline, flags) ?
		       errno : 0;
}

int load_fd(struct load *load, int fd, unsigned long flags)
{
	struct kexec_bpf_args args = {
		.image_fd	= fd,
		.parser_fd	= -1,
		.log		= (uintptr_t)load->log,
		.log_size	= sizeof(load->log),
		.result		= (uintptr_t)&load->result,
		.result_size	= sizeof(load->result),
	};

	memset(load, 0, sizeof(*load));
	load->error = -sys_kexec_bpf_load(&args, sizeof(args), flags);
	return load->error;
}

int load_image(struct load *load, const char *name, unsigned long flags)
{
	int fd = open_image(name);

	load_fd(load, fd, flags);
	close(fd);
	return load->error;
}

int load_bytes(struct load *load, const void *data, size_t size,
	       unsigned long flags)
{
	int fd = make_file(data, size);

	load_fd(load, fd, flags);
	close(fd);
	return load->error;
}

void unload(void)
{
	long ret = sys_kexec_bpf_load(NULL, 0, KEXEC_BPF_UNLOAD);

	if (ret)
		tap_bail("cannot unload: %s", strerror(-ret));
}

int loaded(void)
{
	return read_number("/sys/kernel/kexec_loaded");
}

int crash_loaded(void)
{
	return read_number("/sys/kernel/kexec_crash_loaded");
}

/*
 * Addresses of the kernel begin with at least 7 set bits; or bits 55 to 52 are set,
 * and above them is a tag of KASAN, whose leading zeros are not shown.
 */
static bool is_address(const char *digits, size_t len)
{
	/* -1 and its like are numbers, not places. */
	if (len < 14 || !strncasecmp(digits, "ffffffffffff", 12))
		return false;
	return (len >= 16 && !strncasecmp(digits, "ff", 2)) ||
	       (len <= 16 && tolower(digits[len - 14]) == 'f');
}

bool has_address(const char *text)
{
	const char *c, *start;

	for (c = text; *c; c++) {
		if (!isxdigit(*c) || (c > text && isalnum(c[-1]) && c[-1] != 'x'))
			continue;
		start = c;
		while (isxdigit(*c))
			c++;
		if (is_address(start, c - start))
			return true;
		if (!*c)
			break;
	}
	return false;
}

void list_fds(char *text, size_t size)
{
	char path[64], target[256];
	struct dirent *entry;
	size_t len = 0;
	ssize_t n;
	DIR *dir;

	dir = opendir("/proc/self/fd");
	if (!dir)
		tap_bail("no /proc/self/fd");
	text[0] = '\0';
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || atoi(entry->d_name) == dirfd(dir))
			continue;
		snprintf(path, sizeof(path), "/proc/self/fd/%.16s", entry->d_name);
		n = readlink(path, target, sizeof(target) - 1);
		target[n > 0 ? n : 0] = '\0';
		len += snprintf(text + len, size - len, "%.16s %s\n",
				entry->d_name, target);
		if (len >= size)
			tap_bail("too many descriptors");
	}
	closedir(dir);
}

void diag_load(const struct load *load)
{
	tap_diag("error %d (%s), step %u, rounds %u, parser_ret %d, flags %#x",
		 load->error, strerror(load->error), load->result.step,
		 load->result.rounds, load->result.parser_ret,
		 load->result.flags);
	if (load->log[0])
		tap_diag("%s", load->log);
}

/* Which of the things that a refusal must leave alone was not, or NULL */
static const char *judge_refusal(const struct load *load,
				 const struct refusal *want)
{
	static const uint8_t zeros[sizeof(load->result.kernel.sha256)];
	const struct kexec_bpf_result *result = &load->result;

	if (load->error != want->error)
		return "wrong errno";
	if (result->size != sizeof(*result))
		return "no result";
	if (result->step != want->step)
		return "wrong step";
	if (want->log && !strstr(load->log, want->log))
		return "not in the log";
	if (!load->log[0])
		return "empty log";
	if (result->log_len != strlen(load->log) + 1)
		return "wrong length of the log";
	if (result->rounds != want->rounds)
		return "wrong number of rounds";
	if (result->parser_ret != want->parser_ret)
		return "wrong value of the parser";
	if (result->flags & (KEXEC_BPF_RESULT_PUBLISHED | KEXEC_BPF_RESULT_SHA256))
		return "flags of a success";
	if (want->step < KEXEC_BPF_STEP_LOAD && !want->rounds &&
	    (result->step_ns[KEXEC_BPF_STEP_LOAD] ||
	     result->step_ns[KEXEC_BPF_STEP_RUN] ||
	     strstr(load->log, "parser: ") || strstr(load->log, "bpf: ")))
		return "the parser was touched";
	if (memcmp(result->kernel.sha256, zeros, sizeof(zeros)))
		return "a digest";
	if (has_address(load->log))
		return "an address in the log";
	return NULL;
}

bool check_refused(int fd, unsigned long flags, const struct refusal *want,
		   const char *fmt, ...)
{
	static char before[4096], after[4096];
	static struct load load;
	char name[256];
	const char *wrong;
	int was, crash_was;
	va_list args;

	va_start(args, fmt);
	vsnprintf(name, sizeof(name), fmt, args);
	va_end(args);

	was = loaded();
	crash_was = crash_loaded();
	list_fds(before, sizeof(before));
	load_fd(&load, fd, flags);
	list_fds(after, sizeof(after));

	wrong = judge_refusal(&load, want);
	if (!wrong && strcmp(before, after))
		wrong = "other descriptors";
	if (!wrong && (loaded() != was || crash_loaded() != crash_was))
		wrong = "what is loaded changed";
	if (!wrong && lseek(fd, 0, SEEK_CUR) > 0)
		wrong = "the position of the file changed";
	if (wrong) {
		tap_diag("%s; wanted %s, step %u, '%s'", wrong,
			 strerror(want->error), want->step,
			 want->log ? want->log : "");
		diag_load(&load);
	}
	return tap_ok(!wrong, "%s%s", s12(), name);
}

bool check_loads(int fd, unsigned long flags, struct load *load,
		 const char *fmt, ...)
{
	static char before[4096], after[4096];
	const char *wrong = NULL;
	bool dry = flags & DRY_RUN;
	char name[256];
	va_list args;
	int was;

	va_start(args, fmt);
	vsnprintf(name, sizeof(name), fmt, args);
	va_end(args);

	was = loaded();
	list_fds(before, sizeof(before));
	load_fd(load, fd, flags);
	list_fds(after, sizeof(after));

	if (load->error)
		wrong = "refused";
	else if (load->result.step != KEXEC_BPF_STEP_DONE)
		wrong = "not done";
	else if (!load->result.rounds || load->result.parser_ret)
		wrong = "no parser ran";
	else if (dry != !(load->result.flags & KEXEC_BPF_RESULT_PUBLISHED))
		wrong = "published, or not";
	else if (dry && loaded() != was)
		wrong = "a dry run changed what is loaded";
	else if (!dry && !(flags & KEXEC_BPF_ON_CRASH) && loaded() != 1)
		wrong = "nothing is loaded";
	else if (strcmp(before, after))
		wrong = "other descriptors";
	if (wrong) {
		tap_diag("%s", wrong);
		diag_load(load);
	}
	return tap_ok(!wrong, "%s%s", s12(), name);
}

bool check_unsigned(int fd, unsigned long flags, struct load *load,
		    const char *fmt, ...)
{
	static const struct refusal want = {
		EPERM, KEXEC_BPF_STEP_SIGNATURE,
		"allowed by the caller, but not by this kernel", 0, 0,
	};
	char name[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(name, sizeof(name), fmt, args);
	va_end(args);

	if (!enforced())
		return check_loads(fd, flags | UNSIGNED, load, "%s", name);
	check_refused(fd, flags | UNSIGNED, &want, "%s: not where signatures are enforced",
		      name);
	return false;
}

/* The kernel */

const char *const lockdown_names[NR_LOCKDOWN] = {
	"none", "integrity", "confidentiality",
};

enum lockdown lockdown(void)
{
	char text[128] = "", want[32];
	int level;
	FILE *f;

	f = fopen(LOCKDOWN, "re");
	if (!f)
		return LOCKDOWN_NONE;
	if (!fgets(text, sizeof(text), f))
		tap_bail("cannot read '%s'", LOCKDOWN);
	fclose(f);
	for (level = LOCKDOWN_NONE; level < NR_LOCKDOWN; level++) {
		snprintf(want, sizeof(want), "[%s]", lockdown_names[level]);
		if (strstr(text, want))
			return level;
	}
	tap_bail("'%s' has an unknown level: %s", LOCKDOWN, text);
}

static bool locked_down;

bool enforced(void)
{
	return locked_down;
}

const char *s12(void)
{
	return locked_down ? "[S12] " : "";
}

bool has_kasan(void)
{
	char line[256];
	bool found = false;
	FILE *f = fopen("/proc/kallsyms", "re");

	while (f && !found && fgets(line, sizeof(line), f))
		found = strstr(line, " kasan_report\n");
	if (f)
		fclose(f);
	return found;
}

void require_kernel(void)
{
	long ret;

	setvbuf(stdout, NULL, _IOLBF, 0);
	ret = sys_kexec_bpf_load(NULL, 0, KEXEC_BPF_ABI_VERSION);
	if (ret == -ENOSYS) {
		printf("1..0 # SKIP no kexec_bpf_load() in this kernel\n");
		exit(4);
	}
	if (geteuid()) {
		printf("1..0 # SKIP not root\n");
		exit(4);
	}
	locked_down = lockdown() != LOCKDOWN_NONE;
}

int parser_threads(void)
{
	char path[64], comm[32];
	struct dirent *entry;
	int threads = 0;
	DIR *dir;
	FILE *f;

	dir = opendir("/proc");
	if (!dir)
		tap_bail("no /proc");
	while ((entry = readdir(dir))) {
		if (!isdigit(entry->d_name[0]))
			continue;
		snprintf(path, sizeof(path), "/proc/%.16s/comm", entry->d_name);
		f = fopen(path, "re");
		if (!f)
			continue;
		if (fgets(comm, sizeof(comm), f) && !strcmp(comm, "kexec_bpf\n"))
			threads++;
		fclose(f);
	}
	closedir(dir);
	return threads;
}

int kmsg_mark(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0)
		lseek(fd, 0, SEEK_END);
	return fd;
}

char *kmsg_since(int mark)
{
	size_t len = 0, size = 1 << 20;
	char *text = malloc(size);
	ssize_t n;

	if (!text)
		tap_bail("no memory");
	while (mark >= 0 && len + 8192 < size) {
		n = read(mark, text + len, 8191);
		if (n < 0 && errno == EPIPE)
			continue;
		if (n <= 0)
			break;
		len += n;
	}
	text[len] = '\0';
	return text;
}
