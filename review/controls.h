/*
 * schema/controls.xml, which is compiled in: profiles and what they ask of a
 * password and lockout policy, the thresholds that rules name, and the
 * controls. Texts belong to the struct.
 */
#ifndef REVIEW_CONTROLS_H
#define REVIEW_CONTROLS_H

#include <stdbool.h>
#include <stddef.h>

#include "schema/base/err.h"

#define CONTROLS_PROFILES_MAX 8u /* that hold at the same time */

struct requirement {
	const char *key;   /* "password.min_length" */
	const char *op;    /* min, max, equals, contains, forbid, unspecified */
	const char *value; /* "" for forbid and unspecified */
	const char *clause;  /* "" where there is none to quote */
	const char *source;  /* the text it is in */
	const char *mark;    /* how it was seen: seen, copy, slide, house */
	const char *applies; /* "" or "privileged" */
	const char *when;    /* "", "single-factor", "multi-factor" */
};

struct profile {
	const char *id, *name, *name_zh;
	bool mandatory; /* else for reference: measured, never enforced */
	const struct requirement *requirements;
	size_t count;
};

struct threshold {
	const char *name, *unit, *note, *note_zh;
	bool less_is_stricter;
};

struct control {
	const char *id, *title, *title_zh;
	const char *requirement, *requirement_zh;
	const char *nist;     /* "AC-2 AC-2(3)", of SP 800-53 Rev. 5 */
	const char *records;  /* classes of schema/evidence.xsd */
	const char *requires; /* keys of requirements; "" none */
	const char *shown;    /* by what else: "daily"; "" nothing */
};

/* A phrase of what is missing; "{n}" stands for how many. */
struct gap {
	const char *id, *text, *text_zh;
};

struct controls;
int controls_load(struct controls **, struct err *);
/* The same of any text, for tests. */
int controls_parse(
    struct controls **, const char *xml, size_t length, struct err *);
void controls_free(struct controls **);

size_t controls_profile_count(const struct controls *);
const struct profile *controls_profile_at(const struct controls *, size_t);
const struct profile *controls_profile(const struct controls *, const char *id);

size_t controls_threshold_count(const struct controls *);
const struct threshold *controls_threshold_at(const struct controls *, size_t);
bool controls_has_threshold(const struct controls *, const char *name);

size_t controls_control_count(const struct controls *);
const struct control *controls_control_at(const struct controls *, size_t);
const struct control *controls_control(const struct controls *, const char *id);
const struct gap *controls_gap(const struct controls *, const char *id);

/*
 * The profiles that are enforced together, from "house" or
 * "tw-twse,tw-baseline". ERR_USAGE names what there is.
 */
struct enforced {
	const struct profile *profiles[CONTROLS_PROFILES_MAX];
	size_t count;
};
int controls_enforce(const struct controls *, const char *names,
    struct enforced *, struct err *);

/*
 * The strictest value that the enforced profiles give, or the house's where
 * none does. *from is the profile's id.
 */
double controls_value(const struct controls *, const struct enforced *,
    size_t threshold, const char **from);

/*
 * The next pair of requirements of enforced profiles that can't both be met:
 * one wants what the other forbids. *at begins at 0. Nothing chooses between
 * them; a person does.
 */
struct conflict {
	const struct profile *first, *second;
	const struct requirement *wants, *forbids;
};
bool controls_conflict(const struct enforced *, size_t *at, struct conflict *);

#endif
