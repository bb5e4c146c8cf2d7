/*
 * The one command by which a reader sees the values of a finding with his own
 * eyes. It is a text for a person to paste in a shell, and holds no secret.
 */
#ifndef REVIEW_REPRODUCE_H
#define REVIEW_REPRODUCE_H

#include "schema/base/buf.h"

struct reproduce_subject {
	const char *url;     /* of the source */
	const char *product; /* "ad", "openldap", ...; NULL: not known */
	const char *key;
	const char *dn; /* NULL: it has none */
};

/*
 * topics: words separated by blanks, of "use", "created", "enabled",
 * "password", "privilege", "members", "policy", "identity", "owner"; each
 * product spells them its own way. Appends "ldapsearch ..." for a directory,
 * "FILE: KEY" for what was read from files.
 */
void reproduce_command(
    struct buf *, const struct reproduce_subject *, const char *topics);

#endif
