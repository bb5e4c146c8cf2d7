#include <getopt.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "review/command.h"
#include "review/confirmation.h"
#include "review/command_csv.h"
#include "review/csv.h"
#include "review/fact.h"
#include "review/store.h"
#include "review/use_import.h"
#include "schema/base/buf.h"
#include "schema/base/enc.h"
#include "schema/message.h"

#define NAME_SIZE (AUTHLOG_NAME_MAX + 1)

extern const struct command command_trail;

static const struct list_column columns[] = {
	{ "file", N_("File"), 24 },
	{ "form", N_("Form"), 8 },
	{ "host", N_("Host"), 12 },
	{ "state", N_("State"), 10 },
	{ "records", N_("Records"), 8 },
	{ "refused", N_("Refused"), 7 },
	{ "first", N_("From"), 20 },
	{ "last", N_("To"), 20 },
	{ "note", N_("Note"), 0 },
	{ NULL, NULL, 0 },
};

static const char *const state_names[] = {
	[USE_IMPORT_NEW] = N_("imported"),
	[USE_IMPORT_SEEN] = N_("seen before"),
	[USE_IMPORT_UNVERIFIED] = N_("DOES NOT VERIFY"),
};

/* "2026-11-24T08:15:30Z", or NULL. */
static const char *
print_time(char *out, size_t size, int64_t when)
{
	time_t at = (time_t)when;
	struct tm tm;

	if (when == FACT_UNKNOWN || gmtime_r(&at, &tm) == NULL ||
	    strftime(out, size, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		return NULL;
	return out;
}

static void
put_note(const struct use_import_result *r, struct buf *b)
{
	if (r->state == USE_IMPORT_UNVERIFIED)
		buf_put_string(b, r->why);
	if (r->pinned)
		buf_printf(b,
		    _("first key kept, of first use: %s; compare it with the "
		      "one that reevectl trail init printed"),
		    r->key);
	if (r->uncertified)
		buf_put_string(b,
		    _("; UNCERTIFIED: a new origin begins: a clone, a "
		      "restore, or a lost key"));
	if (r->waiting > 0)
		buf_printf(b,
		    _("; %lld records behind the latest checkpoint wait"),
		    (long long)r->waiting);
}

static void
put_row(struct list *l, const char *path, const struct use_import_result *r)
{
	char records[24], refused[24], hosts[32], first[32], last[32];
	struct buf note = buf_new(1024);
	const char *text;

	(void)snprintf(records, sizeof(records), "%lld", (long long)r->records);
	(void)snprintf(refused, sizeof(refused), "%lld", (long long)r->refused);
	(void)snprintf(hosts, sizeof(hosts), "(%zu)", r->hosts);
	put_note(r, &note);
	text = buf_string(&note);
	if (strncmp(text, "; ", 2) == 0)
		text += 2;
	list_row(l,
	    (const char *const[]){ path, r->form,
	        r->hosts > 1 ? hosts : r->host, _(state_names[r->state]),
	        records, refused, print_time(first, sizeof(first), r->first),
	        print_time(last, sizeof(last), r->last), text });
	buf_free(&note);
}

/* "collected/db1" is db1's, if it is a directory of Reeve's own. */
static const char *
host_of(const char *path, char *out, size_t size)
{
	size_t length = strlen(path), start;

	while (length > 1 && path[length - 1] == '/')
		length--;
	for (start = length; start > 0 && path[start - 1] != '/'; start--)
		;
	(void)snprintf(out, size, "%.*s", (int)(length - start), path + start);
	return out[0] == '\0' || out[0] == '.' || strcmp(out, "trail") == 0
	    ? NULL
	    : out;
}

static int
import_one(struct command_context *c, struct store *store, const char *path,
    struct use_import_options options, struct list *l)
{
	struct use_import_result result;
	struct err e = { .code = ERR_NONE };
	char host[NAME_SIZE];
	struct stat st;

	if (options.host == NULL && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		options.host = host_of(path, host, sizeof(host));
	if (use_import(store, path, &options, &result, &e) == -1)
		return command_fail(c, "trail", &e);
	put_row(l, path, &result);
	if (result.state == USE_IMPORT_UNVERIFIED)
		return STATUS_UNVERIFIED;
	return result.uncertified ? STATUS_FOUND : STATUS_DONE;
}

static int
import_all(struct command_context *c, const struct use_import_options *options,
    int argc, char **argv)
{
	const char *db = command_database(c);
	struct err e = { .code = ERR_NONE };
	struct store *store = NULL;
	struct list *l = NULL;
	int status = STATUS_DONE;

	if (store_open(&store, db, STORE_WRITE, &e) == -1)
		return command_fail(c, "trail", &e);
	if (list_begin(&l, c, "trails", columns, &e) == -1) {
		store_close(&store);
		return command_fail(c, "trail", &e);
	}
	for (int i = 0; i < argc; i++)
		status = command_worse(
		    status, import_one(c, store, argv[i], *options, l));
	if (list_end(&l, &e) == -1 || use_day_match(store, &e) == -1)
		status = command_worse(status, command_fail(c, "trail", &e));
	store_close(&store);
	return status;
}

/* ---- What two persons say of a host's trail ---- */

struct said {
	const char *confirm, *anew; /* a host */
	const char *key;            /* of --key */
};

/* What is kept of that host, which they speak of. */
static int
find_pin(struct store *store, const struct said *s,
    unsigned char digest[DIGEST_SHA256_LENGTH], struct err *e)
{
	const char *host = s->confirm != NULL ? s->confirm : s->anew;
	struct statement *st = store_use(store, "host_pin", e);
	const char *key;
	int found;

	bind_text(st, ":host", host);
	if ((found = store_step(st, e)) == 1) {
		key = column_text(st, 0);
		if (s->confirm != NULL &&
		    (s->key == NULL || strcmp(s->key, key) != 0))
			found = err_set(e, ERR_USAGE,
			    _("%s: the key that is kept is %s; --key must be "
			      "the one that its init printed, and the same"),
			    host, key);
		else
			found = digest_sha256(key, strlen(key), digest, e) == 0
			    ? 1
			    : -1;
	}
	store_done(st);
	if (found == 0)
		return err_set(
		    e, ERR_USAGE, _("%s: no key of its trail is kept"), host);
	return found == 1 ? 0 : -1;
}

static void
say_confirmed(struct command_context *c, const struct confirmed *confirmed)
{
	if (confirmed->receipt[0] != '\0')
		fprintf(c->out, "%s\n", confirmed->receipt);
	if (confirmed->done)
		fprintf(c->out, _("done, by %s\n"), confirmed->by);
	else
		fputs(_("This waits for a second person, who runs the same "
		        "command.\n"),
		    c->out);
}

static int
change_pin(struct command_context *c, const struct said *s)
{
	const char *host = s->confirm != NULL ? s->confirm : s->anew;
	unsigned char digest[DIGEST_SHA256_LENGTH];
	struct act_how how = act_how(c);
	struct confirmed confirmed = { .done = false };
	struct err e = { .code = ERR_NONE };
	struct store *store = NULL;
	int result = -1;

	if (store_open(&store, command_database(c), STORE_WRITE, &e) == -1 ||
	    find_pin(store, s, digest, &e) == -1 ||
	    confirmation_say(store,
	        s->confirm != NULL ? CONFIRMATION_HOST : CONFIRMATION_ANEW,
	        host, digest, &how, &confirmed, &e) == -1)
		goto out;
	result = 0;
	if (confirmed.done)
		result = s->confirm != NULL
		    ? use_pin_confirm(store, host, s->key, confirmed.by, &e)
		    : use_pin_forget(store, host, confirmed.by, c->now, &e);
	if (result == 0)
		say_confirmed(c, &confirmed);
out:
	store_close(&store);
	if (result == -1)
		return command_fail(c, "trail", &e);
	return confirmed.done ? STATUS_DONE : STATUS_INCOMPLETE;
}

/* ---- Options ---- */

enum {
	OPT_HOST = 1,
	OPT_FORM,
	OPT_KEY,
	OPT_AS_OF,
	OPT_ZONE,
	OPT_EPOCH,
	OPT_CONFIRM,
	OPT_ANEW
};

static const struct option options_[] = {
	{ "host", required_argument, NULL, OPT_HOST },
	{ "form", required_argument, NULL, OPT_FORM },
	{ "key", required_argument, NULL, OPT_KEY },
	{ "as-of", required_argument, NULL, OPT_AS_OF },
	{ "zone", required_argument, NULL, OPT_ZONE },
	{ "epoch", required_argument, NULL, OPT_EPOCH },
	{ "confirm", required_argument, NULL, OPT_CONFIRM },
	{ "anew", required_argument, NULL, OPT_ANEW },
	{ NULL, 0, NULL, 0 },
};

/* A day, meant to its end, in the log's own zone. */
static int
read_day(const char *text, int64_t *at, struct err *e)
{
	static const struct csv_dates dates = { .format = "" };

	return csv_date(&dates, text, at, e) == -1 ? err_in(e, "%s", text) : 0;
}

static int
read_options(struct use_import_options *o, struct said *said, int argc,
    char **argv, struct err *e)
{
	int64_t zone = command_local_zone(o->now), day;
	int option;

	o->clock.as_of = o->now;
	while ((option = getopt_long(argc, argv, "", options_, NULL)) != -1)
		switch (option) {
		case OPT_HOST:
			o->host = optarg;
			if (strlen(optarg) > AUTHLOG_NAME_MAX ||
			    optarg[0] == '\0')
				return err_set(
				    e, ERR_USAGE, "--host: not a name");
			break;
		case OPT_FORM:
			o->form = optarg;
			break;
		case OPT_KEY:
			o->key = optarg;
			break;
		case OPT_AS_OF:
			if (read_day(optarg, &day, e) == -1)
				return err_in(e, "--as-of");
			o->clock.as_of = day;
			break;
		case OPT_ZONE:
			if (csv_zone(optarg, &zone, e) == -1)
				return err_in(e, "--zone");
			break;
		case OPT_EPOCH:
			if (read_day(optarg, &o->epoch, e) == -1)
				return err_in(e, "--epoch");
			break;
		case OPT_CONFIRM:
			said->confirm = optarg;
			break;
		case OPT_ANEW:
			said->anew = optarg;
			break;
		default:
			return err_set(e, ERR_USAGE, "see reeve trail --help");
		}
	o->clock.zone = (int32_t)zone;
	return 0;
}

static int
run(struct command_context *c, int argc, char **argv)
{
	struct use_import_options options = { .now = c->now };
	struct said said = { .confirm = NULL };
	struct err e = { .code = ERR_NONE };

	if (read_options(&options, &said, argc, argv, &e) == -1) {
		e.code = ERR_USAGE;
		return command_fail(c, "trail", &e);
	}
	said.key = options.key;
	if (said.confirm != NULL || said.anew != NULL)
		return optind == argc
		    ? change_pin(c, &said)
		    : command_usage(c, &command_trail, "%s",
		          _("--confirm and --anew go without a file"));
	if (optind == argc)
		return command_usage(
		    c, &command_trail, "%s", _("no file is named"));
	return import_all(c, &options, argc - optind, argv + optind);
}

const struct command command_trail = {
	.name = "trail",
	.arguments = "[--host NAME] [--form FORM] [--as-of DAY] "
	             "[--zone +08:00] [--key KEY] FILE|DIRECTORY... "
	             "| --confirm HOST --key KEY | --anew HOST",
	.summary = N_("import signs of use: who came in where, when, by what"),
	.help = N_(
	    "A directory is Reeve's own trail of a host, which is verified "
	    "first. A file is\nauth.log, a journal (journalctl -o export or "
	    "-o json), wtmp, LANL's or CERT's\nlogins; --form says which if "
	    "its beginning does not. Reduced to a line per\naccount, day, "
	    "host, "
	    "key and origin.\n\n"
	    "  --host NAME     whose it is; a directory's name without it\n"
	    "  --as-of DAY     no line without a year is a day later; default: "
	    "now\n"
	    "  --zone +08:00   of times without a zone; default: this "
	    "machine's\n"
	    "  --key KEY       the trail's first key, as its init printed it\n"
	    "  --epoch DAY     from which LANL's seconds count\n"
	    "  --confirm HOST  its first key was compared with --key\n"
	    "  --anew HOST     its trail was begun anew, which is right\n"
	    "                  two persons sign these, each running the same "
	    "command\n"),
	.run = run,
	.writes = true,
};
