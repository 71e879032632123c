// SPDX-License-Identifier: GPL-2.0
/*
 * Build a PE file out of sections that are files, with what objcopy would put
 * right; a bzImage around a tiny kernel; or an EFI zboot image.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pe.h"

#define CAPACITY	(256UL << 20)

#define SETUP_SECTS	1
#define SECTOR		512

static void usage(void)
{
	fprintf(stderr,
		"Usage: mkpe [--machine 0xHEX] OUTPUT NAME=FILE[,pad=N][,virtual=N]...\n"
		"       mkpe --kernel CODE OUTPUT\n"
		"       mkpe --zboot KERNEL.gz OUTPUT\n"
		"\n"
		"pad: so many bytes 0xaa behind the payload in the file\n"
		"virtual: this size in memory\n");
	exit(2);
}

static void die(const char *what, const char *name)
{
	fprintf(stderr, "mkpe: %s '%s': %s\n", what, name, strerror(errno));
	exit(1);
}

static uint8_t *read_all(const char *name, size_t extra, size_t *size)
{
	uint8_t *data;
	long end = -1;
	FILE *f;

	f = fopen(name, "r");
	if (f && !fseek(f, 0, SEEK_END))
		end = ftell(f);
	if (end < 0)
		die("cannot open", name);
	rewind(f);
	data = calloc(1, end + extra + 1);
	if (!data || fread(data, 1, end, f) != (size_t)end)
		die("cannot read", name);
	fclose(f);
	*size = end;
	return data;
}

static void write_all(const char *name, const struct pe *pe)
{
	FILE *f = fopen(name, "w");

	if (!f || fwrite(pe->data, 1, pe->size, f) != pe->size || fclose(f))
		die("cannot write", name);
}

static void add_section(struct pe *pe, char *arg)
{
	unsigned long pad = 0, in_memory = 0;
	char *file, *option, *end, *save;
	size_t size;
	uint32_t base;
	uint8_t *data;
	int i;

	file = strchr(arg, '=');
	if (!file)
		usage();
	*file++ = '\0';
	file = strtok_r(file, ",", &save);
	while ((option = strtok_r(NULL, ",", &save))) {
		if (!strncmp(option, "pad=", 4))
			pad = strtoul(option + 4, &end, 0);
		else if (!strncmp(option, "virtual=", 8))
			in_memory = strtoul(option + 8, &end, 0);
		else
			usage();
		if (*end)
			usage();
	}

	data = read_all(file, pad, &size);
	memset(data + size, 0xaa, pad);
	base = pe_get32(pe, pe_at(pe, PE_IMAGE_SIZE));
	i = pe_add(pe, arg, data, size + pad);
	if (i < 0)
		die("no room for", arg);
	free(data);
	if (!in_memory)
		in_memory = size;
	pe_set32(pe, pe_section_at(pe, i, PE_SEC_VSIZE), in_memory);
	pe_set32(pe, pe_at(pe, PE_IMAGE_SIZE), base + (in_memory + 4095) / 4096 * 4096);
}

/*
 * The header of the boot protocol lies across the end of the PE header, as in a
 * real bzImage with an EFI stub, so that this can be signed like one.
 */
static void make_kernel(struct pe *pe, const char *code)
{
	uint8_t setup[SETUP_SECTS * SECTOR] = {};
	size_t size;
	uint8_t *data, *d;

	data = read_all(code, 0, &size);
	if (pe_init(pe, PE_MACHINE_AMD64, 2, CAPACITY) || pe->size != SECTOR ||
	    pe_add(pe, ".setup", setup, sizeof(setup)) < 0 ||
	    pe_add(pe, ".text", data, size) < 0)
		die("no room for", code);
	free(data);

	d = pe->data;
	d[0x1f1] = SETUP_SECTS;
	pe_set16(pe, 0x1fe, 0xaa55);
	d[0x200] = 0xeb;
	d[0x201] = 0x66;			/* header ends at 0x268 */
	memcpy(d + 0x202, "HdrS", 4);
	pe_set16(pe, 0x206, 0x020f);
	d[0x211] = 0x01;			/* loaded high */
	pe_set32(pe, 0x214, 0x100000);
	pe_set32(pe, 0x22c, 0x7fffffff);	/* initrd_addr_max */
	pe_set32(pe, 0x230, 0x200000);		/* kernel_alignment */
	d[0x234] = 1;				/* relocatable */
	pe_set16(pe, 0x236, 0x63);		/* 64 bits, above 4 G, 5 levels */
	pe_set32(pe, 0x238, 2047);		/* cmdline_size */
	pe_set32(pe, 0x258, 0x1000000);		/* pref_address */
	pe_set32(pe, 0x260, 0x10000);		/* init_size */
}

/*
 * What CONFIG_EFI_ZBOOT makes: the DOS header says where the compressed kernel
 * is. On x86 no kernel is built so, but the format does not depend on that.
 */
static void make_zboot(struct pe *pe, const char *payload)
{
	uint8_t data[SECTOR] = {}, *compressed;
	size_t size;
	int text;

	compressed = read_all(payload, 0, &size);
	if (pe_init(pe, PE_MACHINE_AMD64, 2, CAPACITY))
		die("no room for", payload);
	pe_move_headers(pe, 0x40);
	text = pe_add(pe, ".text", compressed, size);
	if (text < 0 || pe_add(pe, ".data", data, sizeof(data)) < 0)
		die("no room for", payload);
	free(compressed);

	memcpy(pe->data + 4, "zimg", 4);
	pe_set32(pe, 8, pe_get32(pe, pe_section_at(pe, text, PE_SEC_RAW_OFFSET)));
	pe_set32(pe, 12, size);
	memcpy(pe->data + 24, "gzip", 4);
	pe_set32(pe, 0x38, 0x818223cd);
}

int main(int argc, char **argv)
{
	unsigned long machine = PE_MACHINE_AMD64;
	struct pe pe;
	int i = 1;

	if (argc == 4 && !strcmp(argv[1], "--kernel")) {
		make_kernel(&pe, argv[2]);
		write_all(argv[3], &pe);
		return 0;
	}
	if (argc == 4 && !strcmp(argv[1], "--zboot")) {
		make_zboot(&pe, argv[2]);
		write_all(argv[3], &pe);
		return 0;
	}
	if (argc > 2 && !strcmp(argv[1], "--machine")) {
		machine = strtoul(argv[2], NULL, 16);
		i = 3;
	}
	if (argc - i < 2)
		usage();
	if (pe_init(&pe, machine, argc - i - 1, CAPACITY))
		die("cannot begin", argv[i]);
	for (int s = i + 1; s < argc; s++)
		add_section(&pe, argv[s]);
	write_all(argv[i], &pe);
	return 0;
}
