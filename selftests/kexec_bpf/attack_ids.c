// SPDX-License-Identifier: GPL-2.0
/*
 * Root looks for the objects of a parser by id while loads run, and through the
 * iterators that walk over all objects.
 */

#include <pthread.h>
#include <stdatomic.h>

#include "attack.h"

#define IDS	65536

static const struct kind {
	const char	*name;
	int		next;
	int		open;
} kinds[] = {
	{ "program",	BPF_PROG_GET_NEXT_ID,	BPF_PROG_GET_FD_BY_ID },
	{ "map",	BPF_MAP_GET_NEXT_ID,	BPF_MAP_GET_FD_BY_ID },
	{ "BTF",	BPF_BTF_GET_NEXT_ID,	BPF_BTF_GET_FD_BY_ID },
	{ "link",	BPF_LINK_GET_NEXT_ID,	BPF_LINK_GET_FD_BY_ID },
};

#define NR_KINDS	ARRAY_SIZE(kinds)

/* What is there without a load; ids go round, so all of them have room. */
static bool known[NR_KINDS][IDS];

static int open_id(const struct kind *kind, uint32_t id)
{
	union bpf_attr attr = { .prog_id = id };

	return sys_bpf(kind->open, &attr);
}

/* Note all ids in @seen; returns the first one not in @known, or 0. */
static uint32_t scan(unsigned int k, bool *seen)
{
	union bpf_attr attr = {};
	uint32_t id, new = 0;

	while (!sys_bpf(kinds[k].next, &attr)) {
		id = attr.next_id;
		if (id >= IDS)
			tap_bail("%s with id %u", kinds[k].name, id);
		if (seen)
			seen[id] = true;
		if (!known[k][id] && !new)
			new = id;
		attr.start_id = id;
	}
	return new;
}

/* Ids need not be listed to be opened: try all of the range in use. */
static uint32_t probe(unsigned int k, uint32_t end)
{
	uint32_t id;
	int fd;

	for (id = 0; id < end; id++) {
		fd = open_id(&kinds[k], id);
		if (fd < 0)
			continue;
		close(fd);
		if (!known[k][id])
			return id;
	}
	return 0;
}

static void learn(void)
{
	unsigned int k;

	for (k = 0; k < NR_KINDS; k++) {
		memset(known[k], 0, sizeof(known[k]));
		scan(k, known[k]);
	}
}

/* The id that the next map gets is one more than that of this one. */
static uint32_t map_id(int fd)
{
	struct bpf_map_info info = {};
	union bpf_attr attr = {
		.info = {
			.bpf_fd		= fd,
			.info		= (uintptr_t)&info,
			.info_len	= sizeof(info),
		},
	};

	if (sys_bpf(BPF_OBJ_GET_INFO_BY_FD, &attr))
		tap_bail("cannot ask for a map's id");
	return info.id;
}

static uint32_t prog_id(int fd)
{
	struct bpf_prog_info info = {};
	union bpf_attr attr = {
		.info = {
			.bpf_fd		= fd,
			.info		= (uintptr_t)&info,
			.info_len	= sizeof(info),
		},
	};

	if (sys_bpf(BPF_OBJ_GET_INFO_BY_FD, &attr))
		tap_bail("cannot ask for a program's id");
	return info.id;
}

static uint32_t next_map_id(void)
{
	int fd = make_map(8);
	uint32_t id = map_id(fd);

	close(fd);
	return id + 1;
}

static uint32_t next_prog_id(void)
{
	uint32_t func, id;
	int fd;

	fd = load_target(&func);
	id = prog_id(fd);
	close(fd);
	return id + 1;
}

/* The scanner on a processor of its own */
static atomic_bool stop;
static atomic_uint scans, found[NR_KINDS];

static void *scanner(void *arg)
{
	uint32_t new;
	unsigned int k;

	(void)arg;
	pin(-1);
	while (!atomic_load(&stop)) {
		for (k = 0; k < NR_KINDS; k++) {
			new = scan(k, NULL);
			if (!new)
				new = probe(k, 64);
			if (new)
				atomic_store(&found[k], new);
		}
		atomic_fetch_add(&scans, 1);
	}
	return NULL;
}

static void control(void)
{
	uint32_t func;
	int map, prog, tracer, link, fd;
	unsigned int k;

	map = make_map(8);
	prog = load_target(&func);
	tracer = load_tracer(BPF_TRACE_ITER, btf_func("bpf_iter_bpf_map"));
	if (tracer < 0)
		tap_bail("cannot load an iterator: %s\n%s", strerror(-tracer), verifier_log);
	link = attach(tracer, BPF_TRACE_ITER);
	if (link < 0)
		tap_bail("cannot attach an iterator: %s", strerror(-link));

	for (k = 0; k < NR_KINDS; k++) {
		uint32_t id = scan(k, NULL);

		fd = id ? open_id(&kinds[k], id) : -ENOENT;
		tap_ok(fd >= 0 && probe(k, id + 1),
		       "the scanner finds and opens an ordinary %s", kinds[k].name);
		if (fd >= 0)
			close(fd);
	}
	close(link);
	close(tracer);
	close(prog);
	close(map);
}

static void counters(unsigned int rounds)
{
	struct kexec_bpf_result reference;
	uint32_t map, prog;

	map = next_map_id();
	tap_ok(next_map_id() == map + 1, "two maps in a row get two ids in a row");
	prog = next_prog_id();
	tap_ok(next_prog_id() == prog + 1,
	       "two programs in a row get two ids in a row");

	make_reference(&reference);
	map = next_map_id();
	prog = next_prog_id();
	tap_ok(loads_agree(&reference, rounds), "%u loads", rounds);
	tap_is(next_map_id(), map + 1, "[S5] these took no id of a map");
	tap_is(next_prog_id(), prog + 1, "[S5] these took no id of a program");
}

/* All objects as an iterator shows them: ids and names */
struct shown {
	uint32_t	id;
	uint32_t	reserved;
	char		name[16];
};

/*
 * A program that writes a struct shown for each object. What it is called with
 * is behind the second pointer of its context; @aux is the offset of a pointer
 * in that to where id and name are, or -1.
 */
static int load_iterator(const char *func, int aux, int id, int name)
{
	struct bpf_insn insns[] = {
		MOV(6, 1),
		LOAD64(7, 6, 8),
		IF_EQ(7, 0, 17),
		aux < 0 ? MOV(7, 7) : LOAD64(7, 7, aux),
		ZERO64(10, -24),
		ZERO64(10, -16),
		ZERO64(10, -8),
		LOAD32(1, 7, id),
		STORE64(10, 1, -24),
		MOV(1, 10),
		ADD_IMM(1, -16),
		MOV_IMM(2, 16),
		MOV(3, 7),
		ADD_IMM(3, name),
		HELPER(BPF_FUNC_probe_read_kernel),
		LOAD64(1, 6, 0),
		LOAD64(1, 1, 0),
		MOV(2, 10),
		ADD_IMM(2, -24),
		MOV_IMM(3, 24),
		HELPER(BPF_FUNC_seq_write),
		MOV_IMM(0, 0),
		EXIT,
	};
	const struct prog prog = {
		.type		= BPF_PROG_TYPE_TRACING,
		.attach		= BPF_TRACE_ITER,
		.btf_id		= btf_func(func),
		.insns		= insns,
		.nr_insns	= ARRAY_SIZE(insns),
	};
	int fd, link;

	/* To the end, where 0 is returned */
	insns[2].off = ARRAY_SIZE(insns) - 2 - 3;
	fd = load_prog(&prog);
	if (fd < 0)
		tap_bail("cannot load an iterator: %s\n%s", strerror(-fd), verifier_log);
	link = attach(fd, BPF_TRACE_ITER);
	if (link < 0)
		tap_bail("cannot attach an iterator: %s", strerror(-link));
	close(fd);
	return link;
}

static unsigned int iterate(int link, struct shown *shown, unsigned int max)
{
	union bpf_attr attr = { .iter_create = { .link_fd = link } };
	size_t done = 0;
	ssize_t n;
	int fd;

	fd = sys_bpf(BPF_ITER_CREATE, &attr);
	if (fd < 0)
		tap_bail("cannot iterate: %s", strerror(-fd));
	while ((n = read(fd, (char *)shown + done, max * sizeof(*shown) - done)) > 0)
		done += n;
	close(fd);
	return done / sizeof(*shown);
}

static bool has(const struct shown *shown, unsigned int nr, const char *name)
{
	while (nr--) {
		if (!strncmp(shown[nr].name, name, sizeof(shown->name)))
			return true;
	}
	return false;
}

/* Two walks can only be compared while nothing of this program comes or goes. */
static void iterators(void)
{
	static struct shown before[1024], during[1024];
	const struct { const char *name; int link; } walks[] = {
		{ "bpf_map", load_iterator("bpf_iter_bpf_map", -1,
					   btf_offset("bpf_map", "id"),
					   btf_offset("bpf_map", "name")) },
		{ "bpf_prog", load_iterator("bpf_iter_bpf_prog",
					    btf_offset("bpf_prog", "aux"),
					    btf_offset("bpf_prog_aux", "id"),
					    btf_offset("bpf_prog_aux", "name")) },
	};
	unsigned int i, nr, now;
	struct hold hold;
	int map;

	map = make_map(8);
	for (i = 0; i < ARRAY_SIZE(walks); i++) {
		nr = iterate(walks[i].link, before, ARRAY_SIZE(before));
		tap_ok(has(before, nr, "attacker"),
		       "iterator '%s' shows the attacker's own among %u",
		       walks[i].name, nr);

		hold_begin(&hold, 60000);
		now = iterate(walks[i].link, during, ARRAY_SIZE(during));
		tap_ok(hold_lives(&hold) && now == nr &&
		       !memcmp(before, during, nr * sizeof(before[0])) &&
		       !has(during, now, "kexec_parser"),
		       "[S5] iterator '%s' shows nothing more during a load",
		       walks[i].name);
		hold_kill(&hold);
		close(walks[i].link);
	}
	close(map);
}

int main(void)
{
	unsigned int k, before, rounds = slow() ? 5 : 30;
	struct kexec_bpf_result reference;
	struct hold hold;
	pthread_t thread;

	require_kernel();
	learn();
	control();
	learn();

	/* A parser that stays: its objects are there all the time. */
	hold_begin(&hold, 60000);
	for (k = 0; k < NR_KINDS; k++)
		tap_is(scan(k, NULL), 0, "[S5] no id of a %s during a load",
		       kinds[k].name);
	for (k = 0; k < NR_KINDS; k++)
		tap_is(probe(k, 4096), 0, "[S5] nothing to open by id as a %s during a load",
		       kinds[k].name);
	tap_ok(hold_lives(&hold), "the load was under way all the time");
	hold_kill(&hold);

	/* Parsers that come and go: a window would show now and then. */
	make_reference(&reference);
	if (pthread_create(&thread, NULL, scanner, NULL))
		tap_bail("cannot create a thread");
	while (!atomic_load(&scans))
		usleep(1000);
	before = atomic_load(&scans);
	tap_ok(loads_agree(&reference, rounds), "%u loads beside a scanner", rounds);
	tap_ok(atomic_load(&scans) - before > rounds, "the scanner made %u rounds meanwhile",
	       atomic_load(&scans) - before);
	for (k = 0; k < NR_KINDS; k++)
		tap_is(atomic_load(&found[k]), 0, "[S5] the scanner saw no %s",
		       kinds[k].name);
	atomic_store(&stop, true);
	pthread_join(thread, NULL);

	counters(rounds);
	iterators();
	unload();
	return tap_done();
}
