// SPDX-License-Identifier: GPL-2.0
/*
 * IMA rules for kexec images: measured, and refused if not appraised. A policy
 * stays until the machine restarts, so this one has it for itself.
 */

#include <linux/kexec.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include "attack.h"

#define POLICY		"/sys/kernel/security/ima/policy"
#define MEASUREMENTS	"/sys/kernel/security/ima/ascii_runtime_measurements"

/* Whose images need a signature by IMA; those of others need a digest. */
#define OWNER		1000

/* The kernel takes one rule for each write, and all of them when it is closed. */
static void add_rules(const char *const *rules, unsigned int nr)
{
	int fd = open(POLICY, O_WRONLY | O_CLOEXEC);
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (write(fd, rules[i], strlen(rules[i])) != (ssize_t)strlen(rules[i]))
			tap_bail("cannot add the rule '%s': %s", rules[i], strerror(errno));
	}
	if (close(fd))
		tap_bail("cannot change '%s': %s", POLICY, strerror(errno));
}

/* Number of measurements that have both texts in one line */
static unsigned int measured(const char *a, const char *b)
{
	FILE *f = fopen(MEASUREMENTS, "re");
	unsigned int count = 0;
	char *line = NULL;
	size_t size = 0;

	if (!f)
		tap_bail("cannot read '%s'", MEASUREMENTS);
	while (getline(&line, &size, f) > 0)
		count += strstr(line, a) && strstr(line, b);
	free(line);
	fclose(f);
	return count;
}

static void to_hex(char *text, const uint8_t *data, size_t size)
{
	while (size--) {
		sprintf(text, "%02x", *data++);
		text += 2;
	}
	*text = '\0';
}

/* Digest of a file by another program than the one that is tested */
static void file_digest(const char *path, char hex[65])
{
	char command[512];
	FILE *f;

	snprintf(command, sizeof(command), "sha256sum '%s'", path);
	f = popen(command, "re");
	if (!f || fscanf(f, "%64[0-9a-f]", hex) != 1 || strlen(hex) != 64)
		tap_bail("no digest from sha256sum");
	pclose(f);
}

static void measure(void)
{
	static const char *const rules[] = {
		"measure func=KEXEC_KERNEL_CHECK\n",
		"measure func=KEXEC_CMDLINE\n",
	};
	char hex[65], cmdline_hex[4096], path[256];
	struct bytes cmdline = read_image("parts/cmdline");
	static struct load load;
	int fd;

	snprintf(path, sizeof(path), "%s", image_path(ORDINARY));
	file_digest(path, hex);
	to_hex(cmdline_hex, cmdline.data, cmdline.size);
	tap_is(measured(hex, path), 0, "without a rule nothing is measured");
	add_rules(rules, ARRAY_SIZE(rules));

	/* A load that fails has no command line. */
	load_image(&load, "parser-ret_error.efi", 0);
	tap_ok(load.error == EBADMSG && measured("parser-ret_error.efi", "sha256:") == 1 &&
	       !measured("kexec-cmdline", "ima-buf"),
	       "[S8] an image whose parser refuses it is measured, without a command line");

	fd = open_image(ORDINARY);
	check_loads(fd, 0, &load, "an image loads with measurement");
	close(fd);
	tap_is(measured(hex, path), 1, "[S8] the whole image is measured, once");
	tap_is(measured("kexec-cmdline", "ima-buf"), 1, "[S10] a command line is measured, once");
	tap_is(measured("kexec-cmdline", cmdline_hex), 1,
	       "[S10] it is the one that the parser made");
}

static int file_load_fd(int fd)
{
	return file_load(fd, -1, "test", KEXEC_FILE_NO_INITRAMFS);
}

/* A kexec_file_load() that takes its time, with kexec's own lock */
static pid_t begin_long_load(void)
{
	const struct sched_param none = {};
	int fd = temporary_file();
	pid_t pid;

	if (ftruncate(fd, 256 << 20))
		tap_bail("cannot make a large file");
	fd = read_only(fd);
	fflush(stdout);
	pid = fork();
	if (pid < 0)
		tap_bail("cannot fork");
	if (!pid) {
		/* On this processor it gets what the test leaves it. */
		pin(0);
		sched_setscheduler(0, SCHED_IDLE, &none);
		file_load_fd(fd);
		_exit(0);
	}
	close(fd);
	return pid;
}

/* A load that does not come to pass because of another one has no command line. */
static void busy(void)
{
	static const char image[] = "parser-guide.efi", text[] = "root=LABEL=appliance ro";
	uint64_t start = now_ms();
	static struct load load;
	struct hold hold;
	char hex[64];
	pid_t pid;
	int fd;

	to_hex(hex, (const uint8_t *)text, strlen(text));
	hold_begin(&hold, 60000);
	tap_ok(load_image(&load, image, 0) == EBUSY && load.result.step == KEXEC_BPF_STEP_ARGS &&
	       !measured(image, "sha256:") && !measured("kexec-cmdline", hex),
	       "[S10] a load beside another one is EBUSY: nothing is measured");
	hold_kill(&hold);

	pin(0);
	pid = begin_long_load();
	while (sys_kexec_bpf_load(NULL, 0, KEXEC_BPF_UNLOAD) != -EBUSY) {
		if (waitpid(pid, NULL, WNOHANG) || now_ms() - start > 30000)
			tap_bail("kexec_file_load() has ended already");
		usleep(1000);
	}
	load_image(&load, image, 0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	tap_ok(load.error == EBUSY && load.result.step == KEXEC_BPF_STEP_SEGMENTS &&
	       measured(image, "sha256:") == 1 && !measured("kexec-cmdline", hex),
	       "[S10] a load beside kexec_file_load() is EBUSY: the image is measured alone");
	if (load.error != EBUSY)
		diag_load(&load);

	fd = open_image(image);
	check_loads(fd, 0, &load, "and loads when that has ended");
	close(fd);
	tap_is(measured("kexec-cmdline", hex), 1, "[S10] then its command line is measured");
}

/* A copy of an image that can have attributes, and has what is given */
static int copy_image(const char *name, uid_t owner, const char *digest)
{
	/* struct evm_ima_xattr_data: IMA_XATTR_DIGEST_NG, HASH_ALGO_SHA256 */
	uint8_t value[34] = { 0x04, 0x04 };
	struct bytes image = read_image(name);
	unsigned int i, byte;
	int fd;

	fd = make_file(image.data, image.size);
	bytes_free(&image);
	if (fchown(fd, owner, 0))
		tap_bail("cannot change an owner: %s", strerror(errno));
	if (!digest)
		return fd;
	for (i = 0; i < 32; i++) {
		if (sscanf(digest + 2 * i, "%2x", &byte) != 1)
			tap_bail("no digest");
		value[2 + i] = byte;
	}
	if (fsetxattr(fd, "security.ima", value, sizeof(value), 0))
		tap_bail("cannot set security.ima: %s", strerror(errno));
	return fd;
}

static void appraise(void)
{
	const struct refusal refusal = { EACCES, KEXEC_BPF_STEP_READ, "read: ", 0, 0 };
	const struct refusal enforced = { EPERM, KEXEC_BPF_STEP_SIGNATURE, "not by this kernel",
					  0, 0 };
	static const char *const rules[] = {
		"appraise func=KEXEC_KERNEL_CHECK fowner=1000 appraise_type=imasig\n",
		"appraise func=KEXEC_KERNEL_CHECK\n",
	};
	char hex[65], kernel_hex[65], unsigned_hex[65], wrong[65];
	static struct load load;
	int fd;

	file_digest(image_path(ORDINARY), hex);
	file_digest(image_path("linux.signed"), kernel_hex);
	file_digest(image_path("unsigned.efi"), unsigned_hex);
	memcpy(wrong, hex, sizeof(wrong));
	wrong[0] = wrong[0] == '0' ? '1' : '0';

	fd = copy_image(ORDINARY, 0, NULL);
	check_loads(fd, 0, &load, "without a rule no image needs an attribute");
	close(fd);
	fd = copy_image("unsigned.efi", 0, NULL);
	check_loads(fd, UNSIGNED, &load, "nor a signature, if the caller says so");
	close(fd);

	add_rules(rules, ARRAY_SIZE(rules));

	fd = copy_image(ORDINARY, 0, NULL);
	check_refused(fd, 0, &refusal, "[S8] appraisal: an image without attribute is refused");
	close(fd);
	fd = copy_image(ORDINARY, 0, wrong);
	check_refused(fd, 0, &refusal, "[S8] appraisal: so is one with the digest of another");
	close(fd);
	fd = copy_image(ORDINARY, 0, hex);
	check_loads(fd, 0, &load, "[S8] appraisal: with its own it loads");
	close(fd);
	fd = copy_image(ORDINARY, OWNER, hex);
	check_refused(fd, 0, &refusal,
		      "[S8] appraisal: a digest is not enough where a signature is asked for");
	close(fd);

	/* All as for the system call that was there before */
	fd = copy_image("linux.signed", 0, NULL);
	tap_is(file_load_fd(fd), EACCES, "kexec_file_load() refuses without attribute as well");
	close(fd);
	fd = copy_image("linux.signed", 0, kernel_hex);
	tap_is(file_load_fd(fd), 0, "and loads with it");
	close(fd);

	/* A rule that asks for signatures of kexec images enforces them. */
	fd = copy_image("unsigned.efi", 0, unsigned_hex);
	check_refused(fd, UNSIGNED, &enforced,
		      "[S8] appraisal: an unsigned image is refused though the caller allows it");
	close(fd);
}

/* Rules for initrds alone: they are of the image, which brings one. */
static void initrds(void)
{
	const struct refusal refusal = { EACCES, KEXEC_BPF_STEP_READ, "read: ", 0, 0 };
	const struct refusal enforced = { EPERM, KEXEC_BPF_STEP_SIGNATURE, "not by this kernel",
					  0, 0 };
	static const char *const rules[] = {
		"appraise func=KEXEC_INITRAMFS_CHECK fowner=1000 appraise_type=imasig\n",
		"measure func=KEXEC_INITRAMFS_CHECK\n",
	};
	char hex[65], path[256];
	static struct load load;
	int fd;

	fd = copy_image("unsigned.efi", 0, NULL);
	check_loads(fd, UNSIGNED, &load, "without a rule for initrds an unsigned image loads");
	close(fd);
	add_rules(rules, ARRAY_SIZE(rules));

	fd = copy_image(ORDINARY, OWNER, NULL);
	check_refused(fd, 0, &refusal,
		      "[S8] appraisal of initrds: an image without attribute is refused");
	close(fd);
	fd = copy_image("unsigned.efi", 0, NULL);
	check_refused(fd, UNSIGNED, &enforced,
		      "[S8] appraisal of initrds: enforces signatures over images");
	close(fd);
	snprintf(path, sizeof(path), "%s", image_path(ORDINARY));
	file_digest(path, hex);
	fd = open_image(ORDINARY);
	check_loads(fd, 0, &load, "[S8] appraisal of initrds: a signed image by somebody else loads");
	close(fd);
	tap_is(measured(hex, path), 1, "[S8] as what holds an initrd, the image is measured");
}

/* Bytes that the measurements take for the next kernel */
static size_t list_size(void)
{
	static const char path[] = "/sys/kernel/security/ima/binary_runtime_measurements";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	static char bytes[1 << 16];
	size_t size = 0;
	ssize_t n;

	while ((n = read(fd, bytes, sizeof(bytes))) > 0)
		size += n;
	if (fd < 0 || n < 0)
		tap_bail("cannot read '%s'", path);
	close(fd);
	return size;
}

/* A file that is measured when it is read: a name of 200 bytes does it. */
static void measure_file(unsigned int nr)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "/tmp/%0200u", nr);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || fchown(fd, OWNER, 0))
		tap_bail("cannot make '%s': %s", path, strerror(errno));
	close(fd);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		tap_bail("cannot read '%s': %s", path, strerror(errno));
	close(fd);
	unlink(path);
}

/*
 * The loaded image has room for half a page of measurements more, and for a page
 * more by chance. When they take several more, a load fails that had room for them;
 * what writes the list into the loaded image has both sizes to choose from. It does
 * so when that is executed, which is left to whoever runs this.
 */
static void list(void)
{
	const struct refusal refusal = { EADDRNOTAVAIL, KEXEC_BPF_STEP_SEGMENTS, "no room", 1, 0 };
	static const char *const rules[] = {
		"measure func=KEXEC_KERNEL_CHECK\n",
		"measure func=FILE_CHECK mask=MAY_READ fowner=1000\n",
	};
	static struct load load;
	unsigned int i;
	size_t before;
	int fd;

	add_rules(rules, ARRAY_SIZE(rules));
	fd = open_image(ORDINARY);
	check_loads(fd, 0, &load, "an image loads with measurement");
	close(fd);
	before = list_size();
	for (i = 0; i < 100; i++)
		measure_file(i);
	tap_ok(list_size() > before + 4 * 4096, "the list grows by %zu bytes",
	       list_size() - before);
	fd = make_hungry(0xffff0000);
	check_refused(fd, UNSIGNED, &refusal, "a load fails that had room for them");
	close(fd);
	tap_is(loaded(), 1, "the image is still loaded");
}

/* attack_ima_once [initrds | list] */
int main(int argc, char **argv)
{
	require_kernel();
	if (access(POLICY, F_OK)) {
		printf("1..0 # SKIP no '%s'\n", POLICY);
		return 4;
	}
	if (argc > 1 && !strcmp(argv[1], "list")) {
		list();
		return tap_done();
	}
	if (argc > 1 && !strcmp(argv[1], "initrds")) {
		initrds();
	} else {
		measure();
		busy();
		appraise();
	}
	unload();
	return tap_done();
}
