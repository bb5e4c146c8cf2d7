/*
 * reeve campaign import: what reviewers sent back becomes one act.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "review/act.h"
#include "review/command_campaign.h"
#include "review/command_csv.h"
#include "review/worksheet.h"
#include "schema/base/enc.h"
#include "schema/message.h"

extern const struct command_word campaign_command_import;

#define FILES_MAX   (64u * 1024 * 1024) /* bytes of all names */
#define REPORTS_MAX (1024u * 1024 * 1024)
#define PATH_SIZE   4096u
#define RECEIPT_MAX 256u

enum { OPT_RECEIPTS = 1 };

static const struct option options[] = {
	{ "receipts", required_argument, NULL, OPT_RECEIPTS },
	{ NULL, 0, NULL, 0 },
};

static const struct list_column columns[] = {
	{ "file", N_("File"), 28 },
	{ "place", N_("Place"), 12 },
	{ "result", N_("Result"), 10 },
	{ "reviewer", N_("Reviewer"), 10 },
	{ "grade", N_("Grade"), 11 },
	{ "text", N_("What it is"), 0 },
	{ NULL, NULL, 0 },
};

struct importing {
	struct command_context *context;
	struct store *store;
	struct act *act;
	struct list *list;
	const char *receipts;
	struct buf names; /* files, a NUL after each */
	size_t *places;
	size_t count, room;
	struct worksheet_taken *taken; /* of each file */
	int64_t answers;
	bool refused;
	struct buf reports; /* what was refused */
	struct buf head;    /* "act 17 HEX" */
};

/* ---- Which files ---- */

static int
add_file(struct importing *m, const char *path, struct err *e)
{
	size_t *more;

	if (m->count == m->room) {
		m->room = m->room == 0 ? 64 : 2 * m->room;
		more = realloc(m->places, m->room * sizeof(*more));
		if (more == NULL)
			return err_set(e, ERR_MEMORY, "out of memory");
		m->places = more;
	}
	m->places[m->count++] = m->names.length;
	buf_put(&m->names, path, strlen(path) + 1);
	return buf_status(&m->names, e);
}

static const char *
file_of(const struct importing *m, size_t i)
{
	return (const char *)m->names.data + m->places[i];
}

static bool
is_worksheet(const char *name)
{
	static const char *const ends[] = { ".json", ".xlsx", ".csv" };
	const char *dot = strrchr(name, '.');

	/* ~$ is what Excel leaves beside a file that is open. */
	if (dot == NULL || name[0] == '.' || strncmp(name, "~$", 2) == 0)
		return false;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (strcasecmp(dot, ends[i]) == 0)
			return true;
	return false;
}

/* In the order of their names, so that the act is the same each time. */
static int
add_folder(struct importing *m, const char *folder, struct err *e)
{
	struct dirent **entries = NULL;
	char path[PATH_SIZE];
	int count = scandir(folder, &entries, NULL, alphasort), result = 0;

	if (count == -1)
		return err_sys(e, errno, "%s", folder);
	for (int i = 0; i < count; i++) {
		int length = snprintf(
		    path, sizeof(path), "%s/%s", folder, entries[i]->d_name);

		if (result == 0 && is_worksheet(entries[i]->d_name))
			result = length > 0 && (size_t)length < sizeof(path)
			    ? add_file(m, path, e)
			    : err_set(e, ERR_LIMIT,
			          "%.200s...: the name is too long", folder);
		free(entries[i]);
	}
	free(entries);
	return result;
}

static int
add_argument(struct importing *m, const char *path, struct err *e)
{
	struct stat st;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return add_folder(m, path, e);
	return add_file(m, path, e);
}

/* ---- What is said: once it is recorded ---- */

/* Kept as three texts, a NUL after each. */
static int
report(void *context, const char *file, const char *place, const char *why,
    struct err *e)
{
	struct importing *m = context;
	const char *const texts[] = { file, place == NULL ? "" : place, why };

	m->refused = true;
	for (size_t i = 0; i < 3; i++)
		buf_put(&m->reports, texts[i], strlen(texts[i]) + 1);
	return buf_status(&m->reports, e);
}

/* What was refused of the files that are called that; from *at on. */
static void
say_refused(struct importing *m, const char *file, const char **at)
{
	const char *end = (const char *)m->reports.data + m->reports.length;

	while (*at != end && strcmp(*at, file) == 0) {
		const char *place = *at + strlen(*at) + 1;
		const char *why = place + strlen(place) + 1;
		const char *const values[] = { file,
			*place == '\0' ? NULL : place, "refused", NULL, NULL,
			why };

		list_row(m->list, values);
		*at = why + strlen(why) + 1;
	}
}

static void
say_file(struct importing *m, size_t i)
{
	const struct worksheet_taken *t = &m->taken[i];
	char text[320];
	const char *const values[] = { file_of(m, i), NULL,
		t->before != 0     ? "before"
		    : t->taken > 0 ? "taken"
		                   : "nothing",
		t->reviewer, t->grade, text };

	if (t->reviewer[0] == '\0')
		return; /* refused whole: that was said */
	if (t->before != 0)
		(void)snprintf(text, sizeof(text), _("was taken by act %lld"),
		    (long long)t->before);
	else
		(void)snprintf(text, sizeof(text),
		    t->exported < t->newest
		        ? _("%lld taken, %lld stand already, %lld refused; of "
		            "an older export, act %lld (the newest is act "
		            "%lld)")
		        : _("%lld taken, %lld stand already, %lld refused"),
		    (long long)t->taken, (long long)t->unchanged,
		    (long long)t->refused, (long long)t->exported,
		    (long long)t->newest);
	list_row(m->list, values);
}

static int
say_all(struct importing *m, struct err *e)
{
	const char *at = (const char *)m->reports.data;

	if (list_begin(&m->list, m->context, "import", columns, e) == -1)
		return -1;
	for (size_t i = 0; i < m->count; i++) {
		if (at != NULL)
			say_refused(m, file_of(m, i), &at);
		say_file(m, i);
	}
	return list_end(&m->list, e);
}

/* ---- Receipts ---- */

static void
put_receipt(FILE *f, struct importing *m, size_t i)
{
	const struct worksheet_taken *t = &m->taken[i];

	fprintf(f,
	    "Receipt of a review's worksheet / 審查表收執\n\n"
	    "Campaign / 審查作業: %s\n"
	    "Reviewer / 審查人: %s\n"
	    "Taken / 已採納: %lld\n"
	    "Stood already / 先前已採納: %lld\n"
	    "Refused / 未採納: %lld\n"
	    "Grade / 憑信等級: %s\n"
	    "Handed out by / 發出之簽署: act %lld\n"
	    "File / 檔案: %s\n"
	    "SHA-256: %s\n"
	    "Recorded as / 簽署編號: %s\n",
	    t->campaign, t->reviewer, (long long)t->taken,
	    (long long)t->unchanged, (long long)t->refused, t->grade,
	    (long long)t->exported, file_of(m, i), t->digest,
	    buf_string(&m->head));
}

static int
write_receipt(struct importing *m, size_t i, struct err *e)
{
	struct buf path = buf_new(PATH_SIZE);
	FILE *f;
	int fd, result = -1;

	buf_printf(&path, "%s/", m->receipts);
	enc_path_component(&path, m->taken[i].campaign);
	buf_put_byte(&path, '-');
	enc_path_component(&path, m->taken[i].reviewer);
	buf_printf(&path, "-%.12s.txt", m->taken[i].digest);
	if (buf_status(&path, e) == -1)
		goto out;
	fd = open(buf_string(&path),
	    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	f = fd == -1 ? NULL : fdopen(fd, "w");
	if (f == NULL) {
		err_sys(e, errno, "%s", buf_string(&path));
		if (fd != -1)
			(void)close(fd);
		goto out;
	}
	put_receipt(f, m, i);
	result = ferror(f) ? -1 : 0;
	result = fclose(f) != 0 ? -1 : result;
	if (result == -1)
		err_set(e, ERR_FULL, _("%s: could not be written"),
		    buf_string(&path));
out:
	buf_free(&path);
	return result;
}

static int
write_receipts(struct importing *m, struct err *e)
{
	if (m->receipts == NULL)
		return 0;
	if (mkdir(m->receipts, 0700) == -1 && errno != EEXIST)
		return err_sys(e, errno, "%s", m->receipts);
	for (size_t i = 0; i < m->count; i++)
		if (m->taken[i].taken > 0 && write_receipt(m, i, e) == -1)
			return -1;
	return 0;
}

/* ---- The import ---- */

static int
take_files(struct importing *m, struct err *e)
{
	struct worksheet_import import = {
		.store = m->store,
		.act = m->act,
		.zone = command_local_zone(m->context->now),
		.report = report,
		.context = m,
	};

	for (size_t i = 0; i < m->count; i++) {
		if (worksheet_take(&import, file_of(m, i), &m->taken[i], e) ==
		    -1)
			return -1;
		m->answers += m->taken[i].taken;
		command_progress(
		    m->context, _("files"), (int64_t)i + 1, (int64_t)m->count);
	}
	command_progress_end(m->context);
	return 0;
}

static int
import_files(struct importing *m, struct err *e)
{
	struct act_how how = act_how(m->context);

	m->taken = calloc(m->count + 1, sizeof(*m->taken));
	if (m->taken == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	if (m->count == 0)
		return err_set(e, ERR_USAGE,
		    _("there is no file of .json, .xlsx or .csv"));
	if (store_open(&m->store, command_database(m->context), STORE_WRITE,
	        e) == -1 ||
	    act_begin(&m->act, m->store, "decisions", &how, e) == -1)
		return -1;
	if (take_files(m, e) == -1)
		return -1;
	if (m->answers > 0 && act_commit(&m->act, &m->head, e) == -1)
		return -1;
	return 0;
}

static int
finish(struct importing *m, struct err *e)
{
	if (say_all(m, e) == -1 || write_receipts(m, e) == -1)
		return -1;
	if (m->answers > 0)
		campaign_say_receipt(m->context, &m->head);
	else if (m->context->format == FORMAT_TEXT)
		fputs(_("nothing new was taken\n"), m->context->out);
	return 0;
}

static int
run_import(struct command_context *c, int argc, char **argv)
{
	struct importing m = { .context = c };
	struct err e = { .code = ERR_NONE };
	int result = 0, option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option != OPT_RECEIPTS)
			return campaign_usage(
			    c, &campaign_command_import, _("no such option"));
		m.receipts = optarg;
	}
	if (optind == argc)
		return campaign_usage(c, &campaign_command_import,
		    _("files or a folder are wanted"));
	m.names = buf_new(FILES_MAX);
	m.head = buf_new(RECEIPT_MAX);
	m.reports = buf_new(REPORTS_MAX);
	for (int i = optind; i < argc && result == 0; i++)
		result = add_argument(&m, argv[i], &e);
	if (result == 0)
		result = import_files(&m, &e);
	if (result == 0)
		result = finish(&m, &e);
	act_cancel(&m.act);
	store_close(&m.store);
	buf_free(&m.names);
	buf_free(&m.head);
	buf_free(&m.reports);
	free(m.places);
	free(m.taken);
	if (result == -1)
		return campaign_fail(c, "import", &e);
	return m.refused ? STATUS_FOUND : STATUS_DONE;
}

const struct command_word campaign_command_import = {
	.name = "import",
	.arguments = "[--receipts DIR] FILE...|DIR",
	.summary = N_("take worksheets that were sent back"),
	.help = N_(
	    "Of a folder: its .json, .xlsx and .csv files. Each answer that is "
	    "refused is\n"
	    "listed with its line or row; the others are taken, in one act. A "
	    "file with a\n"
	    "signature beside it (FILE.sig) is \"signed\", one with a code "
	    "\"coded\", and others\n"
	    "are \"transcribed\" by you: you do not count as their reviewer, "
	    "nor as second\n"
	    "person. Importing again changes nothing.\n"
	    "\n"
	    "--receipts DIR  a receipt for each reviewer\n"
	    "\n"
	    "example: reeve campaign import --receipts receipts inbox\n"),
	.run = run_import,
};
