/*
 * The deny list's making: which accounts of the store a door is to refuse, as
 * the text that two persons approve (denylist(5)), and the key that signs it.
 *
 * A whole account is named only for a leaver or an effective decision to
 * disable or delete; the revocation of one right only where review.conf maps
 * that right to a host and a service. A list is complete for its scope.
 */
#ifndef REVIEW_DENY_H
#define REVIEW_DENY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "review/store.h"
#include "schema/base/buf.h"
#include "schema/base/conf.h"
#include "schema/denylist.h"
#include "schema/note.h"

#define DENY_DISABLED "disabled"
#define DENY_REVOKED  "revoked"

struct deny_question {
	const char *scope; /* a host's name, or "*" */
	int64_t counter;
	int64_t now;                 /* s since 1970 */
	const struct conf_list *map; /* [SOURCE:]RIGHT=HOST/SERVICE */
	/* What a person should know: "ambiguous", "break-glass", ...; NULL */
	void (*tell)(void *context, const char *word, const char *name,
	    const char *detail);
	void *context;
};

struct deny_count {
	size_t leavers, disabled, revoked;
	size_t unmapped;    /* revoked rights that no host enforces */
	size_t break_glass; /* left out: a door wouldn't refuse them */
	size_t unwritable;  /* names that no host can have */
	size_t ambiguous;   /* left out: a leaver's, or another person's */
};

/*
 * Appends the text of the note. ERR_CONFIG: the map, also where a right of
 * several sources is named without its source; ERR_LIMIT: too many.
 */
int deny_text(struct store *, const struct deny_question *, struct buf *text,
    struct deny_count *, struct err *);

/* Whether a list's text has that line, which ends with a line feed. */
bool deny_has(const char *text, const char *line);

/* ---- One row of the map ---- */

struct deny_rule {
	char right[CONF_LIST_SIZE]; /* a name or DN, perhaps after SOURCE: */
	char host[DENYLIST_HOST_MAX + 1];
	char service[DENYLIST_SERVICE_MAX + 1];
};
/* [SOURCE:]RIGHT=HOST/SERVICE; one of the two may be "*", not both. ERR_CONFIG. */
int deny_rule_parse(const char *word, struct deny_rule *, struct err *);

/* ---- The signing key ---- */

/*
 * Makes a new Ed25519 key in a new file of mode 0600, one line that begins
 * "reeve-denylist-key"; name is for verifiers: "denylist.example.com".
 */
int deny_key_make(
    const char *path, const char *name, struct note_signer *, struct err *);
/* The file must be root's or ours, and nobody else's to read. */
int deny_key_read(const char *path, struct note_signer *, struct err *);

/* The note: text, an empty line, the signature; it is read back and verified. */
int deny_sign(const struct note_signer *, const char *text, struct buf *note,
    struct err *);

#endif
