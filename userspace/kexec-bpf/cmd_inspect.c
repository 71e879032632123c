// SPDX-License-Identifier: GPL-2.0
/* kexec-bpf inspect: sections of a PE file, its signature and its parser. */
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "tool.h"

enum {
	OPT_JSON = 256,
};

static const struct option options[] = {
	{ "json",	no_argument, NULL, OPT_JSON },
	{ "help",	no_argument, NULL, 'h' },
	{ }
};

/* One table for text and JSON; all fields but the name are 32 bits */
static const struct column {
	const char	*key;
	const char	*head;
	size_t		offset;
	int		width;
	enum { COL_DEC, COL_HEX, COL_NAME } kind;
} columns[] = {
	{ "index", "IDX", offsetof(struct kexecbpf_section, index), 5, COL_DEC },
	{ "name", "NAME", offsetof(struct kexecbpf_section, name), 8, COL_NAME },
	{ "virtual_address", "ADDRESS",
	  offsetof(struct kexecbpf_section, vaddr), 10, COL_HEX },
	{ "virtual_size", "VSIZE",
	  offsetof(struct kexecbpf_section, vsize), 10, COL_HEX },
	{ "raw_offset", "OFFSET",
	  offsetof(struct kexecbpf_section, offset), 10, COL_HEX },
	{ "raw_size", "RAWSIZE",
	  offsetof(struct kexecbpf_section, raw_size), 10, COL_HEX },
	{ "payload_size", "PAYLOAD",
	  offsetof(struct kexecbpf_section, payload), 10, COL_DEC },
	{ "flags", "FLAGS", offsetof(struct kexecbpf_section, flags), 10, COL_HEX },
};

static const struct {
	uint16_t	machine;
	const char	*name;
} machines[] = {
	{ 0x014c, "i386" },
	{ 0x01c2, "arm" },
	{ 0x5064, "riscv64" },
	{ 0x6264, "loongarch64" },
	{ 0x8664, "x86-64" },
	{ 0xaa64, "arm64" },
};

/**
 * struct findings - what is shown beside the headers
 * @problem: why the layout is refused, "" if it is not
 * @parser: of section .bpf
 * @parser_ret: 0, -ENOENT without such a section, or why it is none
 * @parser_problem: the same in words
 */
struct findings {
	char				problem[512];
	struct kexecbpf_parser_info	parser;
	int				parser_ret;
	char				parser_problem[512];
};

static void keep_msg(void *ctx, const char *text)
{
	snprintf(ctx, sizeof(((struct findings *)0)->problem), "%s", text);
}

static uint32_t value_of(const struct kexecbpf_section *s, const struct column *col)
{
	uint32_t v;

	memcpy(&v, (const char *)s + col->offset, sizeof(v));
	return v;
}

static const char *machine_name(uint16_t machine)
{
	size_t i;

	for (i = 0; i < NR_ELEMS(machines); i++) {
		if (machines[i].machine == machine)
			return machines[i].name;
	}
	return "unknown";
}

static void print_json(const struct kexecbpf_pe *pe, const struct findings *f,
		       const char *file)
{
	const struct kexecbpf_pe_info *info = kexecbpf_pe_info(pe);
	const struct kexecbpf_section *s;
	struct json j = { .f = stdout };
	uint32_t i;
	size_t k;

	json_open(&j, NULL, '{');
	json_text(&j, "file", file);
	json_num(&j, "size", info->file_size);
	json_num(&j, "bits", info->bits);
	json_num(&j, "machine", info->machine);
	json_str(&j, "machine_name", machine_name(info->machine));
	json_num(&j, "subsystem", info->subsystem);
	json_num(&j, "section_alignment", info->section_align);
	json_num(&j, "file_alignment", info->file_align);
	json_num(&j, "headers_size", info->headers_size);
	json_num(&j, "image_size", info->image_size);
	json_bool(&j, "well_formed", !f->problem[0]);
	if (f->problem[0])
		json_str(&j, "problem", f->problem);
	else
		json_null(&j, "problem");

	json_bool(&j, "signed", info->nr_certs > 0);
	json_open(&j, "certificate_table", '{');
	json_num(&j, "offset", info->cert_offset);
	json_num(&j, "size", info->cert_size);
	json_num(&j, "entries", info->nr_certs);
	json_close(&j, '}');

	json_open(&j, "coverage", '{');
	json_num(&j, "headers_size", info->headers_size);
	json_num(&j, "checksum_offset", info->checksum_offset);
	json_num(&j, "certificate_entry_offset", info->cert_entry_offset);
	json_num(&j, "tail_offset", info->tail_offset);
	json_num(&j, "tail_size", info->tail_size);
	json_num(&j, "gap_size", info->gap_size);
	json_close(&j, '}');

	if (kexecbpf_pe_find(pe, KEXECBPF_SECTION)) {
		json_open(&j, "parser", '{');
		json_bool(&j, "valid", !f->parser_ret);
		if (f->parser_ret) {
			json_str(&j, "problem", f->parser_problem);
		} else {
			json_num(&j, "abi", f->parser.abi);
			json_text(&j, "format", f->parser.format);
		}
		json_close(&j, '}');
	} else {
		json_null(&j, "parser");
	}

	json_open(&j, "sections", '[');
	for (i = 0; (s = kexecbpf_pe_section(pe, i)); i++) {
		json_open(&j, NULL, '{');
		for (k = 0; k < NR_ELEMS(columns); k++) {
			if (columns[k].kind == COL_NAME)
				json_text(&j, columns[k].key, s->name);
			else
				json_num(&j, columns[k].key,
					 value_of(s, &columns[k]));
		}
		json_close(&j, '}');
	}
	json_close(&j, ']');
	json_close(&j, '}');
}

static void print_sections(const struct kexecbpf_pe *pe)
{
	const struct kexecbpf_section *s;
	const struct column *col;
	char text[16];
	uint32_t i;
	size_t k;
	int width;

	for (k = 0; k < NR_ELEMS(columns); k++)
		printf(columns[k].kind == COL_NAME ? "%s%-*s" : "%s%*s", k ? " " : "",
		       columns[k].width, columns[k].head);
	putchar('\n');
	for (i = 0; (s = kexecbpf_pe_section(pe, i)); i++) {
		for (k = 0; k < NR_ELEMS(columns); k++) {
			col = &columns[k];
			if (k)
				putchar(' ');
			if (col->kind == COL_NAME) {
				width = print_escaped(stdout, s->name, "");
				printf("%*s", col->width > width ? col->width - width : 0,
				       "");
			} else {
				snprintf(text, sizeof(text),
					 col->kind == COL_HEX ? "0x%" PRIx32 : "%" PRIu32,
					 value_of(s, col));
				printf("%*s", col->width, text);
			}
		}
		putchar('\n');
	}
}

static void print_text(const struct kexecbpf_pe *pe, const struct findings *f,
		       const char *file)
{
	const struct kexecbpf_pe_info *info = kexecbpf_pe_info(pe);

	fputs("file        ", stdout);
	print_escaped(stdout, file, "");
	putchar('\n');
	printf("format      PE32%s for %s (0x%x), subsystem %u%s, %" PRIu64 " bytes\n",
	       info->bits == 64 ? "+" : "", machine_name(info->machine),
	       info->machine, info->subsystem,
	       info->subsystem == 10 ? " (EFI application)" : "", info->file_size);
	printf("layout      %s\n", f->problem[0] ? f->problem : "good");
	if (info->cert_offset)
		printf("signature   %" PRIu32 " certificate entr%s at 0x%" PRIx32 "+0x%" PRIx32 ", not verified here\n",
		       info->nr_certs, info->nr_certs == 1 ? "y" : "ies",
		       info->cert_offset, info->cert_size);
	else
		printf("signature   none\n");
	printf("%s     headers (0x%" PRIx32 " bytes), sections, 0x%" PRIx64 " bytes behind them\n",
	       info->cert_offset ? "covered" : "to sign", info->headers_size,
	       info->tail_size);
	printf("unprotected checksum at 0x%" PRIx32 "+4, certificate table's entry at 0x%" PRIx32 "+8, certificate table, 0x%" PRIx64 " bytes between sections\n",
	       info->checksum_offset, info->cert_entry_offset, info->gap_size);
	if (!kexecbpf_pe_find(pe, KEXECBPF_SECTION))
		printf("parser      none\n");
	else if (f->parser_ret)
		printf("parser      bad: %s\n", f->parser_problem);
	else
		printf("parser      ABI %" PRIu32 ", format '%s'\n", f->parser.abi,
		       f->parser.format);
	putchar('\n');
	print_sections(pe);
}

int cmd_inspect(const struct command *cmd, int argc, char *argv[])
{
	struct context ctx = { .command = cmd->name };
	const struct kexecbpf_report report = { report_msg, &ctx };
	struct findings f = { };
	const struct kexecbpf_report problem = { keep_msg, f.problem };
	const struct kexecbpf_report parser_problem = { keep_msg, f.parser_problem };
	struct kexecbpf_pe *pe;
	bool json = false;
	int c, fd, ret;

	while ((c = next_option(cmd, argc, argv, ":h", options)) != -1) {
		switch (c) {
		case OPT_JSON:
			json = true;
			break;
		case 'h':
			return command_help(cmd);
		default:
			return command_usage(cmd);
		}
	}
	if (argc - optind != 1)
		return command_usage(cmd);

	ctx.file = argv[optind];
	fd = open_input(&ctx);
	if (fd < 0)
		return STATUS_FAILURE;
	ret = kexecbpf_pe_open(fd, &report, &pe);
	if (!ret) {
		kexecbpf_pe_check(pe, &problem);
		f.parser_ret = kexecbpf_pe_parser(pe, &f.parser, &parser_problem);
		if (json)
			print_json(pe, &f, ctx.file);
		else
			print_text(pe, &f, ctx.file);
		kexecbpf_pe_close(pe);
	}
	close(fd);
	c = finish_stdout(cmd->name);
	return ret ? STATUS_FAILURE : c;
}
