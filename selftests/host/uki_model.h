/* SPDX-License-Identifier: GPL-2.0-only */
/* What a UKI means, written a second time */
#ifndef UKI_MODEL_H
#define UKI_MODEL_H

#include "core.h"

/**
 * struct uki_model - what a UKI means
 * @kernel: the kernel
 * @initrd: the initrd; size 0 if there is none
 * @cmdline: the command line; owned
 */
struct uki_model {
	struct kexec_bpf_range	kernel;
	struct kexec_bpf_range	initrd;
	char			*cmdline;
};

/*
 * Read an image that passes the screen. Returns whether it is to be accepted;
 * uki_model_free() is due in any case.
 */
bool uki_model(struct uki_model *uki, const u8 *data, size_t cmdline_max);
void uki_model_free(struct uki_model *uki);

#endif
