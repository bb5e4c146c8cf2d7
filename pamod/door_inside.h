/* What the door's own files share: door.c, account.c, login.c, change.c. */
#ifndef PAMOD_DOOR_INSIDE_H
#define PAMOD_DOOR_INSIDE_H

#include <sys/resource.h>

#include "pamod/door.h"
#include "schema/message.h"
#include "pamod/person.h"
#include "pamod/reason.h"
#include "schema/trail.h"

#define DOOR_FACTORS_TEXT 512 /* bytes of "password,totp:phone" */

struct door {
	struct options *options; /* NULL: reeve.conf is bad */
	bool observes;
	struct door_tools tools;
	int32_t pid; /* of the process that made it */

	/* Of this phase. */
	struct door_caller caller;
	const struct options_service *service; /* NULL: not listed */
	struct moment now;
	struct state *state;
	struct trail *trail;
	struct session_store *store;
	/* The caller's, while ours are in force. */
	struct rlimit file_size;
	bool lifted; /* ours is in force in place of that */
	gid_t file_group;

	/* Who. For sudo and su the identity is the invoker's. */
	bool resolved;
	struct person identity;
	bool identity_concerned;
	struct person target; /* of su; else the identity again */
	char source[STATE_SOURCE_MAX];
	bool console;
	/* Configuration or state can't be used: break-glass, and no more. */
	bool emergency;

	/* This attempt. */
	uint64_t attempt; /* 0: none is open */
	bool throttled;
	bool password_offered;
	struct person who; /* reserved and judged; account must mean the same */
	bool judged;       /* the main auth line has run */
	enum verdict verdict;
	bool reserve_failed;  /* and said so: the main line adds nothing */
	uint64_t passed_over; /* refusals like the one to be recorded */
	const char *refused;  /* why the main line said no */
	bool same_device;     /* right for what the login showed: a no */
	bool unenrolled;      /* has no factor, and still may come in */
	bool breakglass;
	bool automation;
	uint8_t factor_count;
	struct factor_used factors[SESSION_FACTORS_MAX];
	struct sshkey_info key;
	bool has_key;

	/* The login that this session (of sudo, su) is within. */
	bool within_known;
	struct session within;

	/* What account leaves for open_session. */
	bool session_ready;
	struct session session;

	/*
	 * Valid within a phase; wiped at its end. door_begin reads it without
	 * keeping the lock; whoever writes it locks, and so reads it again.
	 */
	struct state_user user;
	bool has_record; /* door_begin found one of the identity */
};

/*
 * Every phase begins so: tools opened, identity and concern settled. GO_ON,
 * or the phase's answer. door_end closes what it opened. any_service: also one
 * that is not listed, which else is refused (passwords may be changed by any).
 */
enum door_answer door_begin(
    struct door *, const struct door_caller *, bool any_service);
void door_end(struct door *);

/* s since 1970 */
int64_t door_now(const struct door *);

/*
 * One line of the trail. durable: returns 0 only when it is on disk. In
 * observe mode a "no" becomes "would-refuse".
 */
int door_record(struct door *, const char *type, const char *result,
    const char *reason, bool durable, struct err *);

/*
 * Says no: records it, tells the administrator why, and returns what a no is
 * in this mode. cause may be NULL.
 */
enum door_answer door_refuse(struct door *, const char *type,
    const char *reason, const struct err *cause);

/*
 * The same for an attempt that was reserved: it stays counted, and its entry
 * is closed, since this is its record.
 */
enum door_answer door_refuse_attempt(struct door *, const char *type,
    const char *reason, const struct err *cause);

void door_log(struct door *, int priority, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* PAM_USER may change between phases: then nobody was reserved or judged. */
bool door_is_same_person(const struct door *);
bool door_steps_up(const struct door *); /* the service is sudo, su, polkit */

/*
 * Whether now is later than all that the record knows of: else the clock is
 * wrong, and what ends by it (grace, ticket, exemption) is over.
 */
bool door_clock_is_plausible(const struct door *);

/* Whether the password with that hash is one that its holder has to change. */
bool door_change_is_due(const struct state_user *, const char *hash);

/* Whom the deny list refuses here; *reason stays NULL where nobody. */
void door_ask_denylist(struct door *, const char **reason, struct err *);

/* How many kinds this service asks of this user now. */
int64_t door_kinds_needed(const struct door *);
/* The kinds of the factors this attempt showed. */
unsigned door_kinds(const struct door *);
int door_kind_count(unsigned kinds);
void door_add_factor(struct door *, const struct factor_used *);
/* "password,totp:phone" */
void door_factors_text(const struct factor_used *, size_t count, char *out);

/*
 * The key of SSH_AUTH_INFO_0: parsed, and added to the factors if it counts.
 * 0 also when there is none; -1: it can't be parsed.
 */
int door_take_key(struct door *, struct err *);

/* Whether the login this is within stepped up lately, as this identity. */
bool door_is_stepped_up(const struct door *);

/* This login is the user's last one from now on (in memory). */
void door_remember_login(struct door *);

/*
 * That door_begin has read the identity's record: 0; ERR_MISSING: there was
 * none.
 */
int door_need_record(const struct door *, struct err *);

/* Closes this attempt's entry in the record (in memory). */
void door_close_attempt(struct door *);

#endif
