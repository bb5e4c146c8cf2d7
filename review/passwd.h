/*
 * One host's folder being read (source_passwd.c and passwd_*.c): a copy of
 * what lies in its /etc and a few files more, where they lie there, or flat.
 *
 *	etc/passwd etc/shadow etc/group etc/gshadow    or without etc/
 *	etc/sudoers etc/sudoers.d/...                  an empty one: no sudo
 *	etc/login.defs etc/pam.d/... etc/security/...
 *	home/NAME/.ssh/authorized_keys                 as the home is called
 *	authorized_keys/NAME                           or so, collected
 *	var/log/lastlog var/log/wtmp var/log/wtmp.1    or without var/log/
 *	var/lib/lastlog/lastlog2.db                    or without var/lib/...
 *
 * No symbolic link leads out of the folder, whoever made it. Nothing that is
 * wrong with a file ends the reading: the host's line of the ledger says it.
 * A function fails (-1 and *e) only when the sink or memory does.
 */
#ifndef REVIEW_PASSWD_H
#define REVIEW_PASSWD_H

#include <openssl/evp.h>

#include "review/known.h"
#include "review/ledger.h"
#include "review/passwd_line.h"
#include "review/pool.h"
#include "review/sink.h"

#define PASSWD_FILE_MAX   (64u * 1024 * 1024) /* bytes */
#define PASSWD_USAGES_MAX 3u                  /* lastlog, wtmp, lastlog2 */
#define PASSWD_VALUES_MAX 256u                /* of one account */

struct passwd_account {
	struct passwd_line line;
	const char *key;
	bool has_shadow;
	struct shadow_line shadow;
	enum tri has_keys;
	struct value *values;
	size_t value_count;
	size_t value_room;
	struct usage usages[PASSWD_USAGES_MAX];
	size_t usage_count;
};

struct passwd_host {
	const char *name;
	int dir;
	struct sink *sink;
	struct ledger ledger;
	EVP_MD_CTX *digest; /* over each file's path, length and bytes */
	struct pool pool;   /* what lives as long as the host */
	struct buf passwd;  /* the accounts' lines point into it */
	struct passwd_account *accounts;
	size_t account_count;
	struct known
	    names; /* of accounts: place + 1 of the first of that name */
	bool shadow_read;
	/* How many accounts each told something of; -1: it is not there. */
	int64_t wtmp_begins; /* s; 0: not known */
	int64_t seen_shadow, seen_keys, seen_lastlog, seen_wtmp, seen_lastlog2;
};

enum passwd_got {
	PASSWD_MISSING = 0,
	PASSWD_GOT,
	PASSWD_UNREADABLE, /* and the ledger says why: incomplete */
};

/* passwd_file.c. Paths are those of the host, without the first '/'. */
enum passwd_got passwd_open(struct passwd_host *, const char *path, int *fd);
/* Appended; the buffer's limit is the bound. Part of the digest. */
enum passwd_got passwd_read(
    struct passwd_host *, const char *path, struct buf *);
bool passwd_has_dir(struct passwd_host *, const char *path);
/*
 * The names in a folder, sorted, from the pool; without those that begin with
 * '.'. PASSWD_MISSING where there is none.
 */
enum passwd_got passwd_list(
    struct passwd_host *, const char *path, const char ***names, size_t *count);
/* Takes off the end what was cut within a character of UTF-8. */
void passwd_whole(char *text);
void passwd_digest(
    struct passwd_host *, const char *path, const void *bytes, size_t length);

/* passwd_account.c: passwd and shadow; then, when all is known, deliver. */
int passwd_accounts_read(struct passwd_host *, struct err *);
int passwd_accounts_deliver(struct passwd_host *, struct err *);
/* By name; NULL: there is none. The first of that name. */
struct passwd_account *passwd_account_find(
    struct passwd_host *, const char *name);
/* attribute is kept; value is copied. Beyond the bound: the ledger says so. */
void passwd_value(struct passwd_host *, struct passwd_account *,
    const char *attribute, const char *value, size_t length);
void passwd_usage(
    struct passwd_host *, struct passwd_account *, const struct usage *);

/* passwd_group.c: group and gshadow. */
int passwd_groups(struct passwd_host *, struct err *);
/* passwd_keys.c: authorized_keys. */
void passwd_keys(struct passwd_host *);
/* passwd_login.c: lastlog and wtmp; passwd_lastlog2.c. */
void passwd_logins(struct passwd_host *);
void passwd_lastlog2(struct passwd_host *);
/* passwd_sudo.c: sudoers and what it includes. */
int passwd_sudo(struct passwd_host *, struct err *);
/* passwd_policy.c: login.defs, PAM, pwquality, faillock. */
int passwd_policy(struct passwd_host *, struct err *);

#endif
