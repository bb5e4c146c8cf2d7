#include "pamod/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pamod/hours.h"
#include "pamod/network.h"
#include "pamod/profile.h"
#include "schema/base/digest.h"
#include "schema/base/enc.h"

#define WORDS_64x64 "64x64"
#define MODE_TEXT   16

#define ROW(struct_, field, kind, arg_, preset_, help_)                        \
	{                                                                      \
		.name = #field, CONF_##kind, offsetof(struct struct_, field),  \
		arg_, preset_, help_                                           \
	}
#define END                                                                    \
	{                                                                      \
		.name = NULL                                                   \
	}

static const struct conf_key reeve_keys[] = {
	ROW(options_reeve, mode, CHOICE, "enforce|observe", "enforce",
	    "observe records what it would refuse and refuses nothing"),
	ROW(options_reeve, profile, LIST, "8x16", "house",
	    "whose demands apply: tw-twse, tw-baseline, tw-annex10-mid, bank, "
	    "pci-4, nist-63b-4, house"),
	ROW(options_reeve, language, TEXT, "31", "",
	    "locale of messages at the door, like zh_TW.UTF-8"),
	ROW(options_reeve, state_directory, PATH, "255",
	    REEVE_LOCALSTATEDIR "/lib/reeve", "records of users, host key"),
	ROW(options_reeve, run_directory, PATH, "255",
	    REEVE_RUNSTATEDIR "/reeve", "sessions of this boot"),
	ROW(options_reeve, trail_directory, PATH, "255",
	    REEVE_LOCALSTATEDIR "/lib/reeve/trail", "the trail"),
	END,
};

static const struct conf_key who_keys[] = {
	ROW(options_who, users, LIST, WORDS_64x64, "", "users concerned"),
	ROW(options_who, groups, LIST, WORDS_64x64, "sudo,wheel,adm",
	    "groups whose members are concerned"),
	ROW(options_who, root, BOOL, NULL, "yes",
	    "whether every uid 0 is concerned"),
	ROW(options_who, service_accounts, LIST, WORDS_64x64, "",
	    "accounts that never log in interactively"),
	END,
};

static const struct conf_key enroll_keys[] = {
	ROW(options_enroll, deadline, SECONDS, "0-7776000", "0s",
	    "time to enrol after a user is first seen; 0: must be enrolled"),
	ROW(options_enroll, self_by_password, BOOL, NULL, "no",
	    "whether the password alone lets a user enrol a first factor"),
	ROW(options_enroll, certificate_authorities, LIST, "16x64", "",
	    "SHA256: fingerprints of CAs whose SSH certificates count"),
	END,
};

static const struct conf_key factor_keys[] = {
	ROW(factor_limits, totp_window, INT, "0-5", "1",
	    "TOTP steps accepted on each side"),
	ROW(factor_limits, totp_drift, INT, "0-10", "4",
	    "TOTP steps of drift that may be learnt"),
	ROW(factor_limits, hotp_window, INT, "1-100", "10",
	    "HOTP counters of look-ahead"),
	END,
};

static const struct conf_key throttle_keys[] = {
	ROW(throttle_rules, style, CHOICE, "backoff|lock", "backoff",
	    "ever longer waits per source, or a hard lock"),
	ROW(throttle_rules, attempts, INT, "1-100", "3",
	    "failures before the first wait, or the lock"),
	ROW(throttle_rules, lock_seconds, SECONDS, "1-86400", "15m",
	    "how long the lock, or the longest wait, is"),
	ROW(throttle_rules, user_attempts, INT, "1-1000", "30",
	    "failures over all sources before a user's new sources wait"),
	ROW(throttle_rules, known_days, INT, "0-365", "30",
	    "days that a source of a success is spared that"),
	END,
};

static const struct conf_key stepup_keys[] = {
	ROW(options_stepup, rule, CHOICE, "kind-or-device|kind",
	    "kind-or-device", "how the factor must differ from the login's"),
	ROW(options_stepup, lifetime, SECONDS, "0-3600", "5m",
	    "how long a step-up lasts"),
	ROW(options_stepup, automation, LIST, WORDS_64x64, "",
	    "users whose NOPASSWD rules need no step-up; recorded"),
	END,
};

static const struct conf_key access_keys[] = {
	ROW(options_access, hours, TEXT, "127", "",
	    "when logins are allowed, like Mon-Fri 08:00-20:00; empty: always"),
	ROW(options_access, utc_offset, TEXT, "6", "+08:00",
	    "the time that hours are in, as an offset from UTC"),
	ROW(options_access, networks, LIST, "64x64", "",
	    "CIDR networks logins may come from; empty: any"),
	ROW(options_access, sessions, INT, "0-1000", "0",
	    "sessions a user may have at once; 0: no limit"),
	ROW(options_access, account_max_days, INT, "0-3650", "0",
	    "days without a login after which an account is refused; 0: never"),
	END,
};

static const struct conf_key password_keys[] = {
	ROW(password_rules, min_length, INT, "1-128", "14",
	    "characters at least"),
	{ "classes", password_set_classes, password_get_classes,
	    offsetof(struct password_rules, classes), NULL,
	    "letter,digit,symbol",
	    "which must be there: some of letter,digit,symbol, or none" },
	ROW(password_rules, passphrase_length, INT, "0-128", "24",
	    "from this length on classes are not asked; 0: they always are"),
	ROW(password_rules, history, INT, "0-24", "5",
	    "former passwords that may not come back"),
	ROW(password_rules, max_age_days, INT, "0-3650", "90",
	    "days after which a change is demanded; 0: never"),
	ROW(password_rules, min_age_days, INT, "0-365", "1",
	    "days before which it can't be changed again"),
	ROW(password_rules, min_strength_bits, INT, "0-128", "33",
	    "log2 of the guesses that libzxcvbn estimates"),
	ROW(password_rules, site_words, LIST, "256x64", "",
	    "words of the site: company, products, cities"),
	ROW(password_rules, blocklist, PATH, "255", "",
	    "filter file that reevectl blocklist build made"),
	END,
};

static const struct conf_key trail_keys[] = {
	ROW(options_trail, segment_bytes, INT, "1048576-1073741824", "67108864",
	    "bytes after which a segment is closed"),
	ROW(options_trail, segment_seconds, SECONDS, "60-2592000", "1d",
	    "time after which a segment is closed"),
	ROW(options_trail, heartbeat, SECONDS, "60-86400", "5m",
	    "time between heartbeats of trail tick"),
	ROW(options_trail, retention_days, INT, "183-36500", "1827",
	    "days before trail prune may archive a segment"),
	END,
};

static const struct conf_key notice_keys[] = {
	ROW(options_notice, last_login, BOOL, NULL, "yes",
	    "tell the user of the last login and of failures since"),
	ROW(options_notice, mail_from, TEXT, "127", "",
	    "sender of mail to the holder; empty: no mail"),
	ROW(options_notice, sendmail, PATH, "255", "/usr/sbin/sendmail",
	    "what trail tick hands the mail to"),
	END,
};

static const struct conf_key denylist_keys[] = {
	ROW(options_denylist, key, PATH, "255",
	    REEVE_SYSCONFDIR "/reeve/denylist.pub",
	    "pinned public key of the deny list"),
	ROW(options_denylist, max_age, SECONDS, "0-7776000", "7d",
	    "age at which the list is stale; 0: never"),
	ROW(options_denylist, refuse_when_stale, BOOL, NULL, "no",
	    "whether a stale list refuses everybody"),
	END,
};

static const struct conf_key service_keys[] = {
	ROW(options_service, type, CHOICE,
	    "none|sshd|login|sudo|su|polkit|batch", "none", "who calls"),
	ROW(options_service, kinds, INT, "1-3", "2",
	    "different kinds of factor that are needed"),
	ROW(options_service, key_only, CHOICE, "refuse|session", "refuse",
	    "sshd with a key alone: refused, or decided in open_session"),
	ROW(options_service, trail_failure, CHOICE, "deny|console", "console",
	    "when nothing can be recorded: nobody, or break-glass alone"),
	ROW(options_service, verify_required, BOOL, NULL, "no",
	    "sshd enforces verify-required for sk- keys"),
	END,
};

#define TARGET(field)                                                          \
	static void *target_##field(                                           \
	    void *config, const char *instance, struct err *e)                 \
	{                                                                      \
		(void)instance;                                                \
		(void)e;                                                       \
		return &((struct options *)config)->field;                     \
	}
TARGET(reeve)
TARGET(who)
TARGET(enroll)
TARGET(factor)
TARGET(throttle)
TARGET(stepup)
TARGET(access)
TARGET(password)
TARGET(trail)
TARGET(notice)
TARGET(denylist)

static void *
target_service(void *config, const char *instance, struct err *e)
{
	struct options *o = config;
	struct options_service *s;

	for (size_t i = 0; i < o->service_count; i++)
		if (strcmp(o->services[i].name, instance) == 0)
			return &o->services[i];
	if (strlen(instance) >= sizeof(s->name) ||
	    o->service_count == OPTIONS_SERVICES_MAX) {
		err_set(e, ERR_CONFIG,
		    "name too long, or more than %d services",
		    OPTIONS_SERVICES_MAX);
		return NULL;
	}
	s = &o->services[o->service_count];
	if (conf_preset(s, service_keys, e) == -1)
		return NULL;
	memcpy(s->name, instance, strlen(instance) + 1);
	o->service_count++;
	return s;
}

const struct conf_section options_sections[] = {
	{ "reeve", "The whole.", reeve_keys, target_reeve, false },
	{ "who", "Who is concerned; everybody else is not ours.", who_keys,
	    target_who, false },
	{ "enroll", "Enrolment of factors.", enroll_keys, target_enroll,
	    false },
	{ "factor", "How factors are judged.", factor_keys, target_factor,
	    false },
	{ "throttle", "How many guesses.", throttle_keys, target_throttle,
	    false },
	{ "stepup", "Becoming root within a session.", stepup_keys,
	    target_stepup, false },
	{ "access", "Use conditions.", access_keys, target_access, false },
	{ "password", "New passwords.", password_keys, target_password, false },
	{ "trail", "The trail.", trail_keys, target_trail, false },
	{ "notice", "What users are told.", notice_keys, target_notice, false },
	{ "denylist", "Accounts a review has revoked.", denylist_keys,
	    target_denylist, false },
	{ "service", "One PAM service; those not listed are refused.",
	    service_keys, target_service, true },
	{ .name = NULL },
};

static const struct preset_service {
	const char *name;
	enum service_type type;
} preset_services[] = {
	{ "sshd", SERVICE_SSHD },
	{ "login", SERVICE_LOGIN },
	{ "sudo", SERVICE_SUDO },
	{ "sudo-i", SERVICE_SUDO },
	{ "su", SERVICE_SU },
	{ "su-l", SERVICE_SU },
	{ "polkit-1", SERVICE_POLKIT },
	{ "cron", SERVICE_BATCH },
	{ "atd", SERVICE_BATCH },
	{ "systemd-user", SERVICE_BATCH },
};

struct options *
options_new(struct err *e)
{
	struct options *o = calloc(1, sizeof(*o));

	if (o == NULL) {
		err_set(e, ERR_MEMORY, "out of memory");
		return NULL;
	}
	for (const struct conf_section *s = options_sections; s->name != NULL;
	     s++)
		if (!s->named &&
		    conf_preset(s->target(o, "", e), s->keys, e) == -1)
			goto fail;
	for (size_t i = 0;
	     i < sizeof(preset_services) / sizeof(*preset_services); i++) {
		struct options_service *s =
		    target_service(o, preset_services[i].name, e);

		if (s == NULL)
			goto fail;
		s->type = (int)preset_services[i].type;
	}
	return o;
fail:
	options_free(&o);
	return NULL;
}

void
options_free(struct options **o)
{
	free(*o);
	*o = NULL;
}

static int
digest_of(const struct buf *text, char *hex, struct err *e)
{
	unsigned char digest[DIGEST_SHA256_LENGTH];
	struct buf out = buf_new(64);

	if (digest_sha256(text->data, text->length, digest, e) == -1)
		return -1;
	enc_hex(&out, digest, sizeof(digest));
	memcpy(hex, buf_string(&out), out.length + 1);
	buf_free(&out);
	return 0;
}

/* What no single row can see. */
int
options_check(const struct options *o, struct err *e)
{
	const struct conf_list *networks = &o->access.networks;
	int64_t offset;

	if (hours_parse(o->access.hours, e) == -1)
		return err_in(e, "hours");
	if (hours_offset(o->access.utc_offset, &offset, e) == -1)
		return err_in(e, "utc_offset");
	for (const char *each = conf_list_next(networks, NULL); each != NULL;
	     each = conf_list_next(networks, each))
		if (network_parse(each, e) == -1)
			return err_in(e, "networks");
	return profile_check(o, e);
}

int
options_load(struct options *o, const char *path, struct err *e)
{
	struct file_rule rule = { .owner = 0, .forbidden = 022 };
	struct buf text = buf_new(CONF_FILE_MAX);
	int result = -1;

	if (file_read_path(path, &rule, &text, e) == -1 ||
	    digest_of(&text, o->digest, e) == -1 ||
	    conf_parse(o, options_sections, buf_string(&text), text.length,
	        path, e) == -1)
		goto out;
	if (options_check(o, e) == -1) {
		e->code = ERR_CONFIG;
		err_in(e, "%s", path);
		goto out;
	}
	result = 0;
out:
	buf_free(&text);
	return result;
}

/* What a line of a file that may be bad says of the mode; "" is nothing. */
static void
peek_line(const char *line, bool *in_reeve, char mode[MODE_TEXT])
{
	const char *text = line + strspn(line, " \t");
	char more[2];

	mode[0] = '\0';
	if (text[0] == '[')
		*in_reeve = strncmp(text, "[reeve]", 7) == 0;
	else if (*in_reeve && strncmp(text, "mode", 4) == 0 &&
	    (text != line || sscanf(text, "mode =%15s%1s", mode, more) != 1))
		memcpy(mode, "?", 2);
}

bool
options_say_observe(const char *path)
{
	struct file_rule rule = { .owner = 0, .forbidden = 022 };
	struct buf text = buf_new(CONF_FILE_MAX);
	char mode[MODE_TEXT];
	bool in_reeve = false, observe = false, other = false;
	struct err unused;

	if (file_read_path(path, &rule, &text, &unused) == 0 &&
	    strlen(buf_string(&text)) == text.length) {
		char *rest = (char *)text.data;

		for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
			peek_line(line, &in_reeve, mode);
			observe |= strcmp(mode, "observe") == 0;
			other |=
			    mode[0] != '\0' && strcmp(mode, "observe") != 0;
		}
	}
	buf_free(&text);
	return observe && !other;
}

int
options_argument(struct options *o, const char *argument, struct err *e)
{
	struct buf text = buf_new(sizeof(o->digest) + CONF_LINE_MAX);
	int known = conf_argument(o, options_sections, argument, e);

	if (known == 1) {
		buf_printf(&text, "%s\n%s", o->digest, argument);
		if (buf_status(&text, e) == -1 ||
		    digest_of(&text, o->digest, e) == -1)
			known = -1;
	}
	buf_free(&text);
	return known;
}

const struct options_service *
options_service(const struct options *o, const char *name)
{
	for (size_t i = 0; i < o->service_count; i++)
		if (o->services[i].type != SERVICE_NONE &&
		    strcmp(o->services[i].name, name) == 0)
			return &o->services[i];
	return NULL;
}

void
options_print(const struct options *o, bool help, struct buf *b)
{
	struct options copy = *o; /* target() takes it writable */
	struct err e;

	for (const struct conf_section *s = options_sections; s->name != NULL;
	     s++) {
		if (!s->named) {
			conf_print(s->target(&copy, "", &e), s, NULL, help, b);
			buf_put_byte(b, '\n');
			continue;
		}
		for (size_t i = 0; i < o->service_count; i++) {
			conf_print(&o->services[i], s, o->services[i].name,
			    help && i == 0, b);
			buf_put_byte(b, '\n');
		}
	}
}
