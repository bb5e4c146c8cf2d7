/*
 * The door: what is decided in each PAM phase, without PAM.
 *
 * auth only accepts factors; account makes the login a yes, because
 * applications call it only after the whole auth stack succeeded. Until then
 * every attempt stands counted as a failure (door.md section 1 of the design;
 * pam_reeve(8) says it for administrators).
 */
#ifndef PAMOD_DOOR_H
#define PAMOD_DOOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "pamod/convo.h"
#include "pamod/options.h"
#include "pamod/session.h"
#include "schema/base/clock.h"
#include "schema/base/err.h"
#include "schema/base/secret.h"

#define DOOR_SSH_INFO_MAX 65536u /* bytes of SSH_AUTH_INFO_0 looked at */

/* No two of them differ in few bits, and memory set to zero refuses. */
enum door_answer {
	DOOR_REFUSE = 0,
	DOOR_NOT_OURS = 0x1e93, /* a policy says so: not concerned, observe */
	DOOR_UNAVAILABLE = 0x2a4d,     /* the caller is not root */
	DOOR_GO_ON = 0x4cb2,           /* auth: account is to decide */
	DOOR_CHANGE_PASSWORD = 0x55c6, /* account: yes, after a change */
	DOOR_YES = 0x7365
};

/* What the application says and the kernel knows; strings may be NULL. */
struct door_caller {
	const char *service;
	const char *user;
	const char *real_user; /* PAM_RUSER; recorded, never believed */
	const char *source;    /* PAM_RHOST */
	const char *tty;
	const char *ssh_info;     /* SSH_AUTH_INFO_0 */
	const char *old_password; /* PAM_OLDAUTHTOK, when changing */
	bool change_expired;      /* the holder changes it, at a login */
	uid_t real_uid;
	uid_t effective_uid;
	int32_t pid;
	int32_t parent;
};

struct door_tools {
	struct clock clock;
	struct entropy entropy;
	/* For the administrator; priority as syslog(3). Not for secrets. */
	void (*log)(void *context, int priority, const char *text);
	void *log_context;
};

struct door;

/*
 * Takes over options; NULL means that reeve.conf is bad: then only
 * break-glass on the console is a way in.
 */
int door_new(
    struct door **, struct options **, const struct door_tools *, struct err *);
/*
 * From now on reeve.conf counts as bad; between phases. observes: it says all
 * the same that nobody is to be refused.
 */
void door_distrust(struct door *, bool observes);
/* Observe mode: what would be refused is recorded, nothing is refused. */
bool door_observes(const struct door *);
/*
 * Ends it. An attempt that is still open is recorded as failed, unless this is
 * another process than the one that made the door: a child that ends its copy
 * (su, login) is no end of ours.
 */
void door_free(struct door **);

/* Each phase is told its caller anew: PAM items change between phases. */
enum door_answer door_reserve(
    struct door *, const struct door_caller *, const struct convo *);
enum door_answer door_judge(
    struct door *, const struct door_caller *, const struct convo *);
enum door_answer door_account(
    struct door *, const struct door_caller *, const struct convo *);
enum door_answer door_open_session(
    struct door *, const struct door_caller *, const struct convo *);
enum door_answer door_close_session(
    struct door *, const struct door_caller *, const struct convo *);
/* The new password: asked for, judged, remembered. */
enum door_answer door_change_password(
    struct door *, const struct door_caller *, const struct convo *);

/* The language messages are in; "" the application's. */
const char *door_language(const struct door *);

#endif
