/*
 * What the directory_*.c files share: the handle, and one operation in
 * flight. Nothing else includes this or ldap.h.
 */
#ifndef REVIEW_DIRECTORY_HANDLE_H
#define REVIEW_DIRECTORY_HANDLE_H

#include <ldap.h>
#include <openssl/evp.h>

#include "review/directory.h"
#include "schema/base/clock.h"

/* An entry's arrays, kept from one entry to the next. */
struct entry_room {
	struct entry entry;
	size_t dn_length; /* longer than the string if a NUL is in it */
	struct entry_attribute *attributes;
	size_t attribute_room;
	struct entry_value *values;
	size_t value_room;
	size_t value_count;
};

struct directory {
	LDAP *ld;
	char url[CONFIG_TEXT_MAX + 1];
	char tls[160];
	char identity[CONFIG_TEXT_MAX + 64];
	bool secure; /* TLS, or a local socket */
	/*
	 * After a lost connection or an answer that makes no sense nothing more
	 * is asked: libldap would connect anew by itself, without TLS and as
	 * nobody.
	 */
	bool dead;
	struct timeval timeout; /* for each answer */
	struct clock clock;
	LDAPMessage *root_message;
	struct entry_room root;
	struct entry_room room;
};

/* Where a message has its entry: the DN, and PartialAttributeList's content. */
struct entry_bytes {
	struct berval dn;
	char *list;
	size_t length;
};

/* Once a message, whose bytes it changes. ERR_FORMAT if not well-formed. */
int entry_open(LDAP *, LDAPMessage *, struct entry_bytes *, struct err *);

/*
 * Makes *room->entry of them: it changes them and points into them. The
 * digest, if any, is of the bytes as they came. ERR_FORMAT if they are not
 * well-formed, ERR_LIMIT if too large. keep_empty: attributes without values
 * are kept.
 */
int entry_read(struct entry_room *, const struct entry_bytes *, bool keep_empty,
    EVP_MD_CTX *digest, struct err *);
void entry_free(struct entry_room *);

/*
 * The next message of operation id: its type (LDAP_RES_SEARCH_ENTRY...), or
 * -1 and *e says whether the time was over or the connection lost; then the
 * directory is dead.
 */
int directory_next(struct directory *, int id, LDAPMessage **, struct err *);

/* What libldap holds against us: "Can't contact LDAP server (-1): ..." */
int directory_fault(
    struct directory *, int code, const char *doing, struct err *);

/* A result code that is not success, in words, with what helps. */
void directory_result_text(
    int code, const char *diagnostic, char *out, size_t size);

/* Search in progress: counts and digest go to the answer. */
struct exchange {
	struct directory *directory;
	const struct directory_search *search;
	const struct directory_reader *reader;
	struct directory_answer *answer;
	EVP_MD_CTX *digest;
	int64_t started_ns;
	int64_t others; /* references, intermediate messages */
	int64_t invalid_names;
	bool keep_empty;
	struct pending *pending; /* ranges to be closed */
	size_t pending_count;
	size_t pending_room;
};

int exchange_begin(struct exchange *, struct directory *,
    const struct directory_search *, const struct directory_reader *,
    struct directory_answer *, struct err *);
/* Closes the ledger's line; returns what it was given. */
int exchange_end(struct exchange *, int status);
/* Incomplete, for the first reason given. */
void exchange_incomplete(struct exchange *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Sends a search with these controls; the message id or -1 (incomplete). */
int exchange_send(struct exchange *, const char *base, int scope,
    const char *filter, const char *const *attributes, LDAPControl **);
/* An entry or a reference of the search: counted, and given to the reader. */
int exchange_entry(struct exchange *, LDAPMessage *, struct err *);
void exchange_reference(struct exchange *, LDAPMessage *);
/*
 * The result's code and controls (the caller frees with ldap_controls_free).
 * A code that is not success makes it incomplete.
 */
int exchange_result(struct exchange *, LDAPMessage *, LDAPControl ***);
/* Asks for the rest of every attribute that came as a range. */
int exchange_ranges(struct exchange *, struct err *);

#endif
