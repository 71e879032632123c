/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the attacks share: raw bpf(2), programs written as instructions, and a
 * load that is held open
 *
 * The programs of an attacker need no compiler: most do nothing but be there.
 */
#ifndef ATTACK_H
#define ATTACK_H

#include <sys/types.h>

#include <bpf/btf.h>
#include <linux/bpf.h>

#include "common.h"

/* The images that the attacks are about */
#define ORDINARY	"good.efi"
#define ENDLESS		"parser-too_long.efi"

/* -------- instructions -------- */

#define INSN(c, d, s, o, i) \
	((struct bpf_insn){ .code = (c), .dst_reg = (d), .src_reg = (s), \
			    .off = (o), .imm = (i) })
#define MOV(d, s)	INSN(BPF_ALU64 | BPF_MOV | BPF_X, d, s, 0, 0)
#define MOV_IMM(d, i)	INSN(BPF_ALU64 | BPF_MOV | BPF_K, d, 0, 0, i)
#define ADD_IMM(d, i)	INSN(BPF_ALU64 | BPF_ADD | BPF_K, d, 0, 0, i)
#define LOAD64(d, s, o)	INSN(BPF_LDX | BPF_MEM | BPF_DW, d, s, o, 0)
#define LOAD32(d, s, o)	INSN(BPF_LDX | BPF_MEM | BPF_W, d, s, o, 0)
#define STORE64(d, s, o) INSN(BPF_STX | BPF_MEM | BPF_DW, d, s, o, 0)
#define ZERO64(d, o)	INSN(BPF_ST | BPF_MEM | BPF_DW, d, 0, o, 0)
#define COUNT(d, s)	INSN(BPF_STX | BPF_ATOMIC | BPF_DW, d, s, 0, BPF_ADD)
/* Skip @o instructions if the register has the value, or has not. */
#define IF_EQ(d, i, o)	INSN(BPF_JMP | BPF_JEQ | BPF_K, d, 0, o, i)
#define IF_NE(d, i, o)	INSN(BPF_JMP | BPF_JNE | BPF_K, d, 0, o, i)
#define HELPER(i)	INSN(BPF_JMP | BPF_CALL, 0, 0, 0, i)
#define KFUNC(i)	INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_KFUNC_CALL, 0, i)
#define CALL(to)	INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, to)
#define EXIT		INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)
/* Address of the value of an array's first element: two instructions */
#define VALUE_OF(d, fd)	INSN(BPF_LD | BPF_IMM | BPF_DW, d, BPF_PSEUDO_MAP_VALUE, 0, fd), \
			INSN(0, 0, 0, 0, 0)

/* -------- bpf(2) -------- */

/* Returns what the kernel did, or -errno. */
int sys_bpf(int cmd, union bpf_attr *attr);

/* Array of one element; ends the program on failure. */
int make_map(unsigned int value_size);
uint64_t map_value(int fd);

/* A program to load. What is not set is 0; @target_fd counts when not 0. */
struct prog {
	enum bpf_prog_type	type;
	enum bpf_attach_type	attach;
	uint32_t		flags;
	uint32_t		btf_id;
	int			target_fd;
	int			btf_fd;
	struct bpf_func_info	funcs[2];
	unsigned int		nr_funcs;
	const struct bpf_insn	*insns;
	size_t			nr_insns;
};

/* What the verifier said about the last program that was loaded */
extern char verifier_log[8192];

/* A descriptor or -errno */
int load_prog(const struct prog *prog);
int attach(int prog_fd, enum bpf_attach_type type);

/* A tracing program on a function of the kernel that only returns 0 */
int load_tracer(enum bpf_attach_type type, uint32_t btf_id);

/*
 * A program of type SYSCALL with BTF, and with a function that freplace and
 * fentry take as target
 */
int load_target(uint32_t *func_id);
/* A program for that function */
int load_for_target(enum bpf_prog_type type, enum bpf_attach_type attach,
		    int target_fd, uint32_t func_id,
		    const struct bpf_insn *insns, size_t nr_insns);

/* BTF of the kernel, and ids in it; 0 if there is none */
struct btf *vmlinux_btf(void);
uint32_t btf_func(const char *name);
/* Offset of a member in bytes; ends the program if there is none. */
int btf_offset(const char *type, const char *member);

/* -------- loads -------- */

/*
 * The digests of a load that nobody disturbed. Every load that succeeds while
 * somebody does must have the same.
 */
void make_reference(struct kexec_bpf_result *reference);
bool same_output(const struct kexec_bpf_result *a,
		 const struct kexec_bpf_result *b);

/* Load @rounds times without a result; diagnoses the first one that differs. */
bool loads_agree(const struct kexec_bpf_result *reference,
		 unsigned int rounds);

/* A load that another process has open */
struct hold {
	pid_t		caller;
	pid_t		parser;
	struct load	*load;
	uint64_t	start;
	long long	was_ms;
	uint64_t	run_ms;	/* once it has ended, by the kernel's clock */
};

/*
 * Begin a load whose parser runs for @ms milliseconds; returns when its program
 * is loaded, so its maps are, and ends the program if that does not happen.
 */
void hold_begin(struct hold *hold, unsigned int ms);
/* Whether it is still so */
bool hold_lives(const struct hold *hold);
/* Wait for its end; returns the errno of the load. */
int hold_wait(struct hold *hold);
/* Kill its caller and wait until nothing is left. */
void hold_kill(struct hold *hold);

/* -------- processes -------- */

/* Every kernel thread: calls @fn until it returns false. */
void for_each_kthread(bool (*fn)(pid_t pid, void *ctx), void *ctx);

/*
 * What /proc/PID/fd/FD is; false if it is not there. "self" if @pid is 0.
 */
bool fd_target(pid_t pid, int fd, char *target, size_t size);
/* Descriptors of a process whose target begins with "anon_inode:bpf" */
int count_bpf_fds(pid_t pid);

/* Bind the calling thread to a processor; the last one if @cpu is negative. */
void pin(int cpu);

/* See to it that objects of BPF can be pinned below /sys/fs/bpf. */
void mount_bpf(void);

#endif
