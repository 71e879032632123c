/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Broken parser objects, one defect each, beside what is just not broken
 */
#ifndef OBJ_DEFECTS_H
#define OBJ_DEFECTS_H

#include "obj.h"

/**
 * struct obj_defect - one defect of a parser object
 * @lessons: IDs that it belongs to
 * @name: what is wrong
 * @patch: field of a header that is set to break a sound object; size 0 if
 *	@refuse does it
 * @refuse: breaks a sound object; NULL if @patch does it
 * @error: errno of the refusal
 * @log: part of the line that says why
 * @accept: changes a sound object as far as is allowed; NULL where that is not
 *	to change it at all
 */
struct obj_defect {
	const char		*lessons;
	const char		*name;
	struct obj_patch	patch;
	void			(*refuse)(struct obj *obj);
	int			error;
	const char		*log;
	void			(*accept)(struct obj *obj);
};

extern const struct obj_defect obj_defects[];
extern const unsigned int nr_obj_defects;

/* Break @obj, which obj_sample() made, or change it as far as is allowed. */
void obj_refuse(const struct obj_defect *defect, struct obj *obj);
void obj_accept(const struct obj_defect *defect, struct obj *obj);

#endif
