// SPDX-License-Identifier: GPL-2.0-only
/* Make the seed corpora: seeds DIRECTORY */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "obj.h"
#include "obj_defects.h"
#include "pe.h"

static const char *directory;

static void save(const char *target, const char *name, const void *data,
		 size_t size)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, target);
	mkdir(path, 0777);
	snprintf(path, sizeof(path), "%s/%s/%s", directory, target, name);
	file = fopen(path, "wb");
	if (!file || fwrite(data, 1, size, file) != size || fclose(file)) {
		perror(path);
		exit(1);
	}
}

/* As a PE file, and with options behind it as an image for the parser */
static void save_pe(struct pe *pe, const char *name, uint8_t flags,
		    uint8_t screen, uint8_t fail, uint8_t rounds)
{
	const uint8_t options[4] = { flags, screen, fail, rounds };

	save("pe", name, pe->data, pe->size);
	pe_append(pe, options, sizeof(options));
	save("uki", name, pe->data, pe->size);
	pe_free(pe);
}

/* Few bytes, so that most of them have a meaning */
static void begin(struct pe *pe)
{
	if (pe_init(pe, PE_MACHINE_AMD64, 1, 1 << 16)) {
		perror("pe");
		exit(1);
	}
}

static void add(struct pe *pe, const char *name, const char *text)
{
	if (pe_add(pe, name, text, strlen(text)) < 0) {
		perror(name);
		exit(1);
	}
}

static void make_pe(void)
{
	unsigned int i;
	struct pe pe;

	begin(&pe);
	add(&pe, ".linux", "kernel");
	save_pe(&pe, "kernel-only", 0, 1, 0, 0);

	begin(&pe);
	add(&pe, ".linux", "kernel");
	add(&pe, ".initrd", "initrd");
	pe_add_certs(&pe, "certificate", 11);
	save_pe(&pe, "certificates", 3, 1, 0, 0);

	begin(&pe);
	add(&pe, ".cmdline", "root=/dev/sda1 quiet");
	add(&pe, ".linux", "kernel");
	save_pe(&pe, "cmdline", 1, 0, 0, 0);

	begin(&pe);
	add(&pe, ".cmdline", " a\tb\n");
	add(&pe, ".linux", "kernel");
	save_pe(&pe, "cmdline-controls", 0, 1, 0, 0);

	begin(&pe);
	add(&pe, ".cmdline", "\xc3\xa4 \xe2\x82\xac");
	add(&pe, ".linux", "kernel");
	save_pe(&pe, "cmdline-utf8", 0x10, 1, 0, 0);

	begin(&pe);
	add(&pe, ".osrel", "ID=x");
	add(&pe, ".linux", "kernel");
	pe_set32(&pe, pe_section_at(&pe, 0, PE_SEC_RAW_SIZE), 4);
	pe_set32(&pe, pe_section_at(&pe, 1, PE_SEC_VADDR), 0);
	save_pe(&pe, "gap-and-address-0", 0, 1, 0, 0);

	if (pe_init(&pe, PE_MACHINE_AMD64, 18, 1 << 16))
		exit(1);
	for (i = 0; i < 16; i++)
		pe_add_empty(&pe, ".empty", 16);
	add(&pe, ".linux", "kernel");
	add(&pe, ".bpf", "parser");
	save_pe(&pe, "kernel-17th", 0x18, 1, 0, 0);

	begin(&pe);
	pe_set_dirs(&pe, 5);
	add(&pe, ".linux", "kernel");
	add(&pe, ".dtbauto", "tree");
	pe_move_headers(&pe, 64);
	save_pe(&pe, "five-directories", 0, 1, 0, 0);

	begin(&pe);
	add(&pe, ".linux", "kernel");
	pe_add_certs(&pe, NULL, 0);
	save_pe(&pe, "least-certificates", 3, 1, 0, 0);

	begin(&pe);
	add(&pe, ".linux", "kernel");
	add(&pe, ".initrd", "initrd");
	add(&pe, ".cmdline", "a\nb");
	save_pe(&pe, "failing-call", 0, 1, 12, 0);

	begin(&pe);
	add(&pe, ".linux", "kernel");
	add(&pe, ".initrd", "initrd");
	add(&pe, ".cmdline", "a\nb");
	save_pe(&pe, "loops-that-end", 0, 0, 0, 9);
}

static void make_elf(void)
{
	static const char *const accepted[] = {
		"section .maps", "17 data sections", "debug information",
		"symbol in a section that is not there",
		"call without a .text", "load of a map's descriptor without relocations",
	};
	static const char *const names[] = {
		"strings", "sixteen-maps", "comment", "absolute-symbol",
		"no-text", "load-without-relocation",
	};
	struct obj obj;
	unsigned int i, j;
	size_t size;
	void *data;

	obj_sample(&obj);
	data = obj_write(&obj, &size);
	save("elf", "sample", data, size);
	free(data);
	obj_free(&obj);
	obj_sample(&obj);
	obj_add(&obj, ".llvm_addrsig", 0x6fff4c03, 0, "\x01", 1);
	obj_add(&obj, ".BTF", 1, 0, "BTF", 4);
	data = obj_write(&obj, &size);
	save("elf", "btf", data, size);
	free(data);
	obj_free(&obj);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		for (j = 0; j < nr_obj_defects; j++)
			if (!strcmp(obj_defects[j].name, accepted[i]))
				break;
		if (j == nr_obj_defects) {
			fprintf(stderr, "no '%s'\n", accepted[i]);
			exit(1);
		}
		obj_sample(&obj);
		obj_accept(&obj_defects[j], &obj);
		data = obj_write(&obj, &size);
		save("elf", names[i], data, size);
		free(data);
		obj_free(&obj);
	}
}

#define SAVE(target, name, bytes) \
	save(target, name, bytes, sizeof(bytes) - 1)

static void make_text(void)
{
	char text[4200];
	size_t i;

	SAVE("log", "all-conversions",
	     "\x7f\x04" "12345678" "\xff\xff\xff\xff\xff\xff\xff\xff"
	     ".cmdline" "\0\0\0\0\0\0\0\0" "%d %u %s %x %%");
	SAVE("log", "value-too-few", "\x20\x01" "12345678" "%u %u");
	SAVE("log", "cut-off", "\x04\x01" "\xff\xff\xff\xff\xff\xff\xff\xff"
	     "%u%%");
	SAVE("log", "forged-line", "\xff" "\0" "a\nimage: b\x1b[1m");
	SAVE("log", "addresses",
	     "0: r1 = 0xffff888004a1d000\n1: r2 = 0xff11000104a1d000\n");
	memset(text, 'x', sizeof(text));
	for (i = 99; i < sizeof(text); i += 100)
		text[i] = '\n';
	save("log", "longer-than-tail", text, sizeof(text));
	SAVE("log", "no-newline", "func#0 @0\nR1 type=ctx\nlast");

	SAVE("output", "kernel-initrd-cmdline",
	     "\x05" "\x03\0\0\x04\0\0" "\x04\0\x04\x04\0\0" "\x05\0\0\x05\0\0"
	     "\x06\0\0\x02 \xff" "\x05\0\0\x05\0\0");
	SAVE("output", "second-round",
	     "\x07" "\x03\0\0\x04\0\0" "\0\x01\0\xf3\0\0" "\x03\0\0\x04\0\0"
	     "\x01\x01\0\0\0\0" "\x02\0\x01\x08\0\0");
	SAVE("output", "tainted",
	     "\x05" "\0\0\0\xf3\0\0" "\x02\0\0\x01\0\0" "\0\x01\0\xf3\0\0"
	     "\x06\0\0\x02 \xff" "\x05\0\0\x02\0\0");
	SAVE("output", "edges",
	     "\x04" "\x03\0\xfd\xfd\0\0" "\x04\0\x01\xfd\0\0"
	     "\x05\xff\0\xf9\0\0" "\x02\0\xf4\x01\0\0" "\x06\0\0\xfe x"
	     "\x06\0\0\xff x");
	SAVE("output", "second-kernel",
	     "\x04" "\x03\0\0\x04\0\0" "\x03\0\0\x04\0\0" "\x08\x01\0\0\0\0"
	     "\x08\0\x07\0\0\0" "\x07\0\0\x20\0\0");
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: seeds DIRECTORY\n");
		return 2;
	}
	directory = argv[1];
	make_pe();
	make_elf();
	make_text();
	return 0;
}
