// SPDX-License-Identifier: GPL-2.0
/* kexec-bpf unload: drop the loaded image. */
#include <errno.h>

#include "tool.h"

static const struct option options[] = {
	{ "kdump",	no_argument, NULL, 'p' },
	{ "help",	no_argument, NULL, 'h' },
	{ }
};

int cmd_unload(const struct command *cmd, int argc, char *argv[])
{
	const struct context ctx = { .command = cmd->name };
	bool crash = false;
	int c, ret;

	while ((c = next_option(cmd, argc, argv, ":ph", options)) != -1) {
		switch (c) {
		case 'p':
			crash = true;
			break;
		case 'h':
			return command_help(cmd);
		default:
			return command_usage(cmd);
		}
	}
	if (argc != optind)
		return command_usage(cmd);

	ret = kexecbpf_unload(crash);
	if (!ret)
		return STATUS_OK;
	if (ret == -EPERM)
		error_msg(&ctx, "not permitted: it takes CAP_SYS_BOOT and kernel.kexec_load_disabled = 0");
	else
		error_msg(&ctx, "cannot drop the %s image: %s",
			  crash ? "crash kernel's" : "loaded", kexecbpf_strerror(ret));
	return STATUS_FAILURE;
}
