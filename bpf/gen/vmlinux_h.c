// SPDX-License-Identifier: GPL-2.0-only
/*
 * vmlinux_h FILE: write the vmlinux.h that parsers compile against
 *
 * FILE is a kernel with BTF, or an object of the same kind. Its BTF has some
 * ten thousand types; what is taken are the kfuncs of the parser ABI, and the
 * types that they and parsers need. All of them must be there, so that a kernel
 * without one is noticed here and not by the author of a parser.
 */

#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/btf.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* kfuncs have one of these prefixes; programs cannot call other functions. */
static const char *const kfunc_prefixes[] = { "bpf_kexec_", "bpf_iter_kexec_" };

static const struct {
	const char *name;
	__u32 kind;
} types[] = {
	{ "u8",				BTF_KIND_TYPEDEF },
	{ "u16",			BTF_KIND_TYPEDEF },
	{ "u32",			BTF_KIND_TYPEDEF },
	{ "u64",			BTF_KIND_TYPEDEF },
	{ "s32",			BTF_KIND_TYPEDEF },
	{ "s64",			BTF_KIND_TYPEDEF },
	{ "kexec_bpf_abi",		BTF_KIND_ENUM },
	{ "kexec_bpf_arch",		BTF_KIND_ENUM },
	{ "kexec_bpf_info_flags",	BTF_KIND_ENUM },
	{ "kexec_bpf_parser",		BTF_KIND_STRUCT },
	{ "kexec_bpf_info",		BTF_KIND_STRUCT },
	{ "bpf_iter_kexec",		BTF_KIND_STRUCT },
};

static void print(void *ctx, const char *fmt, va_list args)
{
	(void)ctx;
	vprintf(fmt, args);
}

/*
 * The number after "Linux version " in the kernel's banner. What follows it
 * there depends on who built the kernel, how, when and where.
 */
static int print_version(const char *path)
{
	static const char banner[] = "Linux version ";
	const char *data, *start, *end;
	struct stat st;
	int fd, ret = -1;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) || !st.st_size) {
		fprintf(stderr, "open '%s': %s\n", path,
			fd < 0 || errno ? strerror(errno) : "empty file");
		goto out;
	}
	data = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (data == MAP_FAILED) {
		fprintf(stderr, "map '%s': %s\n", path, strerror(errno));
		goto out;
	}

	/* Code that only tests for a banner has it without a number. */
	start = data;
	for (;;) {
		start = memmem(start, data + st.st_size - start, banner,
			       strlen(banner));
		if (!start)
			break;
		start += strlen(banner);
		end = start;
		while (end < data + st.st_size &&
		       (isdigit((unsigned char)*end) || *end == '.'))
			end++;
		if (end > start)
			break;
	}
	if (start) {
		printf("Linux %.*s", (int)(end - start), start);
		ret = 0;
	} else {
		fprintf(stderr, "read '%s': no banner of a kernel in it\n",
			path);
	}
	munmap((void *)data, st.st_size);
out:
	if (fd >= 0)
		close(fd);
	return ret;
}

static int print_types(const struct btf *btf)
{
	struct btf_dump *dump;
	int id, ret = 0;
	size_t i;

	dump = btf_dump__new(btf, print, NULL, NULL);
	if (!dump) {
		fprintf(stderr, "prepare types: %s\n", strerror(errno));
		return -1;
	}
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		id = btf__find_by_name_kind(btf, types[i].name, types[i].kind);
		if (id >= 0)
			id = btf_dump__dump_type(dump, id);
		if (id < 0) {
			fprintf(stderr, "write type '%s': %s\n", types[i].name,
				strerror(-id));
			ret = -1;
		}
	}
	btf_dump__free(dump);
	return ret;
}

static bool is_kfunc(const struct btf *btf, const struct btf_type *type)
{
	const char *name;
	size_t i;

	if (!btf_is_func(type))
		return false;
	name = btf__name_by_offset(btf, type->name_off);
	for (i = 0; i < ARRAY_SIZE(kfunc_prefixes); i++) {
		if (!strncmp(name, kfunc_prefixes[i],
			     strlen(kfunc_prefixes[i])))
			return true;
	}
	return false;
}

struct kfunc {
	const char *name;
	__u32 proto;
};

static int compare_kfuncs(const void *a, const void *b)
{
	return strcmp(((const struct kfunc *)a)->name,
		      ((const struct kfunc *)b)->name);
}

/* Sorted by name: ids change with every build of the kernel. */
static int print_kfuncs(const struct btf *btf)
{
	const struct btf_type *type;
	struct kfunc *kfuncs = NULL;
	struct btf_dump *dump;
	int ret = -1;
	size_t nr, i;
	__u32 id;

	dump = btf_dump__new(btf, print, NULL, NULL);
	kfuncs = calloc(btf__type_cnt(btf), sizeof(*kfuncs));
	if (!dump || !kfuncs) {
		fprintf(stderr, "prepare kfuncs: %s\n", strerror(errno));
		goto out;
	}
	for (nr = 0, id = 1; id < btf__type_cnt(btf); id++) {
		type = btf__type_by_id(btf, id);
		if (!is_kfunc(btf, type))
			continue;
		kfuncs[nr].name = btf__name_by_offset(btf, type->name_off);
		kfuncs[nr].proto = type->type;
		nr++;
	}
	if (!nr) {
		fprintf(stderr, "write kfuncs: there are none\n");
		goto out;
	}
	qsort(kfuncs, nr, sizeof(*kfuncs), compare_kfuncs);

	for (i = 0; i < nr; i++) {
		LIBBPF_OPTS(btf_dump_emit_type_decl_opts, opts,
			.field_name = kfuncs[i].name,
		);

		/* A function with copies in several units has several entries. */
		if (i && !strcmp(kfuncs[i].name, kfuncs[i - 1].name))
			continue;
		printf("extern ");
		ret = btf_dump__emit_type_decl(dump, kfuncs[i].proto, &opts);
		if (ret) {
			fprintf(stderr, "write kfunc '%s': %s\n",
				kfuncs[i].name, strerror(-ret));
			goto out;
		}
		printf(" __ksym;\n");
	}
	ret = 0;
out:
	btf_dump__free(dump);
	free(kfuncs);
	return ret;
}

int main(int argc, char **argv)
{
	struct btf *btf;
	int ret;

	if (argc != 2) {
		fprintf(stderr, "usage: vmlinux_h FILE\n");
		return 2;
	}
	btf = btf__parse(argv[1], NULL);
	if (!btf) {
		fprintf(stderr, "read BTF of '%s': %s\n", argv[1],
			strerror(errno));
		return 1;
	}

	printf("/* SPDX-License-Identifier: GPL-2.0-only */\n"
	       "/*\n"
	       " * Types and kfuncs that parsers compile against\n"
	       " *\n"
	       " * Generated by bpf/gen/vmlinux_h.c from the BTF of ");
	ret = print_version(argv[1]);
	printf(";\n"
	       " * not to be edited.\n"
	       " */\n"
	       "#ifndef __VMLINUX_H__\n"
	       "#define __VMLINUX_H__\n"
	       "\n"
	       "#ifndef __ksym\n"
	       "#define __ksym __attribute__((section(\".ksyms\")))\n"
	       "#endif\n"
	       "\n");
	if (!ret)
		ret = print_types(btf);
	if (!ret)
		ret = print_kfuncs(btf);
	printf("\n"
	       "#endif /* __VMLINUX_H__ */\n");
	btf__free(btf);

	if (!ret && (fflush(stdout) || ferror(stdout))) {
		fprintf(stderr, "write: %s\n", strerror(errno));
		ret = -1;
	}
	return ret ? 1 : 0;
}
