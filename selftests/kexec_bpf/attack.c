// SPDX-License-Identifier: GPL-2.0
/* What the attacks share */

#include <ctype.h>
#include <dirent.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>

#include <linux/magic.h>

#include "attack.h"

#define PARSER_MS	"/proc/sys/kernel/kexec_bpf_parser_ms"
#define PARSER_COMM	"kexec_bpf"

/* How long a load may take until its parser runs, milliseconds: KASAN, TCG */
#define PATIENCE	30000

char verifier_log[8192];

/* bpf(2) */

int sys_bpf(int cmd, union bpf_attr *attr)
{
	int ret = syscall(SYS_bpf, cmd, attr, sizeof(*attr));

	return ret < 0 ? -errno : ret;
}

int make_map(unsigned int value_size)
{
	union bpf_attr attr = {
		.map_type	= BPF_MAP_TYPE_ARRAY,
		.key_size	= sizeof(uint32_t),
		.value_size	= value_size,
		.max_entries	= 1,
		.map_name	= "attacker",
	};
	int fd = sys_bpf(BPF_MAP_CREATE, &attr);

	if (fd < 0)
		tap_bail("cannot create a map: %s", strerror(-fd));
	return fd;
}

uint64_t map_value(int fd)
{
	uint64_t value = 0;
	uint32_t key = 0;
	union bpf_attr attr = {
		.map_fd	= fd,
		.key	= (uintptr_t)&key,
		.value	= (uintptr_t)&value,
	};
	int ret = sys_bpf(BPF_MAP_LOOKUP_ELEM, &attr);

	if (ret)
		tap_bail("cannot read a map: %s", strerror(-ret));
	return value;
}

int load_prog(const struct prog *prog)
{
	union bpf_attr attr = {
		.prog_type		= prog->type,
		.expected_attach_type	= prog->attach,
		.prog_flags		= prog->flags,
		.attach_btf_id		= prog->btf_id,
		.attach_prog_fd		= prog->target_fd,
		.prog_btf_fd		= prog->btf_fd,
		.insns			= (uintptr_t)prog->insns,
		.insn_cnt		= prog->nr_insns,
		.license		= (uintptr_t)"GPL",
		.prog_name		= "attacker",
		.log_buf		= (uintptr_t)verifier_log,
		.log_size		= sizeof(verifier_log),
		.log_level		= 1,
	};

	if (prog->btf_fd) {
		attr.func_info = (uintptr_t)prog->funcs;
		attr.func_info_cnt = prog->nr_funcs;
		attr.func_info_rec_size = sizeof(prog->funcs[0]);
	}
	verifier_log[0] = '\0';
	return sys_bpf(BPF_PROG_LOAD, &attr);
}

int attach(int prog_fd, enum bpf_attach_type type)
{
	union bpf_attr attr = {
		.link_create = { .prog_fd = prog_fd, .attach_type = type },
	};

	return sys_bpf(BPF_LINK_CREATE, &attr);
}

int load_tracer(enum bpf_attach_type type, uint32_t btf_id)
{
	const struct bpf_insn insns[] = { MOV_IMM(0, 0), EXIT };
	const struct prog prog = {
		.type		= BPF_PROG_TYPE_TRACING,
		.attach		= type,
		.btf_id		= btf_id,
		.insns		= insns,
		.nr_insns	= ARRAY_SIZE(insns),
	};

	return load_prog(&prog);
}

/* BTF with "int main(void *ctx)" and "int target(int n)" */
static struct btf *make_btf(int *main_id, int *target_id)
{
	struct btf *btf = btf__new_empty();
	int integer, proto;

	integer = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	proto = btf__add_func_proto(btf, integer);
	btf__add_func_param(btf, "ctx", btf__add_ptr(btf, 0));
	*main_id = btf__add_func(btf, "main", BTF_FUNC_STATIC, proto);
	proto = btf__add_func_proto(btf, integer);
	btf__add_func_param(btf, "n", integer);
	*target_id = btf__add_func(btf, "target", BTF_FUNC_GLOBAL, proto);
	if (*target_id < 0 || btf__load_into_kernel(btf))
		tap_bail("cannot load BTF");
	return btf;
}

int load_target(uint32_t *func_id)
{
	const struct bpf_insn insns[] = {
		MOV_IMM(1, 0),
		CALL(1),
		EXIT,
		MOV_IMM(0, 0),
		EXIT,
	};
	struct prog prog = {
		.type		= BPF_PROG_TYPE_SYSCALL,
		.flags		= BPF_F_SLEEPABLE,
		.nr_funcs	= 2,
		.insns		= insns,
		.nr_insns	= ARRAY_SIZE(insns),
	};
	int main_id, target_id, fd;
	struct btf *btf;

	btf = make_btf(&main_id, &target_id);
	prog.btf_fd = btf__fd(btf);
	prog.funcs[0].type_id = main_id;
	prog.funcs[1].type_id = target_id;
	prog.funcs[1].insn_off = 3;
	fd = load_prog(&prog);
	if (fd < 0)
		tap_bail("cannot load a program with BTF: %s\n%s", strerror(-fd), verifier_log);
	btf__free(btf);
	*func_id = target_id;
	return fd;
}

int load_for_target(enum bpf_prog_type type, enum bpf_attach_type attach,
		    int target_fd, uint32_t func_id,
		    const struct bpf_insn *insns, size_t nr_insns)
{
	struct prog prog = {
		.type		= type,
		.attach		= attach,
		.target_fd	= target_fd,
		.btf_id		= func_id,
		.nr_funcs	= 1,
		.insns		= insns,
		.nr_insns	= nr_insns,
	};
	int main_id, target_id, fd;
	struct btf *btf;

	btf = make_btf(&main_id, &target_id);
	prog.btf_fd = btf__fd(btf);
	prog.funcs[0].type_id = target_id;
	fd = load_prog(&prog);
	btf__free(btf);
	return fd;
}

struct btf *vmlinux_btf(void)
{
	static struct btf *btf;

	if (!btf)
		btf = btf__load_vmlinux_btf();
	if (!btf)
		tap_bail("cannot read the BTF of the kernel");
	return btf;
}

uint32_t btf_func(const char *name)
{
	int id = btf__find_by_name_kind(vmlinux_btf(), name, BTF_KIND_FUNC);

	return id < 0 ? 0 : id;
}

int btf_offset(const char *type, const char *member)
{
	const struct btf *btf = vmlinux_btf();
	int id = btf__find_by_name_kind(btf, type, BTF_KIND_STRUCT);
	const struct btf_type *t = id < 0 ? NULL : btf__type_by_id(btf, id);
	int i;

	for (i = 0; t && i < btf_vlen(t); i++) {
		if (!strcmp(btf__name_by_offset(btf, btf_members(t)[i].name_off), member))
			return btf_member_bit_offset(t, i) / 8;
	}
	tap_bail("no member '%s' in 'struct %s'", member, type);
}

/* Loads */

void make_reference(struct kexec_bpf_result *reference)
{
	static struct load load;

	if (load_image(&load, ORDINARY, SHA256)) {
		diag_load(&load);
		tap_bail("an ordinary load fails");
	}
	*reference = load.result;
}

bool same_output(const struct kexec_bpf_result *a,
		 const struct kexec_bpf_result *b)
{
	return a->flags & b->flags & KEXEC_BPF_RESULT_SHA256 &&
	       !memcmp(&a->kernel, &b->kernel, sizeof(a->kernel)) &&
	       !memcmp(&a->initrd, &b->initrd, sizeof(a->initrd)) &&
	       !memcmp(&a->cmdline, &b->cmdline, sizeof(a->cmdline));
}

bool loads_agree(const struct kexec_bpf_result *reference, unsigned int rounds)
{
	static struct load load;

	while (rounds--) {
		if (load_image(&load, ORDINARY, SHA256) ||
		    !same_output(&load.result, reference)) {
			diag_load(&load);
			return false;
		}
	}
	return true;
}

static bool read_comm(pid_t pid, char *comm, size_t size)
{
	char path[64];
	bool ok;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	f = fopen(path, "re");
	if (!f)
		return false;
	ok = fgets(comm, size, f);
	fclose(f);
	comm[ok ? strcspn(comm, "\n") : 0] = '\0';
	return ok;
}

static bool find_parser(pid_t pid, void *ctx)
{
	pid_t *found = ctx;
	char comm[32];

	if (!read_comm(pid, comm, sizeof(comm)) || strcmp(comm, PARSER_COMM))
		return true;
	*found = pid;
	return false;
}

bool hold_lives(const struct hold *hold)
{
	return count_bpf_fds(hold->parser) > 0;
}

void hold_begin(struct hold *hold, unsigned int ms)
{
	uint64_t start = now_ms();

	hold->load = mmap(NULL, sizeof(*hold->load), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (hold->load == MAP_FAILED)
		tap_bail("no memory");
	hold->was_ms = read_number(PARSER_MS);
	if (!write_number(PARSER_MS, ms))
		tap_bail("cannot write '%s'", PARSER_MS);

	fflush(stdout);
	hold->caller = fork();
	if (hold->caller < 0)
		tap_bail("cannot fork");
	if (!hold->caller) {
		load_image(hold->load, ENDLESS, 0);
		_exit(0);
	}

	hold->parser = 0;
	while (!hold->parser || !hold_lives(hold)) {
		if (now_ms() - start > PATIENCE || hold->load->result.size) {
			diag_load(hold->load);
			tap_bail("no parser runs");
		}
		hold->parser = 0;
		for_each_kthread(find_parser, &hold->parser);
		usleep(1000);
	}
	hold->start = now_ms();
}

static void hold_end(struct hold *hold)
{
	write_number(PARSER_MS, hold->was_ms);
	munmap(hold->load, sizeof(*hold->load));
}

int hold_wait(struct hold *hold)
{
	int error;

	waitpid(hold->caller, NULL, 0);
	error = hold->load->error;
	hold->run_ms = hold->load->result.step_ns[KEXEC_BPF_STEP_RUN] / 1000000;
	hold_end(hold);
	return error;
}

void hold_kill(struct hold *hold)
{
	uint64_t start = now_ms();

	kill(hold->caller, SIGKILL);
	waitpid(hold->caller, NULL, 0);
	while (parser_threads()) {
		if (now_ms() - start > PATIENCE)
			tap_bail("the parser does not end");
		usleep(1000);
	}
	hold_end(hold);
}

/* Processes */

static bool is_kthread(pid_t pid)
{
	char path[64], stat[512], *c;
	unsigned int flags;
	bool ok;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "re");
	if (!f)
		return false;
	ok = fgets(stat, sizeof(stat), f);
	fclose(f);
	c = ok ? strrchr(stat, ')') : NULL;
	/* state ppid pgrp session tty_nr tpgid flags; PF_KTHREAD */
	return c && sscanf(c + 1, " %*c %*d %*d %*d %*d %*d %u", &flags) == 1 &&
	       flags & 0x00200000;
}

void for_each_kthread(bool (*fn)(pid_t pid, void *ctx), void *ctx)
{
	struct dirent *entry;
	pid_t pid;
	DIR *dir;

	dir = opendir("/proc");
	if (!dir)
		tap_bail("no /proc");
	while ((entry = readdir(dir))) {
		if (!isdigit(entry->d_name[0]))
			continue;
		pid = atoi(entry->d_name);
		if (is_kthread(pid) && !fn(pid, ctx))
			break;
	}
	closedir(dir);
}

bool fd_target(pid_t pid, int fd, char *target, size_t size)
{
	char path[64];
	ssize_t n;

	if (pid)
		snprintf(path, sizeof(path), "/proc/%d/fd/%d", pid, fd);
	else
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, target, size - 1);
	target[n > 0 ? n : 0] = '\0';
	return n > 0;
}

int count_bpf_fds(pid_t pid)
{
	char path[64], target[128];
	struct dirent *entry;
	int count = 0;
	DIR *dir;

	if (pid)
		snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	else
		snprintf(path, sizeof(path), "/proc/self/fd");
	dir = opendir(path);
	if (!dir)
		return 0;
	while ((entry = readdir(dir))) {
		if (isdigit(entry->d_name[0]) &&
		    fd_target(pid, atoi(entry->d_name), target, sizeof(target)) &&
		    !strncmp(target, "anon_inode:bpf", 14))
			count++;
	}
	closedir(dir);
	return count;
}

void pin(int cpu)
{
	cpu_set_t set;

	if (cpu < 0)
		cpu = sysconf(_SC_NPROCESSORS_ONLN) - 1;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		tap_bail("cannot run on processor %d", cpu);
}

void mount_bpf(void)
{
	struct statfs fs;

	if (!statfs("/sys/fs/bpf", &fs) && fs.f_type == BPF_FS_MAGIC)
		return;
	if (mount("bpf", "/sys/fs/bpf", "bpf", 0, NULL))
		tap_bail("cannot mount a file system of BPF: %s", strerror(errno));
}
