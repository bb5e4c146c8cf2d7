/*
 * PAM's entry points: PAM's items go to the door, the door's answer goes back.
 * With convo.c all that knows PAM.
 */
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include <security/pam_ext.h>
#include <security/pam_modules.h>

#include "pamod/convo_pam.h"
#include "pamod/door.h"

#define DATA_NAME     "reeve_door"
#define ARGUMENTS_MAX 4096u    /* bytes of a line's */
#define FAIL_DELAY_US 2000000u /* as pam_unix: the longest asked for counts */

#define EXPORT __attribute__((visibility("default")))

/* What the first line that is called leaves for the others of its handle. */
struct visit {
	struct door *door;
	struct buf
	    arguments; /* of that line, reserve apart; a NUL behind each */
};

static void
log_line(void *context, int priority, const char *text)
{
	pam_syslog(context, priority, "%s", text);
}

static bool
is_reserve(const char *argument)
{
	return strcmp(argument, "reserve") == 0;
}

static bool
has_reserve(int argc, const char **argv)
{
	for (int i = 0; i < argc; i++)
		if (is_reserve(argv[i]))
			return true;
	return false;
}

static int
join_arguments(struct buf *b, int argc, const char **argv, struct err *e)
{
	*b = buf_new(ARGUMENTS_MAX);
	for (int i = 0; i < argc; i++)
		if (!is_reserve(argv[i]))
			buf_put(b, argv[i], strlen(argv[i]) + 1);
	return buf_status(b, e);
}

/* The file of "config=", or NULL: the argument is another one. */
static const char *
config_of(const char *argument)
{
	static const char config[] = "config=";

	return strncmp(argument, config, sizeof(config) - 1) == 0
	    ? argument + sizeof(config) - 1
	    : NULL;
}

static int
apply_arguments(
    struct options *options, int argc, const char **argv, struct err *e)
{
	for (int i = 0; i < argc; i++) {
		int known = 1;

		if (!is_reserve(argv[i]) && config_of(argv[i]) == NULL)
			known = options_argument(options, argv[i], e);
		if (known == -1)
			return -1;
		if (known == 0)
			return err_set(
			    e, ERR_CONFIG, "unknown argument \"%s\"", argv[i]);
	}
	return 0;
}

static const char *
config_path(int argc, const char **argv)
{
	const char *config = OPTIONS_DEFAULT_PATH;

	for (int i = 0; i < argc; i++)
		if (config_of(argv[i]) != NULL)
			config = config_of(argv[i]);
	return config;
}

/*
 * Whether a line's configuration says that it observes, as far as it can be
 * read: a fault elsewhere in it must not lock a host out that only observes.
 */
static bool
says_observe(int argc, const char **argv)
{
	static const char mode[] = "reeve.mode=";
	bool observe = options_say_observe(config_path(argc, argv));

	for (int i = 0; i < argc; i++)
		if (strncmp(argv[i], mode, sizeof(mode) - 1) == 0)
			observe =
			    strcmp(argv[i] + sizeof(mode) - 1, "observe") == 0;
	return observe;
}

/* NULL: bad, and said so in the log. */
static struct options *
load_options(pam_handle_t *pamh, int argc, const char **argv)
{
	struct err e;
	struct options *options = options_new(&e);

	/* The file first, whatever the arguments' order. */
	if (options == NULL ||
	    options_load(options, config_path(argc, argv), &e) == -1 ||
	    apply_arguments(options, argc, argv, &e) == -1 ||
	    options_check(options, &e) == -1) {
		pam_syslog(pamh, LOG_CRIT, "%s", e.text);
		options_free(&options);
	}
	return options;
}

static void
end_visit(pam_handle_t *pamh, void *data, int status)
{
	struct visit *v = data;

	(void)pamh;
	(void)status; /* sudo says PAM_DATA_SILENT at every end: no help */
	door_free(&v->door);
	buf_free(&v->arguments);
	free(v);
}

static int
begin_visit(pam_handle_t *pamh, struct visit *v, int argc, const char **argv,
    struct err *e)
{
	struct door_tools tools = { .clock = clock_system(),
		.entropy = entropy_system(),
		.log = log_line,
		.log_context = pamh };
	struct options *options = NULL;
	bool bad;

	if (join_arguments(&v->arguments, argc, argv, e) == -1)
		pam_syslog(pamh, LOG_CRIT, "arguments: %s", e->text);
	else
		options = load_options(pamh, argc, argv);
	bad = options == NULL;
	if (door_new(&v->door, &options, &tools, e) == -1) {
		options_free(&options);
		return -1;
	}
	if (bad && says_observe(argc, argv)) {
		pam_syslog(pamh, LOG_CRIT,
		    "bad, and it says observe: nobody is refused, and nothing "
		    "is recorded");
		door_distrust(v->door, true);
	}
	return 0;
}

/* Only what was in force from the first line on can be. */
static bool
has_same_arguments(const struct visit *v, int argc, const char **argv)
{
	struct buf ours;
	struct err e;
	bool same = join_arguments(&ours, argc, argv, &e) == 0 &&
	    ours.length == v->arguments.length &&
	    (ours.length == 0 ||
	        memcmp(ours.data, v->arguments.data, ours.length) == 0);

	buf_free(&ours);
	return same;
}

/* Where both this line and the first observe, it is no reason to refuse. */
static void
look_at_arguments(
    pam_handle_t *pamh, const struct visit *v, int argc, const char **argv)
{
	bool observes;

	if (has_same_arguments(v, argc, argv))
		return;
	observes = door_observes(v->door) && says_observe(argc, argv);
	pam_syslog(pamh, observes ? LOG_WARNING : LOG_CRIT,
	    "%sthis line has other arguments than the first of ours",
	    observes ? "would refuse: " : "");
	if (!observes)
		door_distrust(v->door, false);
}

static struct door *
find_door(pam_handle_t *pamh, int argc, const char **argv)
{
	const void *kept = NULL;
	struct visit *v = NULL;
	struct err e;

	if (pam_get_data(pamh, DATA_NAME, &kept) == PAM_SUCCESS &&
	    kept != NULL) {
		/* PAM hands it back const; it is ours. */
		v = (struct visit *)(uintptr_t)kept;
		look_at_arguments(pamh, v, argc, argv);
		return v->door;
	}
	if ((v = calloc(1, sizeof(*v))) == NULL) {
		pam_syslog(pamh, LOG_CRIT, "out of memory");
		return NULL;
	}
	if (begin_visit(pamh, v, argc, argv, &e) == -1) {
		pam_syslog(pamh, LOG_CRIT, "%s", e.text);
		end_visit(pamh, v, 0);
		return NULL;
	}
	if (pam_set_data(pamh, DATA_NAME, v, end_visit) != PAM_SUCCESS) {
		end_visit(pamh, v, 0);
		return NULL;
	}
	return v->door;
}

static const char *
item(pam_handle_t *pamh, int type)
{
	const void *value = NULL;

	return pam_get_item(pamh, type, &value) == PAM_SUCCESS ? value : NULL;
}

static struct door_caller
read_caller(pam_handle_t *pamh)
{
	return (struct door_caller){
		.service = item(pamh, PAM_SERVICE),
		.user = item(pamh, PAM_USER),
		.real_user = item(pamh, PAM_RUSER),
		.source = item(pamh, PAM_RHOST),
		.tty = item(pamh, PAM_TTY),
		.ssh_info = pam_getenv(pamh, "SSH_AUTH_INFO_0"),
		.real_uid = getuid(),
		.effective_uid = geteuid(),
		.pid = (int32_t)getpid(),
		.parent = (int32_t)getppid(),
	};
}

/* What each answer is called in each phase; what is not here is a no. */
static int
auth_code(enum door_answer answer, bool reserve)
{
	switch (answer) {
	case DOOR_GO_ON:
		/* The reserve line promises nothing. */
		return reserve ? PAM_IGNORE : PAM_SUCCESS;
	case DOOR_NOT_OURS:
		return PAM_IGNORE;
	case DOOR_UNAVAILABLE:
		return PAM_AUTHINFO_UNAVAIL;
	default:
		return PAM_AUTH_ERR;
	}
}

static int
account_code(enum door_answer answer, int no)
{
	switch (answer) {
	case DOOR_YES:
		return PAM_SUCCESS;
	case DOOR_CHANGE_PASSWORD:
		return PAM_NEW_AUTHTOK_REQD;
	case DOOR_NOT_OURS:
		return PAM_IGNORE;
	case DOOR_UNAVAILABLE:
		return PAM_AUTHINFO_UNAVAIL;
	default:
		return no;
	}
}

EXPORT int
pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct door *d = find_door(pamh, argc, argv);
	struct door_caller caller;
	struct convo c;
	const char *user = NULL;
	bool reserve = has_reserve(argc, argv);

	(void)flags;
	/* The same wait for whoever is refused, for whatever reason. */
	(void)pam_fail_delay(pamh, FAIL_DELAY_US);
	if (d == NULL)
		return PAM_AUTH_ERR;
	/* login(1) leaves the question for the name to the modules. */
	if (pam_get_user(pamh, &user, NULL) != PAM_SUCCESS)
		return PAM_AUTH_ERR;
	c = convo_pam(pamh, door_language(d));
	caller = read_caller(pamh);
	return auth_code(
	    reserve ? door_reserve(d, &caller, &c) : door_judge(d, &caller, &c),
	    reserve);
}

EXPORT int
pam_sm_setcred(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh;
	(void)flags;
	(void)argc;
	(void)argv;
	return PAM_IGNORE; /* there is no credential of ours */
}

typedef enum door_answer phase_fn(
    struct door *, const struct door_caller *, const struct convo *);

static int
run_phase(
    pam_handle_t *pamh, int argc, const char **argv, phase_fn *phase, int no)
{
	struct door *d = find_door(pamh, argc, argv);
	struct door_caller caller;
	struct convo c;

	if (d == NULL)
		return no;
	c = convo_pam(pamh, door_language(d));
	caller = read_caller(pamh);
	return account_code(phase(d, &caller, &c), no);
}

EXPORT int
pam_sm_acct_mgmt(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)flags;
	return run_phase(pamh, argc, argv, door_account, PAM_PERM_DENIED);
}

EXPORT int
pam_sm_open_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)flags;
	return run_phase(pamh, argc, argv, door_open_session, PAM_SESSION_ERR);
}

EXPORT int
pam_sm_close_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)flags;
	return run_phase(pamh, argc, argv, door_close_session, PAM_SESSION_ERR);
}

EXPORT int
pam_sm_chauthtok(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct door *d;
	struct door_caller caller;
	struct convo c;

	if (((unsigned)flags & PAM_PRELIM_CHECK) != 0)
		return PAM_IGNORE; /* all is judged when it is known */
	if ((d = find_door(pamh, argc, argv)) == NULL)
		return PAM_AUTHTOK_ERR;
	c = convo_pam(pamh, door_language(d));
	caller = read_caller(pamh);
	caller.old_password = item(pamh, PAM_OLDAUTHTOK);
	caller.change_expired =
	    ((unsigned)flags & PAM_CHANGE_EXPIRED_AUTHTOK) != 0;
	return account_code(
	    door_change_password(d, &caller, &c), PAM_AUTHTOK_ERR);
}
