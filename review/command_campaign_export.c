/*
 * reeve campaign export: a worksheet for each reviewer, and their codes.
 *
 * All files are written into a folder beside their places, then the act says
 * what was handed out, then they are moved. So a worksheet that can be sent is
 * one that can come back.
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
#include "review/worksheet.h"
#include "schema/base/enc.h"
#include "schema/base/secret.h"
#include "schema/message.h"

extern const struct command_word campaign_command_export;

#define PATH_SIZE   4096u
#define NAME_SIZE   256u
#define RECEIPT_MAX 256u

enum { OPT_FORMAT_OF = 1, OPT_REVIEWER, OPT_CODES };

static const struct option options[] = {
	{ "format-of", required_argument, NULL, OPT_FORMAT_OF },
	{ "reviewer", required_argument, NULL, OPT_REVIEWER },
	{ "codes", required_argument, NULL, OPT_CODES },
	{ NULL, 0, NULL, 0 },
};

struct exporting {
	struct command_context *context;
	struct store *store;
	struct campaign campaign;
	struct act *act;
	const char *reviewer;          /* --reviewer; NULL: everyone */
	const char *folder;            /* where worksheets go */
	char codes[PATH_SIZE];         /* the file of codes */
	char codes_new[PATH_SIZE + 4]; /* it, until all is done */
	char scratch[PATH_SIZE]; /* where all is written first; "" not yet */
	bool html, xlsx, csv, rehearsal, codes_made;
	struct buf names; /* reviewers, a NUL after each */
	int64_t count, done, questions;
	FILE *codes_file;
};

/* ---- The command line ---- */

static int
read_forms(struct exporting *x, const char *text, struct err *e)
{
	static const char *const names[] = { "html", "xlsx", "csv" };
	bool *const wanted[] = { &x->html, &x->xlsx, &x->csv };

	x->html = x->xlsx = x->csv = false;
	while (*text != '\0') {
		size_t length = strcspn(text, ","), i;

		for (i = 0; i < 3; i++)
			if (strlen(names[i]) == length &&
			    memcmp(names[i], text, length) == 0)
				break;
		if (i == 3)
			return err_set(e, ERR_USAGE,
			    _("--format-of: html, xlsx and csv, with commas"));
		*wanted[i] = true;
		text += length + (text[length] == ',');
	}
	return x->html || x->xlsx || x->csv
	    ? 0
	    : err_set(e, ERR_USAGE,
	          _("--format-of: html, xlsx and csv, with commas"));
}

static int
put_path(
    char out[PATH_SIZE], const char *folder, const char *name, struct err *e)
{
	int length = snprintf(out, PATH_SIZE, "%s/%s", folder, name);

	return length > 0 && (size_t)length < PATH_SIZE
	    ? 0
	    : err_set(e, ERR_LIMIT, "%.200s...: the name is too long", folder);
}

/* Beside the folder, not in it: codes travel by another way. */
static int
place_codes(struct exporting *x, const char *given, struct err *e)
{
	size_t length = strlen(x->folder);
	int written;

	while (length > 1 && x->folder[length - 1] == '/')
		length--;
	written = given != NULL ? snprintf(x->codes, PATH_SIZE, "%s", given)
	                        : snprintf(x->codes, PATH_SIZE,
	                              "%.*s.codes.csv", (int)length, x->folder);
	(void)snprintf(x->codes_new, sizeof(x->codes_new), "%s.new", x->codes);
	return written > 0 && (size_t)written < PATH_SIZE
	    ? 0
	    : err_set(
	          e, ERR_LIMIT, "%.200s...: the name is too long", x->folder);
}

/* ---- Files ---- */

static int
make_scratch(struct exporting *x, struct err *e)
{
	if (mkdir(x->folder, 0700) == -1 && errno != EEXIST)
		return err_sys(e, errno, "%s", x->folder);
	if (put_path(x->scratch, x->folder, ".new-XXXXXX", e) == -1)
		return -1;
	if (mkdtemp(x->scratch) == NULL) {
		x->scratch[0] = '\0';
		return err_sys(e, errno, "%s", x->folder);
	}
	return 0;
}

/* Each name of the scratch folder; "." and ".." not. */
static int
for_each(struct exporting *x,
    int (*what)(struct exporting *, const char *, struct err *), struct err *e)
{
	DIR *dir = opendir(x->scratch);
	struct dirent *entry;
	int result = 0;

	if (dir == NULL)
		return err_sys(e, errno, "%s", x->scratch);
	while (result == 0 && (entry = readdir(dir)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			result = what(x, entry->d_name, e);
	(void)closedir(dir);
	return result;
}

static int
move(struct exporting *x, const char *name, struct err *e)
{
	char from[PATH_SIZE], to[PATH_SIZE];

	if (put_path(from, x->scratch, name, e) == -1 ||
	    put_path(to, x->folder, name, e) == -1)
		return -1;
	if (rename(from, to) == -1)
		return err_sys(e, errno, "%s", name);
	return 0;
}

static int
drop(struct exporting *x, const char *name, struct err *e)
{
	char path[PATH_SIZE];

	if (put_path(path, x->scratch, name, e) == 0)
		(void)unlink(path);
	return 0;
}

/* What was not moved. */
static void
drop_scratch(struct exporting *x)
{
	struct err ignored = { .code = ERR_NONE };

	if (x->codes_made)
		(void)unlink(x->codes_new);
	if (x->scratch[0] == '\0')
		return;
	(void)for_each(x, drop, &ignored);
	(void)rmdir(x->scratch);
}

static int
open_path(const char *path, int flags, FILE **out, struct err *e)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600);

	*out = fd == -1 ? NULL : fdopen(fd, "w");
	if (*out != NULL)
		return 0;
	err_sys(e, errno, "%s", path);
	if (fd != -1)
		(void)close(fd);
	return -1;
}

static int
open_new(struct exporting *x, const char *name, FILE **out, struct err *e)
{
	char path[PATH_SIZE];

	return put_path(path, x->scratch, name, e) == -1
	    ? -1
	    : open_path(path, O_EXCL, out, e);
}

/* A full disk may show only now. */
static int
close_new(FILE **f, const char *name, int result, struct err *e)
{
	bool bad = ferror(*f) != 0;

	bad = fclose(*f) != 0 || bad;
	*f = NULL;
	if (result == 0 && bad)
		return err_set(
		    e, ERR_FULL, _("%s: could not be written"), name);
	return result;
}

/* ---- A reviewer's files ---- */

struct made {
	struct worksheet *worksheet;
	char base[NAME_SIZE]; /* of its files, without an ending */
	char code[WORKSHEET_CODE + 1];
	unsigned char key[WORKSHEET_KEY], check[2];
};

static int
name_files(const struct exporting *x, struct made *m, struct err *e)
{
	struct buf name = buf_new(NAME_SIZE - 8);

	enc_path_component(&name, x->campaign.name);
	buf_put_byte(&name, '-');
	enc_path_component(&name, m->worksheet->reviewer);
	if (buf_status(&name, e) == -1) {
		buf_free(&name);
		return -1;
	}
	(void)strcpy(m->base, buf_string(&name));
	buf_free(&name);
	return 0;
}

static int
make_html(struct exporting *x, const struct made *m, struct err *e)
{
	char name[NAME_SIZE + 8];
	FILE *f;
	int result;

	(void)snprintf(name, sizeof(name), "%s.html", m->base);
	if (open_new(x, name, &f, e) == -1)
		return -1;
	result = worksheet_page(
	    f, x->store, m->worksheet, m->check, x->rehearsal, m->base, e);
	return close_new(&f, name, result, e);
}

static int
make_csv(struct exporting *x, const struct made *m, struct err *e)
{
	char name[NAME_SIZE + 8];
	FILE *f;
	int result;

	(void)snprintf(name, sizeof(name), "%s.csv", m->base);
	if (open_new(x, name, &f, e) == -1)
		return -1;
	result = worksheet_csv(f, x->store, m->worksheet, e);
	return close_new(&f, name, result, e);
}

static int
make_xlsx(struct exporting *x, const struct made *m, struct err *e)
{
	char name[NAME_SIZE + 8], path[PATH_SIZE];

	(void)snprintf(name, sizeof(name), "%s.xlsx", m->base);
	if (put_path(path, x->scratch, name, e) == -1)
		return -1;
	return worksheet_xlsx(path, x->scratch, x->store, m->worksheet,
	    WORKSHEET_ROWS_MAX, x->context->now, e);
}

static int
add_worksheet(struct exporting *x, const struct made *m, struct err *e)
{
	struct statement *s = store_use(x->store, "worksheet_add", e);

	bind_int(s, ":act", act_number(x->act));
	bind_int(s, ":campaign", x->campaign.id);
	bind_text(s, ":reviewer", m->worksheet->reviewer);
	bind_blob(
	    s, ":digest", m->worksheet->digest, sizeof(m->worksheet->digest));
	bind_blob(s, ":code", m->key, sizeof(m->key));
	return store_run(s, e);
}

/* RFC 4180; no spreadsheet may take a name for a formula. */
static void
put_cell(FILE *f, const char *text, bool last)
{
	putc('"', f);
	if (worksheet_is_formula(text))
		putc('\'', f);
	for (; *text != '\0'; text++) {
		if (*text == '"')
			putc('"', f);
		putc((unsigned char)*text < 0x20 ? ' ' : *text, f);
	}
	fputs(last ? "\"\r\n" : "\",", f);
}

static void
put_code(struct exporting *x, const struct made *m)
{
	const struct worksheet *w = m->worksheet;

	put_cell(x->codes_file, w->reviewer, false);
	put_cell(x->codes_file, w->name == NULL ? "" : w->name, false);
	put_cell(x->codes_file, w->mail == NULL ? "" : w->mail, false);
	put_cell(x->codes_file, m->base, false);
	put_cell(x->codes_file, m->code, true);
}

static int
export_one(struct exporting *x, const char *reviewer, struct err *e)
{
	struct entropy entropy = entropy_system();
	struct made m = { .worksheet = NULL };
	int result = -1;

	if (worksheet_open(&m.worksheet, x->store, &x->campaign, reviewer,
	        act_number(x->act), e) == -1 ||
	    name_files(x, &m, e) == -1 ||
	    worksheet_code_make(&entropy, m.code, e) == -1 ||
	    worksheet_code_key(
	        m.code, m.worksheet->digest, m.key, m.check, e) == -1)
		goto out;
	if ((x->html && make_html(x, &m, e) == -1) ||
	    (x->xlsx && make_xlsx(x, &m, e) == -1) ||
	    (x->csv && make_csv(x, &m, e) == -1) ||
	    add_worksheet(x, &m, e) == -1)
		goto out;
	put_code(x, &m);
	x->questions += (int64_t)m.worksheet->count;
	command_progress(x->context, _("worksheets"), ++x->done, x->count);
	result = 0;
out:
	worksheet_free(&m.worksheet);
	secret_wipe(&m, sizeof(m));
	return result;
}

/* ---- All of them ---- */

static int
read_reviewers(struct exporting *x, struct err *e)
{
	struct statement *s = store_use(x->store, "worksheet_reviewers", e);
	int more;

	bind_int(s, ":campaign", x->campaign.id);
	bind_text(s, ":reviewer", x->reviewer);
	for (; (more = store_step(s, e)) == 1; x->count++)
		buf_put(&x->names, column_text(s, 0), column_length(s, 0) + 1);
	if (more == -1 || buf_status(&x->names, e) == -1)
		return -1;
	if (x->count == 0 && x->reviewer != NULL)
		return err_set(e, ERR_USAGE,
		    _("%s has nothing to decide in %s"), x->reviewer,
		    x->campaign.name);
	if (x->count == 0)
		return err_set(e, ERR_USAGE,
		    _("nobody has anything to decide in %s: reeve campaign "
		      "assign"),
		    x->campaign.name);
	return 0;
}

static int
export_all(struct exporting *x, struct err *e)
{
	const char *at = (const char *)x->names.data;
	int result = 0;

	/* One that a killed export left is no use to anybody. */
	(void)unlink(x->codes_new);
	if (open_path(x->codes_new, O_EXCL, &x->codes_file, e) == -1)
		return -1;
	x->codes_made = true;
	fputs("\xef\xbb\xbfreviewer,name,mail,file,code\r\n", x->codes_file);
	for (int64_t i = 0; i < x->count && result == 0; i++) {
		result = export_one(x, at, e);
		at += strlen(at) + 1;
	}
	result = close_new(&x->codes_file, x->codes_new, result, e);
	command_progress_end(x->context);
	return result;
}

/* What was written is on the disk before the act says that it is. */
static int
sync_scratch(const struct exporting *x, struct err *e)
{
	int fd = open(x->scratch, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int result = 0;

	if (fd == -1 || syncfs(fd) == -1)
		result = err_sys(e, errno, "%s", x->scratch);
	if (fd != -1)
		(void)close(fd);
	return result;
}

static int
read_rehearsal(struct exporting *x, struct err *e)
{
	struct statement *s = store_use(x->store, "setting_get", e);
	int more;

	bind_text(s, ":name", "rehearsal");
	more = store_step(s, e);
	x->rehearsal = more == 1;
	store_done(s);
	return more == -1 ? -1 : 0;
}

static int
export_worksheets(struct exporting *x, const char *campaign, struct err *e)
{
	struct act_how how = act_how(x->context);
	struct buf receipt = buf_new(RECEIPT_MAX);
	int result = -1;

	if (store_open(&x->store, command_database(x->context), STORE_WRITE,
	        e) == -1 ||
	    campaign_need(x->store, campaign, NEED_FROZEN, &x->campaign, e) ==
	        -1 ||
	    read_rehearsal(x, e) == -1 || read_reviewers(x, e) == -1 ||
	    make_scratch(x, e) == -1 ||
	    act_begin(&x->act, x->store, "worksheets", &how, e) == -1)
		goto out;
	if (export_all(x, e) == -1 || sync_scratch(x, e) == -1 ||
	    act_commit(&x->act, &receipt, e) == -1 ||
	    for_each(x, move, e) == -1)
		goto out;
	if (rename(x->codes_new, x->codes) == -1) {
		err_sys(e, errno, "%s", x->codes);
		goto out;
	}
	fprintf(x->context->out,
	    _("%lld worksheets with %lld questions in %s\n"
	      "codes, to be sent by another way: %s\n"),
	    (long long)x->done, (long long)x->questions, x->folder, x->codes);
	campaign_say_receipt(x->context, &receipt);
	result = 0;
out:
	act_cancel(&x->act);
	drop_scratch(x);
	buf_free(&receipt);
	store_close(&x->store);
	return result;
}

static int
read_options(struct exporting *x, int argc, char **argv, const char **codes,
    struct err *e)
{
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (option) {
		case OPT_FORMAT_OF:
			if (read_forms(x, optarg, e) == -1)
				return -1;
			break;
		case OPT_REVIEWER:
			x->reviewer = optarg;
			break;
		case OPT_CODES:
			*codes = optarg;
			break;
		default:
			return err_set(e, ERR_USAGE, _("no such option"));
		}
	return argc - optind == 2
	    ? 0
	    : err_set(e, ERR_USAGE, _("a campaign and a folder are wanted"));
}

static int
run_export(struct command_context *c, int argc, char **argv)
{
	struct exporting x = { .context = c, .html = true };
	struct err e = { .code = ERR_NONE };
	const char *codes = NULL;
	int result;

	if (read_options(&x, argc, argv, &codes, &e) == -1)
		return campaign_usage(
		    c, &campaign_command_export, "%s", e.text);
	x.folder = argv[optind + 1];
	x.names = buf_new(64u * 1024 * 1024);
	result = place_codes(&x, codes, &e) == -1
	    ? -1
	    : export_worksheets(&x, argv[optind], &e);
	buf_free(&x.names);
	return result == -1 ? campaign_fail(c, "export", &e) : STATUS_DONE;
}

const struct command_word campaign_command_export = {
	.name = "export",
	.arguments = "[OPTION...] CAMPAIGN DIR",
	.summary = N_("a worksheet for each reviewer, as files to be sent"),
	.help = N_("--format-of html,xlsx,csv  which files; default: html\n"
	           "--reviewer EMPLOYEE        of that reviewer alone\n"
	           "--codes FILE               where the codes go; default: "
	           "DIR.codes.csv\n"
	           "\n"
	           "A code shows that answers are the reviewer's: send each by "
	           "another way than\n"
	           "the worksheet. See reeve-worksheet(5).\n"
	           "\n"
	           "example: reeve campaign export --format-of html,xlsx "
	           "2026Q4 out\n"),
	.run = run_export,
};
