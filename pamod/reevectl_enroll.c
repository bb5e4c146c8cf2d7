/*
 * reevectl enroll: factors, recovery codes, tickets, deadlines, and carrying
 * enrolments between hosts.
 *
 * Order everywhere: what is new is made and proved in memory, the trail has
 * it on disk, then the record is locked, changed, saved and unlocked. If that
 * last step fails the trail gets a second line that says so.
 */
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "pamod/enroll.h"
#include "schema/message.h"
#include "pamod/otp.h"
#include "pamod/reevectl_enroll.h"
#include "pamod/reevectl_terminal.h"
#include "schema/base/enc.h"
#include "schema/base/file.h"

extern const struct command command_enroll;

#define PROOF_TRIES 3
#define ISSUER_MAX  64 /* HOST_NAME_MAX of Linux */

static const struct option options[] = {
	{ "label", required_argument, NULL, OPTION_LABEL },
	{ "algorithm", required_argument, NULL, OPTION_ALGORITHM },
	{ "digits", required_argument, NULL, OPTION_DIGITS },
	{ "period", required_argument, NULL, OPTION_PERIOD },
	{ "seed", required_argument, NULL, OPTION_SEED },
	{ "fingerprint", required_argument, NULL, OPTION_FINGERPRINT },
	{ "file", required_argument, NULL, OPTION_FILE },
	{ "until", required_argument, NULL, OPTION_UNTIL },
	{ "export", required_argument, NULL, OPTION_EXPORT },
	{ "import", required_argument, NULL, OPTION_IMPORT },
	{ "count", required_argument, NULL, OPTION_COUNT },
	{ "ticket", no_argument, NULL, OPTION_TICKET },
	{ "renew", no_argument, NULL, OPTION_RENEW },
	{ "resync", no_argument, NULL, OPTION_RESYNC },
	{ "public-key", no_argument, NULL, OPTION_PUBLIC_KEY },
	{ NULL, 0, NULL, 0 },
};

/* An option that is a number up to max; 0 where it was not given. */
static int
take_number(const struct enroll_wish *w, int option, uint64_t max,
    uint64_t *value, struct err *e)
{
	const char *text = w->given[option];

	*value = 0;
	if (text == NULL || enc_number(text, strlen(text), max, value, e) == 0)
		return 0;
	e->code = ERR_USAGE;
	return err_in(e, "--%s %s", options[option - 1].name, text);
}

/* What the options make of a factor; enroll_begin judges it. */
static int
take_factor(struct enroll_wish *w, struct err *e)
{
	struct state_factor *factor = &w->factor;
	const char *label = w->given[OPTION_LABEL];
	const char *algorithm = w->given[OPTION_ALGORITHM];
	uint64_t digits;
	uint64_t period;
	uint64_t count;

	if (take_number(w, OPTION_DIGITS, OTP_DIGITS_MAX, &digits, e) == -1 ||
	    take_number(w, OPTION_PERIOD, OTP_PERIOD_LONG, &period, e) == -1 ||
	    take_number(w, OPTION_COUNT, STATE_RECOVERY_MAX, &count, e) == -1)
		return -1;
	factor->digits = (uint8_t)digits;
	factor->period = (uint16_t)period;
	w->count = (unsigned)count;
	if (algorithm != NULL &&
	    (factor->algorithm = (uint8_t)otp_algorithm_find(algorithm)) == 0)
		return err_set(
		    e, ERR_USAGE, "algorithms are SHA1, SHA256, SHA512");
	if (label != NULL && strlen(label) > STATE_LABEL_MAX)
		return err_set(e, ERR_USAGE, "a label has up to %d bytes",
		    STATE_LABEL_MAX);
	if (label != NULL)
		snprintf(factor->label, sizeof(factor->label), "%s", label);
	return 0;
}

int
enroll_read_input(
    const char *path, mode_t forbidden, struct buf *b, struct err *e)
{
	const struct file_rule rule = { .owner = geteuid(),
		.forbidden = forbidden };

	if (strcmp(path, "-") == 0)
		return file_read(STDIN_FILENO, b, e);
	return file_read_path(path, &rule, b, e);
}

/* The length without white space at the end. */
static size_t
trimmed(const struct buf *b)
{
	size_t length = b->length;

	while (length > 0 && memchr(" \t\r\n", b->data[length - 1], 4) != NULL)
		length--;
	return length;
}

/* Begins where the seed comes from: ours, or a bought token's in base32. */
static int
begin_code(struct enroll_work *w, struct enrolment *n, struct err *e)
{
	struct state_factor wanted = w->wish->factor;
	struct buf text = buf_new(ENROLL_FILE_MAX);
	struct buf seed = buf_new(STATE_SECRET_MAX);
	int result = -1;

	snprintf(wanted.type, sizeof(wanted.type), "%s", w->wish->type);
	if (w->wish->given[OPTION_SEED] == NULL)
		return enroll_begin(
		    n, &wanted, &w->desk.context->entropy, w->desk.now, e);
	if (enroll_read_input(w->wish->given[OPTION_SEED], 077, &text, e) ==
	        -1 ||
	    enc_unbase32((const char *)text.data, trimmed(&text), &seed, e) ==
	        -1 ||
	    enroll_begin_seed(
	        n, &wanted, seed.data, seed.length, w->desk.now, e) == -1)
		err_in(e, "seed");
	else
		result = 0;
	buf_free(&text);
	buf_free(&seed);
	return result;
}

/* URI, QR code, and the seed to be typed. */
static int
show_code(const struct enroll_work *w, const struct enrolment *n, struct err *e)
{
	struct buf out = buf_new(64 * 1024);
	struct buf uri = buf_new(1024);
	char issuer[ISSUER_MAX + 1] = "";
	int result = -1;

	if (gethostname(issuer, sizeof(issuer) - 1) == -1 || issuer[0] == '\0')
		snprintf(issuer, sizeof(issuer), "reeve");
	if (enroll_uri(n, w->person.name, issuer, &uri, e) == -1)
		goto out;
	if (isatty(STDOUT_FILENO) &&
	    terminal_put_qr(&out, buf_string(&uri), e) == -1)
		goto out;
	buf_printf(&out, "\n%s\n\n%s\n  ", buf_string(&uri),
	    _("Scan the code, open the address, or type this secret:"));
	if (enroll_secret_text(n, &out, e) == -1)
		goto out;
	buf_put_string(&out, "\n\n");
	result = terminal_show(&out, e);
out:
	buf_free(&uri);
	buf_free(&out);
	return result;
}

static int
ask_proof(struct enroll_work *w, struct enrolment *n, struct err *e)
{
	char answer[TERMINAL_LINE_MAX + 1];
	int result = -1;

	for (int i = 0; i < PROOF_TRIES && result == -1; i++) {
		e->code = ERR_NONE;
		if (terminal_ask(_("The code that it shows now: "), true,
		        answer, e) == -1 ||
		    desk_read_clock(&w->desk, e) == -1)
			break;
		if (enroll_prove(n, answer, w->desk.now, e) == VERDICT_ALLOW)
			result = 0;
		else if (e->code != ERR_NONE)
			break;
		else
			puts(_("That is not its code."));
	}
	secret_wipe(answer, sizeof(answer));
	if (result == -1 && e->code == ERR_NONE)
		err_set(e, ERR_FORMAT,
		    "no right code: nothing was enrolled (is the clock of "
		    "this host right?)");
	return result;
}

void
enroll_hint(const struct state_user *user)
{
	unsigned count = 0;

	for (size_t i = 0; i < STATE_FACTORS_MAX; i++)
		count += factor_counts(&user->factors[i], NULL, 0);
	if (count < 2)
		printf(_("%s has one factor only: after a login with it there "
		         "is none left to step up with by sudo or su. Enrol a "
		         "second device.\n"),
		    user->name);
}

/*
 * On a copy of the record, or on an empty one: what can't be done is known
 * before the trail has it, and makes no record. Who has a record is concerned,
 * and would have to show a factor from then on.
 */
static int
try_out(struct enroll_work *w,
    int (*apply)(
        struct enroll_work *, struct state_user *, void *, struct err *),
    void *argument, struct state_user *user, struct err *e)
{
	if (state_read(w->desk.state, w->person.name, user, e) == -1) {
		if (e->code != ERR_MISSING)
			return -1;
		*user = (struct state_user){ .uid = w->person.uid };
		(void)snprintf(
		    user->name, sizeof(user->name), "%s", w->person.name);
	}
	return apply(w, user, argument, e);
}

int
enroll_change(struct enroll_work *w, const char *factors, const char *detail,
    int (*apply)(
        struct enroll_work *, struct state_user *, void *, struct err *),
    void *argument, struct state_user *user, struct err *e)
{
	struct state_lock *lock = NULL;
	struct err second;
	int result = -1;

	if (try_out(w, apply, argument, user, e) == -1 ||
	    desk_record(&w->desk, "enroll", "yes", &w->person, factors, detail,
	        e) == -1)
		return -1;
	if (state_lock_or_create(w->desk.state, w->person.name, w->person.uid,
	        &lock, user, e) == 0 &&
	    apply(w, user, argument, e) == 0 &&
	    state_save(lock, user, true, e) == 0)
		result = 0;
	state_unlock(&lock);
	if (result == -1 &&
	    desk_record(&w->desk, "enroll", "no", &w->person, factors, e->text,
	        &second) == -1)
		err_in(e, "%s; and then", second.text);
	return result;
}

static int
apply_store(struct enroll_work *w, struct state_user *user, void *argument,
    struct err *e)
{
	uint32_t id;

	return enroll_store(w->desk.state, user, argument, &id, e);
}

static int
store(struct enroll_work *w, struct enrolment *n, const char *detail,
    struct err *e)
{
	struct state_user user = { .uid = w->person.uid };
	char factors[sizeof(n->factor.type) + sizeof(n->factor.label)];
	int result;

	snprintf(
	    factors, sizeof(factors), "%s:%s", n->factor.type, n->factor.label);
	result = enroll_change(w, factors, detail, apply_store, n, &user, e);
	if (result == 0) {
		printf(_("Enrolled for %s: %s \"%s\".\n"), w->person.name,
		    n->factor.type, n->factor.label);
		enroll_hint(&user);
	}
	state_wipe(&user);
	return result;
}

static int
enroll_code(struct enroll_work *w, struct err *e)
{
	struct enrolment n = { .seed_length = 0 };
	int result = -1;

	if (begin_code(w, &n, e) == 0 &&
	    (w->wish->given[OPTION_SEED] != NULL || show_code(w, &n, e) == 0) &&
	    ask_proof(w, &n, e) == 0)
		result = store(w, &n, NULL, e);
	enroll_wipe(&n);
	return result;
}

/* The key of a .pub file: its first two words. */
static int
read_key_file(const char *path, char fingerprint[51], struct err *e)
{
	struct buf text = buf_new(ENROLL_FILE_MAX);
	struct sshkey_info info;
	const char *line;
	size_t length;
	int result = -1;

	if (enroll_read_input(path, 022, &text, e) == -1)
		goto out;
	line = buf_string(&text);
	length = strcspn(line, " ");
	length += line[length] == ' ';
	length += strcspn(line + length, " \r\n");
	if (sshkey_parse_key(line, length, &info, e) == -1) {
		err_in(e, "%s", path);
		goto out;
	}
	memcpy(fingerprint, info.fingerprint, sizeof(info.fingerprint));
	sshkey_free(&info);
	result = 0;
out:
	buf_free(&text);
	return result;
}

static int
enroll_sshkey(struct enroll_work *w, struct err *e)
{
	struct enrolment n;
	char fingerprint[51] = "";

	if (w->wish->given[OPTION_FILE] != NULL) {
		if (read_key_file(
		        w->wish->given[OPTION_FILE], fingerprint, e) == -1)
			return -1;
	} else {
		snprintf(fingerprint, sizeof(fingerprint), "%s",
		    strlen(w->wish->given[OPTION_FINGERPRINT]) <
		            sizeof(fingerprint)
		        ? w->wish->given[OPTION_FINGERPRINT]
		        : "");
	}
	if (enroll_begin_sshkey(
	        &n, w->wish->factor.label, fingerprint, w->desk.now, e) == -1)
		return -1;
	return store(w, &n, fingerprint, e);
}

struct batch {
	struct state_recovery recovery;
	char codes[STATE_RECOVERY_MAX][RECOVERY_SIZE];
	unsigned count;
};

/* Under the lock, so that nobody uses up or renews them meanwhile. */
static int
apply_recovery(struct enroll_work *w, struct state_user *user, void *argument,
    struct err *e)
{
	const struct batch *batch = argument;
	unsigned left = recovery_left(&user->recovery);

	if (left > 0 && w->wish->given[OPTION_RENEW] == NULL)
		return err_set(e, ERR_LIMIT,
		    "%s has %u recovery codes left; --renew makes new ones "
		    "and the old ones void",
		    user->name, left);
	user->recovery = batch->recovery;
	return 0;
}

static int
show_codes(
    const struct enroll_work *w, const struct batch *batch, struct err *e)
{
	struct buf out = buf_new(4096);

	buf_printf(&out,
	    _("Recovery codes of %s, each good once, instead of a lost "
	      "device.\nThey are shown this once:\n\n"),
	    w->person.name);
	for (unsigned i = 0; i < batch->count; i++)
		buf_printf(&out, "  %2u  %s\n", i + 1, batch->codes[i]);
	return terminal_show(&out, e);
}

static int
enroll_recovery(struct enroll_work *w, struct err *e)
{
	struct state_user user = { .uid = w->person.uid };
	struct batch batch = { .count = RECOVERY_DEFAULT };
	char detail[32];
	int result = -1;

	if (w->wish->count != 0)
		batch.count = w->wish->count;
	snprintf(detail, sizeof(detail), "%u codes", batch.count);
	if (recovery_make(&batch.recovery, batch.count,
	        &w->desk.context->entropy, w->desk.now, batch.codes, e) == 0 &&
	    enroll_change(
	        w, "recovery", detail, apply_recovery, &batch, &user, e) == 0)
		result = show_codes(w, &batch, e);
	secret_wipe(&batch, sizeof(batch));
	state_wipe(&user);
	return result;
}

struct resync {
	char first[TERMINAL_LINE_MAX + 1];
	char second[TERMINAL_LINE_MAX + 1];
};

static int
apply_resync(struct enroll_work *w, struct state_user *user, void *argument,
    struct err *e)
{
	struct resync *r = argument;
	struct state_factor *factor =
	    enroll_find(user, "hotp", w->wish->factor.label, e);

	if (factor == NULL)
		return -1;
	e->code = ERR_NONE;
	if (enroll_resync(w->desk.state, user, factor, r->first, r->second,
	        e) == VERDICT_ALLOW)
		return 0;
	return e->code != ERR_NONE
	    ? -1
	    : err_set(e, ERR_FORMAT, "not two codes in a row of the next %d",
	          ENROLL_RESYNC_SPAN);
}

static int
resync(struct enroll_work *w, struct err *e)
{
	struct state_user user = { .uid = w->person.uid };
	struct resync r;
	int result = -1;

	if (terminal_ask(_("A code of the token: "), true, r.first, e) == 0 &&
	    terminal_ask(_("The next code: "), true, r.second, e) == 0 &&
	    enroll_change(
	        w, "hotp", "resynchronised", apply_resync, &r, &user, e) == 0) {
		puts(_("The token is in step again."));
		result = 0;
	}
	secret_wipe(&r, sizeof(r));
	state_wipe(&user);
	return result;
}

/* Seconds since 1970 at which that day ends, in UTC; or a whole time. */
static int
parse_until(const char *text, int64_t *when, struct err *e)
{
	struct tm tm = { 0 };
	const char *end = strptime(text, "%Y-%m-%d", &tm);
	int64_t ns;

	if (end != NULL && *end == '\0') {
		*when = (int64_t)timegm(&tm) + 24 * 60 * 60;
		return 0;
	}
	if (enc_untime(text, strlen(text), &ns, e) == -1)
		return err_set(e, ERR_USAGE,
		    "--until wants a day (2026-12-31) or a time "
		    "(2026-12-31T08:00:00.000000Z), in UTC");
	*when = ns / CLOCK_NS_PER_SECOND;
	return 0;
}

struct ticket {
	int64_t expires;
	char text[RECOVERY_SIZE];
};

static int
apply_ticket(struct enroll_work *w, struct state_user *user, void *argument,
    struct err *e)
{
	struct ticket *t = argument;

	return enroll_ticket_make(
	    user, t->expires, &w->desk.context->entropy, t->text, e);
}

static int
apply_deadline(struct enroll_work *w, struct state_user *user, void *argument,
    struct err *e)
{
	(void)w;
	(void)e;
	user->enroll_deadline = *(const int64_t *)argument;
	return 0;
}

static int
make_ticket(struct enroll_work *w, struct err *e)
{
	struct state_user user = { .uid = w->person.uid };
	struct ticket t = { .expires = w->desk.now + ENROLL_TICKET_LIFETIME };
	struct buf out = buf_new(512);
	int result = -1;

	if (w->wish->given[OPTION_UNTIL] != NULL &&
	    parse_until(w->wish->given[OPTION_UNTIL], &t.expires, e) == -1)
		return -1;
	if (t.expires <= w->desk.now)
		return err_set(e, ERR_USAGE, "that time has passed");
	if (enroll_change(w, "ticket", NULL, apply_ticket, &t, &user, e) == 0) {
		buf_printf(&out,
		    _("A ticket for %s, to enrol at their next login; good "
		      "once, until "),
		    w->person.name);
		enc_time(&out, t.expires * CLOCK_NS_PER_SECOND);
		buf_printf(&out, ":\n\n  %s\n", t.text);
		result = terminal_show(&out, e);
	}
	secret_wipe(&t, sizeof(t));
	state_wipe(&user);
	return result;
}

static int
set_deadline(struct enroll_work *w, struct err *e)
{
	struct state_user user = { .uid = w->person.uid };
	int64_t when = 0;
	char detail[64];
	int result;

	if (strcmp(w->wish->given[OPTION_UNTIL], "none") != 0 &&
	    parse_until(w->wish->given[OPTION_UNTIL], &when, e) == -1)
		return -1;
	snprintf(detail, sizeof(detail), "deadline %s",
	    w->wish->given[OPTION_UNTIL]);
	result =
	    enroll_change(w, NULL, detail, apply_deadline, &when, &user, e);
	if (result == 0)
		printf(_("%s: a factor must be enrolled by: %s\n"),
		    w->person.name, w->wish->given[OPTION_UNTIL]);
	state_wipe(&user);
	return result;
}

#define BIT(option) (1u << OPTION_##option)
#define CODE        (BIT(LABEL) | BIT(ALGORITHM) | BIT(DIGITS) | BIT(SEED))

/* What is asked for, in this order; an option that does not fit is an error. */
static const struct job {
	const char *type; /* NULL: without one */
	unsigned needed;  /* options, as bits */
	unsigned allowed;
	int (*run)(struct enroll_work *, struct err *);
} jobs[] = {
	{ "totp", 0, CODE | BIT(PERIOD), enroll_code },
	{ "hotp", BIT(RESYNC), BIT(RESYNC) | BIT(LABEL), resync },
	{ "hotp", 0, CODE, enroll_code },
	{ "sshkey", BIT(FINGERPRINT), BIT(FINGERPRINT) | BIT(LABEL),
	    enroll_sshkey },
	{ "sshkey", BIT(FILE), BIT(FILE) | BIT(LABEL), enroll_sshkey },
	{ "recovery", 0, BIT(COUNT) | BIT(RENEW), enroll_recovery },
	{ NULL, BIT(TICKET), BIT(TICKET) | BIT(UNTIL), make_ticket },
	{ NULL, BIT(UNTIL), BIT(UNTIL), set_deadline },
	{ NULL, BIT(EXPORT), BIT(EXPORT), carry_export },
	{ NULL, BIT(IMPORT), BIT(IMPORT), carry_import },
};

/* NULL: nothing fits. */
static const struct job *
find_job(const struct enroll_wish *w)
{
	unsigned given = 0;

	for (unsigned i = 1; i < OPTIONS; i++)
		given |= (unsigned)(w->given[i] != NULL) << i;
	for (size_t i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++) {
		const struct job *job = &jobs[i];

		if ((job->type == NULL) != (w->type == NULL) ||
		    (w->type != NULL && strcmp(job->type, w->type) != 0) ||
		    (given & job->needed) != job->needed)
			continue;
		return (given & ~job->allowed) == 0 ? job : NULL;
	}
	return NULL;
}

static enum status
run(const struct context *context, int argc, char **argv)
{
	struct enroll_wish wish = { .type = NULL };
	struct enroll_work work = { .wish = &wish };
	const struct job *job;
	struct err e = { .code = ERR_NONE };
	int option;
	int result = -1;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		if (option == '?')
			return command_usage(&command_enroll);
		else
			wish.given[option] = optarg == NULL ? "" : optarg;
	if (take_factor(&wish, &e) == -1)
		return command_error("enroll", &e);
	if (wish.given[OPTION_PUBLIC_KEY] != NULL && argc == optind)
		return carry_public_key(context, &e) == 0
		    ? STATUS_DONE
		    : command_error("enroll", &e);
	if (argc - optind < 1 || argc - optind > 2 ||
	    wish.given[OPTION_PUBLIC_KEY] != NULL)
		return command_usage(&command_enroll);
	if (argc - optind == 2)
		wish.type = argv[optind + 1];
	if ((job = find_job(&wish)) == NULL)
		return command_usage(&command_enroll);
	if (desk_person(argv[optind], &work.person, &e) == 0 &&
	    desk_open(&work.desk, context, DESK_CHANGE, &e) == 0) {
		result = job->run(&work, &e);
		desk_close(&work.desk);
	}
	return result == 0 ? STATUS_DONE : command_error("enroll", &e);
}

const struct command command_enroll = {
	.name = "enroll",
	.summary = N_("give a user a factor, recovery codes, a ticket or a "
	              "deadline"),
	.usage =
	    "reevectl enroll USER totp|hotp [--label L] [--digits 6-8]\n"
	    "           [--algorithm SHA1|SHA256|SHA512] [--period 30|60] "
	    "[--seed FILE]\n"
	    "       reevectl enroll USER hotp --resync [--label L]\n"
	    "       reevectl enroll USER sshkey --fingerprint SHA256:... | "
	    "--file KEY.pub\n"
	    "           [--label L]\n"
	    "       reevectl enroll USER recovery [--count 1-16] "
	    "[--renew]\n"
	    "       reevectl enroll USER --ticket [--until DATE]\n"
	    "       reevectl enroll USER --until DATE|none\n"
	    "       reevectl enroll USER --export HOSTKEY | --import FILE\n"
	    "       reevectl enroll --public-key\n",
	.run = run,
};
