// SPDX-License-Identifier: GPL-2.0
/* kexec-bpf load: load an image for the next kexec. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool.h"

/* As much as the kernel writes; pages of it that stay empty cost nothing. */
#define LOG_SIZE	(1U << 20)

enum {
	OPT_NO_INITRAMFS = 256,
	OPT_ALLOW_UNSIGNED,
	OPT_DIGESTS,
	OPT_DEBUG,
	OPT_JSON,
};

static const struct option options[] = {
	{ "kdump",		no_argument, NULL, 'p' },
	{ "no-initramfs",	no_argument, NULL, OPT_NO_INITRAMFS },
	{ "allow-unsigned",	no_argument, NULL, OPT_ALLOW_UNSIGNED },
	{ "dry-run",		no_argument, NULL, 'n' },
	{ "digests",		no_argument, NULL, OPT_DIGESTS },
	{ "debug",		no_argument, NULL, OPT_DEBUG },
	{ "verbose",		no_argument, NULL, 'v' },
	{ "json",		no_argument, NULL, OPT_JSON },
	{ "help",		no_argument, NULL, 'h' },
	{ }
};

/* One table for text and JSON */
static const struct {
	const char	*name;
	size_t		offset;
} parts[] = {
	{ "kernel",	offsetof(struct kexec_bpf_result, kernel) },
	{ "initrd",	offsetof(struct kexec_bpf_result, initrd) },
	{ "cmdline",	offsetof(struct kexec_bpf_result, cmdline) },
};

static const struct {
	const char	*name;
	uint32_t	flag;
} result_flags[] = {
	{ "verified",	KEXEC_BPF_RESULT_VERIFIED },
	{ "enforced",	KEXEC_BPF_RESULT_ENFORCED },
	{ "published",	KEXEC_BPF_RESULT_PUBLISHED },
};

/**
 * struct load - a load and what came of it
 * @c: for messages
 * @flags: of the system call
 * @show_parts: print sizes and digests
 * @show_log: print the log of a load that succeeded as well
 * @show_steps: print durations
 * @json: print JSON instead
 * @err: 0 or -errno
 * @log: LOG_SIZE bytes
 * @result: from the kernel
 */
struct load {
	struct context		c;
	uint64_t		flags;
	bool			show_parts;
	bool			show_log;
	bool			show_steps;
	bool			json;
	int			err;
	char			*log;
	struct kexec_bpf_result	result;
};

static const struct kexec_bpf_part *part_of(const struct kexec_bpf_result *r,
					    size_t i)
{
	return (const struct kexec_bpf_part *)((const char *)r + parts[i].offset);
}

static void format_digest(const struct kexec_bpf_part *part, char text[65])
{
	size_t i;

	for (i = 0; i < sizeof(part->sha256); i++)
		snprintf(text + 2 * i, 3, "%02x", part->sha256[i]);
}

static void print_json(const struct load *l)
{
	const struct kexec_bpf_result *r = &l->result;
	struct json j = { .f = stdout };
	char digest[65];
	size_t i;

	json_open(&j, NULL, '{');
	json_bool(&j, "ok", !l->err);
	json_text(&j, "file", l->c.file);
	if (l->err) {
		json_str(&j, "errno", kexecbpf_errno_name(l->err));
		json_str(&j, "message", kexecbpf_strerror(l->err));
	}
	json_bool(&j, "dry_run", l->flags & KEXEC_BPF_DRY_RUN);
	json_bool(&j, "kdump", l->flags & KEXEC_BPF_ON_CRASH);
	/* The kernel fills in a result once it accepted the arguments. */
	if (r->size) {
		json_open(&j, "result", '{');
		for (i = 0; i < NR_ELEMS(result_flags); i++)
			json_bool(&j, result_flags[i].name,
				  r->flags & result_flags[i].flag);
		json_str(&j, "step", kexecbpf_step_name(r->step));
		json_int(&j, "parser_ret", r->parser_ret);
		json_num(&j, "rounds", r->rounds);
		for (i = 0; i < NR_ELEMS(parts); i++) {
			json_open(&j, parts[i].name, '{');
			json_num(&j, "size", part_of(r, i)->size);
			if (r->flags & KEXEC_BPF_RESULT_SHA256) {
				format_digest(part_of(r, i), digest);
				json_str(&j, "sha256", digest);
			} else {
				json_null(&j, "sha256");
			}
			json_close(&j, '}');
		}
		json_num(&j, "copied", r->copied);
		json_num(&j, "mem_peak", r->mem_peak);
		json_open(&j, "step_ns", '{');
		for (i = 0; i < KEXEC_BPF_STEP_DONE; i++)
			json_num(&j, kexecbpf_step_name((unsigned int)i),
				 r->step_ns[i]);
		json_close(&j, '}');
		json_num(&j, "log_len", r->log_len);
		json_close(&j, '}');
	} else {
		json_null(&j, "result");
	}
	json_text(&j, "log", l->log);
	json_close(&j, '}');
}

static void print_log(const struct load *l)
{
	size_t len = strlen(l->log);

	if (len) {
		print_escaped(stderr, l->log, "\n\t");
		if (l->log[len - 1] != '\n')
			putc('\n', stderr);
	}
	if (l->result.log_len > LOG_SIZE)
		error_msg(&l->c, "the log has %" PRIu64 " bytes, the last %" PRIu64 " of which are not shown",
			  (uint64_t)l->result.log_len,
			  (uint64_t)l->result.log_len - LOG_SIZE);
}

static void print_result(const struct load *l)
{
	const struct kexec_bpf_result *r = &l->result;
	char digest[65];
	size_t i;

	if (l->show_parts) {
		for (i = 0; i < NR_ELEMS(parts); i++) {
			printf("%-10s %12" PRIu64 " bytes", parts[i].name,
			       (uint64_t)part_of(r, i)->size);
			if (r->flags & KEXEC_BPF_RESULT_SHA256) {
				format_digest(part_of(r, i), digest);
				printf("  sha256 %s", digest);
			}
			putchar('\n');
		}
		printf("%-10s %s, signatures are %senforced\n", "signature",
		       r->flags & KEXEC_BPF_RESULT_VERIFIED ? "verified" : "not verified",
		       r->flags & KEXEC_BPF_RESULT_ENFORCED ? "" : "not ");
	}
	if (l->show_steps) {
		for (i = 0; i < KEXEC_BPF_STEP_DONE; i++)
			printf("%-10s %12.3f ms\n",
			       kexecbpf_step_name((unsigned int)i),
			       (double)r->step_ns[i] / 1e6);
		printf("%-10s %12" PRIu32 "\n", "parsers", r->rounds);
		printf("%-10s %12" PRIu64 " bytes\n", "copied", (uint64_t)r->copied);
		printf("%-10s %12" PRIu64 " bytes\n", "memory",
		       (uint64_t)r->mem_peak);
	}
	if (l->show_parts)
		printf("%s\n", r->flags & KEXEC_BPF_RESULT_PUBLISHED ?
		       "loaded" : "not loaded: dry run");
}

static void print_failure(const struct load *l)
{
	if (l->result.size && l->err == -EBADMSG)
		error_msg(&l->c, "cannot load: %s (%s in step '%s', the parser returned %d)",
			  kexecbpf_strerror(l->err), kexecbpf_errno_name(l->err),
			  kexecbpf_step_name(l->result.step),
			  l->result.parser_ret);
	else if (l->result.size)
		error_msg(&l->c, "cannot load: %s (%s in step '%s')",
			  kexecbpf_strerror(l->err), kexecbpf_errno_name(l->err),
			  kexecbpf_step_name(l->result.step));
	else if (l->err == -ENOSYS)
		error_msg(&l->c, "cannot load: %s", kexecbpf_strerror(l->err));
	else
		error_msg(&l->c, "cannot load: %s (%s)", kexecbpf_strerror(l->err),
			  kexecbpf_errno_name(l->err));
}

static int load(struct load *l)
{
	struct kexecbpf_load_params params = {
		.version	= KEXECBPF_LOAD_VERSION,
		.flags		= l->flags,
		.log_size	= LOG_SIZE,
	};
	int fd, status;

	fd = open_input(&l->c);
	if (fd < 0)
		return STATUS_FAILURE;
	l->log = calloc(1, LOG_SIZE);
	if (!l->log) {
		error_msg(&l->c, "out of memory");
		close(fd);
		return STATUS_FAILURE;
	}

	params.image_fd = fd;
	params.log = l->log;
	l->err = kexecbpf_load(&params, &l->result);
	close(fd);

	if (l->err)
		print_failure(l);
	if (l->json)
		print_json(l);
	else if (l->err || l->show_log)
		print_log(l);
	if (!l->json && !l->err)
		print_result(l);
	free(l->log);
	status = finish_stdout(l->c.command);
	return l->err ? STATUS_FAILURE : status;
}

int cmd_load(const struct command *cmd, int argc, char *argv[])
{
	struct load l = { .c.command = cmd->name };
	int c;

	while ((c = next_option(cmd, argc, argv, ":pnvh", options)) != -1) {
		switch (c) {
		case 'p':
			l.flags |= KEXEC_BPF_ON_CRASH;
			break;
		case OPT_NO_INITRAMFS:
			l.flags |= KEXEC_BPF_NO_INITRAMFS;
			break;
		case OPT_ALLOW_UNSIGNED:
			l.flags |= KEXEC_BPF_ALLOW_UNSIGNED;
			break;
		case 'n':
			l.flags |= KEXEC_BPF_DRY_RUN | KEXEC_BPF_SHA256;
			l.show_parts = true;
			break;
		case OPT_DIGESTS:
			l.flags |= KEXEC_BPF_SHA256;
			l.show_parts = true;
			break;
		case OPT_DEBUG:
			l.flags |= KEXEC_BPF_DEBUG;
			l.show_log = true;
			break;
		case 'v':
			l.flags |= KEXEC_BPF_SHA256;
			l.show_parts = true;
			l.show_log = true;
			l.show_steps = true;
			break;
		case OPT_JSON:
			l.json = true;
			break;
		case 'h':
			return command_help(cmd);
		default:
			return command_usage(cmd);
		}
	}
	if (argc - optind != 1)
		return command_usage(cmd);
	l.c.file = argv[optind];
	return load(&l);
}
