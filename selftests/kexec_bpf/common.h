/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the test programs share: images, loads, and what a load must leave as it
 * was
 */
#ifndef COMMON_H
#define COMMON_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/kexec_bpf.h>
#include <linux/kexec_bpf_parser.h>

#include "pe.h"
#include "tap.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#define UNSIGNED	KEXEC_BPF_ALLOW_UNSIGNED
#define DRY_RUN		KEXEC_BPF_DRY_RUN
#define SHA256		KEXEC_BPF_SHA256
#define DEBUG		KEXEC_BPF_DEBUG

/* Whether an environment variable asks for fewer rounds (debug kernel, TCG). */
bool slow(void);

/* Whether it says that this machine is made for the tests: nothing may be missing. */
bool required(void);

/* Monotonic clock in milliseconds */
uint64_t now_ms(void);

/* -------- files -------- */

struct bytes {
	uint8_t	*data;
	size_t	size;
};

/* Path of an image, in $KEXEC_BPF_IMAGES or /images; static memory. */
const char *image_path(const char *name);

/* These end the program if they fail. */
struct bytes read_file(const char *path);
struct bytes read_image(const char *name);
int open_image(const char *name);

/* A copy, to be changed; free with bytes_free(). */
struct bytes bytes_copy(struct bytes b);
void bytes_free(struct bytes *b);

/*
 * A file without a name, open for reading and writing; and the same one open for
 * reading alone, which closes @fd: nobody has it open for writing any more.
 */
int temporary_file(void);
int read_only(int fd);

/* A file of these bytes, as read_only() makes it; or of those in an image.gz */
int make_file(const void *data, size_t size);
int unpack_image(const char *name);

/* A PE file in memory as &struct pe, for its accessors; shares the bytes. */
struct pe pe_view(struct bytes b);

/* Index of a section, or -1 */
int pe_find_section(const struct pe *pe, const char *name);

/* The parser of 'kernel-only.efi', that for UKIs; it stays for good. */
struct bytes read_parser(void);

/* An unsigned image whose kernel wants so much memory to start in */
int make_hungry(uint32_t init_size);

/* Digest of one of the parts that the images are made of, from its .sha256 */
void part_sha256(const char *name, uint8_t sha256[32]);
size_t part_size(const char *name);

/* First number in a file below /proc or /sys; -1 if there is none. */
long long read_number(const char *path);
bool write_text(const char *path, const char *text);
bool write_number(const char *path, long long value);

/* A line of /proc/meminfo in KiB */
long long meminfo(const char *name);

/* -------- loads -------- */

#define LOG_SIZE	(64U << 10)

/* What a load returned: @error is an errno, or 0 */
struct load {
	int			error;
	struct kexec_bpf_result	result;
	char			log[LOG_SIZE];
};

/* The system call itself: 0 or more, or -errno */
long sys_kexec_bpf_load(const void *args, size_t size, unsigned long flags);

/* kexec_file_load(2): 0 or errno */
int file_load(int kernel_fd, int initrd_fd, const char *cmdline,
	      unsigned long flags);

/* Returns @load->error. */
int load_fd(struct load *load, int fd, unsigned long flags);
int load_image(struct load *load, const char *name, unsigned long flags);
int load_bytes(struct load *load, const void *data, size_t size,
	       unsigned long flags);

void unload(void);

/* /sys/kernel/kexec_loaded */
int loaded(void);
int crash_loaded(void);

/* Whether the text holds what looks like an address of the kernel */
bool has_address(const char *text);

/*
 * One result for a load that must be refused: errno, step, a part of the log
 * (or NULL), and that everything else is as it was: loaded image, descriptors
 * of this process, no digest, no address in the log. Frees nothing.
 */
struct refusal {
	int		error;
	unsigned int	step;
	const char	*log;
	uint32_t	rounds;
	int		parser_ret;
};

bool check_refused(int fd, unsigned long flags, const struct refusal *want,
		   const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* One result for a load that must succeed */
bool check_loads(int fd, unsigned long flags, struct load *load,
		 const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/*
 * One result for a load of an image that is sound, but unsigned: it succeeds, or
 * it is EPERM where signatures are enforced. Returns whether it did load.
 */
bool check_unsigned(int fd, unsigned long flags, struct load *load,
		    const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Show what a load said. */
void diag_load(const struct load *load);

/* Open descriptors of this process as text, to compare */
void list_fds(char *text, size_t size);

/* -------- kernel -------- */

/* Skip the whole program unless root, with the system call. */
void require_kernel(void);

/* How far the kernel is locked down now */
enum lockdown {
	LOCKDOWN_NONE,
	LOCKDOWN_INTEGRITY,
	LOCKDOWN_CONFIDENTIALITY,
	NR_LOCKDOWN,
};

#define LOCKDOWN	"/sys/kernel/security/lockdown"

extern const char *const lockdown_names[NR_LOCKDOWN];
enum lockdown lockdown(void);

/*
 * Whether signatures are enforced because the kernel was locked down before this
 * program began. What is tested then is tested for lesson S12 as well: "[S12] ",
 * or nothing.
 */
bool enforced(void);
const char *s12(void);

/* Whether the kernel tells of memory that is used after it was freed */
bool has_kasan(void);

/* Number of threads of the kernel that run parsers */
int parser_threads(void);

/* Everything that the kernel has logged since the mark; free() it. */
int kmsg_mark(void);
char *kmsg_since(int mark);

#endif
