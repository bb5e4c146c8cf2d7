/*
 * reeve evidence timestamp: what a person sends to an authority of time
 * stamps, and what came back. Nothing is sent from here.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <string.h>
#include <time.h>

#include "review/certificate.h"
#include "review/evidence.h"
#include "review/newfile.h"
#include "review/pack_file.h"
#include "review/pack_trust.h"
#include "review/quote.h"
#include "review/signing_key.h"
#include "review/timestamp.h"
#include "review/xmldsig.h"
#include "schema/base/file.h"
#include "schema/message.h"

extern const struct command_word evidence_command_timestamp;

#define FOLDER    (O_RDONLY | O_DIRECTORY | O_CLOEXEC)
#define MODE      0640
#define NAME_SIZE (SIGNING_NAME + 32)
#define TIME_TEXT 32

enum { OPT_NAME = 1, OPT_REQUEST, OPT_TOKEN, OPT_AUTHORITY };

static const struct option options[] = {
	{ "name", required_argument, NULL, OPT_NAME },
	{ "request", no_argument, NULL, OPT_REQUEST },
	{ "token", required_argument, NULL, OPT_TOKEN },
	{ "authority", required_argument, NULL, OPT_AUTHORITY },
	{ NULL, 0, NULL, 0 },
};

struct stamping {
	struct command_context *context;
	const char *path, *name, *token, *authority;
	bool request;
	int folder;
	struct buf signature; /* NAME.xml */
};

static void
name_file(const struct stamping *s, const char *ending, char out[NAME_SIZE])
{
	(void)snprintf(
	    out, NAME_SIZE, EVIDENCE_SIGNATURES "/%s%s", s->name, ending);
}

static int
read_file(const struct stamping *s, const char *ending, struct buf *out,
    struct err *e)
{
	char name[NAME_SIZE];
	int fd, result;

	name_file(s, ending, name);
	fd = pack_file_open(s->folder, name, e);
	if (fd == -1)
		return -1;
	result = file_read(fd, out, e) == -1 ? err_in(e, "%s", name) : 0;
	file_close(&fd);
	return result;
}

static int
put_file(const struct stamping *s, const char *ending, const struct buf *bytes,
    struct err *e)
{
	char name[SIGNING_NAME + 8];
	int folder =
	    openat(s->folder, EVIDENCE_SIGNATURES, FOLDER | O_NOFOLLOW);
	int result;

	if (folder == -1)
		return err_set(e, ERR_MISSING, "%s", EVIDENCE_SIGNATURES);
	(void)snprintf(name, sizeof(name), "%s%s", s->name, ending);
	result = newfile_put(folder, name, MODE, bytes->data, bytes->length, e);
	file_close(&folder);
	return result == -1 ? err_in(e, EVIDENCE_SIGNATURES) : 0;
}

/* It is one, and whole: else what is stamped would prove nothing. */
static int
read_signature(struct stamping *s, struct err *e)
{
	struct xmldsig *x = NULL;
	int result = -1;

	if (read_file(s, ".xml", &s->signature, e) == -1)
		return -1;
	if (xmldsig_read(&x, s->signature.data, s->signature.length, e) == 0)
		result = xmldsig_check(x, e);
	xmldsig_free(&x);
	return result == -1 ? err_in(e, "%s.xml", s->name) : 0;
}

/* ---- The request ---- */

static void
say_request(const struct stamping *s)
{
	struct buf folder = buf_new(8192);

	quote_shell(&folder, s->path);
	fprintf(s->context->out,
	    _("Nothing was sent. Send it yourself, to the authority of your "
	      "choice:\n"
	      "  cd -- %s\n"
	      "  curl --fail -H 'Content-Type: application/timestamp-query' "
	      "--data-binary @signatures/%s.tsq -o ../%s.tsr "
	      "https://AUTHORITY\n"
	      "  reeve evidence timestamp --name %s --token ../%s.tsr .\n"),
	    buf_string(&folder), s->name, s->name, s->name, s->name);
	buf_free(&folder);
}

static int
make_request(const struct stamping *s, struct err *e)
{
	struct entropy entropy = entropy_system();
	struct buf request = buf_new(TIMESTAMP_BYTES);
	int result = -1;

	if (timestamp_request(s->signature.data, s->signature.length, &entropy,
	        &request, e) == 0)
		result = put_file(s, ".tsq", &request, e);
	buf_free(&request);
	if (result == 0)
		say_request(s);
	return result;
}

/* ---- The answer ---- */

/* Without a request here there is no nonce to compare. */
static int
check_nonce(const struct stamping *s, TS_RESP *token, struct err *e)
{
	struct buf request = buf_new(TIMESTAMP_BYTES);
	int result = read_file(s, ".tsq", &request, e);

	if (result == 0)
		result =
		    timestamp_answers(token, request.data, request.length, e);
	else if (e->code == ERR_MISSING)
		result = 0;
	buf_free(&request);
	return result;
}

static int
check_token(const struct stamping *s, const struct buf *bytes, int64_t *at,
    struct err *e)
{
	TS_RESP *token = timestamp_parse(bytes->data, bytes->length, e);
	int result = -1;

	if (token == NULL)
		return -1;
	if (timestamp_fits(
	        token, s->signature.data, s->signature.length, at, e) == 0)
		result = check_nonce(s, token, e);
	TS_RESP_free(token);
	return result;
}

static int
check_authority(
    const struct stamping *s, const struct buf *bytes, struct err *e)
{
	struct pack_trust *trust = NULL;
	int64_t at;
	int result = -1;

	if (s->authority == NULL)
		return 0;
	if (pack_trust_new(&trust, e) == 0 &&
	    pack_trust_time(trust, s->authority, e) == 0)
		result = pack_trust_token(trust, bytes->data, bytes->length,
		    s->signature.data, s->signature.length, &at, e);
	pack_trust_free(&trust);
	return result;
}

static void
say_token(const struct stamping *s, int64_t at)
{
	char text[TIME_TEXT] = "?";
	time_t when = (time_t)at;
	struct tm tm;

	if (gmtime_r(&when, &tm) != NULL)
		(void)strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	fprintf(
	    s->context->out, _("signatures/%s.tsr: of %s\n"), s->name, text);
	if (s->authority == NULL)
		fputs(
		    _("whether its authority is to be believed was not asked: "
		      "see --authority\n"),
		    s->context->err);
}

static int
take_token(const struct stamping *s, struct err *e)
{
	struct buf bytes = buf_new(TIMESTAMP_BYTES);
	int64_t at = 0;
	int result = -1;

	if (certificate_file(s->token, &bytes, e) == -1)
		;
	else if (check_token(s, &bytes, &at, e) == -1 ||
	    check_authority(s, &bytes, e) == -1)
		err_in(e, "%s", s->token);
	else
		result = put_file(s, ".tsr", &bytes, e);
	buf_free(&bytes);
	if (result == 0)
		say_token(s, at);
	return result;
}

/* ---- The command line ---- */

static int
read_options(struct stamping *s, int argc, char **argv, struct err *e)
{
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (option) {
		case OPT_NAME:
			s->name = optarg;
			break;
		case OPT_REQUEST:
			s->request = true;
			break;
		case OPT_TOKEN:
			s->token = optarg;
			break;
		case OPT_AUTHORITY:
			s->authority = optarg;
			break;
		default:
			return err_set(e, ERR_USAGE, _("an unknown option"));
		}
	if (argc - optind != 1)
		return err_set(e, ERR_USAGE, _("one folder"));
	s->path = argv[optind];
	if (s->name == NULL || !signing_name_ok(s->name))
		return err_set(e, ERR_USAGE,
		    _("--name: of the signature, signatures/NAME.xml"));
	return s->request != (s->token != NULL)
	    ? 0
	    : err_set(e, ERR_USAGE, _("either --request or --token FILE"));
}

static int
stamp(struct stamping *s, struct err *e)
{
	s->folder = open(s->path, FOLDER);
	if (s->folder == -1)
		return err_sys(e, errno, "%s", s->path);
	if (read_signature(s, e) == -1)
		return -1;
	return s->request ? make_request(s, e) : take_token(s, e);
}

static int
run_timestamp(struct command_context *c, int argc, char **argv)
{
	struct stamping s = { .context = c, .folder = -1 };
	struct err e = { .code = ERR_NONE };
	int result;

	if (read_options(&s, argc, argv, &e) == -1)
		return evidence_usage(
		    c, &evidence_command_timestamp, "%s", e.text);
	s.signature = buf_new(XMLDSIG_BYTES);
	result = stamp(&s, &e);
	file_close(&s.folder);
	buf_free(&s.signature);
	return result == -1 ? evidence_fail(c, "timestamp", &e) : STATUS_DONE;
}

const struct command_word evidence_command_timestamp = {
	.name = "timestamp",
	.arguments = "--name NAME --request | --token FILE [--authority FILE] "
	             "DIR",
	.summary = N_("a time stamp for a signature: request, and answer"),
	.help = N_(
	    "Without one a signature can't be verified once its certificate "
	    "has expired.\n\n"
	    "--request    writes signatures/NAME.tsq (RFC 3161), and how to "
	    "send it\n"
	    "--token      takes the answer as signatures/NAME.tsr, if it is of "
	    "that signature\n"
	    "--authority  certificates, in PEM, that it must come from\n\n"
	    "Example: reeve evidence timestamp --name chen --request 2026Q4\n"),
	.run = run_timestamp,
	.alone = true,
};
