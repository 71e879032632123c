// SPDX-License-Identifier: GPL-2.0
/*
 * Root attaches programs to everything that takes part in a load: to change
 * what it makes, or to get at the parser.
 */

#include <linux/perf_event.h>

#include "attack.h"

#define KPROBE_EVENTS	"/sys/kernel/tracing/kprobe_events"

/* Every function of kexec_bpf, static ones included */
static struct symbol {
	uint64_t	address;
	char		name[64];
} symbols[512];
static unsigned int nr_symbols;

static bool is_prefix(const char *prefix, const char *text)
{
	return !strncmp(text, prefix, strlen(prefix));
}

static bool is_ours(const char *name)
{
	return is_prefix("kexec_bpf_", name) || is_prefix("bpf_kexec_", name) ||
	       is_prefix("bpf_iter_kexec_", name);
}

/*
 * The system call itself. As all system calls it can be made to fail, or to
 * pretend, for whoever calls it: then it just does not happen.
 */
static bool is_entry(const char *name)
{
	return strstr(name, "_sys_");
}

static void for_each_symbol(bool (*fn)(const struct symbol *symbol, char type, void *ctx),
			    void *ctx)
{
	FILE *f = fopen("/proc/kallsyms", "re");
	unsigned long long address;
	struct symbol symbol;
	char line[256], type;

	if (!f)
		tap_bail("no /proc/kallsyms");
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%llx %c %63s", &address, &type, symbol.name) != 3)
			continue;
		symbol.address = address;
		if (!fn(&symbol, type, ctx))
			break;
	}
	fclose(f);
}

struct range {
	uint64_t	start;
	uint64_t	end;
};

static bool widen(const struct symbol *symbol, char type, void *ctx)
{
	struct range *range = ctx;

	if ((type == 't' || type == 'T') && is_ours(symbol->name) &&
	    !strchr(symbol->name, '.')) {
		if (symbol->address < range->start)
			range->start = symbol->address;
		if (symbol->address > range->end)
			range->end = symbol->address;
	}
	return true;
}

static bool collect(const struct symbol *symbol, char type, void *ctx)
{
	const struct range *range = ctx;

	if ((type != 't' && type != 'T') || symbol->address < range->start ||
	    symbol->address > range->end || is_prefix("__pfx_", symbol->name))
		return true;
	if (nr_symbols == ARRAY_SIZE(symbols))
		tap_bail("too many symbols");
	symbols[nr_symbols++] = *symbol;
	return true;
}

/* The linker keeps the functions of a directory together. */
static void collect_symbols(void)
{
	struct range range = { UINT64_MAX, 0 };
	unsigned int i, ours = 0;

	for_each_symbol(widen, &range);
	for_each_symbol(collect, &range);
	for (i = 0; i < nr_symbols; i++)
		ours += is_ours(symbols[i].name);
	tap_ok(ours > 40 && ours < nr_symbols, "kexec_bpf has %u functions, %u of them static",
	       nr_symbols, nr_symbols - ours);
}

static uint64_t address_of(const char *name)
{
	unsigned int i;

	for (i = 0; i < nr_symbols; i++) {
		if (!strcmp(symbols[i].name, name))
			return symbols[i].address;
	}
	tap_bail("no function '%s'", name);
}

/* A program that counts how often it runs, and returns 0 */
static int load_counter(enum bpf_prog_type type, enum bpf_attach_type attach,
			uint32_t btf_id, int map)
{
	const struct bpf_insn insns[] = {
		VALUE_OF(1, map),
		MOV_IMM(2, 1),
		COUNT(1, 2),
		MOV_IMM(0, 0),
		EXIT,
	};
	const struct prog prog = {
		.type		= type,
		.attach		= attach,
		.btf_id		= btf_id,
		.insns		= insns,
		.nr_insns	= ARRAY_SIZE(insns),
	};

	return load_prog(&prog);
}

static void close_all(const int *fds, unsigned int nr)
{
	while (nr--)
		close(fds[nr]);
}

/*
 * Every function, or every fifth where that takes too long. They stay attached
 * to the end, because to detach one takes a grace period.
 */
static void watch(enum bpf_attach_type type, const char *name, int map,
		  const struct kexec_bpf_result *reference)
{
	static int links[ARRAY_SIZE(symbols)];
	unsigned int i, tried = 0, attached = 0;
	uint64_t before;
	uint32_t id;
	int fd;

	for (i = 0; i < nr_symbols; i += slow() ? 5 : 1) {
		tried++;
		id = btf_func(symbols[i].name);
		fd = id ? load_counter(BPF_PROG_TYPE_TRACING, type, id, map) : -1;
		if (fd < 0)
			continue;
		links[attached] = attach(fd, type);
		attached += links[attached] >= 0;
		close(fd);
	}
	/* Not to those that this compiler made parts of others, or gave other arguments */
	tap_ok(attached > tried / 2, "%s attaches to %u of %u functions", name,
	       attached, tried);
	before = map_value(map);
	tap_ok(loads_agree(reference, 2), "[S1] the output of a load with %s is the same", name);
	tap_ok(map_value(map) > before, "%s ran %llu times", name,
	       (unsigned long long)(map_value(map) - before));
}

/* A program that changes what a function returns: -EPERM, or 0 */
static int load_modifier(const char *func, int value)
{
	const struct bpf_insn insns[] = { MOV_IMM(0, value), EXIT };
	const struct prog prog = {
		.type		= BPF_PROG_TYPE_TRACING,
		.attach		= BPF_MODIFY_RETURN,
		.btf_id		= btf_func(func),
		.insns		= insns,
		.nr_insns	= ARRAY_SIZE(insns),
	};

	return load_prog(&prog);
}

static int attach_modifier(const char *func, int value)
{
	int fd = load_modifier(func, value), link;

	if (fd < 0)
		return fd;
	link = attach(fd, BPF_MODIFY_RETURN);
	close(fd);
	return link;
}

static void modify(const struct kexec_bpf_result *reference)
{
	static struct load load;
	unsigned int i, tried = 0, refused = 0;
	int link;

	link = attach_modifier("security_kernel_read_file", -EPERM);
	tap_ok(link >= 0 && load_image(&load, ORDINARY, 0) == EPERM,
	       "fmod_ret of a security hook denies a load");
	close(link);
	tap_ok(loads_agree(reference, 1), "and no longer when it is gone");

	for (i = 0; i < nr_symbols; i++) {
		if (is_entry(symbols[i].name) || !btf_func(symbols[i].name))
			continue;
		tried++;
		link = load_modifier(symbols[i].name, 0);
		if (link == -EINVAL)
			refused++;
		else
			tap_diag("%s: %d %s", symbols[i].name, link, verifier_log);
		if (link >= 0)
			close(link);
	}
	tap_ok(tried > 40 && refused == tried,
	       "[S1] fmod_ret of each of %u functions is refused", tried);

	/* 0 lets the call happen; anything else is returned instead. */
	unload();
	link = attach_modifier("__x64_sys_kexec_bpf_load", 1);
	if (link < 0) {
		if (required())
			tap_bail("cannot attach to the system call: %s", strerror(-link));
		tap_skip("this kernel injects no errors into system calls",
			 "[S1] a system call that is made to pretend loads nothing");
		return;
	}
	tap_ok(sys_kexec_bpf_load(NULL, 0, 0) == 1 && loaded() == 0,
	       "[S1] a system call that is made to pretend loads nothing");
	close(link);
}

static int attach_kprobes(int prog, const uint64_t *addresses, unsigned int nr)
{
	union bpf_attr attr = {
		.link_create = {
			.prog_fd	= prog,
			.attach_type	= BPF_TRACE_KPROBE_MULTI,
			.kprobe_multi	= {
				.cnt	= nr,
				.addrs	= (uintptr_t)addresses,
			},
		},
	};

	return sys_bpf(BPF_LINK_CREATE, &attr);
}

/* All that can be attached to: one that cannot makes the whole fail. */
static unsigned int attach_most(int prog, const uint64_t *addresses, unsigned int nr,
				int *links, unsigned int *nr_links)
{
	int link = attach_kprobes(prog, addresses, nr);

	if (link >= 0) {
		links[(*nr_links)++] = link;
		return nr;
	}
	if (nr == 1)
		return 0;
	return attach_most(prog, addresses, nr / 2, links, nr_links) +
	       attach_most(prog, addresses + nr / 2, nr - nr / 2, links, nr_links);
}

static uint64_t lookup_result;
static const char *lookup_name;

static bool lookup(const struct symbol *symbol, char type, void *ctx)
{
	(void)type;
	(void)ctx;
	if (!strstr(symbol->name, lookup_name))
		return true;
	lookup_result = symbol->address;
	return false;
}

/* Address of the first symbol that has the text in its name; 0 if none has */
static uint64_t find_symbol(const char *name)
{
	lookup_name = name;
	lookup_result = 0;
	for_each_symbol(lookup, NULL);
	return lookup_result;
}

static void kprobes(int map, const struct kexec_bpf_result *reference)
{
	const struct bpf_insn insns[] = {
		MOV_IMM(2, 0),
		HELPER(BPF_FUNC_override_return),
		MOV_IMM(0, 0),
		EXIT,
	};
	const struct prog override = {
		.type		= BPF_PROG_TYPE_KPROBE,
		.attach		= BPF_TRACE_KPROBE_MULTI,
		.insns		= insns,
		.nr_insns	= ARRAY_SIZE(insns),
	};
	static uint64_t addresses[ARRAY_SIZE(symbols)];
	static int links[ARRAY_SIZE(symbols)];
	unsigned int i, attached, nr_links = 0, tried = 0, refused = 0;
	uint64_t before, folio;
	int prog, link;

	prog = load_counter(BPF_PROG_TYPE_KPROBE, BPF_TRACE_KPROBE_MULTI, 0, map);
	if (prog < 0)
		tap_bail("cannot load a kprobe: %s\n%s", strerror(-prog), verifier_log);
	for (i = 0; i < nr_symbols; i++)
		addresses[i] = symbols[i].address;
	attached = attach_most(prog, addresses, nr_symbols, links, &nr_links);
	close(prog);
	tap_ok(attached > 40, "a kprobe attaches to %u of %u functions", attached, nr_symbols);
	before = map_value(map);
	tap_ok(loads_agree(reference, 2), "[S1] the output of a load with kprobes is the same");
	tap_ok(map_value(map) > before, "kprobes ran %llu times",
	       (unsigned long long)(map_value(map) - before));
	close_all(links, nr_links);

	prog = load_prog(&override);
	if (prog < 0)
		tap_bail("cannot load an override: %s\n%s", strerror(-prog), verifier_log);
	folio = find_symbol("__filemap_add_folio");
	link = attach_kprobes(prog, &folio, 1);
	tap_ok(link >= 0, "a kprobe that overrides attaches where errors may be injected");
	close(link);
	for (i = 0; i < nr_symbols; i++) {
		if (is_entry(symbols[i].name))
			continue;
		tried++;
		link = attach_kprobes(prog, &symbols[i].address, 1);
		if (link < 0)
			refused++;
		else
			close(link);
	}
	tap_ok(tried > 40 && refused == tried,
	       "[S1] one that overrides any of %u functions is refused", tried);
	close(prog);
}

static int make_kprobe_event(uint64_t address)
{
	char text[64];
	int fd, ret;

	fd = open(KPROBE_EVENTS, O_WRONLY | O_APPEND | O_CLOEXEC);
	if (fd < 0)
		tap_bail("no '%s'", KPROBE_EVENTS);
	snprintf(text, sizeof(text), "p:attack/attack 0x%llx\n", (unsigned long long)address);
	ret = write(fd, text, strlen(text)) < 0 ? -errno : 0;
	if (!ret && write(fd, "-:attack/attack\n", 16) < 0)
		tap_bail("cannot remove a kprobe");
	close(fd);
	return ret;
}

/* The ways onto a program that need a descriptor of it */
static const struct way {
	const char		*name;
	enum bpf_prog_type	type;
	enum bpf_attach_type	attach;
} ways[] = {
	{ "fentry", BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY },
	{ "fexit", BPF_PROG_TYPE_TRACING, BPF_TRACE_FEXIT },
	{ "freplace", BPF_PROG_TYPE_EXT, 0 },
};

static int load_way(const struct way *way, int target, uint32_t func)
{
	const struct bpf_insn insns[] = { MOV_IMM(0, 0), EXIT };

	return load_for_target(way->type, way->attach, target, func, insns, ARRAY_SIZE(insns));
}

/* How many descriptors of this process are one that a program can attach to */
static unsigned int attachable(const struct way *way, uint32_t func)
{
	unsigned int count = 0;
	int fd, prog;

	for (fd = 1; fd < 64; fd++) {
		prog = load_way(way, fd, func);
		if (prog < 0)
			continue;
		count++;
		close(prog);
	}
	return count;
}

/* Descriptors of what /proc shows in the parser's table, as far as there are any */
static unsigned int open_paths(pid_t parser)
{
	unsigned int opened = 0;
	char path[64];
	int fd;

	for (fd = 0; fd < 16; fd++) {
		snprintf(path, sizeof(path), "/proc/%d/fd/%d", parser, fd);
		opened += open(path, O_PATH | O_CLOEXEC) >= 0;
	}
	return opened;
}

static void parser(void)
{
	union bpf_attr pin = { .pathname = (uintptr_t)"/sys/fs/bpf/attack" };
	unsigned int w, paths, pinned = 0;
	struct hold hold;
	uint64_t jit;
	uint32_t func;
	int target, link, prog;

	target = load_target(&func);
	for (w = 0; w < ARRAY_SIZE(ways); w++) {
		tap_is(attachable(&ways[w], func), 1, "%s goes onto a program of the attacker",
		       ways[w].name);
		prog = load_way(&ways[w], target, func);
		link = attach(prog, ways[w].attach);
		tap_ok(link >= 0, "%s attaches there", ways[w].name);
		close(link);
		close(prog);
	}
	close(target);

	tap_is(make_kprobe_event(address_of("kexec_bpf_run_parser")), 0,
	       "a kprobe event goes onto a function");

	hold_begin(&hold, 60000);
	paths = open_paths(hold.parser);
	tap_ok(paths, "/proc shows that the parser's thread has descriptors");
	for (w = 0; w < ARRAY_SIZE(ways); w++)
		tap_is(attachable(&ways[w], func), 0,
		       "[S6] %s finds no parser during a load, with %u paths from /proc",
		       ways[w].name, paths);
	for (pin.bpf_fd = 0; pin.bpf_fd < 64; pin.bpf_fd++)
		pinned += !sys_bpf(BPF_OBJ_PIN, &pin);
	tap_is(pinned, 0, "[S6] nothing of a load can be pinned");

	jit = find_symbol("_kexec_parser");
	tap_ok(jit, "kallsyms has the parser's text");
	tap_is(make_kprobe_event(jit), -EINVAL, "[S6] a kprobe event does not go there: EINVAL");
	tap_ok(hold_lives(&hold), "the load was under way all the time");
	hold_kill(&hold);
}

int main(void)
{
	struct kexec_bpf_result reference;
	int map;

	require_kernel();
	mount_bpf();
	collect_symbols();
	make_reference(&reference);
	parser();
	map = make_map(8);
	watch(BPF_TRACE_FENTRY, "fentry", map, &reference);

	watch(BPF_TRACE_FEXIT, "fexit", map, &reference);

	modify(&reference);

	kprobes(map, &reference);

	close(map);
	unload();
	return tap_done();
}
