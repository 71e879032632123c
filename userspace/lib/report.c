// SPDX-License-Identifier: GPL-2.0
/* Messages to the caller, and the meaning of each errno. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "private.h"

/*
 * Returns -@err, so that a check and its message are one statement. Names come
 * from the file: they must neither drive a terminal nor be taken for others.
 */
int kexecbpf_fail(const struct kexecbpf_report *report, int err,
		  const char *fmt, ...)
{
	char raw[512], text[4 * sizeof(raw)];
	int saved = errno;
	va_list ap;
	char *to;
	size_t i;

	if (report && report->message) {
		va_start(ap, fmt);
		vsnprintf(raw, sizeof(raw), fmt, ap);
		va_end(ap);
		to = text;
		for (i = 0; raw[i]; i++) {
			if (raw[i] == '\\')
				to += sprintf(to, "\\\\");
			else if (raw[i] >= 0x20 && raw[i] <= 0x7e)
				*to++ = raw[i];
			else
				to += sprintf(to, "\\x%02x", (unsigned char)raw[i]);
		}
		*to = '\0';
		report->message(report->ctx, text);
	}
	errno = saved;
	return -err;
}

static const struct {
	int		err;
	const char	*text;
} errors[] = {
	{ ENOSYS,
	  "this kernel has no kexec_bpf_load system call: boot one that is built with CONFIG_KEXEC_BPF" },
	{ EPERM,
	  "not permitted: it takes CAP_SYS_BOOT (and CAP_BPF and CAP_PERFMON to allow unsigned images), kernel.kexec_load_disabled = 0, and a signed image with its initrd where signatures are enforced" },
	{ EINVAL,
	  "not what the kernel takes: flags that do not go together, a file that is empty or no regular one, or a kernel too large for this machine, as the log tells" },
	{ E2BIG,
	  "the kernel is older than this program and does not know all of its arguments" },
	{ EFAULT, "bad address" },
	{ EBADF, "the image is not open for reading" },
	{ EBUSY,
	  "another load or unload is under way: try again when it has ended" },
	{ ENOMEM, "out of memory" },
	{ EOPNOTSUPP,
	  "this kernel cannot do that now: the log names what is missing; the BPF JIT must be on (net.core.bpf_jit_enable = 1)" },
	{ ENOEXEC,
	  "not an image of this format for this machine: it takes an EFI application with a section .bpf ('kexec-bpf embed' adds one) and a kernel in it" },
	{ EFBIG, "larger than a limit, which the log names" },
	{ ELIBBAD,
	  "the PE file is malformed: build it again" },
	{ ENODATA,
	  "the image is not signed: sign it, or allow unsigned ones with --allow-unsigned where signatures are not enforced" },
	{ ENOKEY,
	  "the image is signed by a key that this kernel does not trust: sign it with a trusted one, or enroll the certificate" },
	{ EKEYREJECTED,
	  "the signature is bad: the image was changed after it was signed, or the signature is malformed or revoked" },
	{ ENOPKG,
	  "this kernel lacks an algorithm that the signature uses: sign with SHA-256 and RSA" },
	{ ELIBSCN,
	  "the parser in the image is malformed or uses something that is not supported, which the log names" },
	{ EPROTONOSUPPORT,
	  "this kernel does not know the ABI version of the parser in the image: 'kexec-bpf status' and 'kexec-bpf inspect' show both" },
	{ EPROTO,
	  "the BPF verifier refused the parser in the image, as the log tells" },
	{ EBADMSG,
	  "the parser in the image refused the image, as the log tells" },
	{ ENOMSG, "the parser in the image chose no kernel" },
	{ ETIME, "the parser in the image used up its time" },
	{ ELOOP, "kernels are nested too deep in the image" },
	{ EACCES,
	  "a security policy (IMA appraisal or a security module) refused the image" },
	{ ETXTBSY,
	  "the image is open for writing: close it there, then try again" },
	{ EINTR, "interrupted" },
	{ EIO, "the image could not be read, or changed meanwhile" },
	{ EMFILE, "the descriptor limit of kernel threads is too low: see prlimit(1)" },
	{ EADDRNOTAVAIL,
	  "no room for the kernel's segments: for a crash kernel, reserve more with crashkernel=" },
};

const char *kexecbpf_strerror(int err)
{
	size_t i;

	/* INT_MIN has no positive; it is no errno either. */
	if (err < 0 && err > -4096)
		err = -err;
	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		if (errors[i].err == err)
			return errors[i].text;
	}
	return strerrordesc_np(err) ?: "unknown error";
}

const char *kexecbpf_errno_name(int err)
{
	if (err < 0 && err > -4096)
		err = -err;
	return strerrorname_np(err) ?: "unknown";
}

const char *kexecbpf_step_name(unsigned int step)
{
	static const char * const names[] = {
		[KEXEC_BPF_STEP_ARGS]		= "args",
		[KEXEC_BPF_STEP_READ]		= "read",
		[KEXEC_BPF_STEP_SCREEN]		= "screen",
		[KEXEC_BPF_STEP_SIGNATURE]	= "signature",
		[KEXEC_BPF_STEP_LOAD]		= "load",
		[KEXEC_BPF_STEP_RUN]		= "run",
		[KEXEC_BPF_STEP_COLLECT]	= "collect",
		[KEXEC_BPF_STEP_SEGMENTS]	= "segments",
		[KEXEC_BPF_STEP_DONE]		= "done",
	};

	_Static_assert(sizeof(names) / sizeof(names[0]) == KEXEC_BPF_NR_STEPS,
		       "each step has a name");
	return step < KEXEC_BPF_NR_STEPS ? names[step] : "unknown";
}
