// SPDX-License-Identifier: GPL-2.0
/*
 * Policies written as BPF programs: what they refuse, a load does not get. And
 * programs that make a security hook return what no policy does.
 */

#include <sys/stat.h>

#include <linux/kexec.h>

#include "attack.h"

/* Skip @o instructions if the register is below the value, or above it. */
#define IF_BELOW(d, i, o)	INSN(BPF_JMP | BPF_JLT | BPF_K, d, 0, o, i)
#define IF_ABOVE(d, i, o)	INSN(BPF_JMP | BPF_JGT | BPF_K, d, 0, o, i)

static uint32_t enumerator(const char *type, const char *name)
{
	const struct btf *btf = vmlinux_btf();
	int id = btf__find_by_name_kind(btf, type, BTF_KIND_ENUM), i;
	const struct btf_type *t = id < 0 ? NULL : btf__type_by_id(btf, id);

	for (i = 0; t && i < btf_vlen(t); i++) {
		if (!strcmp(btf__name_by_offset(btf, btf_enum(t)[i].name_off), name))
			return btf_enum(t)[i].val;
	}
	tap_bail("no '%s' in 'enum %s'", name, type);
}

static int attach_program(enum bpf_prog_type type, enum bpf_attach_type way, const char *func,
			  const struct bpf_insn *insns, size_t nr_insns)
{
	const struct prog prog = {
		.type		= type,
		.attach		= way,
		.btf_id		= btf_func(func),
		.insns		= insns,
		.nr_insns	= nr_insns,
	};
	int fd, link;

	fd = load_prog(&prog);
	if (fd < 0)
		tap_bail("cannot load a program for '%s': %s\n%s", func, strerror(-fd),
			 verifier_log);
	link = attach(fd, way);
	if (link < 0)
		tap_bail("cannot attach a program to '%s': %s", func, strerror(-link));
	close(fd);
	return link;
}

static int attach_lsm(const char *hook, const struct bpf_insn *insns, size_t nr_insns)
{
	return attach_program(BPF_PROG_TYPE_LSM, BPF_LSM_MAC, hook, insns, nr_insns);
}

/*
 * The verifier holds policies to 0 and errors. What a tracing program returns
 * instead of the function is up to the program; with 0 the function runs.
 */
static int attach_modifier(const char *func, const struct bpf_insn *insns, size_t nr_insns)
{
	return attach_program(BPF_PROG_TYPE_TRACING, BPF_MODIFY_RETURN, func, insns, nr_insns);
}

/* A policy that refuses if an argument of the hook has the value */
static int refuse_value(const char *hook, unsigned int argument, uint32_t value)
{
	const struct bpf_insn insns[] = {
		LOAD64(1, 1, argument * 8),
		IF_NE(1, value, 2),
		MOV_IMM(0, -EPERM),
		EXIT,
		MOV_IMM(0, 0),
		EXIT,
	};

	return attach_lsm(hook, insns, ARRAY_SIZE(insns));
}

/* A policy that refuses a task whose name begins with these eight bytes */
static int refuse_task(const char *hook, const char *comm, int error)
{
	uint32_t name[2];
	const struct bpf_insn insns[] = {
		MOV(1, 10),
		ADD_IMM(1, -16),
		MOV_IMM(2, 16),
		HELPER(BPF_FUNC_get_current_comm),
		LOAD32(1, 10, -16),
		LOAD32(2, 10, -12),
		INSN(BPF_JMP32 | BPF_JNE | BPF_K, 1, 0, 3, (memcpy(name, comm, 8), name[0])),
		INSN(BPF_JMP32 | BPF_JNE | BPF_K, 2, 0, 2, name[1]),
		MOV_IMM(0, -error),
		EXIT,
		MOV_IMM(0, 0),
		EXIT,
	};

	return attach_lsm(hook, insns, ARRAY_SIZE(insns));
}

/* A policy that counts calls whose argument has the value, and refuses none */
static int count_value(const char *hook, unsigned int argument, uint32_t value, int map)
{
	const struct bpf_insn insns[] = {
		LOAD64(1, 1, argument * 8),
		IF_NE(1, value, 4),
		VALUE_OF(1, map),
		MOV_IMM(2, 1),
		COUNT(1, 2),
		MOV_IMM(0, 0),
		EXIT,
	};

	return attach_lsm(hook, insns, ARRAY_SIZE(insns));
}

static int load_ordinary(void)
{
	int fd = open_image("linux.signed"), error;

	error = file_load(fd, -1, "test", KEXEC_FILE_NO_INITRAMFS);
	close(fd);
	return error;
}

static void accept(const char *after)
{
	static struct load load;
	int fd = open_image(ORDINARY);

	check_loads(fd, 0, &load, "kexec_bpf_load() loads without %s", after);
	close(fd);
	tap_is(load_ordinary(), 0, "kexec_file_load() loads without %s", after);
}

static void refuse_purpose(const char *hook, unsigned int argument, uint32_t id)
{
	const struct refusal refusal = { EPERM, KEXEC_BPF_STEP_READ, "read: ", 0, 0 };
	int fd = open_image(ORDINARY), link;

	link = refuse_value(hook, argument, id);
	check_refused(fd, 0, &refusal,
		      "[S8] kexec_bpf_load() heeds %s against kexec images", hook);
	tap_is(load_ordinary(), EPERM, "kexec_file_load() heeds it as well");
	close(link);
	accept(hook);
	close(fd);
}

static void other_purposes(uint32_t id)
{
	const struct btf *btf = vmlinux_btf();
	int type = btf__find_by_name_kind(btf, "kernel_read_file_id", BTF_KIND_ENUM), i;
	int links[16], nr = 0, map = make_map(8), counter;
	static struct load load;

	for (i = 0; i < btf_vlen(btf__type_by_id(btf, type)) && nr < 16; i++) {
		if (btf_enum(btf__type_by_id(btf, type))[i].val != (int)id)
			links[nr++] = refuse_value("bpf_lsm_kernel_read_file", 1,
						   btf_enum(btf__type_by_id(btf, type))[i].val);
	}
	counter = count_value("bpf_lsm_kernel_read_file", 1, id, map);
	tap_is(load_image(&load, ORDINARY, 0), 0,
	       "[S8] a policy against the %d other purposes refuses nothing", nr);
	tap_is(map_value(map), 1, "[S8] a load reads one file, under the purpose of kexec images");
	close(counter);
	while (nr)
		close(links[--nr]);
	close(map);
}

static void refuse_parser(const char *hook, int error, const char *log)
{
	const struct refusal refusal = { error, KEXEC_BPF_STEP_LOAD, log, 0, 0 };
	int fd = open_image(ORDINARY), link, own;
	static struct load load;
	uint32_t func;

	link = refuse_task(hook, "kexec_bpf", error);
	own = load_target(&func);
	tap_ok(own >= 0, "%s against the parser's thread lets others load programs", hook);
	close(own);
	check_refused(fd, 0, &refusal, "[S8] %s against the parser's thread: %s", hook,
		      strerror(error));
	close(link);
	check_loads(fd, 0, &load, "and without it the image loads");
	close(fd);
}

static void lock_down(void)
{
	const struct refusal refusal = { EPERM, KEXEC_BPF_STEP_SIGNATURE, "signature: ", 0, 0 };
	int fd = open_image("unsigned.efi"), good = open_image(ORDINARY), link;
	static struct load load;

	check_loads(fd, UNSIGNED, &load, "an unsigned image loads if the caller allows it");
	link = refuse_value("bpf_lsm_locked_down", 0,
			    enumerator("lockdown_reason", "LOCKDOWN_KEXEC"));
	check_refused(fd, UNSIGNED, &refusal,
		      "[S8] but not against a policy that locks kexec down");
	check_loads(good, 0, &load, "[S8] which a signed image passes");
	close(link);
	close(good);
	close(fd);
}

/* Answers to calls @first to @last, counted from 0; the others are 0. */
struct answer {
	const char	*hook;
	int		value;
	int		first;
	int		last;
};

static int attach_answer(const struct answer *answer, int map)
{
	const struct bpf_insn insns[] = {
		VALUE_OF(1, map),
		LOAD64(2, 1, 0),
		MOV(3, 2),
		ADD_IMM(3, 1),
		STORE64(1, 3, 0),
		MOV_IMM(0, 0),
		IF_BELOW(2, answer->first, 2),
		IF_ABOVE(2, answer->last, 1),
		MOV_IMM(0, answer->value),
		EXIT,
	};

	return attach_modifier(answer->hook, insns, ARRAY_SIZE(insns));
}

/* The same for calls about one file alone: others go on reading. */
static int attach_answer_for(const struct answer *answer, int map, uint32_t inode)
{
	const struct bpf_insn insns[] = {
		LOAD64(1, 1, 0),
		LOAD64(1, 1, btf_offset("file", "f_inode")),
		LOAD64(1, 1, btf_offset("inode", "i_ino")),
		MOV_IMM(0, 0),
		IF_NE(1, inode, 9),
		VALUE_OF(1, map),
		LOAD64(2, 1, 0),
		MOV(3, 2),
		ADD_IMM(3, 1),
		STORE64(1, 3, 0),
		IF_BELOW(2, answer->first, 2),
		IF_ABOVE(2, answer->last, 1),
		MOV_IMM(0, answer->value),
		EXIT,
	};

	return attach_modifier(answer->hook, insns, ARRAY_SIZE(insns));
}

/*
 * A load with an answer is refused; with the same program, which answers 0, it
 * is not.
 */
static void answers(const char *hook, uint32_t inode, const struct answer *list, size_t nr,
		    const struct refusal *want)
{
	struct answer none = { hook, 0, 0, INT32_MAX };
	int fd = open_image(ORDINARY), link, map;
	static struct load load;
	size_t i;

	for (i = 0; i <= nr; i++) {
		const struct answer *answer = i < nr ? &list[i] : &none;

		map = make_map(8);
		link = inode ? attach_answer_for(answer, map, inode) : attach_answer(answer, map);
		if (i < nr)
			check_refused(fd, 0, want, "[S1] %s answers %d to call %d to %d: refused",
				      hook, answer->value, answer->first, answer->last);
		else
			check_loads(fd, 0, &load, "[S1] %s answers 0: accepted", hook);
		close(link);
		tap_ok(map_value(map) > 0, "the program ran");
		close(map);
	}
	close(fd);
}

static void positive_answers(void)
{
	static const struct refusal read = {
		EPERM, KEXEC_BPF_STEP_READ, "read: a security policy answers with ", 0, 0,
	};
	static const struct refusal unread = { EIO, KEXEC_BPF_STEP_READ, "read: ", 0, 0 };
	static const struct refusal map = {
		EPERM, KEXEC_BPF_STEP_LOAD, "bpf: map for section ", 0, 0,
	};
	static const struct refusal prog = {
		EPERM, KEXEC_BPF_STEP_LOAD, "bpf: a security policy refuses to load programs", 0, 0,
	};
	struct stat st;
	int size;

	if (stat(image_path(ORDINARY), &st) || st.st_ino > INT32_MAX)
		tap_bail("cannot ask for the size of the image");
	size = st.st_size;

	{
		const char *hook = "security_kernel_read_file";
		const struct answer list[] = {
			{ hook, 1, 0, 0 }, { hook, size, 0, 0 }, { hook, INT32_MAX, 0, 0 },
		};

		answers(hook, 0, list, ARRAY_SIZE(list), &read);
	}
	{
		const char *hook = "security_kernel_post_read_file";
		const struct answer list[] = {
			{ hook, 1, 0, 0 }, { hook, size - 1, 0, 0 }, { hook, size + 1, 0, 0 },
			{ hook, INT32_MAX, 0, 0 },
		};

		answers(hook, 0, list, ARRAY_SIZE(list), &read);
	}
	{
		/* Each answer passes for as many bytes that were read. */
		const char *hook = "security_file_permission";
		const struct answer list[] = {
			{ hook, 1, 0, INT32_MAX }, { hook, 1, 0, 8191 }, { hook, 8192, 0, 0 },
			{ hook, size, 0, 0 }, { hook, INT32_MAX, 0, 0 },
		};

		answers(hook, st.st_ino, list, ARRAY_SIZE(list), &unread);
	}
	{
		/* The image has three maps, the first of which is descriptor 0. */
		const char *hook = "security_bpf_map_create";
		const struct answer list[] = {
			{ hook, 1, 0, 0 }, { hook, INT32_MAX, 0, 0 }, { hook, 1, 1, 1 },
			{ hook, 2, 1, 1 }, { hook, 1, 2, 2 }, { hook, 2, 2, 2 },
		};

		answers(hook, 0, list, ARRAY_SIZE(list), &map);
	}
	{
		const char *hook = "security_bpf_prog_load";
		const struct answer list[] = {
			{ hook, 1, 0, 0 }, { hook, 2, 0, 0 }, { hook, 3, 0, 0 }, { hook, 4, 0, 0 },
			{ hook, INT32_MAX, 0, 0 },
		};

		answers(hook, 0, list, ARRAY_SIZE(list), &prog);
	}
	accept("any program");
}

int main(void)
{
	uint32_t id;

	require_kernel();
	id = enumerator("kernel_read_file_id", "READING_KEXEC_IMAGE");
	accept("any policy");
	refuse_purpose("bpf_lsm_kernel_read_file", 1, id);
	refuse_purpose("bpf_lsm_kernel_post_read_file", 3, id);
	other_purposes(id);
	refuse_parser("bpf_lsm_bpf_prog_load", EPERM, "bpf: a security policy refuses");
	refuse_parser("bpf_lsm_bpf_prog_load", EACCES, "bpf: a security policy refuses");
	refuse_parser("bpf_lsm_bpf_map_create", EPERM, "bpf: ");
	refuse_parser("bpf_lsm_bpf_map_create", EACCES, "bpf: ");
	refuse_parser("bpf_lsm_bpf", EPERM, "bpf: ");
	lock_down();
	positive_answers();
	unload();
	return tap_done();
}
