// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes a command line out of texts of its own and out of a range.
 *
 * Expected: the load succeeds with .linux and the command line "one two MZ".
 * Where a call returns something else than it should: EBADMSG, parser_ret is
 * minus the number of calls that do.
 */
#include "test.bpf.h"

KEXEC_PARSER("test");

static char one[] SEC(".data") = "one";
static char padded[8] SEC(".data") = " two ";
static char large[4096];
static int wrong;

SEC("syscall")
int texts(void *ctx __attribute__((unused)))
{
	struct kexec_bpf_info info;
	u32 i;

	wrong = 0;
	wrong += expect(bpf_kexec_info(&info, sizeof(info)), 0);

	/* Ends at its first NUL, or where its memory ends. */
	wrong += expect(bpf_kexec_cmdline_append_text(one, sizeof(one)), 0);
	wrong += expect(bpf_kexec_cmdline_append_text(padded, sizeof(padded)),
			0);
	wrong += expect(bpf_kexec_cmdline_append_text(one, 0), 0);

	/* A range has no other end than its length: every image begins "MZ". */
	wrong += expect(bpf_kexec_cmdline_append(KEXEC_BPF_IMAGE, 0, 2), 0);
	wrong += expect(bpf_kexec_cmdline_append(KEXEC_BPF_IMAGE, 0, 64),
			-EINVAL);

	/* Longer than any kernel takes: refused as a whole. */
	kexec_for(i, 0, sizeof(large)) {
		if (i < sizeof(large))
			large[i] = 'x';
	}
	wrong += expect(info.cmdline_max < sizeof(large), 1);
	wrong += expect(bpf_kexec_cmdline_append_text(large, sizeof(large)),
			-EFBIG);
	return wrong ? -wrong : choose_linux();
}
