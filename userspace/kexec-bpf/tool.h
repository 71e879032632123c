/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of the kexec-bpf tool share. */
#ifndef KEXEC_BPF_TOOL_H
#define KEXEC_BPF_TOOL_H

#include <getopt.h>
#include <kexecbpf.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>

#define NR_ELEMS(a)	(sizeof(a) / sizeof((a)[0]))

enum {
	STATUS_OK	= 0,
	STATUS_FAILURE	= 1,
	STATUS_USAGE	= 2,
};

/**
 * struct command - one row of the command table, which drives dispatch and help
 * @name: as on the command line
 * @func: gets the arguments from the command's name on; returns the exit status
 * @summary: one line
 * @usage: what follows the name
 * @help: one line per option
 */
struct command {
	const char	*name;
	int		(*func)(const struct command *cmd, int argc, char *argv[]);
	const char	*summary;
	const char	*usage;
	const char	*help;
};

int cmd_embed(const struct command *cmd, int argc, char *argv[]);
int cmd_exec(const struct command *cmd, int argc, char *argv[]);
int cmd_inspect(const struct command *cmd, int argc, char *argv[]);
int cmd_load(const struct command *cmd, int argc, char *argv[]);
int cmd_status(const struct command *cmd, int argc, char *argv[]);
int cmd_unload(const struct command *cmd, int argc, char *argv[]);

/* main.c */
int command_help(const struct command *cmd);
int command_usage(const struct command *cmd);
int next_option(const struct command *cmd, int argc, char *argv[],
		const char *letters, const struct option *options);

/* util.c */

/**
 * struct context - what is being done, for messages
 * @command: name of the command
 * @file: the file that it is done to
 */
struct context {
	const char	*command;
	const char	*file;
};

void error_msg(const struct context *c, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void report_msg(void *ctx, const char *text);
int print_escaped(FILE *f, const char *text, const char *keep);
bool fill_standard_streams(void);
int open_input(const struct context *c);
int read_line(const char *path, char *buf, size_t size);
bool read_number(const char *path, uint64_t *value);
int finish_stdout(const char *command);

/* output.c */

/**
 * struct output - a file that appears complete or not at all
 * @c: for messages; its file is the one that appears
 * @fd: the file while it has a temporary name, or -1
 * @dir: the directory of both names, or -1
 * @name: the name that it gets
 * @tmp: the name that it has until then
 * @replaces: there is a file of that name
 * @like: that file, or the one that a new file is made from
 */
struct output {
	struct context	c;
	int		fd;
	int		dir;
	char		*name;
	char		tmp[32];
	bool		replaces;
	struct stat	like;
};

bool output_open(struct output *o, const struct context *c, const struct stat *like);
bool output_replaces(const struct output *o, const struct stat *st);
bool output_commit(struct output *o);
void output_close(struct output *o);

/* json.c */

/**
 * struct json - a JSON document being written
 * @f: where to
 * @depth: of open objects and arrays
 * @comma: something precedes on this level
 */
struct json {
	FILE		*f;
	unsigned int	depth;
	bool		comma;
};

void json_open(struct json *j, const char *key, char bracket);
void json_close(struct json *j, char bracket);
void json_str(struct json *j, const char *key, const char *value);
void json_text(struct json *j, const char *key, const char *value);
void json_num(struct json *j, const char *key, uint64_t value);
void json_int(struct json *j, const char *key, int64_t value);
void json_bool(struct json *j, const char *key, bool value);
void json_null(struct json *j, const char *key);

#endif /* KEXEC_BPF_TOOL_H */
