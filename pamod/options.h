/*
 * reeve.conf(5) in memory: one struct a section, one row an option.
 */
#ifndef PAMOD_OPTIONS_H
#define PAMOD_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pamod/factor.h"
#include "pamod/password.h"
#include "pamod/throttle.h"
#include "schema/base/conf.h"
#include "schema/base/err.h"

#define OPTIONS_PATH_MAX     255
#define OPTIONS_SERVICES_MAX 32

enum mode {
	MODE_ENFORCE = 0,
	MODE_OBSERVE /* records what would be refused, refuses nothing */
};

/* Who calls: door.md's table of what each kind of caller gets. */
enum service_type {
	SERVICE_NONE = 0, /* not listed: refused */
	SERVICE_SSHD,     /* the only one whose SSH_AUTH_INFO_0 is believed */
	SERVICE_LOGIN,    /* a console login: login, a display manager */
	SERVICE_SUDO,     /* the identity is the invoker's; steps up */
	SERVICE_SU,       /* the identity is the target's; steps up */
	SERVICE_POLKIT,   /* steps up */
	SERVICE_BATCH     /* cron, at, systemd-user: account and session only */
};

enum key_only {
	KEY_ONLY_REFUSE = 0,
	KEY_ONLY_SESSION /* account passes, open_session decides */
};

enum stepup_rule {
	STEPUP_KIND_OR_DEVICE = 0, /* another kind, or another device */
	STEPUP_KIND                /* another kind only */
};

enum trail_failure { /* when a record can't be made durable */
	TRAIL_FAILURE_DENY = 0,
	TRAIL_FAILURE_CONSOLE /* break-glass on the console still works */
};

struct options_reeve {
	int mode;                 /* enum mode */
	struct conf_list profile; /* names, see profile.h */
	char language[32];        /* a locale for messages; "" the caller's */
	char state_directory[OPTIONS_PATH_MAX + 1];
	char run_directory[OPTIONS_PATH_MAX + 1];
	char trail_directory[OPTIONS_PATH_MAX + 1];
};

struct options_who {
	struct conf_list users;
	struct conf_list groups;
	bool root;                         /* every uid 0 */
	struct conf_list service_accounts; /* never log in interactively */
};

struct options_enroll {
	int64_t deadline;      /* s from when a user is first seen; 0: none */
	bool self_by_password; /* self-enrolment without a ticket */
	struct conf_list certificate_authorities; /* SHA256: fingerprints */
};

struct options_stepup {
	int rule;                    /* enum stepup_rule */
	int64_t lifetime;            /* s that a step-up lasts */
	struct conf_list automation; /* users whose NOPASSWD rules are exempt */
};

struct options_access {
	char hours[128];    /* "Mon-Fri 08:00-20:00; Sat 09:00-12:00"; "" any */
	char utc_offset[7]; /* "+08:00" */
	struct conf_list networks; /* CIDR; empty: any */
	int64_t sessions;          /* at once a user; 0: no limit */
	int64_t account_max_days;  /* days without a login; 0: no limit */
};

struct options_trail {
	int64_t segment_bytes;
	int64_t segment_seconds;
	int64_t heartbeat;
	int64_t retention_days;
};

struct options_notice {
	bool last_login;     /* say it at each login */
	char mail_from[128]; /* "" no mail to the holder */
	char sendmail[OPTIONS_PATH_MAX + 1];
};

struct options_denylist {
	char key[OPTIONS_PATH_MAX + 1]; /* the pinned Ed25519 public key */
	int64_t max_age;                /* s after which the list is stale */
	bool refuse_when_stale;
};

struct options_service {
	char name[STATE_SERVICE_MAX];
	int type;             /* enum service_type */
	int64_t kinds;        /* of different kinds needed, 1 to 3 */
	int key_only;         /* enum key_only; sshd only */
	int trail_failure;    /* enum trail_failure */
	bool verify_required; /* sshd enforces it for sk- keys */
};

struct options {
	struct options_reeve reeve;
	struct options_who who;
	struct options_enroll enroll;
	struct factor_limits factor;
	struct throttle_rules throttle;
	struct options_stepup stepup;
	struct options_access access;
	struct password_rules password;
	struct options_trail trail;
	struct options_notice notice;
	struct options_denylist denylist;
	size_t service_count;
	struct options_service services[OPTIONS_SERVICES_MAX];

	/* SHA-256 of the file as read and of arguments, hexadecimal: trail(5). */
	char digest[65];
};

#define OPTIONS_DEFAULT_PATH REEVE_SYSCONFDIR "/reeve/reeve.conf"

/* Every row of every section; ends with a NULL name. */
extern const struct conf_section options_sections[];

/* Allocated with every preset and the preset services; NULL: *e is set. */
struct options *options_new(struct err *);
void options_free(struct options **);

/*
 * Reads the file (root's, not writable by others) over the presets, then
 * applies what the profiles demand (an option below a mandatory profile's
 * demand, or profiles in conflict, is ERR_CONFIG), then looks at what no
 * single row can see (hours, networks).
 */
int options_load(struct options *, const char *path, struct err *);

/*
 * Whether a file, root's as above, that may be bad elsewhere says in a line of
 * its [reeve] "mode = observe", and says no other mode.
 */
bool options_say_observe(const char *path);

/*
 * Sets one option over the file, "section.key=value", and takes it into the
 * digest. Returns 1 if it was one, 0 if it has not that form, -1 on error;
 * options_check is for the caller to do when all are set.
 */
int options_argument(struct options *, const char *argument, struct err *);

/*
 * The judging alone, for options that were changed since. ERR_CONFIG as above.
 */
int options_check(const struct options *, struct err *);

/* The service's section, or NULL: not listed. */
const struct options_service *options_service(
    const struct options *, const char *name);

/* The whole as a re-readable file; with help, the commented sample. */
void options_print(const struct options *, bool help, struct buf *);

#endif
