#include "pamod/profile.h"

#include <string.h>

#define LETTER_DIGIT        (CLASS_LETTER | CLASS_DIGIT)
#define LETTER_DIGIT_SYMBOL (CLASS_LETTER | CLASS_DIGIT | CLASS_SYMBOL)
#define DAYS_3_YEARS        1096
#define DAYS_2_YEARS        731

#define TWSE  "TWSE audit points, access control 4"
#define BASE  "FL098836 (2022)"
#define ANNEX "annex 10 of the classification rules"
#define BANK  "FIDO guideline; e-payment baseline"
#define PCI   "PCI DSS 4.0.1"
#define NIST  "SP 800-63B-4"
#define HOUSE "house"

const char *const profile_names[] = { "tw-twse", "tw-baseline",
	"tw-annex10-mid", "bank", "pci-4", "nist-63b-4", "house", NULL };

/*
 * The values of controls.md sections 2.4 to 2.6 and 3.2. A clause that was not
 * verified (marked [M] there) is NULL.
 *
 * A passphrase that passes without classes meets the strength that was meant,
 * but not the letter of a clause that demands them; those profiles refuse it.
 */
const struct profile_demand profile_demands[] = {
	{ "tw-twse", "password", "min_length", DEMAND_MIN, 6, NULL, TWSE, false,
	    WHEN_ALWAYS },
	{ "tw-twse", "password", "classes", DEMAND_CONTAINS,
	    LETTER_DIGIT_SYMBOL, NULL, TWSE, false, WHEN_ALWAYS },
	{ "tw-twse", "password", "passphrase_length", DEMAND_FORBID, 0, NULL,
	    TWSE, false, WHEN_ALWAYS },
	{ "tw-twse", "password", "max_age_days", DEMAND_MAX, 90, NULL, TWSE,
	    false, WHEN_ALWAYS },

	{ "tw-baseline", "throttle", "style", DEMAND_EQUALS, THROTTLE_LOCK,
	    "15(3)", BASE, false, WHEN_ALWAYS },
	{ "tw-baseline", "throttle", "attempts", DEMAND_MAX, 3, "15(3)", BASE,
	    false, WHEN_ALWAYS },
	{ "tw-baseline", "throttle", "lock_seconds", DEMAND_MIN, 900, "15(3)",
	    BASE, false, WHEN_ALWAYS },
	{ "tw-baseline", "trail", "retention_days", DEMAND_MIN, DAYS_3_YEARS,
	    "7(1)", BASE, false, WHEN_ALWAYS },
	{ "tw-baseline", "service", "kinds", DEMAND_MIN, 2, "14(2)", BASE,
	    false, WHEN_ALWAYS },
	{ "tw-baseline", "access", "account_max_days", DEMAND_OPEN, 0, "4(3)",
	    BASE, false, WHEN_ALWAYS },
	{ "tw-baseline", "access", "hours", DEMAND_OPEN, 0, "4(5)", BASE, false,
	    WHEN_ALWAYS },
	{ "tw-baseline", "access", "networks", DEMAND_OPEN, 0, "4(5)", BASE,
	    false, WHEN_ALWAYS },
	{ "tw-baseline", "access", "sessions", DEMAND_OPEN, 0, "4(5)", BASE,
	    false, WHEN_ALWAYS },

	{ "tw-annex10-mid", "throttle", "style", DEMAND_EQUALS, THROTTLE_LOCK,
	    NULL, ANNEX, false, WHEN_ALWAYS },
	{ "tw-annex10-mid", "throttle", "attempts", DEMAND_MAX, 5, NULL, ANNEX,
	    false, WHEN_ALWAYS },
	{ "tw-annex10-mid", "throttle", "lock_seconds", DEMAND_MIN, 900, NULL,
	    ANNEX, false, WHEN_ALWAYS },
	{ "tw-annex10-mid", "password", "history", DEMAND_MIN, 3, NULL, ANNEX,
	    false, WHEN_ALWAYS },
	{ "tw-annex10-mid", "trail", "retention_days", DEMAND_MIN, 183, NULL,
	    ANNEX, false, WHEN_ALWAYS },
	{ "tw-annex10-mid", "password", "classes", DEMAND_OPEN, 0, NULL, ANNEX,
	    false, WHEN_ALWAYS },
	{ "tw-annex10-mid", "password", "min_age_days", DEMAND_OPEN, 0, NULL,
	    ANNEX, false, WHEN_ALWAYS },
	{ "tw-annex10-mid", "password", "max_age_days", DEMAND_OPEN, 0, NULL,
	    ANNEX, false, WHEN_ALWAYS },
	{ "tw-annex10-mid", "access", "account_max_days", DEMAND_OPEN, 0, NULL,
	    ANNEX, false, WHEN_ALWAYS },

	{ "bank", "password", "min_length", DEMAND_MIN, 6, "4-7", BANK, false,
	    WHEN_ALWAYS },
	{ "bank", "throttle", "style", DEMAND_EQUALS, THROTTLE_LOCK, "4-7",
	    BANK, false, WHEN_ALWAYS },
	{ "bank", "throttle", "attempts", DEMAND_MAX, 5, "4-7", BANK, false,
	    WHEN_ALWAYS },
	{ "bank", "password", "max_age_days", DEMAND_MAX, 90, "10(8)", BANK,
	    false, WHEN_ALWAYS },
	{ "bank", "password", "history", DEMAND_MIN, 1, NULL, BANK, false,
	    WHEN_ALWAYS },
	{ "bank", "service", "kinds", DEMAND_MIN, 2, "15-3(4)", BANK, false,
	    WHEN_ALWAYS },
	{ "bank", "trail", "retention_days", DEMAND_MIN, DAYS_2_YEARS, "24-1",
	    BANK, false, WHEN_ALWAYS },
	{ "bank", "access", "networks", DEMAND_OPEN, 0, "10(4)", BANK, false,
	    WHEN_ALWAYS },

	{ "pci-4", "password", "min_length", DEMAND_MIN, 12, "8.3.6", PCI,
	    false, WHEN_ALWAYS },
	{ "pci-4", "password", "classes", DEMAND_CONTAINS, LETTER_DIGIT,
	    "8.3.6", PCI, false, WHEN_ALWAYS },
	{ "pci-4", "password", "passphrase_length", DEMAND_FORBID, 0, "8.3.6",
	    PCI, false, WHEN_ALWAYS },
	{ "pci-4", "password", "history", DEMAND_MIN, 4, "8.3.7", PCI, false,
	    WHEN_ALWAYS },
	{ "pci-4", "password", "max_age_days", DEMAND_MAX, 90, "8.3.9", PCI,
	    false, WHEN_ONE_FACTOR },
	{ "pci-4", "throttle", "style", DEMAND_EQUALS, THROTTLE_LOCK, "8.3.4",
	    PCI, false, WHEN_ALWAYS },
	{ "pci-4", "throttle", "attempts", DEMAND_MAX, 10, "8.3.4", PCI, false,
	    WHEN_ALWAYS },
	{ "pci-4", "throttle", "lock_seconds", DEMAND_MIN, 1800, "8.3.4", PCI,
	    false, WHEN_ALWAYS },
	{ "pci-4", "access", "account_max_days", DEMAND_MAX, 90, "8.2.6", PCI,
	    false, WHEN_ALWAYS },
	{ "pci-4", "service", "kinds", DEMAND_MIN, 2, "8.4.1", PCI, false,
	    WHEN_ALWAYS },
	{ "pci-4", "trail", "retention_days", DEMAND_MIN, 365, "10.5.1", PCI,
	    false, WHEN_ALWAYS },

	{ "nist-63b-4", "password", "min_length", DEMAND_MIN, 15, "3.1.1.2",
	    NIST, true, WHEN_ONE_FACTOR },
	{ "nist-63b-4", "password", "min_length", DEMAND_MIN, 8, "3.1.1.2",
	    NIST, true, WHEN_TWO_FACTORS },
	{ "nist-63b-4", "password", "classes", DEMAND_FORBID, 0, "3.1.1.2",
	    NIST, true, WHEN_ALWAYS },
	{ "nist-63b-4", "password", "max_age_days", DEMAND_FORBID, 0, "3.1.1.2",
	    NIST, true, WHEN_ALWAYS },
	{ "nist-63b-4", "password", "blocklist", DEMAND_CONTAINS, 0, "3.1.1.2",
	    NIST, true, WHEN_ALWAYS },
	{ "nist-63b-4", "throttle", "user_attempts", DEMAND_MAX, 100, NULL,
	    NIST, true, WHEN_ALWAYS },

	{ "house", "password", "min_length", DEMAND_MIN, 14, NULL, HOUSE, false,
	    WHEN_ALWAYS },
	{ "house", "password", "classes", DEMAND_CONTAINS, LETTER_DIGIT_SYMBOL,
	    NULL, HOUSE, false, WHEN_ALWAYS },
	{ "house", "password", "max_age_days", DEMAND_MAX, 90, NULL, HOUSE,
	    false, WHEN_ALWAYS },
	{ "house", "password", "min_age_days", DEMAND_MIN, 1, NULL, HOUSE,
	    false, WHEN_ALWAYS },
	{ "house", "password", "history", DEMAND_MIN, 5, NULL, HOUSE, false,
	    WHEN_ALWAYS },
	{ "house", "throttle", "attempts", DEMAND_MAX, 3, NULL, HOUSE, false,
	    WHEN_ALWAYS },
	{ "house", "throttle", "lock_seconds", DEMAND_MIN, 900, NULL, HOUSE,
	    false, WHEN_ALWAYS },
	{ "house", "trail", "retention_days", DEMAND_MIN, DAYS_3_YEARS, NULL,
	    HOUSE, false, WHEN_ALWAYS },
	{ "house", "stepup", "lifetime", DEMAND_MAX, 300, NULL, HOUSE, false,
	    WHEN_ALWAYS },
	{ "house", "service", "kinds", DEMAND_MIN, 2, NULL, HOUSE, false,
	    WHEN_ALWAYS },
	/* Not mandatory: a filter must be built before it can be named. */
	{ "house", "password", "blocklist", DEMAND_CONTAINS, 0, NULL, HOUSE,
	    true, WHEN_ALWAYS },
	{ .profile = NULL },
};

/* How a row's field is read. */
static int64_t
number_at(const void *field)
{
	return *(const int64_t *)field;
}

static int64_t
choice_at(const void *field)
{
	return *(const int *)field;
}

static int64_t
bits_at(const void *field)
{
	return *(const unsigned *)field;
}

static int64_t
text_at(const void *field)
{
	return *(const char *)field != '\0';
}

static int64_t
list_at(const void *field)
{
	return (int64_t)((const struct conf_list *)field)->count;
}

static const struct reading {
	const char *section;
	const char *key;
	size_t offset; /* in struct options; of a service, in its section */
	int64_t (*read)(const void *);
	bool zero_is_no_limit;
} readings[] = {
/* NOLINTBEGIN(bugprone-macro-parentheses): names of members */
#define AT(section_, key_, how_, unlimited_)                                   \
	{                                                                      \
#section_, #key_, offsetof(struct options, section_.key_),     \
		    how_, unlimited_                                           \
	}
	/* NOLINTEND(bugprone-macro-parentheses) */
	AT(password, min_length, number_at, false),
	AT(password, classes, bits_at, false),
	AT(password, passphrase_length, number_at, false),
	AT(password, history, number_at, false),
	AT(password, max_age_days, number_at, true),
	AT(password, min_age_days, number_at, false),
	AT(password, blocklist, text_at, false),
	AT(throttle, style, choice_at, false),
	AT(throttle, attempts, number_at, false),
	AT(throttle, lock_seconds, number_at, false),
	AT(throttle, user_attempts, number_at, false),
	AT(stepup, lifetime, number_at, false),
	AT(access, hours, text_at, false),
	AT(access, networks, list_at, false),
	AT(access, sessions, number_at, true),
	AT(access, account_max_days, number_at, true),
	AT(trail, retention_days, number_at, false),
#undef AT
	{ "service", "kinds", offsetof(struct options_service, kinds),
	    number_at, false },
};

static const struct reading *
reading_of(const struct profile_demand *d)
{
	for (size_t i = 0; i < sizeof(readings) / sizeof(*readings); i++)
		if (strcmp(readings[i].section, d->section) == 0 &&
		    strcmp(readings[i].key, d->key) == 0)
			return &readings[i];
	return NULL;
}

/* Services in which a person gives factors. */
static bool
asks_factors(const struct options_service *s)
{
	return s->type != SERVICE_NONE && s->type != SERVICE_BATCH;
}

static bool
applies(const struct options *o, enum profile_when when)
{
	bool one = false;

	for (size_t i = 0; i < o->service_count; i++)
		if (asks_factors(&o->services[i]) && o->services[i].kinds < 2)
			one = true;
	return when == WHEN_ALWAYS || one == (when == WHEN_ONE_FACTOR);
}

static bool
value_meets(
    const struct profile_demand *d, const struct reading *r, int64_t value)
{
	switch (d->op) {
	case DEMAND_MIN:
		return value >= d->value;
	case DEMAND_MAX:
		return value <= d->value &&
		    !(value == 0 && r->zero_is_no_limit);
	case DEMAND_EQUALS:
		return value == d->value;
	case DEMAND_CONTAINS:
		return d->value == 0 ? value != 0
		                     : (value & d->value) == d->value;
	case DEMAND_FORBID:
		return value == 0;
	case DEMAND_OPEN:
		return true;
	}
	return false;
}

/* What *is the demand about: the option, or the service that fails it. */
static bool
is_met(const struct options *o, const struct profile_demand *d,
    const struct reading *r, const char **service)
{
	*service = NULL;
	if (strcmp(d->section, "service") != 0)
		return value_meets(d, r, r->read((const char *)o + r->offset));
	for (size_t i = 0; i < o->service_count; i++) {
		const struct options_service *s = &o->services[i];

		if (asks_factors(s) &&
		    !value_meets(d, r, r->read((const char *)s + r->offset))) {
			*service = s->name;
			return false;
		}
	}
	return true;
}

static const struct conf_section *
section_of(const char *name)
{
	const struct conf_section *s = options_sections;

	while (s->name != NULL && strcmp(s->name, name) != 0)
		s++;
	return s->name == NULL ? NULL : s;
}

static const struct conf_key *
key_of(const struct profile_demand *d)
{
	const struct conf_section *s = section_of(d->section);

	if (s == NULL)
		return NULL;
	for (const struct conf_key *k = s->keys; k->name != NULL; k++)
		if (strcmp(k->name, d->key) == 0)
			return k;
	return NULL;
}

/* A number as the option's own spelling, "15m" rather than "900". */
static void
put_demanded(
    struct buf *b, const struct profile_demand *d, const struct conf_key *key)
{
	int64_t number = d->value;
	int choice = (int)d->value;
	unsigned bits = (unsigned)d->value;
	const void *field = &number;

	if (key->get == conf_get_choice)
		field = &choice;
	else if (key->get != conf_get_int && key->get != conf_get_seconds)
		field = &bits;
	key->get(field, key, b);
}

static void
put_demand(struct buf *b, const struct profile_demand *d)
{
	static const char *const words[] = {
		[DEMAND_MIN] = "at least ",
		[DEMAND_MAX] = "at most ",
		[DEMAND_EQUALS] = "",
		[DEMAND_CONTAINS] = "with ",
		[DEMAND_FORBID] = "none",
		[DEMAND_OPEN] = "no value given; to be judged",
	};
	const struct conf_key *key = key_of(d);

	if (d->op == DEMAND_CONTAINS && d->value == 0) {
		buf_put_string(b, "to be set");
		return;
	}
	buf_put_string(b, words[d->op]);
	if (key != NULL && d->op != DEMAND_FORBID && d->op != DEMAND_OPEN)
		put_demanded(b, d, key);
}

static void
put_value(struct buf *b, const struct options *o,
    const struct profile_demand *d, const struct reading *r,
    const char *service)
{
	const struct conf_key *key = key_of(d);
	const char *field = (const char *)o + r->offset;
	size_t before;

	for (size_t i = 0; service != NULL && i < o->service_count; i++)
		if (strcmp(o->services[i].name, service) == 0)
			field = (const char *)&o->services[i] + r->offset;
	if (strcmp(d->section, "service") == 0 && service == NULL)
		return;
	before = b->length;
	if (key != NULL)
		key->get(field, key, b);
	if (b->length == before)
		buf_put_string(b, "empty");
}

/* "[password] min_length is 8, demanded: at least 12 (PCI DSS 4.0.1 8.3.6)" */
static void
put_line(struct buf *b, const struct options *o, const struct profile_demand *d,
    const struct reading *r, const char *service)
{
	buf_printf(b, "[%s%s%s] %s is ", d->section, service == NULL ? "" : " ",
	    service == NULL ? "" : service, d->key);
	put_value(b, o, d, r, service);
	buf_put_string(b, ", demanded: ");
	put_demand(b, d);
	buf_printf(b, " (%s%s%s)", d->source, d->clause == NULL ? "" : " ",
	    d->clause == NULL ? "" : d->clause);
}

#define LINE_MAX_BYTES 8192u

static int
refuse(const struct options *o, const struct profile_demand *d,
    const struct reading *r, const char *service, struct err *e)
{
	struct buf line = buf_new(LINE_MAX_BYTES);

	put_line(&line, o, d, r, service);
	err_set(e, ERR_CONFIG, "profile %s: %s", d->profile, buf_string(&line));
	buf_free(&line);
	return -1;
}

bool
profile_is_enforced(const struct options *o, const char *profile)
{
	return conf_list_has(&o->reeve.profile, profile);
}

/* Whether the demand binds: its profile is enforced and it is mandatory. */
static bool
binds(const struct options *o, const struct profile_demand *d)
{
	return !d->reference && profile_is_enforced(o, d->profile) &&
	    applies(o, d->when);
}

/* Whether no value at all could meet both. */
static bool
contradict(const struct profile_demand *a, const struct profile_demand *b)
{
	if (a->op == DEMAND_OPEN || b->op == DEMAND_OPEN)
		return false;
	if (a->op == DEMAND_FORBID)
		return (b->op == DEMAND_MIN && b->value > 0) ||
		    b->op == DEMAND_CONTAINS ||
		    (b->op == DEMAND_EQUALS && b->value != 0) ||
		    (b->op == DEMAND_MAX && reading_of(b) != NULL &&
		        reading_of(b)->zero_is_no_limit);
	if (a->op == DEMAND_EQUALS)
		return (b->op == DEMAND_EQUALS && b->value != a->value) ||
		    (b->op == DEMAND_MIN && a->value < b->value) ||
		    (b->op == DEMAND_MAX && a->value > b->value);
	return a->op == DEMAND_MIN && b->op == DEMAND_MAX &&
	    a->value > b->value;
}

static int
refuse_conflict(const struct profile_demand *a, const struct profile_demand *b,
    struct err *e)
{
	struct buf first = buf_new(LINE_MAX_BYTES);
	struct buf second = buf_new(LINE_MAX_BYTES);

	put_demand(&first, a);
	put_demand(&second, b);
	err_set(e, ERR_CONFIG,
	    "profiles in conflict over [%s] %s: %s demands %s, %s demands %s",
	    a->section, a->key, a->profile, buf_string(&first), b->profile,
	    buf_string(&second));
	buf_free(&first);
	buf_free(&second);
	return -1;
}

static int
find_conflict(const struct options *o, const struct profile_demand *demands,
    struct err *e)
{
	for (const struct profile_demand *a = demands; a->profile != NULL;
	     a++) {
		/* First: this is done at every login. */
		if (!binds(o, a))
			continue;
		for (const struct profile_demand *b = demands;
		     b->profile != NULL; b++)
			if (contradict(a, b) &&
			    strcmp(a->section, b->section) == 0 &&
			    strcmp(a->key, b->key) == 0 && binds(o, b))
				return refuse_conflict(a, b, e);
	}
	return 0;
}

static int
find_unknown(const struct options *o, struct err *e)
{
	const struct conf_list *list = &o->reeve.profile;

	for (const char *name = conf_list_next(list, NULL); name != NULL;
	     name = conf_list_next(list, name)) {
		size_t i = 0;

		while (profile_names[i] != NULL &&
		    strcmp(profile_names[i], name) != 0)
			i++;
		if (profile_names[i] == NULL)
			return err_set(
			    e, ERR_CONFIG, "unknown profile \"%s\"", name);
	}
	return 0;
}

int
profile_check_demands(const struct options *o,
    const struct profile_demand *demands, struct err *e)
{
	const char *service;

	if (find_unknown(o, e) == -1 || find_conflict(o, demands, e) == -1)
		return -1;
	for (const struct profile_demand *d = demands; d->profile != NULL;
	     d++) {
		const struct reading *r = reading_of(d);

		if (!binds(o, d))
			continue;
		if (r == NULL)
			return err_set(e, ERR_CONFIG,
			    "bug: profile %s: no option [%s] %s", d->profile,
			    d->section, d->key);
		if (!is_met(o, d, r, &service))
			return refuse(o, d, r, service, e);
	}
	return 0;
}

int
profile_check(const struct options *o, struct err *e)
{
	return profile_check_demands(o, profile_demands, e);
}

struct tally {
	size_t met;
	size_t unmet;
	size_t open;
	size_t unread;
};

static enum profile_verdict
verdict_of(const struct tally *t)
{
	if (t->met + t->unmet + t->open + t->unread == 0)
		return PROFILE_NOT_APPLICABLE;
	if (t->unread > 0)
		return PROFILE_UNOBTAINABLE;
	if (t->unmet > 0)
		return t->met > 0 ? PROFILE_PARTLY_MET : PROFILE_NOT_MET;
	return t->open > 0 ? PROFILE_UNDETERMINED : PROFILE_MET;
}

enum profile_verdict
profile_judge(const struct options *o, const struct profile_demand *demands,
    const char *profile, struct buf *lines)
{
	struct tally t = { 0 };

	for (const struct profile_demand *d = demands; d->profile != NULL;
	     d++) {
		const struct reading *r = reading_of(d);
		const char *service = NULL;

		if (strcmp(d->profile, profile) != 0 || !applies(o, d->when))
			continue;
		if (r == NULL)
			t.unread++;
		else if (d->op == DEMAND_OPEN)
			t.open++;
		else if (is_met(o, d, r, &service)) {
			t.met++;
			continue;
		} else
			t.unmet++;
		if (r == NULL)
			continue;
		put_line(lines, o, d, r, service);
		buf_put_byte(lines, '\n');
	}
	return verdict_of(&t);
}

const char *
profile_verdict_text(enum profile_verdict verdict)
{
	static const char *const texts[] = {
		[PROFILE_NOT_APPLICABLE] = "不適用 not applicable",
		[PROFILE_UNOBTAINABLE] = "無法取得 unobtainable",
		[PROFILE_UNDETERMINED] = "待判讀 undetermined",
		[PROFILE_NOT_MET] = "不符合 not met",
		[PROFILE_PARTLY_MET] = "部分符合 partly met",
		[PROFILE_MET] = "符合 met",
	};

	return texts[verdict];
}
