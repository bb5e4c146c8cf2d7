/*
 * The door without PAM: what each phase answers, told by a made-up caller to a
 * made-up conversation at a fixed time. The people are those that every Debian
 * has: daemon (concerned), bin (not), and a name that nobody has.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "pamod/breakglass.h"
#include "pamod/door.h"
#include "pamod/door_inside.h"
#include "pamod/enroll.h"
#include "pamod/otp.h"
#include "schema/denylist.h"
#include "schema/epoch.h"
#include "schema/note.h"
#include "tests/unit.h"

static char directory[64];
static struct moment moment;
static struct door_tools tools;
static struct err e;

/* What the person at the prompt knows. */
static struct script {
	const char *password; /* NULL: goes away */
	const char *code;     /* NULL: goes away */
	const char *second;   /* half of a break-glass code; NULL: code again */
	int asked;
	bool spoiled;
	char told[CONVO_TEXT_MAX];
} script;

static int
ask(void *context, const char *prompt, bool echo, char *answer, struct err *ee)
{
	struct script *s = context;

	bool half = s->second != NULL && strstr(prompt, "half") != NULL;

	(void)echo;
	s->asked++;
	if (s->code == NULL)
		return err_set(ee, ERR_MISSING, "gone");
	snprintf(
	    answer, CONVO_ANSWER_MAX + 1, "%s", half ? s->second : s->code);
	return 0;
}

static void
tell(void *context, const char *text, bool is_error)
{
	struct script *s = context;

	(void)is_error;
	snprintf(s->told, sizeof(s->told), "%s", text);
}

static int
password(void *context, const char **out, struct err *ee)
{
	struct script *s = context;

	*out = s->password;
	return s->password == NULL ? err_set(ee, ERR_MISSING, "gone") : 0;
}

static int
spoil(void *context, struct err *ee)
{
	(void)ee;
	((struct script *)context)->spoiled = true;
	return 0;
}

static const struct convo convo = { .context = &script,
	.language = "",
	.ask = ask,
	.tell = tell,
	.password = password,
	.spoil_password = spoil,
	.forget_password = spoil };

static void
log_line(void *context, int priority, const char *text)
{
	(void)context;
	(void)priority;
	if (getenv("DOOR_LOG") != NULL)
		fprintf(stderr, "log: %s\n", text);
}

static void
set_up(void)
{
	struct entropy entropy = entropy_system();
	struct buf vkey = buf_new(1024);
	char path[128];
	char run[128];

	script = (struct script){ .password = "right", .code = "000000" };
	moment = (struct moment){ .wall_ns = INT64_C(1800000000000000000),
		.boot_ns = INT64_C(500000000000) };
	tools = (struct door_tools){ .clock = clock_fixed(&moment),
		.entropy = entropy,
		.log = log_line };
	strcpy(directory, "/var/tmp/reeve-door.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/state", directory);
	ck_assert_ok(state_init(path, &entropy, &e));
	snprintf(path, sizeof(path), "%s/trail", directory);
	snprintf(run, sizeof(run), "%s/run", directory);
	ck_assert_ok(epoch_init(
	    path, run, "example.com", &tools.clock, &entropy, &vkey, &e));
	buf_free(&vkey);
}

static void
tear_down(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", directory);
	ck_assert_int_eq(system(command), 0);
}

/* Options with daemon concerned; more is "section.key=value", ends NULL. */
static struct options *
options_with(const char *const *more)
{
	struct options *o = options_new(&e);
	char argument[192];
	const char *places[] = { "state", "run", "trail" };

	ck_assert_ptr_nonnull(o);
	for (size_t i = 0; i < 3; i++) {
		snprintf(argument, sizeof(argument), "reeve.%s_directory=%s/%s",
		    places[i], directory, places[i]);
		ck_assert_int_eq(
		    conf_argument(o, options_sections, argument, &e), 1);
	}
	ck_assert_int_eq(
	    conf_argument(o, options_sections, "who.users=daemon", &e), 1);
	ck_assert_int_eq(
	    conf_argument(o, options_sections, "who.root=no", &e), 1);
	/* Debian's daemon has a password date of long ago. */
	ck_assert_int_eq(
	    conf_argument(o, options_sections, "password.max_age_days=0", &e),
	    1);
	for (; more != NULL && *more != NULL; more++)
		ck_assert_msg(
		    conf_argument(o, options_sections, *more, &e) == 1, "%s",
		    e.text);
	return o;
}

static struct door *
door_with(const char *const *more)
{
	struct options *o = options_with(more);
	struct door *d;

	ck_assert_ok(door_new(&d, &o, &tools, &e));
	return d;
}

static struct door_caller
caller_of(const char *service, const char *user)
{
	return (struct door_caller){ .service = service,
		.user = user,
		.source = strcmp(service, "sshd") == 0 ? "192.0.2.7" : NULL,
		.tty = strcmp(service, "sshd") == 0 ? "ssh" : "/dev/pts/1",
		.real_uid = strcmp(service, "sshd") == 0 ? 0 : 1,
		.effective_uid = 0,
		.pid = (int32_t)getpid(),
		.parent = (int32_t)getppid() };
}

/* The seed that every test's device has; label tells devices apart. */
static void
enroll_device(const char *type, const char *label, unsigned char fill)
{
	struct entropy entropy = entropy_system();
	struct state_factor wanted = { 0 };
	struct enrolment enrolment;
	struct state *state;
	struct state_lock *lock;
	struct state_user user;
	char path[128];
	uint32_t id;

	snprintf(path, sizeof(path), "%s/state", directory);
	ck_assert_ok(state_open(&state, path, &tools.clock, &entropy, &e));
	strcpy(wanted.type, type);
	strcpy(wanted.label, label);
	ck_assert_ok(
	    enroll_begin(&enrolment, &wanted, &entropy, 1800000000 - 3600, &e));
	memset(enrolment.seed, fill, enrolment.seed_length);
	enrolment.factor.confirmed = true;
	enrolment.factor.counter = 0;
	ck_assert_ok(
	    state_lock_or_create(state, "daemon", 1, &lock, &user, &e));
	ck_assert_ok(enroll_store(state, &user, &enrolment, &id, &e));
	ck_assert_ok(state_save(lock, &user, true, &e));
	state_unlock(&lock);
	state_close(&state);
}

static const char *
code_at(unsigned char fill, uint64_t counter)
{
	static char code[OTP_DIGITS_MAX + 1];
	unsigned char seed[20];
	struct otp otp = { .algorithm = OTP_SHA1,
		.digits = 6,
		.seed = seed,
		.seed_length = sizeof(seed) };

	memset(seed, fill, sizeof(seed));
	ck_assert_ok(otp_code(&otp, counter, code, &e));
	return code;
}

static const char *
totp_now(unsigned char fill)
{
	return code_at(fill, 1800000000 / 30);
}

static struct state_user
record_of(const char *name)
{
	struct entropy entropy = entropy_system();
	struct state *state;
	struct state_user user;
	char path[128];

	snprintf(path, sizeof(path), "%s/state", directory);
	ck_assert_ok(state_open(&state, path, &tools.clock, &entropy, &e));
	ck_assert_ok(state_read(state, name, &user, &e));
	state_close(&state);
	return user;
}

static bool
trail_says(const char *text)
{
	char command[256];

	snprintf(command, sizeof(command), "grep -rqF -- '%s' %s/trail", text,
	    directory);
	return system(command) == 0;
}

/* reserve, judge, account: how far it gets. */
static enum door_answer
log_in(struct door *d, const struct door_caller *c)
{
	enum door_answer answer = door_reserve(d, c, &convo);

	if (answer != DOOR_GO_ON)
		return answer;
	answer = door_judge(d, c, &convo);
	return answer == DOOR_GO_ON ? door_account(d, c, &convo) : answer;
}

START_TEST(a_password_and_a_code_are_a_yes)
{
	struct door_caller c = caller_of("sshd", "daemon");
	struct door *d = door_with(NULL);

	enroll_device("totp", "phone", 1);
	script.code = totp_now(1);
	ck_assert_int_eq(door_reserve(d, &c, &convo), DOOR_GO_ON);
	ck_assert_uint_eq(record_of("daemon").failures, 1);
	ck_assert_int_eq(door_judge(d, &c, &convo), DOOR_GO_ON);
	ck_assert_uint_eq(record_of("daemon").failures, 1);
	ck_assert_int_eq(door_account(d, &c, &convo), DOOR_YES);
	ck_assert_uint_eq(record_of("daemon").failures, 0);
	ck_assert_int_eq(record_of("daemon").last_login, 1800000000);
	ck_assert_uint_eq(record_of("daemon").attempts[0].id, 0);
	ck_assert(trail_says("\"factors\":\"password,totp:phone\""));
	door_free(&d);
	ck_assert(!trail_says("\"result\":\"no\""));
}
END_TEST

START_TEST(a_code_is_good_once)
{
	struct door_caller c = caller_of("sshd", "daemon");
	struct door *d = door_with(NULL);

	enroll_device("totp", "phone", 1);
	script.code = totp_now(1);
	ck_assert_int_eq(log_in(d, &c), DOOR_YES);
	ck_assert_int_eq(log_in(d, &c), DOOR_REFUSE);
	ck_assert(trail_says("replayed-code"));
	door_free(&d);
}
END_TEST

START_TEST(what_never_reaches_account_failed)
{
	struct door_caller c = caller_of("sudo", "daemon");
	struct door *d = door_with(NULL);

	enroll_device("totp", "phone", 1);
	script.code = totp_now(1);
	ck_assert_int_eq(door_reserve(d, &c, &convo), DOOR_GO_ON);
	ck_assert_int_eq(door_judge(d, &c, &convo), DOOR_GO_ON);
	door_free(&d); /* the password was wrong: no account phase */
	ck_assert_uint_eq(record_of("daemon").failures, 1);
	ck_assert_uint_eq(record_of("daemon").attempts[0].id, 0);
	ck_assert(trail_says("not-completed"));
}
END_TEST

START_TEST(a_killed_attempt_is_recorded_by_the_next)
{
	struct door_caller c = caller_of("sshd", "daemon");
	struct door *d;
	pid_t child;

	enroll_device("totp", "phone", 1);
	child = fork();
	if (child == 0) {
		c.pid = (int32_t)getpid();
		d = door_with(NULL);
		_exit(door_reserve(d, &c, &convo) == DOOR_GO_ON ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
	ck_assert(!trail_says("not-completed"));
	ck_assert_uint_eq(record_of("daemon").failures, 1);
	d = door_with(NULL);
	script.code = totp_now(1);
	ck_assert_int_eq(log_in(d, &c), DOOR_YES);
	ck_assert(trail_says("not-completed"));
	door_free(&d);
}
END_TEST

START_TEST(an_abandoned_prompt_does_not_count)
{
	struct door_caller c = caller_of("sshd", "daemon");
	struct door *d = door_with(NULL);

	enroll_device("totp", "phone", 1);
	script.password = NULL;
	ck_assert_int_eq(door_reserve(d, &c, &convo), DOOR_REFUSE);
	script.password = "";
	ck_assert_int_eq(door_reserve(d, &c, &convo), DOOR_REFUSE);
	ck_assert_uint_eq(record_of("daemon").failures, 0);
	ck_assert(trail_says("abandoned"));
	door_free(&d);
}
END_TEST

/* Issue 2: the second of them left a no-reserve-line behind. */
START_TEST(abandoned_prompts_are_no_missing_line)
{
	struct door_caller c = caller_of("sudo", "daemon");
	struct door *d = door_with(NULL);

	enroll_device("totp", "phone", 1);
	script.password = NULL;
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(door_reserve(d, &c, &convo), DOOR_REFUSE);
		ck_assert_int_eq(door_judge(d, &c, &convo), DOOR_REFUSE);
	}
	ck_assert(!trail_says("no-reserve-line"));
	script.password = "right";
	script.code = totp_now(1);
	ck_assert_int_eq(log_in(d, &c), DOOR_YES);
	door_free(&d);
}
END_TEST

START_TEST(without_the_reserve_line_nobody_gets_in)
{
	struct door_caller c = caller_of("sshd", "daemon");
	struct door *d = door_with(NULL);

	enroll_device("totp", "phone", 1);
	script.code = totp_now(1);
	ck_assert_int_eq(door_judge(d, &c, &convo), DOOR_REFUSE);
	ck_assert_int_eq(door_account(d, &c, &convo), DOOR_REFUSE);
	ck_assert(trail_says("no-reserve-line"));
	door_free(&d);
}
END_TEST

/* A caller whose auth phase did not run. */
static const struct without_auth {
	const char *service;
	const char *user;
	uid_t real_uid;
	const char *option;
	enum door_answer answer;
} without_auth[] = {
	{ "sshd", "daemon", 0, NULL, DOOR_REFUSE },
	{ "sshd", "daemon", 0, "service.sshd.key_only=session", DOOR_YES },
	{ "login", "daemon", 0, NULL, DOOR_REFUSE },
	{ "sudo", "daemon", 1, NULL, DOOR_REFUSE },
	{ "sudo", "daemon", 1, "stepup.automation=daemon", DOOR_YES },
	{ "su", "daemon", 0, NULL, DOOR_YES },
	{ "su", "root", 1, NULL, DOOR_REFUSE },
	{ "polkit-1", "daemon", 1, NULL, DOOR_REFUSE },
	{ "cron", "daemon", 0, NULL, DOOR_YES },
	{ "unheard-of", "daemon", 0, NULL, DOOR_REFUSE },
	{ "unheard-of", "bin", 0, NULL, DOOR_NOT_OURS },
	{ "sshd", "bin", 0, NULL, DOOR_NOT_OURS },
	{ "sshd", "no-such-user", 0, NULL, DOOR_REFUSE },
	{ "sshd", NULL, 0, NULL, DOOR_REFUSE },
	{ "sshd", "../../etc/passwd", 0, NULL, DOOR_REFUSE },
	{ "cron", "no-such-user", 0, NULL, DOOR_REFUSE },
	{ NULL, "daemon", 0, NULL, DOOR_REFUSE },
};

START_TEST(callers_without_auth_get_what_the_table_says)
{
	const struct without_auth *w = &without_auth[_i];
	const char *more[] = { w->option, NULL };
	struct door_caller c =
	    caller_of(w->service == NULL ? "" : w->service, w->user);
	struct door *d = door_with(more);

	c.service = w->service;
	c.real_uid = w->real_uid;
	ck_assert_int_eq(door_account(d, &c, &convo), w->answer);
	door_free(&d);
}
END_TEST

/* Found on reading again: who has no record was idle since 1970. */
START_TEST(who_is_first_seen_has_not_been_idle)
{
	const char *more[] = { "stepup.automation=daemon",
		"access.account_max_days=90", NULL };
	struct door_caller c = caller_of("sudo", "daemon");
	struct door *d = door_with(more);

	ck_assert_int_eq(door_account(d, &c, &convo), DOOR_YES);
	moment.wall_ns += 91 * 86400 * CLOCK_NS_PER_SECOND;
	ck_assert_int_eq(door_account(d, &c, &convo), DOOR_REFUSE);
	door_free(&d);
}
END_TEST

START_TEST(a_caller_that_is_not_root_is_told_so)
{
	struct door_caller c = caller_of("sudo", "daemon");
	struct door *d = door_with(NULL);

	c.effective_uid = 1;
	ck_assert_int_eq(door_reserve(d, &c, &convo), DOOR_UNAVAILABLE);
	ck_assert_int_eq(door_judge(d, &c, &convo), DOOR_UNAVAILABLE);
	ck_assert_int_eq(door_account(d, &c, &convo), DOOR_UNAVAILABLE);
	ck_assert_int_eq(door_open_session(d, &c, &convo), DOOR_UNAVAILABLE);
	door_free(&d);
}
END_TEST

START_TEST(unknown_names_see_the_same_and_are_not_written_down)
{
	struct door_caller c = caller_of("sshd", "hunter2-typed-as-name");
	struct door *d = door_with(NULL);

	ck_assert_int_eq(door_reserve(d, &c, &convo), DOOR_GO_ON);
	ck_assert_int_eq(door_judge(d, &c, &convo), DOOR_REFUSE);
	ck_assert_int_eq(script.asked, 1);
	ck_assert(trail_says("unknown-user"));
	ck_assert(!trail_says("hunter2"));
	door_free(&d);
}
END_TEST

START_TEST(who_is_not_enrolled_is_asked_and_refused)
{
	struct door_caller c = caller_of("sshd", "daemon");
	struct door *d = door_with(NULL);

	ck_assert_int_eq(log_in(d, &c), DOOR_REFUSE);
	ck_assert_int_eq(script.asked, 1);
	ck_assert(trail_says("not-enrolled"));
	door_free(&d);
}
END_TEST

START_TEST(before_the_deadline_who_is_not_enrolled_comes_in)
{
	const char *more[] = { "enroll.deadline=1d", NULL };
	struct door_caller c = caller_of("sshd", "daemon");
	struct door *d = door_with(more);

	script.code = "";
	ck_assert_int_eq(log_in(d, &c), DOOR_YES);
	moment.wall_ns += 2 * 86400 * CLOCK_NS_PER_SECOND;
	ck_assert_int_eq(log_in(d, &c), DOOR_REFUSE);
	door_free(&d);
}
END_TEST

/* Found by review: "hello" made an enrolled user one who has nothing. */
START_TEST(who_is_enrolled_can_not_come_as_unenrolled)
{
	const char *more[] = { "enroll.deadline=30d",
		"enroll.self_by_password=yes", NULL };
	static const char *const codes[] = { "", "hello", "!", "123" };
	struct door_caller c = caller_of("sshd", "daemon");
	struct door *d = door_with(more);

	enroll_device("totp", "phone", 1);
	for (size_t i = 0; i < 4; i++) {
		script.code = codes[i];
		ck_assert_int_eq(log_in(d, &c), DOOR_REFUSE);
	}
	door_free(&d);
}
END_TEST

/* Found by review: a record made by su locked its owner out of ssh. */
START_TEST(who_once_tried_su_is_not_concerned_for_that)
{
	struct door_caller su = caller_of("su", "daemon");
	struct door_caller ssh = caller_of("sshd", "bin");
	struct door *d = door_with(NULL);

	su.real_uid = 2; /* bin */
	ck_assert_int_eq(door_account(d, &ssh, &convo), DOOR_NOT_OURS);
	door_free(&d);
	d = door_with(NULL);
	ck_assert_int_eq(door_reserve(d, &su, &convo), DOOR_GO_ON);
	door_free(&d);
	d = door_with(NULL);
	ck_assert_int_eq(door_account(d, &ssh, &convo), DOOR_NOT_OURS);
	door_free(&d);
}
END_TEST

/* Found by review: PAM_USER may change between the phases. */
START_TEST(account_means_who_was_judged)
{
	const char *more[] = { "who.users=daemon,games", NULL };
	struct door_caller c = caller_of("sshd", "daemon");
	struct door_caller other = caller_of("sshd", "games");
	struct door *d = door_with(more);

	enroll_device("totp", "phone", 1);
	script.code = totp_now(1);
	ck_assert_int_eq(door_reserve(d, &c, &convo), DOOR_GO_ON);
	ck_assert_int_eq(door_judge(d, &c, &convo), DOOR_GO_ON);
	ck_assert_int_eq(door_account(d, &other, &convo), DOOR_REFUSE);
	door_free(&d);
}
END_TEST

/* Found by review: a clock at 1970 made a deadline good again. */
START_TEST(a_clock_set_back_revives_no_grace)
{
	const char *more[] = { "enroll.deadline=1d", NULL };
	struct door_caller c = caller_of("sshd", "daemon");
	struct door *d = door_with(more);

	script.code = "";
	ck_assert_int_eq(log_in(d, &c), DOOR_YES);
	moment.wall_ns += 10 * 86400 * CLOCK_NS_PER_SECOND;
	ck_assert_int_eq(log_in(d, &c), DOOR_REFUSE);
	moment.wall_ns = 0;
	moment.boot_ns += 1000 * CLOCK_NS_PER_SECOND;
	ck_assert_int_eq(log_in(d, &c), DOOR_REFUSE);
	door_free(&d);
}
END_TEST

static void
exempt(const char *name, uid_t uid)
{
	struct entropy entropy = entropy_system();
	struct state *state;
	struct state_lock *lock;
	struct state_user user;
	char path[128];

	snprintf(path, sizeof(path), "%s/state", directory);
	ck_assert_ok(state_open(&state, path, &tools.clock, &entropy, &e));
	ck_assert_ok(state_lock_or_create(state, name, uid, &lock, &user, &e));
	user.exempt_until = 1800000000 + 86400;
	ck_assert_ok(state_save(lock, &user, true, &e));
	state_unlock(&lock);
	state_close(&state);
}

/* Both records are read at the beginning; only one of them is judged by. */
START_TEST(an_exemption_of_the_target_is_none_of_who_calls)
{
	const char *more[] = { "who.users=daemon,games", NULL };
	struct door_caller c = caller_of("sudo", "games");
	struct door *d = door_with(more);

	enroll_device("totp", "phone", 1);
	exempt("games", 5);
	ck_assert_int_eq(door_reserve(d, &c, &convo), DOOR_GO_ON);
	ck_assert_int_eq(door_judge(d, &c, &convo), DOOR_REFUSE);
	ck_assert_int_eq(script.asked, 1);
	exempt("daemon", 1);
	ck_assert_int_eq(log_in(d, &c), DOOR_YES);
	door_free(&d);
}
END_TEST

/* Found on reading again: on a console without the reserve line. */
START_TEST(what_an_earlier_try_showed_is_to_be_shown_again)
{
	const char *more[] = { "service.login.kinds=1", NULL };
	struct door_caller c = caller_of("login", "daemon");
	struct door *d = door_with(more);

	c.tty = "/dev/tty1";
	c.real_uid = 0;
	enroll_device("totp", "phone", 1);
	script.code = totp_now(1);
	ck_assert_int_eq(door_judge(d, &c, &convo), DOOR_GO_ON);
	/* The password behind us was wrong; now only that is known. */
	script.code = "000000";
	ck_assert_int_eq(door_judge(d, &c, &convo), DOOR_REFUSE);
	ck_assert_int_eq(script.asked, 2);
	ck_assert_int_eq(door_account(d, &c, &convo), DOOR_REFUSE);
	door_free(&d);
}
END_TEST

/* Found by review: anybody may start polkit's helper for anybody. */
START_TEST(guesses_by_other_uids_do_not_make_the_holder_wait)
{
	struct door_caller polkit = caller_of("polkit-1", "daemon");
	struct door_caller sudo = caller_of("sudo", "daemon");
	struct door *d = door_with(NULL);

	enroll_device("totp", "phone", 1);
	polkit.real_uid = 2;
	for (int i = 0; i < 5; i++)
		ck_assert_int_eq(log_in(d, &polkit), DOOR_REFUSE);
	script.code = totp_now(1);
	ck_assert_int_eq(log_in(d, &sudo), DOOR_YES);
	door_free(&d);
}
END_TEST

/* Found by review: refusals that cost nothing filled the trail. */
START_TEST(refusals_without_a_guess_are_said_once_a_while)
{
	struct door_caller c = caller_of("sshd", "daemon");
	struct door *d = door_with(NULL);
	char command[160];

	script.password = "";
	for (int i = 0; i < 20; i++)
		ck_assert_int_eq(log_in(d, &c), DOOR_REFUSE);
	snprintf(command, sizeof(command),
	    "test $(cat %s/trail/segment-* | grep -c abandoned) -eq 1",
	    directory);
	ck_assert_int_eq(system(command), 0);
	moment.wall_ns += 11 * CLOCK_NS_PER_SECOND;
	ck_assert_int_eq(log_in(d, &c), DOOR_REFUSE);
	ck_assert(trail_says("19 more like it"));
	door_free(&d);
}
END_TEST

/* Found by review: a broken record and an unlisted login crashed. */
START_TEST(on_a_broken_console_only_breakglass_is_heard)
{
	const char *more[] = { "service.login.type=none", NULL };
	struct door_caller c = caller_of("login", "daemon");
	struct door *d = door_with(more);
	char command[160];

	c.tty = "tty1";
	enroll_device("totp", "phone", 1);
	snprintf(command, sizeof(command),
	    "for f in %s/state/users/*; do echo x >$f; done", directory);
	ck_assert_int_eq(system(command), 0);
	script.code = totp_now(1);
	ck_assert_int_eq(log_in(d, &c), DOOR_REFUSE);
	ck_assert_int_eq(door_account(d, &c, &convo), DOOR_REFUSE);
	ck_assert_int_eq(door_open_session(d, &c, &convo), DOOR_REFUSE);
	door_free(&d);
}
END_TEST

static struct breakglass_halves first_halves, second_halves;

static void
make_breakglass(void)
{
	struct entropy entropy = entropy_system();
	char path[128];

	snprintf(path, sizeof(path), "%s/state", directory);
	ck_assert_ok(breakglass_make(path, 2, "Ann", "Bob", false, &entropy,
	    1800000000, &first_halves, &second_halves, &e));
}

/* With half a of Ann's and half b of Bob's, at tty. */
static enum door_answer
log_in_by_breakglass(struct door *d, const char *tty, int a, int b)
{
	struct door_caller c = caller_of("login", "daemon");

	c.tty = tty;
	script.code = first_halves.half[a];
	script.second = second_halves.half[b];
	return log_in(d, &c);
}

static const char *const console_login[] = { "service.login.type=login", NULL };

START_TEST(breakglass_opens_the_console_once_a_code)
{
	struct door *d = door_with(console_login);

	make_breakglass();
	enroll_device("totp", "phone", 1);
	ck_assert_int_eq(
	    log_in_by_breakglass(d, "/dev/pts/1", 0, 0), DOOR_REFUSE);
	ck_assert_int_eq(log_in_by_breakglass(d, "tty1", 0, 1), DOOR_REFUSE);
	ck_assert_int_eq(log_in_by_breakglass(d, "tty1", 0, 0), DOOR_YES);
	ck_assert(trail_says("\"type\":\"breakglass\""));
	ck_assert_int_eq(log_in_by_breakglass(d, "tty1", 0, 0), DOOR_REFUSE);
	ck_assert_int_eq(log_in_by_breakglass(d, "tty1", 1, 1), DOOR_YES);
	door_free(&d);
}
END_TEST

START_TEST(breakglass_opens_a_console_that_is_broken)
{
	struct door *d = door_with(console_login);
	char command[160];

	make_breakglass();
	enroll_device("totp", "phone", 1);
	snprintf(command, sizeof(command),
	    "for f in %s/state/users/*; do echo x >$f; done", directory);
	ck_assert_int_eq(system(command), 0);
	ck_assert_int_eq(log_in_by_breakglass(d, "tty1", 0, 0), DOOR_YES);
	door_free(&d);
}
END_TEST

/* The console is what is left, unless the site says that it is not. */
START_TEST(breakglass_without_a_record_is_what_the_service_says)
{
	const char *deny[] = { console_login[0],
		"service.login.trail_failure=deny", NULL };
	struct door *d = door_with(_i == 0 ? console_login : deny);
	char command[160];

	make_breakglass();
	enroll_device("totp", "phone", 1);
	snprintf(command, sizeof(command), "rm -rf %s/trail", directory);
	ck_assert_int_eq(system(command), 0);
	ck_assert_int_eq(log_in_by_breakglass(d, "tty1", 0, 0),
	    _i == 0 ? DOOR_YES : DOOR_REFUSE);
	door_free(&d);
}
END_TEST

/* ---- Whom a review has revoked ---- */

/* A list of one entry, of the day of these tests. */
static void
install_denylist(const char *entry, const char *key_path)
{
	static const unsigned char seed[NOTE_KEY] = "a key for tests";
	struct denylist_place place = { .key = key_path, .host = "testhost" };
	struct buf text = buf_new(1024), note = buf_new(2048);
	struct note_signer signer;
	unsigned char signature[NOTE_SIGNATURE];
	struct denylist *list;
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/state", directory);
	place.directory = path;
	ck_assert_ok(note_signer_set(&signer, "list.example.com", seed, &e));
	buf_printf(&text,
	    "reeve-denylist 1\nscope *\ncounter 1\n"
	    "issued 2027-01-15T08:00:00.000000Z\nentries 1\n%s\n",
	    entry);
	ck_assert_ok(
	    note_sign(&signer, buf_string(&text), text.length, signature, &e));
	buf_printf(&note, "%s\n", buf_string(&text));
	note_print_signature(&signer.key, signature, &note);
	buf_clear(&text);
	note_key_print(&signer.key, &text);
	ck_assert_ptr_nonnull(f = fopen(key_path, "w"));
	fprintf(f, "%s\n", buf_string(&text));
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_ok(
	    denylist_accept(&list, &place, note.data, note.length, &e));
	ck_assert_ok(denylist_install(list, &place, false, &e));
	denylist_free(&list);
	buf_free(&text);
	buf_free(&note);
}

static const struct denied {
	const char *entry;
	const char *option;
	int days; /* since the list came */
	enum door_answer answer;
	const char *recorded;
} denied[] = {
	{ "* * daemon - leaver -", NULL, 0, DOOR_REFUSE, "denylist" },
	{ "* sshd daemon - revoked -", NULL, 0, DOOR_REFUSE, "denylist" },
	{ "* * renamed 1 leaver -", NULL, 0, DOOR_REFUSE, "denylist" },
	{ "* sudo daemon - revoked -", NULL, 0, DOOR_YES, "grant" },
	{ "elsewhere * daemon - revoked -", NULL, 0, DOOR_YES, "grant" },
	{ "* * daemon - revoked 2027-01-16T08:00:00.000000Z", NULL, 1, DOOR_YES,
	    "grant" },
	{ "* * bin - leaver -", "denylist.refuse_when_stale=yes", 8,
	    DOOR_REFUSE, "denylist-invalid" },
	{ "* * bin - leaver -", "denylist.refuse_when_stale=yes", 7, DOOR_YES,
	    "grant" },
	{ "* * bin - leaver -", "denylist.refuse_when_stale=no", 8, DOOR_YES,
	    "grant" },
	{ "* * bin - leaver -", "denylist.key=/nowhere/key", 0, DOOR_REFUSE,
	    "denylist-invalid" },
};

START_TEST(whom_the_deny_list_names_stays_out)
{
	const struct denied *row = &denied[_i];
	struct door_caller c = caller_of("sshd", "daemon");
	char key_path[128], key_option[160];
	const char *more[] = { key_option, row->option, NULL };
	struct door *d;

	snprintf(key_path, sizeof(key_path), "%s/list.pub", directory);
	snprintf(key_option, sizeof(key_option), "denylist.key=%s", key_path);
	install_denylist(row->entry, key_path);
	enroll_device("totp", "phone", 1);
	moment.wall_ns += row->days * INT64_C(86400) * CLOCK_NS_PER_SECOND;
	script.code =
	    code_at(1, (uint64_t)(moment.wall_ns / CLOCK_NS_PER_SECOND / 30));
	d = door_with(more);
	ck_assert_int_eq(log_in(d, &c), row->answer);
	ck_assert(trail_says(row->recorded));
	door_free(&d);
}
END_TEST

/* Found on reading again: without auth the same console crashed account. */
START_TEST(a_broken_console_without_auth_is_refused)
{
	const char *more[] = { "service.login.type=none", NULL };
	struct door_caller c = caller_of("login", "daemon");
	struct door *d = door_with(more);

	c.tty = "tty1";
	ck_assert_int_eq(door_account(d, &c, &convo), DOOR_REFUSE);
	ck_assert_int_eq(door_open_session(d, &c, &convo), DOOR_REFUSE);
	door_free(&d);
}
END_TEST

/* Found by review: strangers' guesses made local sudo and keys wait. */
START_TEST(strangers_do_not_make_the_host_itself_wait)
{
	struct door_caller far = caller_of("sshd", "daemon");
	struct door_caller near = caller_of("sudo", "daemon");
	struct door *d = door_with(NULL);
	char source[32];

	enroll_device("totp", "phone", 1);
	for (int i = 0; i < 40; i++) {
		snprintf(source, sizeof(source), "198.51.100.%d", i + 1);
		far.source = source;
		ck_assert_int_eq(log_in(d, &far), DOOR_REFUSE);
	}
	script.code = totp_now(1);
	ck_assert_int_eq(log_in(d, &near), DOOR_YES);
	door_free(&d);
}
END_TEST

/* Found by review: within su the caller's TZ decided the hours. */
START_TEST(the_callers_time_zone_decides_nothing)
{
	const char *more[] = { "access.hours=Fri 16:00-16:01",
		"access.utc_offset=+08:00", NULL };
	struct door_caller c = caller_of("sshd", "daemon");
	struct door *d = door_with(more);

	/* 1800000000 is Friday 2027-01-15 08:00:00 UTC. */
	setenv("TZ", "AAA-6", 1);
	tzset();
	enroll_device("totp", "phone", 1);
	script.code = totp_now(1);
	ck_assert_int_eq(log_in(d, &c), DOOR_YES);
	door_free(&d);
}
END_TEST

START_TEST(after_the_limit_nothing_is_compared)
{
	const char *more[] = { "throttle.attempts=3", NULL };
	struct door_caller c = caller_of("sshd", "daemon");
	struct door *d = door_with(more);

	enroll_device("totp", "phone", 1);
	script.code = "12345"; /* never a code */
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(log_in(d, &c), DOOR_REFUSE);
		ck_assert(!script.spoiled);
	}
	script.code = totp_now(1);
	ck_assert_int_eq(log_in(d, &c), DOOR_REFUSE);
	ck_assert(script.spoiled);
	ck_assert(trail_says("throttled"));
	/* Its turn will come, and the code is still good. */
	moment.boot_ns += 20 * CLOCK_NS_PER_SECOND;
	ck_assert_int_eq(log_in(d, &c), DOOR_YES);
	door_free(&d);
}
END_TEST

START_TEST(who_has_no_password_is_not_told_to_change_it)
{
	const char *more[] = { "password.max_age_days=1", NULL };
	struct door_caller c = caller_of("sshd", "daemon");
	struct door *d = door_with(more);

	enroll_device("totp", "phone", 1);
	script.code = totp_now(1);
	ck_assert_int_eq(log_in(d, &c), DOOR_YES);
	door_free(&d);
}
END_TEST

START_TEST(observe_records_and_refuses_nothing)
{
	const char *more[] = { "reeve.mode=observe", NULL };
	struct door_caller c = caller_of("sshd", "daemon");
	struct door *d = door_with(more);

	ck_assert_int_eq(door_reserve(d, &c, &convo), DOOR_GO_ON);
	ck_assert_int_eq(door_judge(d, &c, &convo), DOOR_NOT_OURS);
	ck_assert_int_eq(script.asked, 0); /* for what nobody has */
	ck_assert_int_eq(door_account(d, &c, &convo), DOOR_NOT_OURS);
	ck_assert_int_eq(door_open_session(d, &c, &convo), DOOR_YES);
	ck_assert(trail_says("would-refuse"));
	door_free(&d);
}
END_TEST

/* Issue 2: they were refused by faults of ours. */
START_TEST(observe_refuses_nobody_for_a_fault_either)
{
	const char *more[] = { "reeve.mode=observe", NULL };
	struct door_caller c = caller_of("sshd", "daemon");
	struct door *d = door_with(more);
	char command[128];

	c.ssh_info = "publickey what !!\n";
	ck_assert_int_eq(door_reserve(d, &c, &convo), DOOR_GO_ON);
	ck_assert_int_eq(door_judge(d, &c, &convo), DOOR_NOT_OURS);
	ck_assert_int_eq(door_account(d, &c, &convo), DOOR_NOT_OURS);
	snprintf(command, sizeof(command), "rm -rf %s/state", directory);
	ck_assert_int_eq(system(command), 0);
	ck_assert_int_eq(log_in(d, &c), DOOR_NOT_OURS);
	ck_assert_int_eq(door_open_session(d, &c, &convo), DOOR_NOT_OURS);
	door_free(&d);
}
END_TEST

START_TEST(a_bad_configuration_that_observes_refuses_nobody)
{
	struct door_caller c = caller_of("login", "daemon");
	struct door *d = door_with(NULL);

	c.tty = "tty1"; /* nor is the console asked for anything */
	door_distrust(d, true);
	ck_assert(door_observes(d));
	ck_assert_int_eq(door_reserve(d, &c, &convo), DOOR_NOT_OURS);
	ck_assert_int_eq(door_judge(d, &c, &convo), DOOR_NOT_OURS);
	ck_assert_int_eq(door_account(d, &c, &convo), DOOR_NOT_OURS);
	ck_assert_int_eq(door_open_session(d, &c, &convo), DOOR_NOT_OURS);
	ck_assert_int_eq(door_close_session(d, &c, &convo), DOOR_NOT_OURS);
	ck_assert_int_eq(door_change_password(d, &c, &convo), DOOR_NOT_OURS);
	ck_assert_int_eq(script.asked, 0);
	ck_assert(!script.spoiled);
	door_distrust(d, false);
	ck_assert(!door_observes(d));
	ck_assert_int_eq(door_change_password(d, &c, &convo), DOOR_REFUSE);
	door_free(&d);
}
END_TEST

START_TEST(what_observe_lets_in_is_no_failure)
{
	const char *more[] = { "reeve.mode=observe", "throttle.attempts=2",
		NULL };
	struct door_caller c = caller_of("sshd", "daemon");
	struct door *d = door_with(more);

	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(door_reserve(d, &c, &convo), DOOR_GO_ON);
		ck_assert_int_eq(door_judge(d, &c, &convo), DOOR_NOT_OURS);
		ck_assert_uint_eq(record_of("daemon").failures, 1);
		ck_assert_int_eq(door_account(d, &c, &convo), DOOR_NOT_OURS);
		ck_assert_uint_eq(record_of("daemon").failures, 0);
	}
	ck_assert_int_eq(record_of("daemon").last_login, 1800000000);
	ck_assert(!trail_says("throttled"));
	door_free(&d);
}
END_TEST

START_TEST(observe_changes_nothing_about_passwords)
{
	const char *more[] = { "reeve.mode=observe", "password.max_age_days=1",
		NULL };
	struct door_caller c = caller_of("sshd", "daemon");
	struct door *d = door_with(more);

	enroll_device("totp", "phone", 1);
	script.code = totp_now(1);
	ck_assert_int_eq(log_in(d, &c), DOOR_YES);
	script.password = "short";
	ck_assert_int_eq(door_change_password(d, &c, &convo), DOOR_NOT_OURS);
	ck_assert(trail_says("would-refuse"));
	ck_assert(!script.spoiled);
	script.password = ""; /* an account without a password */
	ck_assert_int_eq(door_reserve(d, &c, &convo), DOOR_NOT_OURS);
	door_free(&d);
}
END_TEST

/* Issue 2: "it was not changed", while the next line changed it. */
START_TEST(observe_says_not_that_nothing_was_changed)
{
	static const char gone[] = "password.blocklist=/nowhere/list";
	const char *observing[] = { "reeve.mode=observe", gone, NULL };
	const char *enforcing[] = { gone, NULL };
	struct door_caller c = caller_of("passwd", "daemon");
	struct door *d = door_with(observing);

	script.password = "uncanny Zebra 77 lamp";
	ck_assert_int_eq(door_change_password(d, &c, &convo), DOOR_NOT_OURS);
	ck_assert_str_eq(script.told, "The password can't be judged now.");
	door_free(&d);
	d = door_with(enforcing);
	ck_assert_int_eq(door_change_password(d, &c, &convo), DOOR_REFUSE);
	ck_assert_ptr_nonnull(strstr(script.told, "not changed"));
	door_free(&d);
}
END_TEST

START_TEST(observe_gives_sudo_no_hint)
{
	const char *more[] = { "reeve.mode=observe", NULL };
	struct door_caller c = caller_of("sudo", "daemon");
	struct door *d = door_with(more);

	ck_assert_int_eq(door_account(d, &c, &convo), DOOR_NOT_OURS);
	ck_assert(trail_says("no-stepup"));
	ck_assert_str_eq(script.told, "");
	door_free(&d);
}
END_TEST

START_TEST(a_good_password_is_taken_without_a_word)
{
	struct door_caller c = caller_of("passwd", "daemon");
	struct door *d = door_with(NULL);

	script.password = "uncanny Zebra 77 lamp";
	ck_assert_int_eq(door_change_password(d, &c, &convo), DOOR_YES);
	ck_assert_str_eq(script.told, "");
	ck_assert(!script.spoiled);
	door_free(&d);
}
END_TEST

/* Else the next line of the stack would store it. */
START_TEST(a_password_whose_change_cannot_be_recorded_is_forgotten)
{
	struct door_caller c = caller_of("passwd", "daemon");
	struct door *d = door_with(NULL);
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s/trail", directory);
	ck_assert_int_eq(system(command), 0);
	script.password = "uncanny Zebra 77 lamp";
	ck_assert_int_eq(door_change_password(d, &c, &convo), DOOR_REFUSE);
	ck_assert(script.spoiled);
	door_free(&d);
}
END_TEST

START_TEST(without_configuration_only_the_console_is_heard)
{
	struct options *none = NULL;
	struct door_caller ssh = caller_of("sshd", "daemon");
	struct door_caller console = caller_of("login", "root");
	struct door *d;

	ck_assert_ok(door_new(&d, &none, &tools, &e));
	ck_assert_int_eq(log_in(d, &ssh), DOOR_REFUSE);
	ck_assert_int_eq(door_account(d, &ssh, &convo), DOOR_REFUSE);
	ck_assert_int_eq(door_open_session(d, &ssh, &convo), DOOR_REFUSE);
	console.tty = "/dev/tty1";
	ck_assert_int_eq(door_reserve(d, &console, &convo), DOOR_GO_ON);
	ck_assert_int_eq(door_judge(d, &console, &convo), DOOR_REFUSE);
	ck_assert_int_eq(door_account(d, &console, &convo), DOOR_REFUSE);
	door_free(&d);
}
END_TEST

START_TEST(a_verdict_opens_one_session_of_its_process)
{
	struct door_caller c = caller_of("sshd", "daemon");
	struct door_caller monitor = c;
	struct door *child = door_with(NULL);
	struct door *parent = door_with(NULL);

	enroll_device("totp", "phone", 1);
	script.code = totp_now(1);
	ck_assert_int_eq(log_in(child, &c), DOOR_YES);
	monitor.pid = c.parent;
	monitor.parent = 1;
	ck_assert_int_eq(door_open_session(parent, &c, &convo), DOOR_REFUSE);
	ck_assert_int_eq(door_open_session(parent, &monitor, &convo), DOOR_YES);
	ck_assert_int_eq(
	    door_open_session(parent, &monitor, &convo), DOOR_REFUSE);
	ck_assert(trail_says("no-verdict"));
	ck_assert_int_eq(
	    door_close_session(parent, &monitor, &convo), DOOR_YES);
	door_free(&child);
	door_free(&parent);
}
END_TEST

/* Issue 2: a login that ended between account and session left it for good. */
START_TEST(a_verdict_whose_process_is_gone_is_swept)
{
	struct session_store *store;
	struct session s = { .uid = 1 };
	struct session found;
	struct process self;
	struct process gone;
	char path[128];

	ck_assert_ok(process_read((int32_t)getpid(), &self, &e));
	gone = self;
	gone.start++; /* the same number, of another process */
	snprintf(path, sizeof(path), "%s/run", directory);
	ck_assert_ok(session_store_open(&store, path, &e));
	ck_assert_ok(session_leave(store, &self, &s, &e));
	ck_assert_ok(session_leave(store, &gone, &s, &e));
	ck_assert_ok(session_sweep_verdicts(store, &e));
	ck_assert_int_eq(session_take(store, &gone, &found, &e), -1);
	ck_assert_int_eq(e.code, ERR_MISSING);
	ck_assert_ok(session_take(store, &self, &found, &e));
	session_store_close(&store);
}
END_TEST

/* Its session would be called lost, and its verdict nobody's. */
START_TEST(a_process_that_cannot_be_looked_at_is_not_dead)
{
	struct rlimit usual, none;
	struct process self;
	bool lives;

	ck_assert_ok(process_read((int32_t)getpid(), &self, &e));
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &usual), 0);
	none = usual;
	none.rlim_cur = 0;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	lives = process_lives(&self);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &usual), 0);
	ck_assert(lives);
}
END_TEST

/* Devices of daemon: the phone of the login, and a token. */
static void
enroll_two(void)
{
	enroll_device("totp", "phone", 1);
	enroll_device("hotp", "token", 2);
}

/* The kernel gives an audit session to who has none: here, to a test's child
 * of the runner, for good. False where it does not. */
static bool
become_session_of(uint32_t uid)
{
	FILE *f = fopen("/proc/self/loginuid", "w");
	bool done = f != NULL && fprintf(f, "%u", uid) > 0;

	if (f != NULL)
		done = fclose(f) == 0 && done;
	if (!done)
		puts("skip step-up: the kernel gives no audit session here");
	return done;
}

/* The login of uid, by password and phone, that this process is within. */
static void
enter_login(uint32_t uid, uint32_t phone)
{
	struct session s = { .uid = uid,
		.factor_count = 2,
		.factors = { { .type = "password", .kind = KIND_KNOW },
		    { .type = "totp",
		        .label = "phone",
		        .kind = KIND_HAVE,
		        .id = phone } } };
	struct session_store *store;
	int64_t login_uid;
	char path[128];

	snprintf(path, sizeof(path), "%s/run", directory);
	ck_assert_ok(process_audit(&s.audit_session, &login_uid, &e));
	ck_assert_ok(process_read((int32_t)getpid(), &s.leader, &e));
	ck_assert_ok(session_store_open(&store, path, &e));
	ck_assert_ok(session_enter(store, &s, 0, &e));
	session_store_close(&store);
}

static const struct stepup {
	const char *by; /* type of the device that is shown */
	uint32_t login; /* whose the kernel says the session is */
	uint32_t entry; /* whose its entry is */
	const char *rule;
	enum door_answer answer;
	const char *recorded;
} stepups[] = {
	{ "totp", 1, 1, "stepup.rule=kind-or-device", DOOR_REFUSE,
	    "same-factor" },
	{ "hotp", 1, 1, "stepup.rule=kind-or-device", DOOR_YES, "hotp:token" },
	{ "hotp", 1, 1, "stepup.rule=kind", DOOR_REFUSE, "same-factor" },
	/* What somebody else showed is neither spent nor of any use. */
	{ "totp", 1, 2, "stepup.rule=kind-or-device", DOOR_YES, "totp:phone" },
	{ "totp", 2, 1, "stepup.rule=kind-or-device", DOOR_YES, "totp:phone" },
};

START_TEST(a_stepup_differs_from_the_login_it_is_within)
{
	const struct stepup *s = &stepups[_i];
	const char *more[] = { s->rule, NULL };
	struct door_caller c = caller_of("sudo", "daemon");
	struct door *d;

	if (!become_session_of(s->login))
		return;
	enroll_two();
	enter_login(s->entry, record_of("daemon").factors[0].id);
	script.code = strcmp(s->by, "totp") == 0 ? totp_now(1) : code_at(2, 0);
	d = door_with(more);
	ck_assert_int_eq(log_in(d, &c), s->answer);
	ck_assert(trail_says(s->recorded));
	door_free(&d);
}
END_TEST

/* sudo that does not ask, by its own timestamp or NOPASSWD. */
START_TEST(a_stepup_lasts_as_long_as_it_is_said_to)
{
	struct door_caller c = caller_of("sudo", "daemon");
	const char *more[] = { "stepup.lifetime=300", NULL };
	struct door *d = door_with(more);

	if (!become_session_of(1)) {
		door_free(&d);
		return;
	}
	enroll_two();
	enter_login(1, record_of("daemon").factors[0].id);
	ck_assert_int_eq(door_account(d, &c, &convo), DOOR_REFUSE);
	script.code = code_at(2, 0);
	ck_assert_int_eq(log_in(d, &c), DOOR_YES);
	door_free(&d);
	d = door_with(more);
	moment.boot_ns += INT64_C(299) * CLOCK_NS_PER_SECOND;
	ck_assert_int_eq(door_account(d, &c, &convo), DOOR_YES);
	moment.boot_ns += CLOCK_NS_PER_SECOND;
	ck_assert_int_eq(door_account(d, &c, &convo), DOOR_REFUSE);
	ck_assert(trail_says("no-stepup"));
	door_free(&d);
}
END_TEST

START_TEST(a_device_that_is_spent_judges_nothing)
{
	struct factor_request request = { .now = 1800000000,
		.limits = {
		    .totp_window = 1, .totp_drift = 1, .hotp_window = 5 } };
	struct entropy entropy = entropy_system();
	struct state_user user;
	struct factor_used used;
	char path[128];

	enroll_two();
	user = record_of("daemon");
	snprintf(path, sizeof(path), "%s/state", directory);
	ck_assert_ok(
	    state_open(&request.state, path, &tools.clock, &entropy, &e));
	request.answer = totp_now(1);
	ck_assert_int_ne(
	    factor_judge(&user, &user.factors[0].id, 1, &request, &used, &e),
	    VERDICT_ALLOW);
	request.answer = code_at(2, 0);
	ck_assert_int_eq(
	    factor_judge(&user, &user.factors[0].id, 1, &request, &used, &e),
	    VERDICT_ALLOW);
	state_close(&request.state);
}
END_TEST

#define RACERS 16

START_TEST(of_many_with_one_code_one_gets_in)
{
	struct door_caller c = caller_of("sshd", "daemon");
	const char *more[] = { "throttle.attempts=100", NULL };
	int gate[2];
	int yes = 0;

	enroll_device("totp", "phone", 1);
	script.code = totp_now(1);
	ck_assert_int_eq(pipe(gate), 0);
	for (int i = 0; i < RACERS; i++)
		if (fork() == 0) {
			struct door *d = door_with(more);
			char go;

			c.pid = (int32_t)getpid();
			close(gate[1]);
			(void)!read(gate[0], &go, 1);
			_exit(log_in(d, &c) == DOOR_YES ? 1 : 0);
		}
	close(gate[0]);
	close(gate[1]); /* off they go */
	for (int i = 0; i < RACERS; i++) {
		int status;

		ck_assert_int_gt(wait(&status), 0);
		ck_assert(WIFEXITED(status));
		yes += WEXITSTATUS(status);
	}
	ck_assert_int_eq(yes, 1);
}
END_TEST

START_TEST(conditions_refuse_with_their_word)
{
	static const char *const cases[][2] = {
		{ "access.hours=Mon-Fri 00:00-00:01", "\"reason\":\"hours\"" },
		{ "access.networks=198.51.100.0/24", "\"reason\":\"network\"" },
		{ "who.service_accounts=daemon",
		    "\"reason\":\"service-account\"" },
	};
	const char *more[] = { cases[_i][0], NULL };
	struct door_caller c = caller_of("sshd", "daemon");
	struct door *d = door_with(more);

	enroll_device("totp", "phone", 1);
	script.code = totp_now(1);
	ck_assert_int_eq(log_in(d, &c), DOOR_REFUSE);
	ck_assert(trail_says(cases[_i][1]));
	ck_assert_uint_eq(record_of("daemon").failures, 1);
	door_free(&d);
}
END_TEST

START_TEST(a_trail_that_cannot_be_written_refuses)
{
	struct door_caller c = caller_of("sshd", "daemon");
	struct door *d = door_with(NULL);
	char command[128];

	enroll_device("totp", "phone", 1);
	script.code = totp_now(1);
	snprintf(command, sizeof(command), "rm -rf %s/trail", directory);
	ck_assert_int_eq(system(command), 0);
	ck_assert_int_eq(log_in(d, &c), DOOR_REFUSE);
	door_free(&d);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("door");
	TCase *tc = tcase_create("door");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, a_password_and_a_code_are_a_yes);
	tcase_add_test(tc, a_code_is_good_once);
	tcase_add_test(tc, what_never_reaches_account_failed);
	tcase_add_test(tc, a_killed_attempt_is_recorded_by_the_next);
	tcase_add_test(tc, an_abandoned_prompt_does_not_count);
	tcase_add_test(tc, abandoned_prompts_are_no_missing_line);
	tcase_add_test(tc, without_the_reserve_line_nobody_gets_in);
	tcase_add_loop_test(tc, callers_without_auth_get_what_the_table_says, 0,
	    sizeof(without_auth) / sizeof(*without_auth));
	tcase_add_test(tc, who_is_first_seen_has_not_been_idle);
	tcase_add_test(tc, a_caller_that_is_not_root_is_told_so);
	tcase_add_test(tc, unknown_names_see_the_same_and_are_not_written_down);
	tcase_add_test(tc, who_is_not_enrolled_is_asked_and_refused);
	tcase_add_test(tc, before_the_deadline_who_is_not_enrolled_comes_in);
	tcase_add_test(tc, who_is_enrolled_can_not_come_as_unenrolled);
	tcase_add_test(tc, who_once_tried_su_is_not_concerned_for_that);
	tcase_add_test(tc, account_means_who_was_judged);
	tcase_add_test(tc, a_clock_set_back_revives_no_grace);
	tcase_add_test(tc, guesses_by_other_uids_do_not_make_the_holder_wait);
	tcase_add_test(tc, an_exemption_of_the_target_is_none_of_who_calls);
	tcase_add_test(tc, what_an_earlier_try_showed_is_to_be_shown_again);
	tcase_add_test(tc, refusals_without_a_guess_are_said_once_a_while);
	tcase_add_test(tc, on_a_broken_console_only_breakglass_is_heard);
	tcase_add_test(tc, a_broken_console_without_auth_is_refused);
	tcase_add_test(tc, breakglass_opens_the_console_once_a_code);
	tcase_add_test(tc, breakglass_opens_a_console_that_is_broken);
	tcase_add_loop_test(
	    tc, breakglass_without_a_record_is_what_the_service_says, 0, 2);
	tcase_add_loop_test(tc, whom_the_deny_list_names_stays_out, 0,
	    sizeof(denied) / sizeof(*denied));
	tcase_add_test(tc, strangers_do_not_make_the_host_itself_wait);
	tcase_add_test(tc, the_callers_time_zone_decides_nothing);
	tcase_add_test(tc, after_the_limit_nothing_is_compared);
	tcase_add_test(tc, who_has_no_password_is_not_told_to_change_it);
	tcase_add_test(tc, observe_records_and_refuses_nothing);
	tcase_add_test(tc, observe_refuses_nobody_for_a_fault_either);
	tcase_add_test(tc, a_bad_configuration_that_observes_refuses_nobody);
	tcase_add_test(tc, what_observe_lets_in_is_no_failure);
	tcase_add_test(tc, observe_changes_nothing_about_passwords);
	tcase_add_test(tc, observe_says_not_that_nothing_was_changed);
	tcase_add_test(tc, observe_gives_sudo_no_hint);
	tcase_add_test(tc, a_good_password_is_taken_without_a_word);
	tcase_add_test(
	    tc, a_password_whose_change_cannot_be_recorded_is_forgotten);
	tcase_add_test(tc, without_configuration_only_the_console_is_heard);
	tcase_add_test(tc, a_verdict_opens_one_session_of_its_process);
	tcase_add_test(tc, a_verdict_whose_process_is_gone_is_swept);
	tcase_add_test(tc, a_process_that_cannot_be_looked_at_is_not_dead);
	tcase_add_loop_test(tc, a_stepup_differs_from_the_login_it_is_within, 0,
	    sizeof(stepups) / sizeof(*stepups));
	tcase_add_test(tc, a_stepup_lasts_as_long_as_it_is_said_to);
	tcase_add_test(tc, a_device_that_is_spent_judges_nothing);
	tcase_add_test(tc, of_many_with_one_code_one_gets_in);
	tcase_add_loop_test(tc, conditions_refuse_with_their_word, 0, 3);
	tcase_add_test(tc, a_trail_that_cannot_be_written_refuses);
	suite_add_tcase(s, tc);
	return unit_run(s);
}
