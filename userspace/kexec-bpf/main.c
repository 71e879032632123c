// SPDX-License-Identifier: GPL-2.0
/* kexec-bpf: load signed boot images that bring their own parser. */
#include <string.h>

#include "tool.h"

static const struct command commands[] = {
	{
		.name = "load",
		.func = cmd_load,
		.summary = "load an image for the next kexec",
		.usage = "[OPTION]... IMAGE",
		.help =
"  -p, --kdump            load it as the crash kernel\n"
"      --no-initramfs     the next kernel gets no initrd\n"
"      --allow-unsigned   accept an unsigned image where signatures are not\n"
"                         enforced\n"
"  -n, --dry-run          do everything but replace the loaded image\n"
"      --digests          print sizes and SHA-256 of kernel, initrd and command\n"
"                         line\n"
"      --debug            have the kernel log each step, and print the log\n"
"  -v, --verbose          print log, sizes, digests and duration of each step\n"
"      --json             print the result as JSON\n",
	},
	{
		.name = "exec",
		.func = cmd_exec,
		.summary = "reboot into the loaded image",
		.usage = "[OPTION]...",
		.help =
"  -f, --force            at once, without stopping services; the default where\n"
"                         systemd does not run\n",
	},
	{
		.name = "unload",
		.func = cmd_unload,
		.summary = "drop the loaded image",
		.usage = "[OPTION]...",
		.help =
"  -p, --kdump            the one of the crash kernel\n",
	},
	{
		.name = "status",
		.func = cmd_status,
		.summary = "show what this kernel supports and has loaded",
		.usage = "[OPTION]...",
		.help =
"      --json             print it as JSON\n",
	},
	{
		.name = "inspect",
		.func = cmd_inspect,
		.summary = "show the sections of a PE file, its signature and its parser",
		.usage = "[OPTION]... FILE",
		.help =
"      --json             print it as JSON\n",
	},
	{
		.name = "embed",
		.func = cmd_embed,
		.summary = "add a parser to a PE file as its section .bpf",
		.usage = "--parser PARSER [OPTION]... FILE",
		.help =
"      --parser PARSER    the parser, an object file for BPF\n"
"  -o, --output OUT       write to OUT instead of replacing FILE\n"
"      --drop-signature   accept a signed FILE; the result is unsigned\n"
"  -v, --verbose          tell what was added\n",
	},
};

static void print_usage(FILE *f)
{
	size_t i;

	fputs("usage: kexec-bpf COMMAND [OPTION]... [ARGUMENT]...\n"
	      "       kexec-bpf --help | --version\n\ncommands:\n", f);
	for (i = 0; i < NR_ELEMS(commands); i++)
		fprintf(f, "  %-8s %s\n", commands[i].name, commands[i].summary);
	fputs("\n'kexec-bpf COMMAND --help' shows the options of a command.\n", f);
}

int command_help(const struct command *cmd)
{
	printf("usage: kexec-bpf %s %s\n\n%s\n\noptions:\n%s"
	       "  -h, --help             print this\n",
	       cmd->name, cmd->usage, cmd->summary, cmd->help);
	return finish_stdout(cmd->name);
}

int command_usage(const struct command *cmd)
{
	fprintf(stderr, "usage: kexec-bpf %s %s\n", cmd->name, cmd->usage);
	return STATUS_USAGE;
}

/*
 * getopt_long(), whose own messages would show what was typed as it is. Returns
 * '?' after a message. Each letter is an option by its full name as well.
 */
int next_option(const struct command *cmd, int argc, char *argv[],
		const char *letters, const struct option *options)
{
	struct context c = { .command = cmd->name };
	char letter[] = "-?";
	int ret;

	opterr = 0;
	ret = getopt_long(argc, argv, letters, options, NULL);
	if (ret != '?' && ret != ':')
		return ret;
	c.file = argv[optind - 1];
	while (options->name && options->val != optopt)
		options++;
	if (ret == ':') {
		error_msg(&c, "this option needs an argument");
	} else if (options->name) {
		error_msg(&c, "this option takes no argument");
	} else {
		/* Inside of "-abc" it is known by its letter alone. */
		letter[1] = (char)optopt;
		if (optopt)
			c.file = letter;
		error_msg(&c, optopt ? "unknown option" : "unknown or ambiguous option");
	}
	return '?';
}

int main(int argc, char *argv[])
{
	size_t i;

	if (!fill_standard_streams())
		return STATUS_FAILURE;
	if (argc < 2) {
		print_usage(stderr);
		return STATUS_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
		print_usage(stdout);
		return finish_stdout("help");
	}
	if (!strcmp(argv[1], "--version")) {
		printf("kexec-bpf %s, parser ABI %u\n", KEXECBPF_VERSION, KEXEC_BPF_ABI);
		return finish_stdout("version");
	}
	for (i = 0; i < NR_ELEMS(commands); i++) {
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].func(&commands[i], argc - 1, argv + 1);
	}
	fputs("kexec-bpf: unknown command '", stderr);
	print_escaped(stderr, argv[1], "");
	fputs("'\n", stderr);
	print_usage(stderr);
	return STATUS_USAGE;
}
