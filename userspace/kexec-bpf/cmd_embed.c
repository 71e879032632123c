// SPDX-License-Identifier: GPL-2.0
/* kexec-bpf embed: add a parser to a PE file as its section .bpf. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#include "tool.h"

enum {
	OPT_PARSER = 256,
	OPT_DROP_SIGNATURE,
};

static const struct option options[] = {
	{ "parser",		required_argument, NULL, OPT_PARSER },
	{ "output",		required_argument, NULL, 'o' },
	{ "drop-signature",	no_argument, NULL, OPT_DROP_SIGNATURE },
	{ "verbose",		no_argument, NULL, 'v' },
	{ "help",		no_argument, NULL, 'h' },
	{ }
};

/**
 * struct output - a file that appears complete or not at all
 * @path: its name, symbolic links resolved
 * @dir: directory of @path
 * @tmp: name of the temporary file, in @dir
 * @fd: the temporary file, or -1
 * @replaces: there is a file of that name
 * @like: that file, or the one that a new file is made from
 */
struct output {
	char	*path;
	char	*dir;
	char	*tmp;
	int	fd;
	bool	replaces;
	struct stat like;
};

static const int end_signals[] = { SIGHUP, SIGINT, SIGTERM };

/* What a signal that ends the program has to remove; set while they are blocked */
static char *volatile tmp_to_remove;

static void remove_tmp(int sig)
{
	if (tmp_to_remove)
		unlink(tmp_to_remove);
	/* SA_RESETHAND: this time it ends the program. */
	raise(sig);
}

static void block_signals(sigset_t *old)
{
	sigset_t set;
	size_t i;

	sigemptyset(&set);
	for (i = 0; i < NR_ELEMS(end_signals); i++)
		sigaddset(&set, end_signals[i]);
	sigprocmask(SIG_BLOCK, &set, old);
}

static void catch_signals(void)
{
	struct sigaction sa = { .sa_handler = remove_tmp, .sa_flags = (int)SA_RESETHAND };
	struct sigaction old;
	size_t i;

	sigemptyset(&sa.sa_mask);
	for (i = 0; i < NR_ELEMS(end_signals); i++) {
		/* What is ignored, as under nohup, stays so. */
		if (!sigaction(end_signals[i], NULL, &old) &&
		    old.sa_handler != SIG_IGN)
			sigaction(end_signals[i], &sa, NULL);
	}
	/* A limit on the size of files is a failed write, not a reason to die. */
	sa.sa_handler = SIG_IGN;
	sigaction(SIGXFSZ, &sa, NULL);
}

static void output_free(struct output *o)
{
	sigset_t old;

	if (o->fd >= 0) {
		close(o->fd);
		block_signals(&old);
		unlink(o->tmp);
		tmp_to_remove = NULL;
		sigprocmask(SIG_SETMASK, &old, NULL);
	}
	free(o->tmp);
	free(o->dir);
	free(o->path);
}

/* @like is the file that this one is made from. Returns 0 or -errno. */
static int output_open(struct output *o, const char *name, const struct stat *like)
{
	struct stat st;
	sigset_t old;
	char *copy;

	/* A link keeps pointing to the file; a new file has no real path yet. */
	o->path = realpath(name, NULL);
	if (!o->path && errno == ENOENT)
		o->path = strdup(name);
	if (!o->path)
		return -errno;
	o->replaces = !stat(o->path, &st);
	if (o->replaces && !S_ISREG(st.st_mode))
		return -EINVAL;
	o->like = o->replaces ? st : *like;

	copy = strdup(o->path);
	if (!copy)
		return -ENOMEM;
	o->dir = strdup(dirname(copy));
	free(copy);
	if (!o->dir || asprintf(&o->tmp, "%s/.kexec-bpf.XXXXXX", o->dir) < 0) {
		o->tmp = NULL;
		return -ENOMEM;
	}

	catch_signals();
	block_signals(&old);
	o->fd = mkostemp(o->tmp, O_CLOEXEC);
	if (o->fd >= 0)
		tmp_to_remove = o->tmp;
	sigprocmask(SIG_SETMASK, &old, NULL);
	return o->fd < 0 ? -errno : 0;
}

/*
 * What is replaced passes on its owner and mode; a new file is the caller's, with
 * the permissions that cp gives it. Returns 0 or -errno.
 */
static int set_owner_and_mode(const struct output *o)
{
	mode_t mode = o->like.st_mode, mask;

	if (!o->replaces) {
		mask = umask(0);
		umask(mask);
		mode &= 0777 & ~mask;
	} else if (fchown(o->fd, o->like.st_uid, o->like.st_gid)) {
		/* Some file systems know no owners, and some callers may not set them. */
		if (errno != EPERM && errno != EINVAL && errno != EOPNOTSUPP)
			return -errno;
		/* To run as the old owner is not for the new one to grant. */
		mode &= 0777;
	}
	if (fchmod(o->fd, mode & 07777) && errno != EPERM)
		return -errno;
	return 0;
}

/* Returns 0 or -errno; *@step says what failed. */
static int output_commit(struct output *o, const char **step)
{
	sigset_t old;
	int dir, ret;

	*step = "cannot set its owner and mode";
	ret = set_owner_and_mode(o);
	if (ret)
		return ret;
	*step = "cannot write it to the disk";
	if (fsync(o->fd))
		return -errno;
	ret = close(o->fd) ? -errno : 0;
	block_signals(&old);
	if (!ret) {
		*step = "cannot rename it";
		ret = rename(o->tmp, o->path) ? -errno : 0;
	}
	if (ret)
		unlink(o->tmp);
	tmp_to_remove = NULL;
	o->fd = -1;
	sigprocmask(SIG_SETMASK, &old, NULL);
	if (ret)
		return ret;

	/* The new name counts when it would survive a crash. */
	*step = "cannot write its directory to the disk";
	dir = open(o->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return -errno;
	if (fsync(dir) && errno != EINVAL)
		ret = -errno;
	close(dir);
	return ret;
}

/* The whole file; returns its bytes or NULL after a message. */
static void *read_parser(const char *command, const char *path, size_t *len)
{
	const struct context c = { command, path };
	uint8_t *buf = NULL;
	size_t size, done = 0;
	struct stat st;
	ssize_t n = 0;
	int fd;

	fd = open_input(&c);
	if (fd < 0)
		return NULL;
	if (fstat(fd, &st)) {
		error_msg(&c, "cannot stat: %s", strerror(errno));
		goto out;
	}
	if (!S_ISREG(st.st_mode) || st.st_size < 0 ||
	    (uint64_t)st.st_size > KEXECBPF_PARSER_MAX) {
		error_msg(&c, "not a regular file of at most %u bytes",
			  KEXECBPF_PARSER_MAX);
		goto out;
	}
	size = (size_t)st.st_size;
	buf = malloc(size + 1);
	if (!buf) {
		error_msg(&c, "out of memory");
		goto out;
	}
	while (done < size) {
		n = read(fd, buf + done, size - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	if (done < size) {
		error_msg(&c, "cannot read: %s", n ? strerror(errno) : "it shrank");
		free(buf);
		buf = NULL;
	}
	*len = size;
out:
	close(fd);
	return buf;
}

/* What was written must be what was meant, before it replaces anything. */
static bool verify(int fd, size_t parser_size, const struct kexecbpf_report *report)
{
	struct kexecbpf_parser_info parser;
	const struct kexecbpf_section *s;
	struct kexecbpf_pe *pe;
	bool good = false;

	if (!kexecbpf_pe_open(fd, report, &pe)) {
		s = kexecbpf_pe_find(pe, KEXECBPF_SECTION);
		good = !kexecbpf_pe_check(pe, report) &&
		       !kexecbpf_pe_parser(pe, &parser, report) &&
		       s && s->payload == parser_size;
	}
	kexecbpf_pe_close(pe);
	return good;
}

static const char *advice(int err)
{
	switch (err) {
	case -EPERM:
		return "; --drop-signature makes it an unsigned file, to be signed anew";
	case -ENOSPC:
		return "; build it with room in its headers, or add '.bpf' when it is assembled";
	default:
		return "";
	}
}

static int embed(struct context *c, const char *out_name,
		 struct kexecbpf_embed_params *params, bool verbose)
{
	const struct kexecbpf_report report = { report_msg, c };
	const struct context out_ctx = { c->command, out_name };
	struct output out = { .fd = -1 };
	struct kexecbpf_pe *pe = NULL;
	int fd, ret = STATUS_FAILURE, err;
	const char *step;
	struct stat st;

	fd = open_input(c);
	if (fd < 0)
		return STATUS_FAILURE;
	if (fstat(fd, &st)) {
		error_msg(c, "cannot stat: %s", strerror(errno));
		goto out;
	}
	if (kexecbpf_pe_open(fd, &report, &pe))
		goto out;
	err = output_open(&out, out_name, &st);
	if (err) {
		error_msg(&out_ctx, "cannot create a file beside it: %s",
			  strerror(-err));
		goto out;
	}
	err = kexecbpf_pe_embed(pe, params, out.fd, &report);
	if (err) {
		error_msg(c, "nothing was changed%s", advice(err));
		goto out;
	}
	if (!verify(out.fd, params->parser_size, &report)) {
		error_msg(c, "the result is not as it should be; nothing was changed");
		goto out;
	}
	err = output_commit(&out, &step);
	if (err) {
		error_msg(&out_ctx, "%s: %s", step, strerror(-err));
		goto out;
	}
	if (verbose) {
		print_escaped(stdout, out_name, "");
		printf(": section '%s', %zu bytes%s\n", KEXECBPF_SECTION,
		       params->parser_size, kexecbpf_pe_info(pe)->cert_offset ?
		       "; its signature was dropped" : "");
	}
	ret = finish_stdout(c->command);
out:
	output_free(&out);
	kexecbpf_pe_close(pe);
	close(fd);
	return ret;
}

int cmd_embed(const struct command *cmd, int argc, char *argv[])
{
	struct kexecbpf_embed_params params = { .version = KEXECBPF_EMBED_VERSION };
	const char *parser_name = NULL, *out_name = NULL;
	struct context ctx = { .command = cmd->name };
	bool verbose = false;
	void *parser;
	int c, ret;

	while ((c = next_option(cmd, argc, argv, ":o:vh", options)) != -1) {
		switch (c) {
		case OPT_PARSER:
			parser_name = optarg;
			break;
		case 'o':
			out_name = optarg;
			break;
		case OPT_DROP_SIGNATURE:
			params.flags |= KEXECBPF_EMBED_DROP_SIGNATURE;
			break;
		case 'v':
			verbose = true;
			break;
		case 'h':
			return command_help(cmd);
		default:
			return command_usage(cmd);
		}
	}
	if (argc - optind != 1 || !parser_name)
		return command_usage(cmd);

	ctx.file = argv[optind];
	parser = read_parser(cmd->name, parser_name, &params.parser_size);
	if (!parser)
		return STATUS_FAILURE;
	params.parser = parser;
	ret = embed(&ctx, out_name ?: ctx.file, &params, verbose);
	free(parser);
	return ret;
}
