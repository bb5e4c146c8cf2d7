/*
 * What a source says of accounts and rights, in one vocabulary for all of
 * them. A source fills these structs and hands them to a sink (sink.h); it
 * keeps what they point to alive until the call returns.
 *
 * "Not recorded" is a value of its own and the initial one: a text is NULL, a
 * number or time is FACT_UNKNOWN, a yes or no is TRI_UNKNOWN. A rule that needs
 * it says "unknown", never "no". Texts are UTF-8 without NUL.
 */
#ifndef REVIEW_FACT_H
#define REVIEW_FACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FACT_UNKNOWN  INT64_MIN /* not recorded, or the reader can't see it */
#define FACT_NEVER    INT64_MAX /* of a time: recorded as never */
#define FACT_TEXT_MAX 4096u     /* bytes of one text; longer ones are cut */

/* How much of a text is kept: whole characters, at most FACT_TEXT_MAX bytes. */
size_t fact_cut(const char *text, size_t length);

enum tri { TRI_UNKNOWN = -1, TRI_NO = 0, TRI_YES = 1 };

enum account_kind {
	ACCOUNT_USER = 0, /* a person's or a service's: rules tell them apart */
	ACCOUNT_MACHINE,
	ACCOUNT_MANAGED_SERVICE, /* gMSA: its password changes by itself */
	ACCOUNT_TRUST,
	ACCOUNT_FOREIGN, /* a principal of another domain, known by SID alone */
	ACCOUNT_KINDS
};

/* One sign of use. Volatile: never part of the history (review.md 2). */
struct usage {
	const char *attribute; /* "lastLogonTimestamp", "wtmp", "trail" */
	const char *server; /* whose value: a DC or a replica; "" if shared */
	int64_t when;       /* s since 1970; FACT_NEVER: recorded as never */
	int64_t resolution; /* s it may lag behind the truth; 0: exact */
	const char *raw;    /* as the directory spells it */
};

/* One value of what an account may have several of. */
struct value {
	/*
	 * "mail", "phone", "ssh-key" (SHA256:...), "spn", "sid-history",
	 * "delegate-to", "raw:ATTRIBUTE" (where decoding loses something)
	 */
	const char *attribute;
	const char *value;
};

/* Bits and conditions that a directory states of an account. */
enum account_flag {
	FLAG_PASSWORD_NOT_REQUIRED, /* allowed to be empty */
	FLAG_EMPTY_PASSWORD,        /* is empty (shadow) */
	FLAG_REVERSIBLE,
	FLAG_DES,
	FLAG_NO_PREAUTH,
	FLAG_PASSWORD_NEVER_EXPIRES,
	FLAG_PASSWORD_MUST_CHANGE,
	FLAG_SMARTCARD_REQUIRED,
	FLAG_UNCONSTRAINED_DELEGATION,
	FLAG_PROTOCOL_TRANSITION,
	FLAG_NOT_DELEGATED,
	FLAG_ADMIN_COUNT,
	FLAG_PASSWORD_LOCKED, /* no password can match: '!' or '*' in shadow */
	FLAG_LOGIN_SHELL,     /* the shell lets somebody in */
	FLAG_HAS_KEYS,        /* authorized_keys or sshPublicKey */
	FLAG_MFA,             /* smartcard, ipaUserAuthType, TOTP, a feed */
	FLAG_NIS,             /* '+' lines */
	ACCOUNT_FLAGS
};

/* The column of each flag in the store, and its name in text. */
extern const char *const account_flag_names[ACCOUNT_FLAGS];
extern const char *const account_kind_names[ACCOUNT_KINDS];

struct account {
	/*
	 * What it is known by for ever: "guid:...", "uuid:...", "nsuid:...",
	 * "ipa:...", else "name:NAME" or "host:HOST/NAME".
	 */
	const char *key;
	enum account_kind kind;
	const char *name; /* sAMAccountName, uid */
	const char *dn;   /* as spelt; NULL where there are none */
	const char *host; /* of a local account */
	const char *display;
	const char *mail; /* the first; more are values */
	const char *phone;
	const char *employee; /* employee number */
	const char *department;
	const char *title;
	const char *company;
	const char *manager; /* a reference: DN, name or employee number */
	const char *owner;   /* the same, of a service or shared account */
	const char *description;
	const char *principal; /* userPrincipalName, krbPrincipalName */
	const char *sid;       /* S-1-5-21-... */
	const char *shell;
	const char *home;
	const char *policy;     /* DN of the password policy it names itself */
	const char *conditions; /* logon hours, hosts: as spelt, cut */
	int64_t uid_number;
	int64_t gid_number;
	int64_t primary_rid;       /* AD primaryGroupID */
	int64_t control;           /* userAccountControl as read */
	enum tri enabled;          /* effectively: see status_reason */
	const char *status_reason; /* "userAccountControl 0x2" */
	enum tri locked;
	int64_t created;
	int64_t expires;          /* FACT_NEVER: never */
	int64_t password_set;     /* FACT_NEVER: must change, date lost */
	int64_t password_expires; /* as the directory computes it */
	enum tri flags[ACCOUNT_FLAGS];
	bool deleted; /* a tombstone, a preserved or staged user: not current */

	const struct value *values;
	size_t value_count;
	const struct usage *usages;
	size_t usage_count;
};

/* All "not recorded". */
void account_init(struct account *);

/* A group, or any other right that can be held: a node of the graph. */
enum group_kind {
	GROUP_GROUP = 0,
	GROUP_ROLE,   /* of an application, from CSV; 389-DS nsRole */
	GROUP_SUDO,   /* one sudo rule on one host or in LDAP */
	GROUP_ACCESS, /* HBAC: who may log in where */
	GROUP_CONTROL, /* an ACE that is power by itself: DCSync, AdminSDHolder */
	GROUP_KINDS
};
extern const char *const group_kind_names[GROUP_KINDS];

struct group {
	const char *key; /* as an account's; "sudo:HOST/DIGEST" and the like */
	enum group_kind kind;
	const char *name;
	const char *dn;
	const char *host;
	const char *description;
	const char *owner; /* managedBy, owner: a reference */
	const char *mail;
	const char *sid;
	int64_t gid_number;
	int64_t rid;
	int64_t created;
	/*
	 * The right is highest by its own nature, whatever its name: sudo ALL,
	 * DCSync. What makes named groups so is configuration (rules).
	 */
	enum tri privileged;
	const char *detail; /* the sudo line, the ACE: as read, cut */
	/* Not all members could be read: nobody may be called gone from it. */
	bool members_incomplete;
	bool deleted;
};
void group_init(struct group *);

/* How a member holds a right: the step of a path. */
enum edge_how {
	EDGE_MEMBER = 0,  /* named by the group: member, uniqueMember */
	EDGE_NAME,        /* memberUid, /etc/group: by name */
	EDGE_PRIMARY,     /* primaryGroupID, gidNumber */
	EDGE_SID_HISTORY, /* carries the group's SID, or that of a member */
	EDGE_DYNAMIC,     /* memberURL, evaluated by us */
	EDGE_RULE,        /* sudoUser, HBAC, an ACE's trustee */
	EDGE_FOREIGN,     /* through a foreign security principal */
	EDGE_HOWS
};
extern const char *const edge_how_names[EDGE_HOWS];

/* What a group calls its member by; resolved when all objects are known. */
enum reference_form {
	REF_KEY = 0,
	REF_DN,
	REF_NAME,       /* an account's name, in this source and host */
	REF_GROUP_NAME, /* a group's name: %wheel */
	REF_SID,
	REF_UID,   /* uidNumber */
	REF_GID,   /* gidNumber, of a group */
	REF_RID,   /* of a group or account in the source's own domain */
	REF_EVERY, /* ALL, authenticated users: kept as a fact, not expanded */
};

struct reference {
	enum reference_form form;
	const char *text;
	const char *host; /* for names and numbers of local files; else NULL */
};

struct member {
	struct reference group;
	struct reference member;
	enum edge_how how;
	int64_t acquired; /* s since 1970, where the directory says it */
	bool removed;     /* in an incremental pull: it is one no more */
};

/* An effective password and lockout policy, as its source states it. */
struct policy {
	const char *key;  /* DN, "HOST/login.defs" */
	const char *name; /* for people */
	const char
	    *form; /* "ad-domain", "ad-pso", "ppolicy", "389ds", "local" */
	int64_t precedence; /* of PSOs: the lowest wins */
	bool is_default;    /* of the source: holds where nothing else does */
	/* Numbers: FACT_UNKNOWN not stated, FACT_NEVER without limit. */
	int64_t min_length;
	int64_t history;
	int64_t max_age;          /* s */
	int64_t min_age;          /* s */
	int64_t lockout_attempts; /* FACT_NEVER: no lockout */
	int64_t lockout_duration; /* s; FACT_NEVER: until reset */
	int64_t lockout_window;   /* s */
	/* AD's "complexity": three of five classes, never proof of a symbol. */
	enum tri complexity;
	int64_t min_classes; /* of pwquality: how many kinds */
	enum tri needs_letter;
	enum tri needs_digit;
	enum tri needs_symbol;
	enum tri reversible;
	enum tri first_use_change;
	enum tri blocklist;   /* a dictionary or breach list is asked */
	int64_t idle_disable; /* s: pwdMaxIdle, accountInactivityLimit */
	const char *host;
	const char
	    *detail; /* what was read: "minlen=14 (common-password:25)" */
	/* Whom it names: accounts and groups. */
	const struct reference *targets;
	size_t target_count;
};
void policy_init(struct policy *);

#endif
