/*
 * `reevectl trail`: keys, checkpoints, looking, proving, pruning. Its `tick`
 * is in reevectl_tick.c.
 */
#include "pamod/reevectl_trail.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "schema/message.h"
#include "schema/archive.h"
#include "schema/base/enc.h"
#include "schema/base/file.h"
#include "schema/note.h"
#include "schema/reader.h"
#include "schema/verify.h"

#define CHECKPOINT_FILE_MAX (256u * 1024 * 1024) /* bytes: a log file may be */

int
trail_tools_open(struct trail_tools *t, const struct context *c, struct err *e)
{
	const struct options *o = c->options;

	*t = (struct trail_tools){ .context = c };
	if (trail_open(&t->trail, o->reeve.trail_directory, &c->clock, e) ==
	    -1) {
		if (e->code == ERR_MISSING)
			e->code = ERR_USAGE;
		return -1;
	}
	trail_set_limits(
	    t->trail, o->trail.segment_bytes, o->trail.segment_seconds);
	if (epoch_open(&t->epoch, t->trail, o->reeve.run_directory, &c->clock,
	        &c->entropy, e) == -1) {
		trail_tools_close(t);
		return -1;
	}
	return 0;
}

void
trail_tools_close(struct trail_tools *t)
{
	epoch_close(&t->epoch);
	trail_close(&t->trail);
}

/*
 * The checkpoint in one line, as `verify --checkpoint` finds it in a log. In
 * a library syslog would be the application's; here it is ours.
 */
void
trail_tools_log(const struct trail_tools *t)
{
	const struct buf *note = epoch_note(t->epoch);
	char line[1024];
	size_t n = 0;

	for (size_t i = 0; i < note->length && n + 1 < sizeof(line); i++)
		line[n++] = note->data[i] == '\n' ? '|' : (char)note->data[i];
	line[n] = '\0';
	openlog("reevectl", LOG_PID, LOG_AUTHPRIV);
	syslog(LOG_NOTICE, VERIFY_LOG_MARK "%s", line);
	closelog();
}

static enum status
failed(const char *what, const struct err *e)
{
	char name[32];

	(void)snprintf(name, sizeof(name), "trail %s", what);
	return command_error(name, e);
}

static enum status
usage(const char *what)
{
	fprintf(stderr, _("reevectl: trail %s: wrong arguments\n"), what);
	return command_usage(&command_trail);
}

/* ---- init, epoch, checkpoint ---- */

static enum status
run_init(const struct context *c, int argc, char **argv)
{
	static const struct option options[] = {
		{ "org", required_argument, NULL, 'o' },
		{ NULL, 0, NULL, 0 },
	};
	const struct options_reeve *reeve = &c->options->reeve;
	struct buf key = buf_new(2 * NOTE_NAME_MAX);
	const char *org = "localhost";
	struct err e = { .code = ERR_NONE };
	enum status status;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option != 'o')
			return usage("init");
		org = optarg;
	}
	if (optind != argc)
		return usage("init");
	if (epoch_init(reeve->trail_directory, reeve->run_directory, org,
	        &c->clock, &c->entropy, &key, &e) == -1) {
		status = failed("init", &e);
		goto out;
	}
	fputs(
	    _("The trail's first verifier key. Keep it on another machine:\n"),
	    stderr);
	printf("%s\n", buf_string(&key));
	status = STATUS_DONE;
out:
	buf_free(&key);
	return status;
}

static enum status
run_epoch(const struct context *c, int argc, char **argv)
{
	static const struct option options[] = {
		{ "restored", no_argument, NULL, 'r' },
		{ NULL, 0, NULL, 0 },
	};
	struct buf key = buf_new(2 * NOTE_NAME_MAX);
	struct err e = { .code = ERR_NONE };
	struct trail_tools t = { 0 };
	enum status status = STATUS_DONE;
	const char *why = NULL;
	bool restored = false;
	int option, result;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option != 'r')
			return usage("epoch");
		restored = true;
	}
	if (optind != argc)
		return usage("epoch");
	if (trail_tools_open(&t, c, &e) == -1)
		return failed("epoch", &e);
	result = restored ? epoch_restart(t.epoch, &e)
	                  : epoch_advance(t.epoch, &why, &e);
	if (result == -1 || epoch_print_key(t.epoch, &key, &e) == -1) {
		status = failed("epoch", &e);
		goto out;
	}
	trail_tools_log(&t);
	printf("%s\n", buf_string(&key));
	if (restored || why != NULL) {
		fprintf(stderr,
		    _("A new origin has begun (%s), which no earlier key "
		      "certifies. Keep its key on another machine.\n"),
		    restored ? "restored" : why);
		status = STATUS_FOUND;
	}
out:
	buf_free(&key);
	trail_tools_close(&t);
	return status;
}

static enum status
run_checkpoint(const struct context *c, int argc, char **argv)
{
	struct err e = { .code = ERR_NONE };
	enum status status = STATUS_DONE;
	struct trail_tools t = { 0 };
	const struct buf *note;

	(void)argv;
	if (argc != 1)
		return usage("checkpoint");
	if (trail_tools_open(&t, c, &e) == -1)
		return failed("checkpoint", &e);
	if (epoch_checkpoint(t.epoch, &e) == -1) {
		status = failed("checkpoint", &e);
	} else {
		trail_tools_log(&t);
		note = epoch_note(t.epoch);
		(void)fwrite(note->data, 1, note->length, stdout);
	}
	trail_tools_close(&t);
	return status;
}

/* ---- show ---- */

struct filter {
	const char *session;
	const char *user;
	const char *type;
	const char *since; /* RFC 3339, compared as text */
	bool json;
};

static bool
member_is(const struct line *l, const char *name, const char *wanted)
{
	char text[512];
	struct err ignored;

	return wanted == NULL ||
	    (line_get_text(l, name, text, sizeof(text), &ignored) == 1 &&
	        strcmp(text, wanted) == 0);
}

static bool
passes(const struct filter *f, const struct line *l)
{
	struct buf time = buf_new(64);
	bool late = true;

	if (f->since != NULL) {
		enc_time(&time, l->at.wall_ns);
		late = strcmp(buf_string(&time), f->since) >= 0;
		buf_free(&time);
	}
	return late && (f->type == NULL || strcmp(l->type, f->type) == 0) &&
	    member_is(l, "session", f->session) &&
	    member_is(l, "user", f->user);
}

/* The members as they stand, without the quotes around their names. */
static void
print_text(const struct reader_item *item)
{
	struct buf time = buf_new(64);

	enc_time(&time, item->line.at.wall_ns);
	printf(
	    "%" PRIu64 " %s %s", item->seq, buf_string(&time), item->line.type);
	buf_free(&time);
	for (size_t i = 0; i < item->line.members_length;) {
		const char *name = item->line.members + i + 2; /* behind ," */
		size_t length = strcspn(name, "\"");
		const char *value = name + length + 2; /* behind ": */
		const char *end = value;

		/* A string is skipped whole; a comma may stand in it. */
		if (*end == '"')
			for (end++; *end != '"'; end++)
				end += *end == '\\';
		while (*end != ',' && *end != '}')
			end++;
		printf(
		    " %.*s=%.*s", (int)length, name, (int)(end - value), value);
		i = (size_t)(end - item->line.members);
	}
	putchar('\n');
}

static void
print_item(const struct filter *f, const struct reader_item *item)
{
	if (item->bytes == NULL || !passes(f, &item->line))
		return;
	if (f->json)
		printf("%.*s\n", (int)item->length, item->bytes);
	else
		print_text(item);
}

static int
show(const char *directory, const struct filter *f, struct err *e)
{
	int dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct reader *reader = NULL;
	struct reader_item item;
	int more = -1;

	if (dir == -1)
		return err_sys(e, errno, "%s", directory);
	if (reader_open(&reader, dir, e) == 0)
		while ((more = reader_next(reader, &item, e)) == 1)
			print_item(f, &item);
	reader_close(&reader);
	file_close(&dir);
	return more;
}

static enum status
run_show(const struct context *c, int argc, char **argv)
{
	static const struct option options[] = {
		{ "session", required_argument, NULL, 's' },
		{ "user", required_argument, NULL, 'u' },
		{ "type", required_argument, NULL, 't' },
		{ "since", required_argument, NULL, 'S' },
		{ "format", required_argument, NULL, 'f' },
		{ NULL, 0, NULL, 0 },
	};
	const char *directory = c->options->reeve.trail_directory;
	struct filter f = { 0 };
	struct err e = { .code = ERR_NONE };
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 's')
			f.session = optarg;
		else if (option == 'u')
			f.user = optarg;
		else if (option == 't')
			f.type = optarg;
		else if (option == 'S')
			f.since = optarg;
		else if (option == 'f' && strcmp(optarg, "json") == 0)
			f.json = true;
		else if (option != 'f' || strcmp(optarg, "text") != 0)
			return usage("show");
	}
	if (argc - optind > 1)
		return usage("show");
	if (argc - optind == 1)
		directory = argv[optind];
	return show(directory, &f, &e) == -1 ? failed("show", &e) : STATUS_DONE;
}

/* ---- verify ---- */

static void
print_times(const struct verify_report *r)
{
	printf(_("records: %" PRIu64 " in %u segments, %s to %s\n"), r->records,
	    r->segments, r->first_time, r->last_time);
	printf(_("first key: %s\n"), r->first_key);
}

static void
print_count(const char *what, uint64_t count)
{
	if (count > 0)
		printf("%s: %" PRIu64 "\n", what, count);
}

static void
print_counts(const struct verify_report *r)
{
	print_count(_("repaired after a crash"), r->counts.repairs);
	print_count(
	    _("bytes set aside after a disk error"), r->counts.set_aside_bytes);
	print_count(_("records pruned"), r->counts.pruned);
	print_count(_("events that could not be recorded"), r->missed);
	if (r->uncertified > 0)
		printf(_("UNCERTIFIED: a new origin begins at record %" PRIu64
		         ": a clone, a restore, or a lost key\n"),
		    r->uncertified_at);
}

/* What is proven, and what can't be without help from elsewhere. */
static void
print_proof(const struct verify_report *r, bool key_given)
{
	printf(_("signed on the host: records 0 to %" PRIu64
	         "; not yet: %" PRIu64 "\n"),
	    r->own_size == 0 ? 0 : r->own_size - 1, r->records - r->own_size);
	if (r->held_size > 0)
		printf(
		    _("held elsewhere: %" PRIu64 " checkpoints; records 0 to "
		      "%" PRIu64 " can't have changed since\n"),
		    r->held_count, r->held_size - 1);
	print_count(_("of these without a signature that could be checked"),
	    r->held_unsigned);
	if (r->records > r->held_size)
		printf(
		    _("not provable without a checkpoint held elsewhere: that "
		      "records from %" PRIu64
		      " on are all, and the ones first written\n"),
		    r->held_size);
	if (!key_given)
		puts(_("the first key is the trail's own word: give the one "
		       "kept elsewhere with --key"));
}

static int
hold_file(struct verify *v, const char *path, struct err *e)
{
	struct buf b = buf_new(CHECKPOINT_FILE_MAX);
	int fd = open(path, O_RDONLY | O_CLOEXEC), result;

	if (fd == -1) {
		err_sys(e, errno, "%s", path);
		e->code = ERR_USAGE;
		return -1;
	}
	result = file_read(fd, &b, e);
	if (result == 0 && (result = verify_hold(v, path, &b, e)) == -1 &&
	    e->code == ERR_FORMAT)
		e->code = ERR_USAGE;
	file_close(&fd);
	buf_free(&b);
	return result;
}

static enum status
verify_directory(struct verify *v, const char *directory, bool key_given)
{
	int dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct err e = { .code = ERR_NONE };
	struct verify_report r;
	int result;

	if (dir == -1) {
		err_sys(&e, errno, "%s", directory);
		e.code = ERR_USAGE;
		return failed("verify", &e);
	}
	result = verify_run(v, dir, &r, &e);
	file_close(&dir);
	if (r.records > 0)
		print_times(&r);
	print_counts(&r);
	if (result == -1) {
		if (e.code == ERR_TAMPERED)
			printf(_("ALTERED: %s\n"), e.text);
		else if (e.code == ERR_INCOMPLETE)
			printf(_("INCOMPLETE: %s\n"), e.text);
		return failed("verify", &e);
	}
	print_proof(&r, key_given);
	return r.uncertified > 0 ? STATUS_FOUND : STATUS_DONE;
}

/* A directory that `export --proof` made. */
static enum status
verify_proofs(const char *directory, const char *vkey)
{
	int dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct buf note = buf_new(NOTE_MAX);
	struct err e = { .code = ERR_NONE };
	enum status status = STATUS_DONE;
	struct note_key key;
	uint64_t records;

	if (dir == -1) {
		err_sys(&e, errno, "%s", directory);
		e.code = ERR_USAGE;
		status = failed("verify", &e);
		goto out;
	}
	if ((vkey != NULL && note_key_parse(vkey, &key, &e) == -1 &&
	        (e.code = ERR_USAGE)) ||
	    archive_check_proofs(dir, vkey == NULL ? NULL : &key, NULL, &note,
	        &records, &e) == -1) {
		status = failed("verify", &e);
		goto out;
	}
	printf(_("records: %" PRIu64 ", each proven by this checkpoint%s:\n%s"),
	    records, vkey == NULL ? _(", whose signature was not checked") : "",
	    buf_string(&note));
out:
	file_close(&dir);
	buf_free(&note);
	return status;
}

static enum status
run_verify(const struct context *c, int argc, char **argv)
{
	static const struct option options[] = {
		{ "key", required_argument, NULL, 'k' },
		{ "checkpoint", required_argument, NULL, 'c' },
		{ "proofs", required_argument, NULL, 'p' },
		{ NULL, 0, NULL, 0 },
	};
	const char *directory = c->options->reeve.trail_directory;
	const char *proofs = NULL, *key = NULL;
	struct err e = { .code = ERR_NONE };
	struct verify *v = NULL;
	enum status status;
	int option;

	if (verify_new(&v, &e) == -1)
		goto fail;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'p') {
			proofs = optarg;
		} else if (option == 'k') {
			key = optarg;
		} else if (option != 'c') {
			status = usage("verify");
			goto out;
		} else if (hold_file(v, optarg, &e) == -1) {
			goto fail;
		}
	}
	/* --checkpoint FILE... takes what follows up to the directory. */
	if (argc - optind > 1) {
		status = usage("verify");
		goto out;
	}
	if (argc - optind == 1)
		directory = argv[optind];
	if (proofs != NULL) {
		status = verify_proofs(proofs, key);
		goto out;
	}
	if (key != NULL && verify_trust(v, key, &e) == -1) {
		e.code = ERR_USAGE;
		goto fail;
	}
	status = verify_directory(v, directory, key != NULL);
	goto out;
fail:
	status = failed("verify", &e);
out:
	verify_free(&v);
	return status;
}

/* ---- export, prune ---- */

/* A directory that is made, or is there and empty enough. */
static int
open_output(const char *path, struct err *e)
{
	int dir;

	if (mkdir(path, 0700) == -1 && errno != EEXIST)
		return err_sys(e, errno, "%s", path);
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	return dir == -1 ? err_sys(e, errno, "%s", path) : dir;
}

static enum status
export_proofs(int from, const char *session, int to)
{
	struct err e = { .code = ERR_NONE };
	struct archive_proofs proofs;

	if (archive_prove(from, session, to, &proofs, &e) == -1)
		return failed("export", &e);
	printf(_("records with proofs: %" PRIu64 "\n"), proofs.proven);
	if (proofs.unproven > 0) {
		fprintf(stderr,
		    _("%" PRIu64 " records are not under a checkpoint yet: run "
		      "reevectl trail checkpoint\n"),
		    proofs.unproven);
		return STATUS_INCOMPLETE;
	}
	return proofs.proven == 0 ? STATUS_FOUND : STATUS_DONE;
}

static enum status
run_export(const struct context *c, int argc, char **argv)
{
	static const struct option options[] = {
		{ "proof", required_argument, NULL, 'p' },
		{ "from", required_argument, NULL, 'f' },
		{ NULL, 0, NULL, 0 },
	};
	const char *session = NULL, *from = c->options->reeve.trail_directory;
	struct err e = { .code = ERR_NONE };
	enum status status = STATUS_DONE;
	int option, dir = -1, to = -1;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'p')
			session = optarg;
		else if (option == 'f')
			from = optarg;
		else
			return usage("export");
	}
	if (argc - optind != 1)
		return usage("export");
	dir = open(from, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir == -1) {
		err_sys(&e, errno, "%s", from);
		return failed("export", &e);
	}
	to = open_output(argv[optind], &e);
	if (to != -1 && session != NULL)
		status = export_proofs(dir, session, to);
	else if (to == -1 || archive_copy(dir, to, &e) == -1)
		status = failed("export", &e);
	file_close(&dir);
	file_close(&to);
	return status;
}

static enum status
run_prune(const struct context *c, int argc, char **argv)
{
	static const struct option options[] = {
		{ "archive", required_argument, NULL, 'a' },
		{ NULL, 0, NULL, 0 },
	};
	const char *archive = NULL;
	struct err e = { .code = ERR_NONE };
	enum status status = STATUS_DONE;
	struct trail_tools t = { 0 };
	struct moment now;
	uint32_t count;
	int option, to = -1;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option != 'a')
			return usage("prune");
		archive = optarg;
	}
	if (optind != argc)
		return usage("prune");
	if (trail_tools_open(&t, c, &e) == -1)
		return failed("prune", &e);
	if ((archive != NULL && (to = open_output(archive, &e)) == -1) ||
	    clock_read(&c->clock, &now, &e) == -1 ||
	    archive_prune(t.trail,
	        now.wall_ns -
	            c->options->trail.retention_days * 86400 *
	                CLOCK_NS_PER_SECOND,
	        to, &count, &e) == -1)
		status = failed("prune", &e);
	else
		printf(_("segments pruned: %u\n"), count);
	file_close(&to);
	trail_tools_close(&t);
	return status;
}

static const struct {
	const char *name;
	enum status (*run)(const struct context *, int argc, char **argv);
} subcommands[] = {
	{ "init", run_init },
	{ "epoch", run_epoch },
	{ "checkpoint", run_checkpoint },
	{ "tick", trail_tick },
	{ "show", run_show },
	{ "verify", run_verify },
	{ "export", run_export },
	{ "prune", run_prune },
};

static enum status
run(const struct context *c, int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(subcommands) / sizeof(*subcommands); i++)
		if (argc > 1 && strcmp(argv[1], subcommands[i].name) == 0)
			return subcommands[i].run(c, argc - 1, argv + 1);
	return command_usage(&command_trail);
}

const struct command command_trail = {
	.name = "trail",
	.summary = N_("the record of every decision and session"),
	.usage =
	    "reevectl trail init [--org DOMAIN]\n"
	    "       reevectl trail epoch [--restored]\n"
	    "       reevectl trail checkpoint | tick\n"
	    "       reevectl trail show [--session ID] [--user NAME] "
	    "[--type WORD]\n"
	    "                           [--since TIME] [--format text|json] "
	    "[DIR]\n"
	    "       reevectl trail verify [--key VKEY] "
	    "[--checkpoint FILE]... [DIR]\n"
	    "       reevectl trail verify --proofs DIR [--key VKEY]\n"
	    "       reevectl trail export [--from DIR] [--proof SESSION] "
	    "DIR\n"
	    "       reevectl trail prune [--archive DIR]\n",
	.run = run,
};
