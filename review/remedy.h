/*
 * Remedies: what is to be done about decisions and findings, as files for
 * those who may change directories. Nothing here changes one. A plan is an act
 * ("remedy"): each row holds the very text of its change, so that the second
 * person approves what will be applied, byte for byte.
 *
 * remedy.plan is JSON:
 *
 *	form        "ldif", "shell", "ticket", "denylist"
 *	change      a record of LDIF, lines of bash; of a ticket, words
 *	undo        the exact reverse; absent where there is none
 *	powershell, powershell_undo    of Active Directory
 *	notes       lines: what would fail, what would break
 *	reason      the decision's, or the finding's rule
 */
#ifndef REVIEW_REMEDY_H
#define REVIEW_REMEDY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "review/act.h"
#include "review/config.h"
#include "review/entry.h"
#include "review/fact.h"
#include "review/pool.h"
#include "review/store.h"
#include "schema/base/buf.h"

#define REMEDY_PLAN_MAX (1u << 20) /* bytes of one item's texts */
#define REMEDY_MAX      200000u    /* items of one plan */

/* In the order in which they are done. */
enum remedy_action {
	REMEDY_DENY_LOGIN = 0,
	REMEDY_DISABLE,
	REMEDY_REMOVE_RIGHT,
	REMEDY_MODIFY,
	REMEDY_DELETE,
	REMEDY_ACTIONS
};
extern const char *const remedy_action_names[REMEDY_ACTIONS];
const char *remedy_action_title(const char *name); /* for people */

/* How the account and the right are written in their source. */
struct remedy_subject {
	const char *source, *url, *product;
	const char *name, *dn, *host, *key, *kind, *person;
	int64_t control, expires, uid; /* FACT_UNKNOWN: not recorded */
	enum tri enabled, password_locked;
	bool there; /* in the newest state */
	bool locks; /* a ppolicy with pwdLockout is in force for it */
};

struct remedy_right {
	const char *name, *dn, *host, *key, *kind, *detail;
	bool there;
};

/* One thing to do. Texts are in the plan's pool. */
struct remedy_task {
	int64_t account, right; /* objects; right 0: the account as such */
	enum remedy_action action;
	const char *severity, *owner, *reason, *change;
	int64_t since; /* of the decision, or first seen */
	int64_t due;
	int64_t campaign, item, finding; /* 0: none */
};

struct remedy_plan {
	struct pool pool;
	struct remedy_task *tasks;
	size_t count;
	size_t known; /* planned before, and left out */
	size_t later; /* deletions that are offered only later */
};

/* Days to a remedy, and from disabled to deleted: of controls.xml. */
struct remedy_days {
	int64_t critical, high, medium, low, delete_after;
};
int remedy_days(const char *profile, struct remedy_days *, struct err *);

/* What is to be done, of a campaign (0: of all) and of findings. */
int remedy_gather(struct store *, int64_t campaign, const struct remedy_days *,
    int64_t now, struct remedy_plan *, struct err *);
void remedy_plan_free(struct remedy_plan *);

/* How things are in the store; texts are copied into the pool. 1, 0, -1 */
int remedy_subject_find(struct store *, int64_t account, struct pool *,
    struct remedy_subject *, struct err *);
int remedy_right_find(struct store *, int64_t right, struct pool *,
    struct remedy_right *, struct err *);

/* ---- The text of a change ---- */

struct remedy_text {
	const char *form;
	struct buf change, undo, powershell, powershell_undo, notes;
};
struct remedy_text remedy_text_new(void);
void remedy_text_free(struct remedy_text *);
/* The note is one line; what comes of a directory is made harmless. */
void remedy_note(struct remedy_text *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* As the column "plan" has it. */
int remedy_text_json(
    const struct remedy_text *, const char *reason, struct buf *, struct err *);

/* What a directory says now, read only; see remedy_look.c. */
struct remedy_look;

/*
 * Writes how the account is disabled or deleted. entry: as the directory has
 * it now, or NULL: then what the store has is taken for its state.
 */
void remedy_disable(struct remedy_text *, const struct remedy_subject *,
    const struct entry *entry);
void remedy_delete(struct remedy_text *, const struct remedy_subject *);

/*
 * Writes how one membership of the account's own ends. attribute and value:
 * where the directory was seen to have it; NULL: as the product usually does.
 */
void remedy_leave(struct remedy_text *, const struct remedy_subject *,
    const struct remedy_right *, enum edge_how, const char *attribute,
    const char *value);

/*
 * All of one task: changes, a dry run where a look is given (NULL: none), and
 * what would break.
 */
int remedy_write(struct store *, const struct remedy_plan *,
    const struct remedy_task *, struct remedy_look *, int64_t now,
    struct remedy_text *, struct err *);

/* ---- The directories, read and never written ---- */

int remedy_look_new(
    struct remedy_look **, const struct review_config *, struct err *);
void remedy_look_free(struct remedy_look **);
/*
 * The account's entry, or NULL and why. Valid until the next call. A source
 * that can't be reached is asked once.
 */
const struct entry *remedy_look_account(
    struct remedy_look *, const struct remedy_subject *, const char **why);
/*
 * Where the group has the account: attribute and value, as spelt. False and
 * why, if it has not, or can't be read.
 */
bool remedy_look_member(struct remedy_look *, const struct remedy_subject *,
    const struct remedy_right *, enum edge_how, const char **attribute,
    const char **value, const char **why);

/* ---- Files ---- */

/*
 * Writes the files of a plan into a folder: DRAFT in name and first line while
 * it is not approved, and then APPROVED. written: how many. ERR_ACCESS if it
 * was refused.
 */
int remedy_files(struct store *, int64_t act, const char *folder,
    size_t *written, struct err *);

/* ---- Proof ---- */

struct remedy_proof {
	size_t proven, open, back,
	    waiting;  /* this time; waiting: no new pull */
	size_t still; /* proven before, and still so */
};

/*
 * Judges every remedy by the newest complete pulls, each right through every
 * path, and writes what changed as an act of the program; none if nothing
 * did. tell (may be NULL) hears of each that is not proven.
 */
int remedy_verify(struct store *, const struct act_how *, struct remedy_proof *,
    void (*tell)(void *, int64_t remedy, const char *what, const char *detail),
    void *context, struct buf *receipt, struct err *);

#endif
