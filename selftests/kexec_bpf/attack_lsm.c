// SPDX-License-Identifier: GPL-2.0
/*
 * Policies written as BPF programs: what they refuse, a load does not get. And
 * programs that make a security hook return what no policy does.
 */

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <linux/kexec.h>

#include "attack.h"

/* Skip @o instructions if one register is below the other, or above it. */
#define IF_BELOW(d, s, o)	INSN(BPF_JMP | BPF_JLT | BPF_X, d, s, o, 0)
#define IF_ABOVE(d, s, o)	INSN(BPF_JMP | BPF_JGT | BPF_X, d, s, o, 0)

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

/* A policy against kexec images, or against initrds, which the image brings */
static void refuse_purpose(const char *hook, unsigned int argument, const char *purpose,
			   int ordinary)
{
	const struct refusal refusal = { EPERM, KEXEC_BPF_STEP_READ, "read: ", 0, 0 };
	int fd = open_image(ORDINARY), link;

	link = refuse_value(hook, argument, enumerator("kernel_read_file_id", purpose));
	check_refused(fd, 0, &refusal, "[S8] kexec_bpf_load() heeds %s against %s", hook, purpose);
	tap_is(load_ordinary(), ordinary, "kexec_file_load() of a kernel alone: %s",
	       ordinary ? "as well" : "it has no initrd");
	close(link);
	accept(hook);
	close(fd);
}

static void other_purposes(uint32_t id, uint32_t initrd)
{
	const struct btf *btf = vmlinux_btf();
	int type = btf__find_by_name_kind(btf, "kernel_read_file_id", BTF_KIND_ENUM), i;
	int links[16], nr = 0, map = make_map(8), counter;
	static struct load load;

	for (i = 0; i < btf_vlen(btf__type_by_id(btf, type)) && nr < 16; i++) {
		uint32_t other = btf_enum(btf__type_by_id(btf, type))[i].val;

		if (other != id && other != initrd)
			links[nr++] = refuse_value("bpf_lsm_kernel_read_file", 1, other);
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

	check_unsigned(fd, 0, &load, "an unsigned image loads if the caller allows it");
	link = refuse_value("bpf_lsm_locked_down", 0,
			    enumerator("lockdown_reason", "LOCKDOWN_KEXEC"));
	check_refused(fd, UNSIGNED, &refusal,
		      "[S8] but not against a policy that locks kexec down");
	check_loads(good, 0, &load, "[S8] which a signed image passes");
	close(link);
	close(good);
	close(fd);
}

/* What a hook returns to calls @first to @last, counted from 0; others it lets run. */
struct answer {
	uint64_t	first;
	uint64_t	last;
	int64_t		value;
};

/* What the program and the test share */
struct answers {
	uint64_t	calls;
	struct answer	answer;
};

static void copy_answers(int cmd, int map, struct answers *answers)
{
	uint32_t key = 0;
	union bpf_attr attr = {
		.map_fd	= map,
		.key	= (uintptr_t)&key,
		.value	= (uintptr_t)answers,
	};
	int ret = sys_bpf(cmd, &attr);

	if (ret)
		tap_bail("cannot reach a map: %s", strerror(-ret));
}

static void set_answer(int map, const struct answer *answer)
{
	struct answers answers = { 0, *answer };

	copy_answers(BPF_MAP_UPDATE_ELEM, map, &answers);
}

static bool was_asked(int map)
{
	struct answers answers;

	copy_answers(BPF_MAP_LOOKUP_ELEM, map, &answers);
	return answers.calls;
}

/* Answer calls about @file alone, if that is given: others go on reading. */
static int attach_answers(const char *hook, int map, const struct stat *file)
{
	/* As the kernel has it */
	const uint32_t dev = file ? major(file->st_dev) << 20 | minor(file->st_dev) : 0;
	const struct bpf_insn insns[] = {
		LOAD64(1, 1, 0),
		LOAD64(1, 1, btf_offset("file", "f_inode")),
		LOAD64(2, 1, btf_offset("inode", "i_ino")),
		LOAD64(3, 1, btf_offset("inode", "i_sb")),
		LOAD32(3, 3, btf_offset("super_block", "s_dev")),
		MOV_IMM(0, 0),
		IF_NE(2, file ? file->st_ino : 0, 13),
		IF_NE(3, dev, 12),

		VALUE_OF(1, map),
		LOAD64(2, 1, offsetof(struct answers, calls)),
		MOV(3, 2),
		ADD_IMM(3, 1),
		STORE64(1, 3, offsetof(struct answers, calls)),
		MOV_IMM(0, 0),
		LOAD64(3, 1, offsetof(struct answers, answer.first)),
		IF_BELOW(2, 3, 3),
		LOAD64(3, 1, offsetof(struct answers, answer.last)),
		IF_ABOVE(2, 3, 1),
		LOAD64(0, 1, offsetof(struct answers, answer.value)),
		EXIT,
	};
	const size_t skipped = file ? 0 : 8;

	return attach_modifier(hook, insns + skipped, ARRAY_SIZE(insns) - skipped);
}

/*
 * A load with an answer is refused; with the same program, which answers 0, it
 * is not. With @about_files the hook has a file as its first argument.
 */
static void try_answers(const char *hook, bool about_files, const struct answer *list, size_t nr,
			const struct refusal *want)
{
	static const struct answer none = { 0, INT32_MAX, 0 };
	int map = make_map(sizeof(struct answers)), fd, link;
	struct bytes image = read_image(ORDINARY);
	static struct load load;
	struct stat st;
	size_t i;

	/* In tmpfs, whose inodes have small numbers. */
	fd = make_file(image.data, image.size);
	bytes_free(&image);
	if (fstat(fd, &st) || st.st_ino > INT32_MAX)
		tap_bail("cannot look at the image");
	set_answer(map, &none);
	link = attach_answers(hook, map, about_files ? &st : NULL);
	for (i = 0; i < nr; i++) {
		set_answer(map, &list[i]);
		check_refused(fd, 0, want, "[S1] %s answers %lld to call %lld to %lld: %s", hook,
			      (long long)list[i].value, (long long)list[i].first,
			      (long long)list[i].last, strerror(want->error));
	}
	set_answer(map, &none);
	check_loads(fd, 0, &load, "[S1] %s answers 0: accepted", hook);
	tap_ok(was_asked(map), "it was asked");
	close(link);
	close(fd);
	close(map);
}

/* Numbers that pass for the size of the file, or for bytes that were read */
static void answers_of_readers(void)
{
	static const struct refusal policy = {
		EPERM, KEXEC_BPF_STEP_READ, "read: a security policy answers with ", 0, 0,
	};
	static const struct refusal unread = { EIO, KEXEC_BPF_STEP_READ, "read: ", 0, 0 };
	struct answer before[] = { { 0, 0, 1 }, { 0, 0, 0 }, { 0, 0, INT32_MAX }, { 1, 1, 1 } };
	struct answer after[] = {
		{ 0, 0, 1 }, { 0, 0, 0 }, { 0, 0, 0 }, { 0, 0, INT32_MAX }, { 1, 1, 1 },
	};
	struct answer bytes[] = {
		{ 0, INT32_MAX, 1 }, { 0, 8191, 1 }, { 0, 0, 8192 }, { 0, 0, 0 },
		{ 0, 0, INT32_MAX },
	};
	struct stat st;

	if (stat(image_path(ORDINARY), &st))
		tap_bail("cannot look at the image");
	before[1].value = st.st_size;
	after[1].value = st.st_size - 1;
	after[2].value = st.st_size + 1;
	bytes[3].value = st.st_size;
	try_answers("security_kernel_read_file", false, before, ARRAY_SIZE(before), &policy);
	try_answers("security_kernel_post_read_file", false, after, ARRAY_SIZE(after), &policy);
	try_answers("security_file_permission", true, bytes, ARRAY_SIZE(bytes), &unread);
}

/* Numbers that pass for descriptors: the image has three maps, from 0 on. */
static void answers_of_bpf(void)
{
	static const struct refusal map = {
		EPERM, KEXEC_BPF_STEP_LOAD, "bpf: map for section ", 0, 0,
	};
	static const struct refusal prog = {
		EPERM, KEXEC_BPF_STEP_LOAD, "bpf: a security policy refuses to load programs", 0, 0,
	};
	static const struct answer maps[] = {
		{ 0, 0, 1 }, { 0, 0, INT32_MAX }, { 1, 1, 1 }, { 1, 1, 2 }, { 2, 2, 1 },
		{ 2, 2, 2 },
	};
	static const struct answer progs[] = {
		{ 0, 0, 1 }, { 0, 0, 2 }, { 0, 0, 3 }, { 0, 0, 4 }, { 0, 0, INT32_MAX },
	};

	try_answers("security_bpf_map_create", false, maps, ARRAY_SIZE(maps), &map);
	try_answers("security_bpf_prog_load", false, progs, ARRAY_SIZE(progs), &prog);
}

int main(void)
{
	uint32_t id;

	require_kernel();
	id = enumerator("kernel_read_file_id", "READING_KEXEC_IMAGE");
	accept("any policy");
	refuse_purpose("bpf_lsm_kernel_read_file", 1, "READING_KEXEC_IMAGE", EPERM);
	refuse_purpose("bpf_lsm_kernel_post_read_file", 3, "READING_KEXEC_IMAGE", EPERM);
	refuse_purpose("bpf_lsm_kernel_read_file", 1, "READING_KEXEC_INITRAMFS", 0);
	refuse_purpose("bpf_lsm_kernel_post_read_file", 3, "READING_KEXEC_INITRAMFS", 0);
	other_purposes(id, enumerator("kernel_read_file_id", "READING_KEXEC_INITRAMFS"));
	refuse_parser("bpf_lsm_bpf_prog_load", EPERM, "bpf: a security policy refuses");
	refuse_parser("bpf_lsm_bpf_prog_load", EACCES, "bpf: a security policy refuses");
	/* Asked for the descriptor, when the verifier has passed the program */
	refuse_parser("bpf_lsm_bpf_prog", EPERM, "bpf: a security policy refuses");
	refuse_parser("bpf_lsm_bpf_prog", EACCES, "bpf: a security policy refuses");
	refuse_parser("bpf_lsm_bpf_map_create", EPERM, "bpf: ");
	refuse_parser("bpf_lsm_bpf_map_create", EACCES, "bpf: ");
	refuse_parser("bpf_lsm_bpf", EPERM, "bpf: ");
	lock_down();
	answers_of_readers();
	answers_of_bpf();
	accept("any program");
	unload();
	return tap_done();
}
