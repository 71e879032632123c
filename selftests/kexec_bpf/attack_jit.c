// SPDX-License-Identifier: GPL-2.0
/* Root turns the BPF JIT off and on, while loads run as well. */

#include <signal.h>
#include <sys/wait.h>

#include "attack.h"

#define JIT	"/proc/sys/net/core/bpf_jit_enable"
#define HARDEN	"/proc/sys/net/core/bpf_jit_harden"

static pid_t flip(const char *path, int values)
{
	unsigned int i;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0)
		tap_bail("cannot fork");
	if (pid)
		return pid;
	pin(-1);
	for (i = 0;; i++) {
		write_number(path, i % values);
		/* Every phase of a load shall meet it. */
		usleep(i * 37 % 5000);
	}
}

static void stop(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

int main(void)
{
	const struct refusal off = { EOPNOTSUPP, KEXEC_BPF_STEP_LOAD, "JIT", 0, 0 };
	unsigned int i, good = 0, refused = 0, rounds = slow() ? 10 : 50;
	struct kexec_bpf_result reference;
	static struct load load;
	int fd;
	pid_t pid;

	require_kernel();
	if (access(JIT, W_OK)) {
		printf("1..0 # SKIP no '%s'\n", JIT);
		return 4;
	}
	make_reference(&reference);
	fd = open_image(ORDINARY);
	if (!write_number(JIT, 0))
		tap_bail("cannot write '%s'", JIT);
	check_refused(fd, 0, &off, "[P3] without the JIT a load is refused: EOPNOTSUPP");
	write_number(JIT, 1);
	tap_ok(loads_agree(&reference, 1), "[P3] with it the image loads");
	for (i = 1; i <= 2; i++) {
		write_number(HARDEN, i);
		tap_ok(loads_agree(&reference, 1), "[P3] hardened to %u as well", i);
	}

	pid = flip(HARDEN, 3);
	tap_ok(loads_agree(&reference, rounds), "%u loads while that changes", rounds);
	stop(pid);
	write_number(HARDEN, 0);

	pid = flip(JIT, 2);
	for (i = 0; i < rounds; i++) {
		load_fd(&load, fd, SHA256);
		if (!load.error && same_output(&load.result, &reference))
			good++;
		else if (load.error == EOPNOTSUPP)
			refused++;
		else
			diag_load(&load);
	}
	stop(pid);
	write_number(JIT, 1);
	tap_is(good + refused, rounds, "%u loads while the JIT goes on and off: %u good, %u refused",
	       rounds, good, refused);
	tap_ok(loads_agree(&reference, 1), "and the image loads afterwards");
	close(fd);
	unload();
	return tap_done();
}
