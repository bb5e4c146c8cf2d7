/*
 * reevectl list: what is enrolled. A row for each user, then one for each of
 * their factors; secrets are never shown.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pamod/factor.h"
#include "pamod/factor_recovery.h"
#include "schema/message.h"
#include "pamod/otp.h"
#include "pamod/reevectl_desk.h"
#include "pamod/reevectl_terminal.h"
#include "schema/base/enc.h"

extern const struct command command_list;

#define OUTPUT_MAX (64u * 1024 * 1024) /* bytes */
#define CELL_MAX   160

enum column { USER, TYPE, LABEL, ID, STATE, CREATED, USED, DETAIL, COLUMNS };

static const struct {
	const char *name;
	int width; /* of the text form */
} columns[COLUMNS] = {
	[USER] = { "user", 16 },
	[TYPE] = { "type", 8 },
	[LABEL] = { "label", 16 },
	[ID] = { "id", 3 },
	[STATE] = { "state", 12 },
	[CREATED] = { "created", 20 },
	[USED] = { "last_used", 20 },
	[DETAIL] = { "detail", 0 },
};

struct row {
	char cell[COLUMNS][CELL_MAX];
};

struct listing {
	struct desk desk;
	struct buf out;
	const struct format *format;
	unsigned rows;
	bool failed; /* a record could not be read */
};

struct format {
	const char *name;
	void (*head)(struct buf *);
	void (*row)(struct buf *, const struct row *, bool first);
	void (*tail)(struct buf *);
};

static void
text_row(struct buf *b, const struct row *row, bool first)
{
	(void)first;
	for (int i = 0; i < COLUMNS; i++)
		buf_printf(b, "%-*s%s", columns[i].width, row->cell[i],
		    i == COLUMNS - 1 ? "\n" : " ");
}

static void
text_head(struct buf *b)
{
	for (int i = 0; i < COLUMNS; i++)
		buf_printf(b, "%-*s%s", columns[i].width, columns[i].name,
		    i == COLUMNS - 1 ? "\n" : " ");
}

/* RFC 4180 section 2, every field in quotes. */
static void
csv_row(struct buf *b, const struct row *row, bool first)
{
	(void)first;
	for (int i = 0; i < COLUMNS; i++) {
		buf_put_byte(b, '"');
		for (const char *c = row->cell[i]; *c != '\0'; c++) {
			if (*c == '"')
				buf_put_byte(b, '"');
			buf_put_byte(b, (unsigned char)*c);
		}
		buf_put_string(b, i == COLUMNS - 1 ? "\"\r\n" : "\",");
	}
}

static void
csv_head(struct buf *b)
{
	for (int i = 0; i < COLUMNS; i++)
		buf_printf(b, "\"%s\"%s", columns[i].name,
		    i == COLUMNS - 1 ? "\r\n" : ",");
}

static void
json_row(struct buf *b, const struct row *row, bool first)
{
	buf_put_string(b, first ? "\n{" : ",\n{");
	for (int i = 0; i < COLUMNS; i++) {
		buf_printf(b, "%s\"%s\":", i == 0 ? "" : ",", columns[i].name);
		enc_json_string(b, row->cell[i], strlen(row->cell[i]));
	}
	buf_put_byte(b, '}');
}

static void
json_head(struct buf *b)
{
	buf_put_byte(b, '[');
}

static void
json_tail(struct buf *b)
{
	buf_put_string(b, "\n]\n");
}

static void
no_tail(struct buf *b)
{
	(void)b;
}

static const struct format formats[] = {
	{ "text", text_head, text_row, no_tail },
	{ "csv", csv_head, csv_row, no_tail },
	{ "json", json_head, json_row, json_tail },
};

/* 2026-11-24T08:15:30Z; "" for 0, which is never. */
static void
put_time(char cell[CELL_MAX], int64_t seconds)
{
	time_t when = (time_t)seconds;
	struct tm tm;

	cell[0] = '\0';
	if (seconds != 0 && gmtime_r(&when, &tm) != NULL)
		(void)strftime(cell, CELL_MAX, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

static void
put_row(struct listing *l, const struct row *row)
{
	l->format->row(&l->out, row, l->rows == 0);
	l->rows++;
}

/* What a code is, or which key. */
static void
describe(const struct state_factor *factor, char cell[CELL_MAX])
{
	struct buf b = buf_new(64);

	if (strcmp(factor->type, "sshkey") == 0) {
		enc_base64(&b, factor->data, factor->data_length);
		snprintf(cell, CELL_MAX, "SHA256:%.43s", buf_string(&b));
	} else if (factor->period != 0) {
		snprintf(cell, CELL_MAX, "%s, %u digits, %u s, drift %+d",
		    otp_algorithm_name(factor->algorithm), factor->digits,
		    factor->period, (int)factor->drift);
	} else {
		snprintf(cell, CELL_MAX, "%s, %u digits",
		    otp_algorithm_name(factor->algorithm), factor->digits);
	}
	buf_free(&b);
}

static void
list_factor(struct listing *l, const struct state_user *user,
    const struct state_factor *factor)
{
	struct row row = { .cell = { { 0 } } };

	snprintf(row.cell[USER], CELL_MAX, "%s", user->name);
	snprintf(row.cell[TYPE], CELL_MAX, "%s", factor->type);
	snprintf(row.cell[LABEL], CELL_MAX, "%s", factor->label);
	snprintf(row.cell[ID], CELL_MAX, "%u", (unsigned)factor->id);
	snprintf(row.cell[STATE], CELL_MAX, "%s",
	    !factor->confirmed      ? "unconfirmed"
	        : factor->suspended ? "suspended"
	                            : "good");
	put_time(row.cell[CREATED], factor->created);
	put_time(row.cell[USED], factor->last_used);
	describe(factor, row.cell[DETAIL]);
	put_row(l, &row);
}

static void
list_recovery(struct listing *l, const struct state_user *user)
{
	struct row row = { .cell = { { 0 } } };
	unsigned left = recovery_left(&user->recovery);

	snprintf(row.cell[USER], CELL_MAX, "%s", user->name);
	snprintf(row.cell[TYPE], CELL_MAX, "recovery");
	snprintf(row.cell[STATE], CELL_MAX, "%s", left > 0 ? "good" : "spent");
	put_time(row.cell[CREATED], user->recovery.made);
	snprintf(row.cell[DETAIL], CELL_MAX, "%u of %u left", left,
	    user->recovery.count);
	put_row(l, &row);
}

/* What would go wrong at the next login, the worst first. */
static const char *
user_state(const struct listing *l, const struct state_user *user)
{
	unsigned count = 0;

	for (size_t i = 0; i < STATE_FACTORS_MAX; i++)
		count += factor_counts(&user->factors[i], NULL, 0);
	if (user->locked)
		return "locked";
	if (count == 0)
		return user->enroll_deadline != 0 &&
		        user->enroll_deadline < l->desk.now
		    ? "overdue"
		    : "no-factor";
	return count == 1 ? "no-step-up" : "good";
}

static void
list_user(struct listing *l, const struct state_user *user)
{
	struct row row = { .cell = { { 0 } } };
	char until[CELL_MAX];
	size_t used = 0;

	snprintf(row.cell[USER], CELL_MAX, "%s", user->name);
	snprintf(row.cell[TYPE], CELL_MAX, "user");
	snprintf(row.cell[STATE], CELL_MAX, "%s", user_state(l, user));
	put_time(row.cell[CREATED], user->created);
	put_time(row.cell[USED], user->last_login);
	used = (size_t)snprintf(
	    row.cell[DETAIL], CELL_MAX, "uid %u", (unsigned)user->uid);
	if (user->enroll_deadline != 0) {
		put_time(until, user->enroll_deadline);
		used += (size_t)snprintf(row.cell[DETAIL] + used,
		    CELL_MAX - used, ", enrol by %.20s", until);
	}
	if (user->ticket_expires > l->desk.now) {
		put_time(until, user->ticket_expires);
		snprintf(row.cell[DETAIL] + used, CELL_MAX - used,
		    ", ticket until %.20s", until);
	}
	put_row(l, &row);
	for (size_t i = 0; i < STATE_FACTORS_MAX; i++)
		if (user->factors[i].id != 0)
			list_factor(l, user, &user->factors[i]);
	if (user->recovery.made != 0)
		list_recovery(l, user);
}

/* One record that can't be read does not hide the others. */
static int
visit(void *context, const char *name)
{
	struct listing *l = context;
	struct state_user user = { .uid = 0 };
	struct err e;

	if (state_read(l->desk.state, name, &user, &e) == -1) {
		(void)command_error("list", &e);
		l->failed = true;
	} else {
		list_user(l, &user);
	}
	state_wipe(&user);
	return 0;
}

static int
list(struct listing *l, const char *name, struct err *e)
{
	struct state_user user = { .uid = 0 };
	int result = -1;

	l->format->head(&l->out);
	if (name == NULL) {
		if (state_each(l->desk.state, visit, l, e) != 0)
			goto out;
	} else {
		if (state_read(l->desk.state, name, &user, e) == -1)
			goto out;
		list_user(l, &user);
	}
	l->format->tail(&l->out);
	result = terminal_show(&l->out, e);
out:
	state_wipe(&user);
	return result;
}

static enum status
run(const struct context *context, int argc, char **argv)
{
	static const struct option options[] = {
		{ "format", required_argument, NULL, 'f' },
		{ NULL, 0, NULL, 0 },
	};
	struct listing l = { .out = buf_new(OUTPUT_MAX),
		.format = &formats[0] };
	struct err e = { .code = ERR_NONE };
	int option;
	int result = -1;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		l.format = NULL;
		for (size_t i = 0;
		     option == 'f' && i < sizeof(formats) / sizeof(formats[0]);
		     i++)
			if (strcmp(formats[i].name, optarg) == 0)
				l.format = &formats[i];
		if (l.format == NULL)
			return command_usage(&command_list);
	}
	if (argc - optind > 1)
		return command_usage(&command_list);
	if (desk_open(&l.desk, context, DESK_READ, &e) == 0) {
		result = list(&l, argv[optind], &e);
		desk_close(&l.desk);
	}
	buf_free(&l.out);
	if (result == -1)
		return command_error("list", &e);
	return l.failed ? STATUS_INCOMPLETE : STATUS_DONE;
}

const struct command command_list = {
	.name = "list",
	.summary = N_("what is enrolled, and who could not log in or step up"),
	.usage = "reevectl list [USER] [--format text|csv|json]\n",
	.run = run,
};
