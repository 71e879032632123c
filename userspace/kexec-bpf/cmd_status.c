// SPDX-License-Identifier: GPL-2.0
/* kexec-bpf status: what this kernel supports and has loaded. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "tool.h"

enum {
	OPT_JSON = 256,
};

static const struct option options[] = {
	{ "json",	no_argument, NULL, OPT_JSON },
	{ "help",	no_argument, NULL, 'h' },
	{ }
};

/* Numbers that the kernel keeps in files; a file that is absent is unknown. */
static const struct {
	const char	*key;
	const char	*label;
	const char	*path;
	bool		boolean;
} files[] = {
	{ "kexec_loaded", "image loaded", "/sys/kernel/kexec_loaded", true },
	{ "kexec_crash_loaded", "crash kernel loaded",
	  "/sys/kernel/kexec_crash_loaded", true },
	{ "kexec_crash_size", "crash kernel memory",
	  "/sys/kernel/kexec_crash_size", false },
	{ "kexec_load_disabled", "loading disabled",
	  "/proc/sys/kernel/kexec_load_disabled", true },
};

/* The mode in brackets, as in "none [integrity] confidentiality" */
static bool read_lockdown(char *mode, size_t size)
{
	char line[128], *start, *end;

	if (read_line("/sys/kernel/security/lockdown", line, sizeof(line)))
		return false;
	start = strchr(line, '[');
	end = start ? strchr(start, ']') : NULL;
	if (!end)
		return false;
	*end = '\0';
	snprintf(mode, size, "%s", start + 1);
	return true;
}

static void print_json(int abi)
{
	struct json j = { .f = stdout };
	char mode[32];
	uint64_t value;
	size_t i;

	json_open(&j, NULL, '{');
	json_bool(&j, "kexec_bpf_load", abi > 0);
	if (abi > 0)
		json_num(&j, "parser_abi", (uint64_t)abi);
	else
		json_null(&j, "parser_abi");
	for (i = 0; i < NR_ELEMS(files); i++) {
		if (!read_number(files[i].path, &value))
			json_null(&j, files[i].key);
		else if (files[i].boolean)
			json_bool(&j, files[i].key, value);
		else
			json_num(&j, files[i].key, value);
	}
	if (read_lockdown(mode, sizeof(mode)))
		json_str(&j, "lockdown", mode);
	else
		json_null(&j, "lockdown");
	json_close(&j, '}');
}

static void print_text(int abi)
{
	char mode[32];
	uint64_t value;
	size_t i;

	printf("%-20s %s\n", "kexec_bpf_load", abi > 0 ? "yes" : "no");
	if (abi > 0)
		printf("%-20s %d\n", "parser ABI", abi);
	for (i = 0; i < NR_ELEMS(files); i++) {
		if (!read_number(files[i].path, &value))
			printf("%-20s unknown\n", files[i].label);
		else if (files[i].boolean)
			printf("%-20s %s\n", files[i].label, value ? "yes" : "no");
		else
			printf("%-20s %" PRIu64 " bytes\n", files[i].label, value);
	}
	printf("%-20s %s\n", "lockdown",
	       read_lockdown(mode, sizeof(mode)) ? mode : "unknown");
}

int cmd_status(const struct command *cmd, int argc, char *argv[])
{
	const struct context ctx = { .command = cmd->name };
	bool json = false;
	int c, abi;

	while ((c = next_option(cmd, argc, argv, ":h", options)) != -1) {
		switch (c) {
		case OPT_JSON:
			json = true;
			break;
		case 'h':
			return command_help(cmd);
		default:
			return command_usage(cmd);
		}
	}
	if (argc != optind)
		return command_usage(cmd);

	abi = kexecbpf_abi_version();
	if (json)
		print_json(abi);
	else
		print_text(abi);
	c = finish_stdout(cmd->name);
	if (abi > 0)
		return c;
	error_msg(&ctx, "%s", kexecbpf_strerror(abi ? abi : -ENOSYS));
	return STATUS_FAILURE;
}
