/*
 * A plan's files, from its rows: for each source, host and stage the change
 * and its undo, a list of tickets, a report. Until a second person has
 * approved the act they are DRAFT by name and first line, and can't be run.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "review/quote.h"
#include "review/remedy.h"
#include "schema/base/clock.h"
#include "schema/base/enc.h"
#include "schema/base/file.h"
#include "schema/message.h"

#define FILE_BYTES (512u << 20)
#define NAME_SIZE  512u
#define HEX_SIZE   65u

enum kind {
	KIND_LDIF = 0,
	KIND_LDIF_UNDO,
	KIND_POWERSHELL,
	KIND_POWERSHELL_UNDO,
	KIND_SHELL,
	KIND_SHELL_UNDO,
	KIND_TICKETS,
	KIND_REPORT,
	KINDS
};

static const char *const endings[KINDS] = { ".ldif", ".undo.ldif", ".ps1",
	".undo.ps1", ".sh", ".undo.sh", ".csv", ".txt" };

struct files {
	struct store *store;
	int folder;
	bool approved;
	int64_t act;
	char digest[HEX_SIZE];
	char first[1024];     /* line, without the mark of its form */
	char second[1024];    /* by whom and when */
	char stem[NAME_SIZE]; /* of the files that are collected now */
	struct buf body[KINDS];
	size_t written;
	struct err *e;
};

static const char *
text_of(struct statement *s, const char *column)
{
	const char *text = column_text(s, column_of(s, column));

	return text == NULL ? "" : text;
}

static void
put_time(char *out, size_t size, int64_t when)
{
	struct buf text = buf_new(64);

	enc_time(&text, when * CLOCK_NS_PER_SECOND);
	(void)snprintf(out, size, "%.19sZ", buf_string(&text));
	buf_free(&text);
}

/* ---- Who planned and approved it ---- */

static int
read_act(struct files *f)
{
	struct statement *s = store_use(f->store, "remedy_plan_act", f->e);
	char planned[32], approved[32] = "";
	int found;

	bind_int(s, ":act", f->act);
	if ((found = store_step(s, f->e)) == 1) {
		const char *verdict = text_of(s, "verdict");

		(void)snprintf(
		    f->digest, sizeof(f->digest), "%s", text_of(s, "digest"));
		f->approved = strcmp(verdict, "approved") == 0;
		put_time(planned, sizeof(planned),
		    column_int(s, column_of(s, "at")));
		put_time(approved, sizeof(approved),
		    column_int(s, column_of(s, "second_at")));
		(void)snprintf(f->first, sizeof(f->first), "%s act %lld %s",
		    f->approved ? "APPROVED" : "DRAFT", (long long)f->act,
		    f->digest);
		(void)snprintf(f->second, sizeof(f->second),
		    f->approved ? "planned %s by %s, approved %s by %s"
		                : "planned %s by %s, not approved yet",
		    planned, text_of(s, "planner"), approved,
		    text_of(s, "second"));
		if (strcmp(verdict, "refused") == 0)
			found = err_set(f->e, ERR_ACCESS,
			    _("act %lld was refused: there is nothing to "
			      "apply"),
			    (long long)f->act);
	} else if (found == 0) {
		err_set(f->e, ERR_MISSING, _("act %lld is no plan of remedies"),
		    (long long)f->act);
	}
	store_done(s);
	return found == 1 ? 0 : -1;
}

/* ---- How each form begins ---- */

static void
put_lines(struct files *f, struct buf *b, const char *mark)
{
	buf_printf(b, "%s%s\n%s", mark, f->first, mark);
	quote_comment(b, f->second);
	buf_put_byte(b, '\n');
}

/*
 * ldapmodify(1) passes over what is no record: so a draft has one, which fails,
 * and the others only in comments.
 */
static void
begin_ldif(struct files *f, struct buf *b)
{
	put_lines(f, b, "# ");
	buf_put_string(b, "version: 1\n\n");
	if (!f->approved)
		buf_put_string(
		    b, "dn: DRAFT, not approved\nchangetype: delete\n\n");
}

static void
begin_powershell(struct files *f, struct buf *b)
{
	buf_put_string(b, "\xef\xbb\xbf"); /* without it names are misread */
	put_lines(f, b, "# ");
	if (!f->approved)
		buf_put_string(b, "throw 'DRAFT: not approved'\n");
	buf_put_string(b, "$ErrorActionPreference = 'Stop'\n\n");
}

static void
begin_shell(struct files *f, struct buf *b)
{
	buf_put_string(b, "#!/bin/bash\n"); /* for $'...', which sh has not */
	put_lines(f, b, "# ");
	if (!f->approved)
		buf_put_string(b, "echo 'DRAFT: not approved' >&2; exit 1\n");
	buf_put_string(b,
	    "set -eu\n"
	    "same() {\n"
	    "\t[ \"$(id -u -- \"$1\" 2>/dev/null)\" = \"$2\" ] || {\n"
	    "\t\tprintf '%s is not number %s any more\\n' \"$1\" \"$2\" >&2\n"
	    "\t\texit 1\n"
	    "\t}\n"
	    "}\n\n");
}

static void
begin_tickets(struct files *f, struct buf *b)
{
	buf_printf(b,
	    "%s\r\nremedy,source,host,account,action,right,what,severity,due,"
	    "owner,reason,notes\r\n",
	    f->first);
}

static void
begin_report(struct files *f, struct buf *b)
{
	put_lines(f, b, "");
	buf_put_byte(b, '\n');
}

static void (*const begins[KINDS])(struct files *, struct buf *) = { begin_ldif,
	begin_ldif, begin_powershell, begin_powershell, begin_shell,
	begin_shell, begin_tickets, begin_report };

static struct buf *
body(struct files *f, enum kind kind)
{
	if (f->body[kind].length == 0)
		begins[kind](f, &f->body[kind]);
	return &f->body[kind];
}

/* ---- Writing ---- */

static int
write_body(struct files *f, enum kind kind, const char *stem)
{
	struct buf *b = &f->body[kind];
	char name[2 * NAME_SIZE];
	int result = -1;

	if (b->length == 0)
		return 0;
	(void)snprintf(name, sizeof(name), "%s%s%s",
	    f->approved ? "" : "DRAFT-", stem, endings[kind]);
	if (buf_status(b, f->e) == 0)
		result = file_replace_at(
		    f->folder, name, 0600, b->data, b->length, f->e);
	if (result == -1)
		return err_in(f->e, "%s", name);
	buf_clear(b);
	f->written++;
	/* The draft is none any more. */
	(void)snprintf(name, sizeof(name), "DRAFT-%s%s", stem, endings[kind]);
	if (f->approved && unlinkat(f->folder, name, 0) == -1 &&
	    errno != ENOENT)
		return err_sys(f->e, errno, "%s", name);
	return 0;
}

static int
write_stage(struct files *f)
{
	for (int kind = 0; kind < KIND_TICKETS; kind++)
		if (write_body(f, (enum kind)kind, f->stem) == -1)
			return -1;
	return 0;
}

/* ---- Rows ---- */

/* remedy-17-corp-web1-2-disable */
static void
put_stem(struct files *f, struct statement *s, char *out)
{
	struct buf stem = buf_new(NAME_SIZE - 32);
	const char *action = text_of(s, "action");
	int stage = 1;

	for (int i = 0; i < REMEDY_ACTIONS; i++)
		if (strcmp(remedy_action_names[i], action) == 0)
			stage = i + 1;
	buf_printf(&stem, "remedy-%lld-", (long long)f->act);
	enc_path_component(&stem, text_of(s, "source"));
	if (*text_of(s, "host") != '\0') {
		buf_put_byte(&stem, '-');
		enc_path_component(&stem, text_of(s, "host"));
	}
	(void)snprintf(
	    out, NAME_SIZE, "%.440s-%d-%s", buf_string(&stem), stage, action);
	buf_free(&stem);
}

static void
put_title(struct buf *b, struct statement *s)
{
	buf_printf(b, "# remedy %lld: %s ",
	    (long long)column_int(s, column_of(s, "id")), text_of(s, "action"));
	quote_comment(b, text_of(s, "account"));
	if (*text_of(s, "right_name") != '\0') {
		buf_put_string(b, ", ");
		quote_comment(b, text_of(s, "right_name"));
	}
	buf_put_byte(b, '\n');
}

static void
put_commented(struct buf *b, const char *text)
{
	for (; *text != '\0'; text += strcspn(text, "\n") + 1) {
		buf_put_string(b, "# ");
		buf_put(b, text, strcspn(text, "\n") + 1);
	}
}

static void
put_part(
    struct files *f, struct statement *s, enum kind kind, const char *column)
{
	const char *text = text_of(s, column);

	/* Every text of these forms ends with a line feed. */
	if (*text == '\0' || text[strlen(text) - 1] != '\n')
		return;
	put_title(body(f, kind), s);
	if (!f->approved && kind <= KIND_LDIF_UNDO)
		put_commented(&f->body[kind], text);
	else
		buf_put_string(&f->body[kind], text);
}

static void
put_ticket(struct files *f, struct statement *s)
{
	static const char *const columns[] = { "id", "source", "host",
		"account", "action", "right_name", "change", "severity", "due",
		"owner", "reason", "notes" };
	struct buf *b = body(f, KIND_TICKETS);

	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
		char when[32];

		put_time(
		    when, sizeof(when), column_int(s, column_of(s, "due")));
		if (i > 0)
			buf_put_byte(b, ',');
		quote_cell(b,
		    strcmp(columns[i], "due") == 0 ? when
		                                   : text_of(s, columns[i]));
	}
	buf_put_string(b, "\r\n");
}

static void
put_report(struct files *f, struct statement *s)
{
	struct buf *b = body(f, KIND_REPORT);
	char due[32];

	put_time(due, sizeof(due), column_int(s, column_of(s, "due")));
	buf_printf(b, "%lld %s: ", (long long)column_int(s, column_of(s, "id")),
	    remedy_action_title(text_of(s, "action")));
	quote_comment(b, text_of(s, "account"));
	if (*text_of(s, "right_name") != '\0') {
		buf_put_string(b, ", ");
		quote_comment(b, text_of(s, "right_name"));
	}
	buf_printf(b, " (%s%s", text_of(s, "source"),
	    *text_of(s, "host") == '\0' ? "" : ", ");
	quote_comment(b, text_of(s, "host"));
	buf_printf(b, _("), %s, due %s"), text_of(s, "severity"), due);
	if (*text_of(s, "owner") != '\0')
		buf_printf(b, _(", by %s"), text_of(s, "owner"));
	buf_put_byte(b, '\n');
	for (const char *at = text_of(s, "notes"); *at != '\0';) {
		size_t length = strcspn(at, "\n");

		buf_put_string(b, "    ");
		buf_put(b, at, length);
		buf_put_byte(b, '\n');
		at += length + (at[length] == '\n');
	}
}

static int
put_row(struct files *f, struct statement *s)
{
	const char *form = text_of(s, "form");
	char stem[NAME_SIZE];

	put_stem(f, s, stem);
	if (strcmp(stem, f->stem) != 0) {
		if (write_stage(f) == -1)
			return -1;
		memcpy(f->stem, stem, sizeof(stem));
	}
	put_report(f, s);
	if (strcmp(form, "ldif") == 0) {
		put_part(f, s, KIND_LDIF, "change");
		put_part(f, s, KIND_LDIF_UNDO, "undo");
		put_part(f, s, KIND_POWERSHELL, "powershell");
		put_part(f, s, KIND_POWERSHELL_UNDO, "powershell_undo");
	} else if (strcmp(form, "shell") == 0) {
		put_part(f, s, KIND_SHELL, "change");
		put_part(f, s, KIND_SHELL_UNDO, "undo");
	} else if (*text_of(s, "change") != '\0') {
		put_ticket(f, s);
	}
	return 0;
}

static int
put_rows(struct files *f)
{
	struct statement *s = store_use(f->store, "remedy_plan_rows", f->e);
	char stem[NAME_SIZE];
	int more;

	bind_int(s, ":act", f->act);
	while ((more = store_step(s, f->e)) == 1)
		if (put_row(f, s) == -1)
			return -1;
	if (more == -1 || write_stage(f) == -1)
		return -1;
	(void)snprintf(
	    stem, sizeof(stem), "remedy-%lld-tickets", (long long)f->act);
	if (write_body(f, KIND_TICKETS, stem) == -1)
		return -1;
	(void)snprintf(stem, sizeof(stem), "remedy-%lld", (long long)f->act);
	return write_body(f, KIND_REPORT, stem);
}

int
remedy_files(struct store *store, int64_t act, const char *folder,
    size_t *written, struct err *e)
{
	struct file_rule rule = { .owner = geteuid(), .forbidden = 022 };
	struct files f = { .store = store, .folder = -1, .act = act, .e = e };
	int result = -1;

	for (int i = 0; i < KINDS; i++)
		f.body[i] = buf_new(FILE_BYTES);
	*written = 0;
	if (read_act(&f) == -1)
		goto out;
	if (mkdir(folder, 0700) == -1 && errno != EEXIST) {
		err_sys(e, errno, "%s", folder);
		goto out;
	}
	if ((f.folder = file_open_dir(folder, &rule, e)) == -1)
		goto out;
	result = put_rows(&f);
	*written = f.written;
out:
	file_close(&f.folder);
	for (int i = 0; i < KINDS; i++)
		buf_free(&f.body[i]);
	return result;
}
