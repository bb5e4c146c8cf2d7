/*
 * How products spell accounts, groups, policies and rights: tables, not code.
 * OpenLDAP, Active Directory, 389-DS and FreeIPA differ here and nowhere else;
 * LDIF files of any of them use the same tables.
 */
#ifndef REVIEW_ATTRMAP_H
#define REVIEW_ATTRMAP_H

#include <stdbool.h>

#include "review/config.h"
#include "review/entry.h"
#include "review/sink.h"

#define ATTRMAP_KEY_SIZE 1200u /* bytes, the NUL among them */

struct attrmap; /* one product's tables */

const struct attrmap *attrmap_of(enum source_product); /* NULL for AUTO */
const char *attrmap_product(const struct attrmap *);   /* "openldap" */

/* The product, told by an entry: a root DSE, or any of an LDIF file. */
enum source_product attrmap_tell(const struct entry *);

/*
 * What is asked of a server, in this order: policies and the URLs of dynamic
 * groups first, since accounts are judged by them. Some have a base of their
 * own, relative to the naming context, and need a control (SD_FLAGS).
 */
struct attrmap_query {
	/* "policies", "dynamic" (may come twice), "accounts", "groups", "rights" */
	const char *what;
	const char *filter; /* RFC 4515 */
	const char *base;   /* "": the base; "cn=config"; "CN=System,{base}" */
	int scope;          /* LDAP_SCOPE_* as numbers: 0 base, 1 one, 2 sub */
	const char *const *attributes; /* ends with NULL */
	/* Its absence (noSuchObject, no such attribute) is not incomplete. */
	bool optional;
	bool descriptor; /* with LDAP_SERVER_SD_FLAGS_OID, owner and DACL */
};
/* Ends with what == NULL. */
const struct attrmap_query *attrmap_queries(const struct attrmap *);

/*
 * One reading of one source: remembers what it needs across entries (domain
 * SID, effective lockout durations, counts of attributes seen).
 */
struct attrmap_run;
int attrmap_begin(struct attrmap_run **, const struct attrmap *,
    const struct source_settings *, const char *server, struct sink *,
    struct err *);
void attrmap_free(struct attrmap_run **);

/*
 * Makes of an entry what it is and delivers it, its members too. Entries that
 * are nothing of ours are passed over (returns 0 and counts them).
 * invalid and values are added to. Bad values never stop it.
 *
 * In SINK_CHANGES the entry is taken as whole: a group's members are announced
 * anew (members_anew) and then delivered; a range that is not the last leaves
 * the rest to attrmap_members. After attrmap_keep_members(run, true) entries
 * say nothing of members: changes of them come by attrmap_members alone.
 */
int attrmap_entry(struct attrmap_run *, const struct entry *, struct err *);
void attrmap_keep_members(struct attrmap_run *, bool keep);

/* More members of a group, from a range loop or DirSync (removed). */
int attrmap_members(struct attrmap_run *, const char *group_key,
    const struct entry_attribute *, bool removed, struct err *);
/* The key that attrmap_entry would give it; out has ATTRMAP_KEY_SIZE. */
int attrmap_key(struct attrmap_run *, const struct entry *, char *out,
    size_t size, struct err *);

struct attrmap_counts {
	int64_t accounts, groups, policies, passed_over, values, invalid;
};
const struct attrmap_counts *attrmap_counts(const struct attrmap_run *);

/* At the end of a query: the sink hears which attributes were ever seen. */
int attrmap_seen(struct attrmap_run *, const char *what, struct err *);

/*
 * After the last entry, once: accounts that waited for their policy, rights
 * that could not be read.
 */
int attrmap_finish(struct attrmap_run *, struct err *);

/*
 * A file may name a dynamic group after accounts that are in it. Then, before
 * attrmap_finish, every entry is shown once more to attrmap_again, which
 * delivers such members and nothing else; else the group stays incomplete.
 */
bool attrmap_wants_again(const struct attrmap_run *);
int attrmap_again(struct attrmap_run *, const struct entry *, struct err *);

#endif
