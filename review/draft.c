#include "review/draft.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schema/base/buf.h"
#include "schema/base/digest.h"
#include "schema/base/enc.h"
#include "schema/base/file.h"

#define MAGIC       "reeve-draft 1\n"
#define FILE_MAX    (64u * 1024 * 1024)
#define ANSWERS_MAX 1000000u
#define FIELDS      13u
#define PART        8u /* bytes of the database's digest in the name */

/* The fields of a line, tabs between; a number that is not known is "". */
enum field {
	CAMPAIGN,
	POPULATION,
	QUESTION,
	ITEM,
	KIND,
	ENDS,
	DECIDED,
	SECONDS,
	BULK,
	REASON,
	CHANGE,
	COMPENSATION,
	PROPOSAL
};

struct answer {
	struct decision decision;
	char population[QUESTION_POPULATION + 1];
	char *line; /* its texts point into it */
};

struct draft {
	char *folder, *path;
	const char *name; /* within path */
	char employee[64];
	struct answer *answers;
	size_t count, room;
};

/* ---- One answer ---- */

static void
forget(struct answer *a)
{
	free(a->line);
	memset(a, 0, sizeof(*a));
}

static void
put_number(struct buf *b, int64_t number)
{
	if (number != FACT_UNKNOWN)
		buf_printf(b, "%lld", (long long)number);
	buf_put_byte(b, '\t');
}

static void
put_text(struct buf *b, const char *text, char end)
{
	for (; text != NULL && *text != '\0'; text++)
		buf_put_byte(b,
		    *text == '\t' || *text == '\n' ? ' '
		                                   : (unsigned char)*text);
	buf_put_byte(b, (unsigned char)end);
}

static void
put_line(struct buf *b, const struct decision *d, const char *population)
{
	put_number(b, d->campaign);
	put_text(b, population, '\t');
	put_number(b, d->question);
	put_number(b, d->item);
	put_text(b, decision_names[d->kind], '\t');
	put_number(b, d->ends);
	put_number(b, d->decided);
	put_number(b, d->seconds);
	put_number(b, d->bulk);
	put_text(b, d->reason, '\t');
	put_text(b, d->change, '\t');
	put_text(b, d->compensation, '\t');
	put_text(b, d->proposal, '\n');
}

static int
read_number(const char *text, int64_t *number, struct err *e)
{
	uint64_t value;

	*number = FACT_UNKNOWN;
	if (*text == '\0')
		return 0;
	if (enc_number(text, strlen(text), INT64_MAX, &value, e) == -1)
		return -1;
	*number = (int64_t)value;
	return 0;
}

static const char *
or_null(const char *text)
{
	return *text == '\0' ? NULL : text;
}

/* Cuts line, which the answer then owns. */
static int
read_fields(struct draft *draft, struct answer *a, char **fields, struct err *e)
{
	struct decision *d = &a->decision;

	if (read_number(fields[CAMPAIGN], &d->campaign, e) == -1 ||
	    read_number(fields[QUESTION], &d->question, e) == -1 ||
	    read_number(fields[ITEM], &d->item, e) == -1 ||
	    read_number(fields[ENDS], &d->ends, e) == -1 ||
	    read_number(fields[DECIDED], &d->decided, e) == -1 ||
	    read_number(fields[SECONDS], &d->seconds, e) == -1 ||
	    read_number(fields[BULK], &d->bulk, e) == -1)
		return -1;
	d->kind = decision_find(fields[KIND], strlen(fields[KIND]));
	if (d->kind == DECISION_NONE || d->campaign < 0 || d->question < 0 ||
	    d->item < 0 || d->bulk < 1 ||
	    strlen(fields[POPULATION]) > QUESTION_POPULATION)
		return err_set(e, ERR_FORMAT, "not an answer");
	(void)strcpy(a->population, fields[POPULATION]);
	d->reason = fields[REASON];
	d->change = or_null(fields[CHANGE]);
	d->compensation = or_null(fields[COMPENSATION]);
	d->proposal = or_null(fields[PROPOSAL]);
	d->reviewer = draft->employee;
	d->grade = "signed";
	return 0;
}

static int
read_line(struct draft *draft, struct answer *a, const char *text,
    size_t length, struct err *e)
{
	char *fields[FIELDS];
	size_t count = 0;

	memset(a, 0, sizeof(*a));
	if ((a->line = strndup(text, length)) == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	for (char *at = a->line; at != NULL && count < FIELDS; count++) {
		fields[count] = at;
		if ((at = strchr(at, '\t')) != NULL)
			*at++ = '\0';
	}
	if (count == FIELDS && read_fields(draft, a, fields, e) == 0)
		return 0;
	if (count != FIELDS)
		err_set(e, ERR_FORMAT, "%zu fields of %u", count, FIELDS);
	forget(a);
	return -1;
}

/* ---- The file ---- */

static struct answer *
make_room(struct draft *d, struct err *e)
{
	struct answer *answers;
	size_t room = d->room == 0 ? 64 : d->room * 2;

	if (d->count >= ANSWERS_MAX) {
		err_set(e, ERR_LIMIT, "more than %u answers", ANSWERS_MAX);
		return NULL;
	}
	if (d->count < d->room)
		return &d->answers[d->count];
	answers = realloc(d->answers, room * sizeof(*answers));
	if (answers == NULL) {
		err_set(e, ERR_MEMORY, "out of memory");
		return NULL;
	}
	d->answers = answers;
	d->room = room;
	return &answers[d->count];
}

static int
parse(struct draft *d, const char *text, struct err *e)
{
	int64_t line = 1;

	if (strncmp(text, MAGIC, strlen(MAGIC)) != 0)
		return err_set(e, ERR_FORMAT, "not a draft of ours");
	for (text += strlen(MAGIC); *text != '\0'; line++) {
		size_t length = strcspn(text, "\n");
		struct answer *a = make_room(d, e);

		if (a == NULL || read_line(d, a, text, length, e) == -1)
			return err_in(e, "line %lld", (long long)line + 1);
		d->count++;
		text += length + (text[length] == '\n');
	}
	return 0;
}

static int
load(struct draft *d, struct err *e)
{
	struct file_rule rule = { .owner = geteuid(), .forbidden = 077 };
	struct buf b = buf_new(FILE_MAX);
	int status = file_read_path(d->path, &rule, &b, e);

	if (status == -1 && e->code == ERR_MISSING)
		status = 0;
	else if (status == 0 && parse(d, buf_string(&b), e) == -1)
		status = err_in(e, "%s", d->path);
	buf_free(&b);
	return status;
}

static int
open_folder(const struct draft *d, struct err *e)
{
	struct file_rule rule = { .owner = geteuid(), .forbidden = 022 };

	return file_open_dir(d->folder, &rule, e);
}

int
draft_save(const struct draft *d, struct err *e)
{
	struct buf b = buf_new(FILE_MAX);
	int folder, status;

	buf_put_string(&b, MAGIC);
	for (size_t i = 0; i < d->count; i++)
		put_line(&b, &d->answers[i].decision, d->answers[i].population);
	if ((status = buf_status(&b, e)) == 0 &&
	    (status = folder = open_folder(d, e)) != -1) {
		status =
		    file_replace_at(folder, d->name, 0600, b.data, b.length, e);
		file_close(&folder);
	}
	buf_free(&b);
	return status == -1 ? err_in(e, "%s", d->path) : 0;
}

/* ---- Where it is ---- */

static int
put_folder(struct buf *b, struct err *e)
{
	const char *state = getenv("XDG_STATE_HOME");
	const char *home = getenv("HOME");

	if (state != NULL && state[0] == '/')
		buf_printf(b, "%s/reeve", state);
	else if (home != NULL && home[0] == '/')
		buf_printf(b, "%s/.local/state/reeve", home);
	else
		return err_set(e, ERR_USAGE,
		    "no place for what is not signed yet: XDG_STATE_HOME or "
		    "HOME");
	return 0;
}

static int
make_folders(char *path, struct err *e)
{
	int made = 0;

	for (char *slash = path; made == 0 && slash != NULL;) {
		slash = strchr(slash + 1, '/');
		if (slash != NULL)
			*slash = '\0';
		made = mkdir(path, 0700) == -1 && errno != EEXIST ? errno : 0;
		if (made != 0)
			err_sys(e, made, "%s", path);
		if (slash != NULL)
			*slash = '/';
	}
	return made == 0 ? 0 : -1;
}

static int
find_place(struct draft *d, const char *database, struct err *e)
{
	unsigned char digest[DIGEST_SHA256_LENGTH];
	struct buf b = buf_new(PATH_MAX);
	int status = -1;

	if (put_folder(&b, e) == -1 || buf_status(&b, e) == -1)
		goto out;
	if ((d->folder = strdup(buf_string(&b))) == NULL) {
		err_set(e, ERR_MEMORY, "out of memory");
		goto out;
	}
	if (make_folders(d->folder, e) == -1 ||
	    digest_sha256(database, strlen(database), digest, e) == -1)
		goto out;
	buf_put_string(&b, "/decide-");
	enc_path_component(&b, d->employee);
	buf_put_byte(&b, '-');
	enc_hex(&b, digest, PART);
	buf_put_string(&b, ".draft");
	if (buf_status(&b, e) == -1)
		goto out;
	if ((d->path = strdup(buf_string(&b))) == NULL) {
		err_set(e, ERR_MEMORY, "out of memory");
		goto out;
	}
	d->name = d->path + strlen(d->folder) + 1;
	status = 0;
out:
	buf_free(&b);
	return status;
}

int
draft_open(struct draft **out, const char *database, const char *employee,
    struct err *e)
{
	struct draft *d = calloc(1, sizeof(*d));

	*out = NULL;
	if (d == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	(void)snprintf(d->employee, sizeof(d->employee), "%s", employee);
	if (find_place(d, database, e) == -1 || load(d, e) == -1) {
		draft_close(&d);
		return -1;
	}
	*out = d;
	return 0;
}

void
draft_close(struct draft **d)
{
	if (*d == NULL)
		return;
	for (size_t i = 0; i < (*d)->count; i++)
		forget(&(*d)->answers[i]);
	free((*d)->answers);
	free((*d)->folder);
	free((*d)->path);
	free(*d);
	*d = NULL;
}

const char *
draft_path(const struct draft *d)
{
	return d->path;
}

/* ---- Answers ---- */

size_t
draft_count(const struct draft *d)
{
	return d->count;
}

const struct decision *
draft_at(const struct draft *d, size_t i, const char **population)
{
	if (population != NULL)
		*population = d->answers[i].population;
	return &d->answers[i].decision;
}

static size_t
place_of(
    const struct draft *d, int64_t campaign, int64_t question, int64_t item)
{
	size_t i;

	for (i = 0; i < d->count; i++) {
		const struct decision *one = &d->answers[i].decision;

		if (one->campaign == campaign && one->question == question &&
		    one->item == item)
			break;
	}
	return i;
}

const struct decision *
draft_find(
    const struct draft *d, int64_t campaign, int64_t question, int64_t item)
{
	size_t i = place_of(d, campaign, question, item);

	return i < d->count ? &d->answers[i].decision : NULL;
}

int
draft_put(struct draft *d, const struct decision *said, const char *population,
    struct err *e)
{
	size_t i = place_of(d, said->campaign, said->question, said->item);
	struct buf b = buf_new(FILE_MAX);
	struct answer new;
	int status = -1;

	put_line(&b, said, population);
	if (buf_status(&b, e) == 0 && make_room(d, e) != NULL &&
	    read_line(d, &new, (const char *)b.data, b.length - 1, e) == 0) {
		if (i < d->count)
			forget(&d->answers[i]);
		else
			d->count++;
		d->answers[i] = new;
		status = 0;
	}
	buf_free(&b);
	return status;
}

void
draft_remove(struct draft *d, int64_t campaign, int64_t question, int64_t item)
{
	size_t i = place_of(d, campaign, question, item);

	if (i == d->count)
		return;
	forget(&d->answers[i]);
	memmove(&d->answers[i], &d->answers[i + 1],
	    (d->count - i - 1) * sizeof(*d->answers));
	d->count--;
}

int
draft_clear(struct draft *d, struct err *e)
{
	for (size_t i = 0; i < d->count; i++)
		forget(&d->answers[i]);
	d->count = 0;
	if (unlink(d->path) == -1 && errno != ENOENT)
		return err_sys(e, errno, "%s", d->path);
	return 0;
}
