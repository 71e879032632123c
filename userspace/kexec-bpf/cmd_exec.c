// SPDX-License-Identifier: GPL-2.0
/* kexec-bpf exec: reboot into the loaded image. */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <sys/reboot.h>

#include "tool.h"

static const struct option options[] = {
	{ "force",	no_argument, NULL, 'f' },
	{ "help",	no_argument, NULL, 'h' },
	{ }
};

static int exec_loaded(const struct context *c, bool force)
{
	uint64_t loaded;

	if (!read_number("/sys/kernel/kexec_loaded", &loaded)) {
		error_msg(c, "cannot tell whether an image is loaded: no /sys/kernel/kexec_loaded; is /sys mounted, and does the kernel support kexec?");
		return STATUS_FAILURE;
	}
	if (!loaded) {
		error_msg(c, "no image is loaded: 'kexec-bpf load IMAGE' does that");
		return STATUS_FAILURE;
	}
	/* Where systemd runs, it stops services and unmounts first. */
	if (!force && !access("/run/systemd/system", F_OK)) {
		execlp("systemctl", "systemctl", "kexec", (char *)NULL);
		error_msg(c, "cannot run 'systemctl kexec': %s; --force reboots without it",
			  strerror(errno));
		return STATUS_FAILURE;
	}
	sync();
	reboot(RB_KEXEC);
	error_msg(c, "cannot reboot into the loaded image: %s%s", strerror(errno),
		  errno == EPERM ? ": it takes CAP_SYS_BOOT" : "");
	return STATUS_FAILURE;
}

int cmd_exec(const struct command *cmd, int argc, char *argv[])
{
	const struct context ctx = { .command = cmd->name };
	bool force = false;
	int c;

	while ((c = next_option(cmd, argc, argv, ":fh", options)) != -1) {
		switch (c) {
		case 'f':
			force = true;
			break;
		case 'h':
			return command_help(cmd);
		default:
			return command_usage(cmd);
		}
	}
	if (argc != optind)
		return command_usage(cmd);
	return exec_loaded(&ctx, force);
}
