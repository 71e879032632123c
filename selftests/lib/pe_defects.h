/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Broken PE images, one defect each, beside what is just not broken
 */
#ifndef PE_DEFECTS_H
#define PE_DEFECTS_H

#include "pe.h"

/**
 * struct pe_defect - one defect of a PE image
 * @lessons: IDs that it belongs to
 * @name: what is wrong
 * @refuse: breaks a sound image that way
 * @error: errno of the refusal
 * @log: part of the line that says why
 * @accept: changes a sound image as far as is allowed, so that only @refuse
 *	makes the difference; NULL where that is not to change it at all
 */
struct pe_defect {
	const char	*lessons;
	const char	*name;
	void		(*refuse)(struct pe *pe);
	int		error;
	const char	*log;
	void		(*accept)(struct pe *pe);
};

extern const struct pe_defect pe_defects[];
extern const unsigned int nr_pe_defects;

/* Sections of the image that the defects are applied to */
enum pe_sample_section {
	PE_SAMPLE_TEXT,
	PE_SAMPLE_CMDLINE,
	PE_SAMPLE_LINUX,
	PE_SAMPLE_INITRD,
	PE_SAMPLE_BPF,
	PE_SAMPLE_NR,
};

/* Most sections that a screened image may have. */
#define PE_SECTIONS_MAX 1024

/* KEXEC_BPF_PE_GAP_MAX of the kernel */
#define PE_GAP_MAX 65536

/*
 * Any image can be broken that was built with pe.h, has the sections of
 * &enum pe_sample_section in that order and a certificate table, and room for
 * more than %PE_SECTIONS_MAX section headers. This is one: the payloads are
 * patterns. Returns 0 or -1.
 */
int pe_sample(struct pe *pe);

#endif
