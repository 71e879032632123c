// SPDX-License-Identifier: GPL-2.0
/* kexec-bpf embed: add a parser to a PE file as its section .bpf. */
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
	case -ENOBUFS:
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
	int fd, ret = STATUS_FAILURE, err;
	struct kexecbpf_pe *pe;
	struct output out;
	struct stat st;

	fd = open_input(c);
	if (fd < 0)
		return STATUS_FAILURE;
	if (fstat(fd, &st)) {
		error_msg(c, "cannot stat: %s", strerror(errno));
		goto out_close;
	}
	if (kexecbpf_pe_open(fd, &report, &pe))
		goto out_close;
	if (!output_open(&out, &out_ctx, &st))
		goto out_free;
	if (out_name == c->file && !output_replaces(&out, &st)) {
		error_msg(c, "another file takes its place: try again");
		goto out_free;
	}
	err = kexecbpf_pe_embed(pe, params, out.fd, &report);
	if (err) {
		error_msg(c, "nothing was changed%s", advice(err));
		goto out_free;
	}
	if (!verify(out.fd, params->parser_size, &report)) {
		error_msg(c, "the result is not as it should be; nothing was changed");
		goto out_free;
	}
	if (!output_commit(&out))
		goto out_free;
	if (verbose) {
		print_escaped(stdout, out_name, "");
		printf(": section '%s', %zu bytes%s\n", KEXECBPF_SECTION,
		       params->parser_size, kexecbpf_pe_info(pe)->cert_offset ?
		       "; its signature was dropped" : "");
	}
	ret = finish_stdout(c->command);
out_free:
	output_close(&out);
	kexecbpf_pe_close(pe);
out_close:
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
