/*
 * What the tables of the products (attrmap_PRODUCT.c) are made of, and what a
 * reader of an attribute may use. For attrmap*.c alone; others use attrmap.h.
 *
 * An attribute is a row: its name, the reader that understands its syntax, and
 * where in struct reading the result goes. A product that needs an attribute
 * more gets a row more. What only several attributes together say (is this
 * account enabled?) is the product's judge function.
 */
#ifndef REVIEW_ATTRMAP_TABLE_H
#define REVIEW_ATTRMAP_TABLE_H

#include "review/attrmap.h"
#include "review/decode.h"

#define READING_USAGES_MAX 16u
#define READING_DN_KEY_MAX 1024u

/* One entry, being made into what it is. */
struct reading {
	const struct entry *entry;
	char key[ATTRMAP_KEY_SIZE];
	struct account account;
	struct group group;
	struct policy policy;

	/* What is judged together; FACT_UNKNOWN: it was not there. */
	int64_t locked_at; /* FACT_NEVER: until an administrator unlocks */
	int64_t unlocks_at;
	int64_t starts;
	int64_t ends;
	int64_t shadow_expire; /* days */
	int64_t shadow_inactive;
	int64_t shadow_max;
	int64_t computed;     /* msDS-User-Account-Control-Computed */
	int64_t account_type; /* sAMAccountType */
	int64_t deleted;      /* 1: isDeleted */
	int64_t account_lock; /* 1: nsAccountLock */
	int64_t enabled_flag; /* 0: a rule of IPA is switched off */
	int64_t admin_count;
	int64_t properties; /* pwdProperties */
	int64_t sync_days;  /* msDS-LogonTimeSyncInterval */
	int64_t ppolicy_lockout;
	int64_t ppolicy_unlock;
	int64_t ppolicy_expires;
	int64_t must_supply; /* 389-DS passwordCheckSyntax */
	int64_t keeps_history;
	int64_t min_letters, min_digits, min_symbols;
	const char *hours; /* of conditions */
	const char *workstations;
	const char *hosts;
	const char *lock_raw;
};
#define AT(field) offsetof(struct reading, field)

struct attr_row;
/* One attribute of the entry into run->reading; bad values are counted. */
typedef void attr_read(struct attrmap_run *, const struct attr_row *,
    const struct entry_attribute *);

struct attr_row {
	const char *name;
	attr_read *read;
	size_t where;      /* AT(field), or an enum account_flag */
	const char *label; /* of a value or a usage */
	int64_t number;    /* what else the reader wants */
};

/* Attributes whose values are members. */
struct member_row {
	const char *name;
	enum reference_form form;
	enum edge_how how;
};

/*
 * Rows that schemas of RFCs and of everybody share, for the products' tables.
 */
/* clang-format off */
/* of inetOrgPerson */
#define PERSON_ROWS \
	{ "uid", read_texts, AT(account.name), "uid", 0 }, \
	{ "mail", read_texts, AT(account.mail), "mail", 0 }, \
	{ "telephoneNumber", read_texts, AT(account.phone), "phone", 0 }, \
	{ "mobile", read_texts, AT(account.phone), "phone", 0 }, \
	{ "employeeNumber", read_text, AT(account.employee), NULL, 0 }, \
	{ "ou", read_text, AT(account.department), NULL, 0 }, \
	{ "departmentNumber", read_text, AT(account.department), NULL, 0 }, \
	{ "title", read_text, AT(account.title), NULL, 0 }, \
	{ "o", read_text, AT(account.company), NULL, 0 }, \
	{ "manager", read_text, AT(account.manager), NULL, 0 }
/* of posixAccount, and what all have */
#define POSIX_ROWS \
	{ "description", read_text, AT(account.description), NULL, 0 }, \
	{ "krbPrincipalName", read_text, AT(account.principal), NULL, 0 }, \
	{ "loginShell", read_login_shell, AT(account.shell), NULL, 0 }, \
	{ "homeDirectory", read_text, AT(account.home), NULL, 0 }, \
	{ "uidNumber", read_integer, AT(account.uid_number), NULL, 0 }, \
	{ "gidNumber", read_gid, AT(account.gid_number), NULL, REF_GID }, \
	{ "createTimestamp", read_time, AT(account.created), NULL, 0 }
/* of shadowAccount */
#define SHADOW_ROWS \
	{ "shadowLastChange", read_days, AT(account.password_set), NULL, 0 }, \
	{ "shadowMax", read_days, AT(shadow_max), NULL, 0 }, \
	{ "shadowInactive", read_days, AT(shadow_inactive), NULL, 0 }, \
	{ "shadowExpire", read_days, AT(shadow_expire), NULL, 0 }
/* of groupOfNames and posixGroup */
#define GROUP_ROWS \
	{ "cn", read_text, AT(group.name), NULL, 0 }, \
	{ "description", read_text, AT(group.description), NULL, 0 }, \
	{ "owner", read_text, AT(group.owner), NULL, 0 }, \
	{ "mail", read_text, AT(group.mail), NULL, 0 }, \
	{ "gidNumber", read_integer, AT(group.gid_number), NULL, 0 }, \
	{ "createTimestamp", read_time, AT(group.created), NULL, 0 }
/* of these, who is in them */
#define MEMBER_ROWS \
	{ "member", REF_DN, EDGE_MEMBER }, \
	{ "uniqueMember", REF_DN, EDGE_MEMBER }, \
	{ "roleOccupant", REF_DN, EDGE_MEMBER }, \
	{ "memberUid", REF_NAME, EDGE_NAME }
/* of sudoRole */
#define SUDO_ROWS \
	{ "cn", read_text, AT(group.name), NULL, 0 }, \
	{ "description", read_text, AT(group.description), NULL, 0 }, \
	{ "createTimestamp", read_time, AT(group.created), NULL, 0 }, \
	{ "sudoNotBefore", read_time, AT(starts), NULL, 0 }, \
	{ "sudoNotAfter", read_time, AT(ends), NULL, 0 }
/* clang-format on */

enum map_kind { MAP_ACCOUNT, MAP_GROUP, MAP_POLICY, MAP_RIGHT, MAP_KINDS };

/* What entries of an object class are; the first row that fits counts. */
struct class_row {
	const char *name;
	int (*make)(
	    struct attrmap_run *, const struct class_row *, struct err *);
	int number;       /* enum account_kind, enum group_kind */
	const char *form; /* of a policy */
};

/* One decoded; count counts its instances with other options. */
struct attrmap {
	const char *name; /* "openldap" */
	/* Attributes that are the key, in order of preference. */
	const char *guid, *uuid, *nsuniqueid, *ipa;
	const struct attrmap_query *queries;
	const struct class_row *classes; /* ends with NULL */
	const struct attr_row *accounts; /* likewise, as all */
	const struct attr_row *groups;
	const struct attr_row *policies;
	const struct attr_row *rights;
	const struct member_row *members; /* of groups */
	/* After the rows, before delivery. May be NULL. */
	void (*judge_account)(struct attrmap_run *);
	void (*judge_group)(struct attrmap_run *);
	void (*judge_policy)(struct attrmap_run *);
	/* An account can't be judged yet: it waits for attrmap_finish. */
	bool (*waits)(struct attrmap_run *);
	int (*finish)(struct attrmap_run *, struct err *);
};

extern const struct attrmap attrmap_openldap, attrmap_ad, attrmap_389ds,
    attrmap_freeipa;

/* ---- what makers and judges use (attrmap.c) ---- */

struct reading *run_reading(struct attrmap_run *);
int64_t run_now(const struct attrmap_run *);
const char *run_server(const struct attrmap_run *); /* "" of a file */
bool run_is_file(const struct attrmap_run *);
bool run_is_finishing(const struct attrmap_run *);
bool run_is_changes(const struct attrmap_run *); /* SINK_CHANGES */
/* The entry's attribute, by hash; the first of several instances. */
const struct entry_attribute *run_find(struct attrmap_run *, const char *name);
/* Memory that lives until the entry is done; NULL latches the failure. */
char *run_keep(struct attrmap_run *, const char *, size_t length);
char *run_keepf(struct attrmap_run *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void run_invalid(struct attrmap_run *, const struct entry_attribute *,
    const struct entry_value *);
/* UTF-8 without NUL, cut to FACT_TEXT_MAX; NULL: it is no text, or empty. */
const char *run_text(struct attrmap_run *, const struct entry_attribute *,
    const struct entry_value *);

void run_add_value(struct attrmap_run *, const char *label, const char *value);
void run_add_usage(struct attrmap_run *, const struct usage *);
/* Delivered after the account; texts must live as long as the entry. */
void run_add_edge(struct attrmap_run *, const struct member *);
void run_add_target(struct attrmap_run *, enum reference_form, const char *);

int make_account(struct attrmap_run *, const struct class_row *, struct err *);
int make_group(struct attrmap_run *, const struct class_row *, struct err *);
int make_role(struct attrmap_run *, const struct class_row *, struct err *);
int make_policy(struct attrmap_run *, const struct class_row *, struct err *);
int make_sudo(struct attrmap_run *, const struct class_row *, struct err *);
int make_ipa_rule(struct attrmap_run *, const struct class_row *, struct err *);
int make_ipa_config(
    struct attrmap_run *, const struct class_row *, struct err *);
int make_ppolicy_default(
    struct attrmap_run *, const struct class_row *, struct err *);
int make_ad_domain(
    struct attrmap_run *, const struct class_row *, struct err *);
int make_ad_container(
    struct attrmap_run *, const struct class_row *, struct err *);
int make_foreign(struct attrmap_run *, const struct class_row *, struct err *);

/* shadow(5), for accounts that have it (attrmap_openldap.c). */
void judge_shadow(struct attrmap_run *);
/* Disabled, for that reason; the first one is the one that is told. */
void run_disable(struct attrmap_run *, const char *reason);

/* For makers of their own: deliver the group in reading, and one member. */
int run_deliver_group(struct attrmap_run *, struct err *);
int run_deliver_member(struct attrmap_run *, enum reference_form,
    const char *text, enum edge_how, struct err *);
/* All rows of a kind that the entry has. */
void run_read(struct attrmap_run *, enum map_kind);

/* A policy as an account's lock needs it, by DN; NULL: not known. */
struct known_policy {
	char *dn;
	enum tri lockout;
	int64_t lockout_duration; /* s, FACT_NEVER: until reset */
	bool is_default;
};
const struct known_policy *run_policy(
    const struct attrmap_run *, const char *dn); /* NULL dn: the default */
void run_learn_policy(struct attrmap_run *, const struct known_policy *);
void run_learn_default(struct attrmap_run *, const char *dn);

/* Switched off, says the configuration: nothing is to be concluded from it. */
void run_never_recorded(struct attrmap_run *, const char *attribute);

/* What the AD domain object says, for its accounts. */
struct known_domain {
	int64_t lockout_duration; /* s; FACT_NEVER; FACT_UNKNOWN */
	int64_t sync_seconds; /* how old lastLogonTimestamp gets; 0: not kept */
	bool rights_seen;     /* its descriptor was judged, or missed */
	bool holder_seen;     /* AdminSDHolder's */
};
struct known_domain *run_domain(struct attrmap_run *);

/* ---- readers (attrmap_read.c) ---- */

attr_read read_text;   /* the first value */
attr_read read_texts;  /* the same; the others are values of that label */
attr_read read_values; /* all are values of that label */
attr_read read_integer;
attr_read read_boolean;      /* as 0 or 1 */
attr_read read_flag;         /* where: the account_flag */
attr_read read_time;         /* GeneralizedTime */
attr_read read_locked_time;  /* its raw text too */
attr_read read_usage;        /* number: resolution; server is who answered */
attr_read read_shared_usage; /* the same for all replicas */
attr_read read_filetime;     /* 0 and the greatest are FACT_NEVER */
attr_read read_days;
attr_read read_sid;
attr_read read_keys; /* SSH keys */
attr_read read_login_shell;
attr_read read_gid;       /* an EDGE_PRIMARY too */
attr_read read_reference; /* a DN; number: the edge_how, as an edge */
attr_read
    read_amount; /* of policies: s, or a count; 0 is FACT_NEVER if number is 1 */
attr_read read_ticks;   /* the same as a negative FILETIME */
attr_read read_tri;     /* a tri: TRUE, on */
attr_read read_switch;  /* "on" or "off" as 0 or 1 */
attr_read read_targets; /* of policies, by DN */

#endif
