/*
 * The readers that the rows of the products' tables name: one syntax each,
 * into the place that the row says.
 */
#include <string.h>
#include <strings.h>

#include "review/attrmap_run.h"
#include "schema/base/enc.h"

/* The field that a row names. It is of the type that its reader writes. */
static void *
place(struct attrmap_run *run, const struct attr_row *row)
{
	return (char *)&run->reading + row->where;
}

static void
put_text(struct attrmap_run *run, const struct attr_row *row, const char *text)
{
	if (text != NULL)
		memcpy(place(run, row), &text, sizeof(text));
}

static void
put_number(struct attrmap_run *run, const struct attr_row *row, int64_t number)
{
	memcpy(place(run, row), &number, sizeof(number));
}

/* A value that its syntax does not allow: counted, and kept as it is spelt. */
void
run_invalid(struct attrmap_run *run, const struct entry_attribute *a,
    const struct entry_value *v)
{
	run->counts.invalid++;
	if (v->length == 0 || v->length > 256 ||
	    !enc_is_utf8(v->data, v->length))
		return;
	run_add_value(run, run_keepf(run, "raw:%.100s", a->name),
	    run_keep(run, v->data, v->length));
}

/* The end of the last whole character within limit bytes. */
static size_t
cut_length(const char *text, size_t limit)
{
	while (limit > 0 && ((unsigned char)text[limit] & 0xc0) == 0x80)
		limit--;
	return limit;
}

const char *
run_text(struct attrmap_run *run, const struct entry_attribute *a,
    const struct entry_value *v)
{
	(void)a;
	if (v->length == 0)
		return NULL;
	if (!enc_is_utf8(v->data, v->length)) {
		run->counts.invalid++;
		return NULL;
	}
	if (v->length <= FACT_TEXT_MAX)
		return v->data;
	return run_keep(run, v->data, cut_length(v->data, FACT_TEXT_MAX));
}

void
read_text(struct attrmap_run *run, const struct attr_row *row,
    const struct entry_attribute *a)
{
	if (a->count > 0)
		put_text(run, row, run_text(run, a, &a->values[0]));
}

/* Takes text the first value; the other rows of a field leave it alone. */
void
read_texts(struct attrmap_run *run, const struct attr_row *row,
    const struct entry_attribute *a)
{
	const char *before;

	memcpy(&before, place(run, row), sizeof(before));
	for (size_t i = 0; i < a->count; i++) {
		const char *text = run_text(run, a, &a->values[i]);

		if (before == NULL) {
			put_text(run, row, text);
			before = text;
		} else {
			run_add_value(run, row->label, text);
		}
	}
}

void
read_values(struct attrmap_run *run, const struct attr_row *row,
    const struct entry_attribute *a)
{
	for (size_t i = 0; i < a->count; i++)
		run_add_value(run, row->label, run_text(run, a, &a->values[i]));
}

/* The number of a single-valued attribute; false: none, or it is bad. */
static bool
one_number(struct attrmap_run *run, const struct entry_attribute *a,
    bool (*decode)(const char *, size_t, int64_t *), int64_t *out)
{
	if (a->count == 0)
		return false;
	if (decode(a->values[0].data, a->values[0].length, out))
		return true;
	run_invalid(run, a, &a->values[0]);
	return false;
}

void
read_integer(struct attrmap_run *run, const struct attr_row *row,
    const struct entry_attribute *a)
{
	int64_t number;

	if (one_number(run, a, decode_integer, &number))
		put_number(run, row, number);
}

static bool
one_truth(struct attrmap_run *run, const struct entry_attribute *a,
    bool (*decode)(const char *, size_t, bool *), bool *out)
{
	if (a->count == 0)
		return false;
	if (decode(a->values[0].data, a->values[0].length, out))
		return true;
	run_invalid(run, a, &a->values[0]);
	return false;
}

void
read_boolean(struct attrmap_run *run, const struct attr_row *row,
    const struct entry_attribute *a)
{
	bool yes;

	if (one_truth(run, a, decode_boolean, &yes))
		put_number(run, row, yes);
}

void
read_switch(struct attrmap_run *run, const struct attr_row *row,
    const struct entry_attribute *a)
{
	bool yes;

	if (one_truth(run, a, decode_switch, &yes))
		put_number(run, row, yes);
}

void
read_flag(struct attrmap_run *run, const struct attr_row *row,
    const struct entry_attribute *a)
{
	bool yes;

	if (one_truth(run, a, decode_switch, &yes))
		run->reading.account.flags[row->where] = yes ? TRI_YES : TRI_NO;
}

void
read_tri(struct attrmap_run *run, const struct attr_row *row,
    const struct entry_attribute *a)
{
	enum tri tri;
	bool yes;

	if (!one_truth(run, a, decode_switch, &yes))
		return;
	tri = yes ? TRI_YES : TRI_NO;
	memcpy(place(run, row), &tri, sizeof(tri));
}

void
read_time(struct attrmap_run *run, const struct attr_row *row,
    const struct entry_attribute *a)
{
	int64_t when;

	if (one_number(run, a, decode_time, &when))
		put_number(run, row, when);
}

void
read_locked_time(struct attrmap_run *run, const struct attr_row *row,
    const struct entry_attribute *a)
{
	int64_t when;

	if (!one_number(run, a, decode_locked_time, &when))
		return;
	put_number(run, row, when);
	run->reading.lock_raw = a->values[0].data;
}

static void
add_usage(struct attrmap_run *run, const struct attr_row *row,
    const struct entry_attribute *a, const char *server)
{
	struct usage u = {
		.attribute = row->name,
		.server = server,
		.resolution = row->number,
	};

	if (!one_number(run, a, decode_time, &u.when))
		return;
	u.raw = a->values[0].data;
	run_add_usage(run, &u);
}

void
read_usage(struct attrmap_run *run, const struct attr_row *row,
    const struct entry_attribute *a)
{
	add_usage(run, row, a, run->server);
}

void
read_shared_usage(struct attrmap_run *run, const struct attr_row *row,
    const struct entry_attribute *a)
{
	add_usage(run, row, a, "");
}

void
read_filetime(struct attrmap_run *run, const struct attr_row *row,
    const struct entry_attribute *a)
{
	int64_t ticks, when;

	if (!one_number(run, a, decode_integer, &ticks))
		return;
	if (ticks == 0 || ticks == FILETIME_MAX)
		put_number(run, row, FACT_NEVER);
	else if (filetime_time(ticks, &when))
		put_number(run, row, when);
	else
		run_invalid(run, a, &a->values[0]);
}

void
read_days(struct attrmap_run *run, const struct attr_row *row,
    const struct entry_attribute *a)
{
	int64_t days;

	if (one_number(run, a, decode_days, &days))
		put_number(run, row, days);
}

void
read_sid(struct attrmap_run *run, const struct attr_row *row,
    const struct entry_attribute *a)
{
	char sid[SID_TEXT_SIZE];

	if (a->count == 0)
		return;
	if (decode_sid(a->values[0].data, a->values[0].length, sid))
		put_text(run, row, run_keep(run, sid, strlen(sid)));
	else
		run_invalid(run, a, &a->values[0]);
}

void
read_keys(struct attrmap_run *run, const struct attr_row *row,
    const struct entry_attribute *a)
{
	char fingerprint[FINGERPRINT_SIZE];

	for (size_t i = 0; i < a->count; i++) {
		const struct entry_value *v = &a->values[i];

		if (v->length == 0)
			continue;
		run->reading.account.flags[FLAG_HAS_KEYS] = TRI_YES;
		if (decode_ssh_key(v->data, v->length, fingerprint))
			run_add_value(run, row->label,
			    run_keep(run, fingerprint, FINGERPRINT_SIZE - 1));
		else
			run->counts.invalid++;
	}
}

void
read_login_shell(struct attrmap_run *run, const struct attr_row *row,
    const struct entry_attribute *a)
{
	static const char *const none[] = { "nologin", "false", "sync",
		"shutdown", "halt", "true" };
	const char *shell, *name;
	enum tri *flag = &run->reading.account.flags[FLAG_LOGIN_SHELL];

	if (a->count == 0)
		return;
	shell = run_text(run, a, &a->values[0]);
	if (shell == NULL)
		return;
	put_text(run, row, shell);
	name = strrchr(shell, '/');
	name = name == NULL ? shell : name + 1;
	*flag = TRI_YES;
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++)
		if (strcmp(name, none[i]) == 0)
			*flag = TRI_NO;
}

static void
add_own_edge(struct attrmap_run *run, enum reference_form form,
    const char *group, enum edge_how how)
{
	const struct member m = {
		.group = { form, group, NULL },
		.member = { REF_KEY, run->reading.key, NULL },
		.how = how,
		.acquired = FACT_UNKNOWN,
	};

	if (group != NULL)
		run_add_edge(run, &m);
}

/* number is the reference_form: REF_GID, or REF_RID for AD. */
void
read_gid(struct attrmap_run *run, const struct attr_row *row,
    const struct entry_attribute *a)
{
	int64_t number;

	if (!one_number(run, a, decode_integer, &number))
		return;
	put_number(run, row, number);
	add_own_edge(run, (enum reference_form)row->number, a->values[0].data,
	    EDGE_PRIMARY);
}

void
read_reference(struct attrmap_run *run, const struct attr_row *row,
    const struct entry_attribute *a)
{
	for (size_t i = 0; i < a->count; i++)
		add_own_edge(run, REF_DN, run_text(run, a, &a->values[i]),
		    (enum edge_how)row->number);
}

void
read_amount(struct attrmap_run *run, const struct attr_row *row,
    const struct entry_attribute *a)
{
	int64_t number;

	if (!one_number(run, a, decode_integer, &number))
		return;
	if (number < 0)
		run_invalid(run, a, &a->values[0]);
	else
		put_number(run, row,
		    number == 0 && row->number == 1 ? FACT_NEVER : number);
}

void
read_ticks(struct attrmap_run *run, const struct attr_row *row,
    const struct entry_attribute *a)
{
	int64_t ticks, duration;

	if (!one_number(run, a, decode_integer, &ticks))
		return;
	if (!filetime_duration(ticks, &duration))
		run_invalid(run, a, &a->values[0]);
	else
		put_number(run, row,
		    duration == 0 && row->number == 1 ? FACT_NEVER : duration);
}

void
read_targets(struct attrmap_run *run, const struct attr_row *row,
    const struct entry_attribute *a)
{
	(void)row;
	for (size_t i = 0; i < a->count; i++)
		run_add_target(run, REF_DN, run_text(run, a, &a->values[i]));
}

/* RFC 4514 section 2.4: "\," is ',', "\2C" too; what is else stays. */
const char *
rdn_value(struct attrmap_run *run, const char *dn)
{
	static const char hex[] = "0123456789abcdef";
	const char *equals = strchr(dn, '='), *at;
	char *out, *o;

	if (equals == NULL)
		return dn;
	for (at = equals + 1; *at == ' '; at++)
		;
	out = o = run_keep(run, at, strlen(at));
	if (out == NULL)
		return dn;
	for (; *at != '\0' && *at != ',' && *at != '+'; at++) {
		const char *high, *low;

		if (*at != '\\' || at[1] == '\0') {
			*o++ = *at;
			continue;
		}
		high = strchr(hex, at[1] | 0x20);
		low = at[2] == '\0' ? NULL : strchr(hex, at[2] | 0x20);
		if (high == NULL || low == NULL) {
			*o++ = *++at;
			continue;
		}
		*o++ = (char)((high - hex) << 4 | (low - hex));
		at += 2;
	}
	*o = '\0';
	if (strlen(out) > FACT_TEXT_MAX)
		out[cut_length(out, FACT_TEXT_MAX)] = '\0';
	return enc_is_utf8(out, strlen(out)) ? out : dn;
}
