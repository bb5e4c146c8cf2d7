#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "review/command.h"
#include "review/sample.h"
#include "schema/base/enc.h"
#include "schema/message.h"

extern const struct command command_sample;

#define STRATA_MAX 6u

struct sample_arguments {
	const char *campaign, *seed, *size, *stratum;
	bool keys;
};

/* What is drawn now. */
struct draw {
	struct command_context *context;
	struct store *store;
	struct campaign campaign;
	struct sample samples[STRATA_MAX];
	size_t count;
	char strata[STRATA_MAX][16];
};

static const struct list_column columns[] = {
	{ "stratum", N_("Stratum"), 10 },
	{ "n", N_("No."), 4 },
	{ "digest", N_("SHA-256"), 16 },
	{ "item", N_("Item"), 6 },
	{ "account", N_("Account"), 16 },
	{ "right", N_("Right"), 16 },
	{ "person", N_("Person"), 8 },
	{ "decision", N_("Decision"), 9 },
	{ "reviewer", N_("Reviewer"), 8 },
	{ "story", N_("Story"), 0 },
	{ NULL, NULL, 0 },
};

static const struct list_column draw_columns[] = {
	{ "act", N_("Act"), 5 },
	{ "at", N_("When"), 20 },
	{ "by", N_("By"), 16 },
	{ "stratum", N_("Stratum"), 10 },
	{ "size", N_("Size"), 5 },
	{ "seed", N_("Seed"), 0 },
	{ NULL, NULL, 0 },
};

/* ---- What was drawn ---- */

static int
put_item(struct draw *d, const struct sample *s, const struct sample_item *item,
    size_t n, struct list *l, struct err *e)
{
	struct statement *st = store_use(d->store, "sample_item", e);
	struct buf digest = buf_new(128), story = buf_new(4096);
	char place[24], number[24];
	int there;

	bind_int(st, ":campaign", s->campaign);
	bind_int(st, ":item", item->item);
	enc_hex(&digest, item->digest,
	    d->context->format == FORMAT_TEXT ? 8 : sizeof(item->digest));
	(void)snprintf(place, sizeof(place), "%zu", n);
	(void)snprintf(number, sizeof(number), "%lld", (long long)item->item);
	if ((there = store_step(st, e)) == 1) {
		buf_printf(&story, "reeve account %s", column_text(st, 4));
		list_row(l,
		    (const char *const[]){ s->stratum, place,
		        buf_string(&digest), number, column_text(st, 1),
		        column_text(st, 2), column_text(st, 3),
		        column_text(st, 5), column_text(st, 6),
		        buf_string(&story) });
	}
	store_done(st);
	buf_free(&digest);
	buf_free(&story);
	return there == 1 ? 0 : -1;
}

static int
print_sample(struct draw *d, const struct sample *s, struct list *l,
    int64_t *population, struct err *e)
{
	struct sample_item *items;
	size_t count;
	int result = 0;

	if (sample_draw(d->store, s, &items, &count, population, e) == -1)
		return -1;
	for (size_t i = 0; result == 0 && i < count; i++)
		result = put_item(d, s, &items[i], i + 1, l, e);
	free(items);
	return result;
}

static int
print_all(struct draw *d, struct err *e)
{
	struct command_context *c = d->context;
	int64_t populations[STRATA_MAX] = { 0 };
	struct err failed = { .code = ERR_NONE };
	struct list *l = NULL;
	int result = 0;

	if (list_begin(&l, c, "sample", columns, e) == -1)
		return -1;
	for (size_t i = 0; result == 0 && i < d->count; i++)
		result = print_sample(d, &d->samples[i], l, &populations[i], e);
	if (list_end(&l, &failed) == -1 && result == 0) {
		*e = failed;
		return -1;
	}
	for (size_t i = 0;
	     result == 0 && c->format == FORMAT_TEXT && i < d->count; i++)
		fprintf(c->out, _("stratum %s: %lld items\n"),
		    d->samples[i].stratum, (long long)populations[i]);
	return result;
}

/* ---- Recording ---- */

/* One act for each draw that was not made before. */
static int
record(struct draw *d, struct buf *receipt, struct err *e)
{
	struct act_how how = act_how(d->context);
	struct act *act = NULL;

	how.roles = "officer,auditor";
	for (size_t i = 0; i < d->count; i++) {
		int64_t before;
		int begun;

		if (sample_drawn(d->store, &d->samples[i], &before, e) == -1)
			goto fail;
		if (before != 0) {
			fprintf(d->context->out,
			    _("stratum %s: drawn before, in act %lld\n"),
			    d->samples[i].stratum, (long long)before);
			continue;
		}
		begun = act == NULL
		    ? act_begin(&act, d->store, "sample", &how, e)
		    : act_next(&act, "sample", e);
		if (begun == -1 ||
		    sample_add(act, d->store, &d->samples[i], e) == -1)
			goto fail;
	}
	return act == NULL ? 0 : act_commit(&act, receipt, e);
fail:
	act_cancel(&act);
	return -1;
}

/* ---- Keys, and what was drawn before ---- */

static int
print_key(void *context, const char *key, struct err *e)
{
	struct command_context *c = context;

	return fprintf(c->out, "%s\n", key) < 0
	    ? err_set(e, ERR_SYS, "standard output could not be written")
	    : 0;
}

static int
print_draws(struct draw *d, struct err *e)
{
	struct statement *s = store_use(d->store, "sample_list", e);
	struct err failed = { .code = ERR_NONE };
	struct list *l = NULL;
	int more;

	bind_int(s, ":campaign", d->campaign.id);
	if (list_begin(&l, d->context, "samples", draw_columns, e) == -1)
		return -1;
	while ((more = store_step(s, e)) == 1) {
		time_t at = (time_t)column_int(s, 1);
		char act[24], size[24], when[24] = "";
		struct tm tm;

		(void)snprintf(
		    act, sizeof(act), "%lld", (long long)column_int(s, 0));
		(void)snprintf(
		    size, sizeof(size), "%lld", (long long)column_int(s, 4));
		if (gmtime_r(&at, &tm) != NULL)
			(void)strftime(when, sizeof(when), "%FT%TZ", &tm);
		list_row(l,
		    (const char *const[]){ act, when, column_text(s, 2),
		        column_text(s, 3), size, column_text(s, 5) });
	}
	store_done(s);
	if (list_end(&l, &failed) == -1 && more == 0) {
		*e = failed;
		return -1;
	}
	return more;
}

/* ---- Options ---- */

/* "privileged,flagged": one sample each. */
static int
read_strata(struct draw *d, const char *list, struct err *e)
{
	for (const char *at = list;; at++) {
		size_t length = strcspn(at, ",");

		if (d->count == STRATA_MAX || length == 0 ||
		    length >= sizeof(d->strata[0]))
			return err_set(e, ERR_USAGE,
			    _("--stratum %s: all, privileged, flagged, new, "
			      "low or rest"),
			    list);
		memcpy(d->strata[d->count], at, length);
		d->strata[d->count][length] = '\0';
		d->samples[d->count].stratum = d->strata[d->count];
		d->count++;
		at += length;
		if (*at == '\0')
			return 0;
	}
}

static int
read_sample(struct draw *d, const struct sample_arguments *a, struct err *e)
{
	uint64_t size = 0;

	if (campaign_find(d->store, a->campaign, &d->campaign, e) == -1)
		return -1;
	if (!d->campaign.frozen)
		return err_set(e, ERR_USAGE,
		    _("campaign %s has no population yet: it is not frozen"),
		    d->campaign.name);
	if (a->size != NULL &&
	    enc_number(a->size, strlen(a->size), SAMPLE_SIZE_MAX, &size, e) ==
	        -1)
		return err_set(
		    e, ERR_USAGE, _("--size: 1 to %u"), SAMPLE_SIZE_MAX);
	if (read_strata(d, a->stratum == NULL ? "all" : a->stratum, e) == -1)
		return -1;
	for (size_t i = 0; i < d->count; i++) {
		struct sample *s = &d->samples[i];

		s->campaign = d->campaign.id;
		s->population = d->campaign.population;
		s->seed = a->keys ? "-" : a->seed;
		s->size = a->keys ? 1 : (size_t)size;
		if ((a->keys || a->seed != NULL) && sample_check(s, e) == -1)
			return -1;
	}
	return 0;
}

static int
draw(struct draw *d, struct err *e)
{
	struct command_context *c = d->context;
	struct buf receipt = buf_new(256), population = buf_new(128);
	int result = -1;

	if (record(d, &receipt, e) == 0 && print_all(d, e) == 0) {
		enc_hex(&population, d->campaign.population, 32);
		if (c->format == FORMAT_TEXT)
			fprintf(c->out, _("population: %s\n%s"),
			    buf_string(&population), buf_string(&receipt));
		if (c->format == FORMAT_TEXT && receipt.length > 0)
			fputc('\n', c->out);
		result = 0;
	}
	buf_free(&receipt);
	buf_free(&population);
	return result;
}

enum { OPT_CAMPAIGN = 1, OPT_SEED, OPT_SIZE, OPT_STRATUM, OPT_KEYS };

static const struct option options[] = {
	{ "campaign", required_argument, NULL, OPT_CAMPAIGN },
	{ "seed", required_argument, NULL, OPT_SEED },
	{ "size", required_argument, NULL, OPT_SIZE },
	{ "stratum", required_argument, NULL, OPT_STRATUM },
	{ "keys", no_argument, NULL, OPT_KEYS },
	{ NULL, 0, NULL, 0 },
};

static int
read_options(struct sample_arguments *a, int argc, char **argv)
{
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (option) {
		case OPT_CAMPAIGN:
			a->campaign = optarg;
			break;
		case OPT_SEED:
			a->seed = optarg;
			break;
		case OPT_SIZE:
			a->size = optarg;
			break;
		case OPT_STRATUM:
			a->stratum = optarg;
			break;
		case OPT_KEYS:
			a->keys = true;
			break;
		default:
			return -1;
		}
	return optind == argc ? 0 : -1;
}

static int
run(struct command_context *c, int argc, char **argv)
{
	struct sample_arguments a = { .campaign = NULL };
	struct draw d = { .context = c };
	struct err e = { .code = ERR_NONE };
	bool draws;
	int done = -1;

	if (read_options(&a, argc, argv) == -1)
		return command_usage(
		    c, &command_sample, "%s", _("see reeve sample --help"));
	draws = !a.keys && a.seed != NULL;
	if (draws && a.size == NULL)
		return command_usage(
		    c, &command_sample, "%s", _("--size: how many?"));
	if (store_open(&d.store, command_database(c),
	        draws ? STORE_WRITE : STORE_READ, &e) == 0 &&
	    read_sample(&d, &a, &e) == 0) {
		if (a.keys)
			done = sample_keys(
			    d.store, &d.samples[0], print_key, c, &e);
		else
			done = draws ? draw(&d, &e) : print_draws(&d, &e);
	}
	store_close(&d.store);
	return done == -1 ? command_fail(c, "sample", &e) : STATUS_DONE;
}

const struct command command_sample = {
	.name = "sample",
	.arguments = "[--campaign NAME] [--seed TEXT --size N] "
	             "[--stratum STRATUM,...] [--keys]",
	.summary = N_("an audit sample of a campaign that can be drawn again"),
	.help =
	    N_("Of each stratum of the frozen population the N items with the "
	       "smallest SHA-256\nover the seed, the population's digest and "
	       "the item's key; reeve-sample(1) says\nhow sha256sum and sort "
	       "repeat it. Each draw is recorded and signed. Without a\nseed: "
	       "the draws so far.\n\n"
	       "  --campaign NAME   default: the one that is open\n"
	       "  --seed TEXT       the auditor's, chosen once the population "
	       "is frozen\n"
	       "  --size N          of each stratum, at most 10000\n"
	       "  --stratum S,...   all (default), privileged, flagged, new, "
	       "low, rest\n"
	       "  --keys            the keys of a stratum, one a line\n\n"
	       "Example: reeve sample --campaign 2026Q4 --seed 7402 --size 25 "
	       "--stratum privileged,flagged\n"),
	.run = run,
	.writes = true,
};
