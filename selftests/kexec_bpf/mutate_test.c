// SPDX-License-Identifier: GPL-2.0
/*
 * [M9] Whatever stands in an image, the load ends with an error of the contract
 * or succeeds; it never warns: that would be a panic. The seed is fixed: every run
 * sees the same images.
 */

#include "common.h"

#define PANIC_ON_WARN	"/proc/sys/kernel/panic_on_warn"

static struct load load;
static long long panic_on_warn;
static uint64_t state = 0x9e3779b97f4a7c15;

static uint64_t next(uint64_t limit)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % limit;
}

/* Errors of the contract that the content of an image can lead to */
static const int contract[] = {
	0, ENOEXEC, EFBIG, ELIBBAD, EKEYREJECTED, ENOPKG, ENOKEY, ELIBSCN,
	EPROTONOSUPPORT, EPROTO, EBADMSG, ENOMSG, ELOOP, EADDRNOTAVAIL,
	EINVAL, ENOMEM, ETIME,
};

static bool is_contract(const struct load *load)
{
	size_t i;

	/* EPERM is for what is not refused otherwise, and unsigned. */
	if (load->error == EPERM)
		return enforced();
	if (!load->error && enforced())
		return load->result.flags & KEXEC_BPF_RESULT_VERIFIED;
	for (i = 0; i < ARRAY_SIZE(contract); i++) {
		if (contract[i] == load->error)
			return true;
	}
	return false;
}

struct region {
	const char	*name;
	size_t		begin, size;
};

static void mutate(struct bytes *b, const struct region *r)
{
	static const uint8_t interesting[] = { 0, 1, 0x7f, 0x80, 0xff };
	unsigned int i, n = 1 + next(6);

	for (i = 0; i < n; i++) {
		size_t at = r->begin + next(r->size);

		switch (next(4)) {
		case 0:
			b->data[at] ^= 1 << next(8);
			break;
		case 1:
			b->data[at] = next(256);
			break;
		case 2:
			b->data[at] = interesting[next(ARRAY_SIZE(interesting))];
			break;
		default:
			/* A field of four bytes at its largest or around */
			at &= ~3UL;
			if (at + 4 <= b->size)
				memset(b->data + at, next(2) ? 0xff : 0, 4);
		}
	}
}

static struct region section(const struct pe *pe, const char *name)
{
	int i = pe_find_section(pe, name);

	return (struct region){
		name, pe_get32(pe, pe_section_at(pe, i, PE_SEC_RAW_OFFSET)),
		pe_get32(pe, pe_section_at(pe, i, PE_SEC_VSIZE)),
	};
}

static void run(const struct bytes *image, const struct region *r, unsigned int rounds,
		bool noise)
{
	unsigned int i, j, wrong = 0, loads = 0;
	struct bytes b;

	for (i = 0; i < rounds; i++) {
		b = bytes_copy(*image);
		if (noise) {
			for (j = 0; j < r->size; j++)
				b.data[r->begin + j] = next(256);
		} else {
			mutate(&b, r);
		}
		load_bytes(&load, b.data, b.size, UNSIGNED | DRY_RUN);
		if (!load.error)
			loads++;
		if (!is_contract(&load) || (load.error && !load.log[0]) ||
		    load.result.size != sizeof(load.result)) {
			wrong++;
			diag_load(&load);
		}
		bytes_free(&b);
	}
	tap_ok(!wrong, "%s[M9] %u images with %s in %s: %u load, the others are refused by the contract",
	       s12(), rounds, noise ? "noise" : "changes", r->name, loads);
}

/* Also where a test bails out: this may be somebody's machine. */
static void restore(void)
{
	write_number(PANIC_ON_WARN, panic_on_warn);
}

int main(void)
{
	unsigned int rounds = slow() ? 20 : 60;
	struct bytes image = read_image("unsigned.efi"), nested = read_image("nested.efi");
	struct pe pe = pe_view(image), outer = pe_view(nested);
	struct region headers, r;
	uint32_t table;

	require_kernel();
	panic_on_warn = read_number(PANIC_ON_WARN);
	atexit(restore);
	if (!write_number(PANIC_ON_WARN, 1))
		tap_bail("cannot write '%s'", PANIC_ON_WARN);
	if (load_image(&load, "good.efi", 0))
		tap_bail("the good image does not load");

	headers = (struct region){ "the headers", 0, pe_section_at(&pe, pe_nr_sections(&pe), 0) };
	run(&image, &headers, rounds, false);
	r = (struct region){ "the section table", pe_section_at(&pe, 0, 0),
			     headers.size - pe_section_at(&pe, 0, 0) };
	run(&image, &r, rounds, false);
	r = section(&pe, ".bpf");
	run(&image, &r, rounds, false);
	run(&image, &r, rounds / 10, true);
	r = (struct region){ "the ELF header", r.begin, 64 };
	run(&image, &r, rounds / 2, false);
	r = section(&pe, ".linux");
	run(&image, &r, rounds / 4, false);
	r = section(&pe, ".cmdline");
	run(&image, &r, rounds / 4, false);

	/* An image in an image; without its signature, which no change survives */
	table = pe_get32(&outer, pe_at(&outer, PE_CERTS));
	pe_set32(&outer, pe_at(&outer, PE_CERTS), 0);
	pe_set32(&outer, pe_at(&outer, PE_CERTS) + 4, 0);
	nested.size = table;
	r = section(&outer, ".linux");
	r.name = "an inner image";
	run(&nested, &r, rounds / 2, false);

	/* A signature that is garbage in parts */
	image = read_image("good.efi");
	pe = pe_view(image);
	r = (struct region){ "the signature", pe_get32(&pe, pe_at(&pe, PE_CERTS)),
			     pe_get32(&pe, pe_at(&pe, PE_CERTS) + 4) };
	run(&image, &r, rounds / 2, false);

	tap_is(loaded(), 1, "%s[M9] the image loaded before is still loaded", s12());
	tap_is(load_image(&load, "good.efi", 0), 0, "%s[M9] and can be loaded again", s12());
	return tap_done();
}
