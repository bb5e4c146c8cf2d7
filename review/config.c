#include "review/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROW(struct_, field, kind, arg_, preset_, help_)                        \
	{                                                                      \
		.name = #field, CONF_##kind, offsetof(struct struct_, field),  \
		arg_, preset_, help_                                           \
	}
#define END                                                                    \
	{                                                                      \
		.name = NULL                                                   \
	}

static const struct conf_key review_keys[] = {
	ROW(review_config, database, PATH, "1024", "",
	    "the review database; see reeve(1) for where it is else"),
	ROW(review_config, profile, TEXT, "31", "house",
	    "whose thresholds apply: tw-twse, tw-baseline, tw-annex10-mid, "
	    "bank, pci-4, nist-63b-4, house"),
	ROW(review_config, language, TEXT, "15", "",
	    "en or zh_TW, of what people read; empty: the locale's"),
	ROW(review_config, rules_dir, PATH, "1024",
	    REEVE_SYSCONFDIR "/reeve/rules.d", "rules of this site"),
	ROW(review_config, privileged_groups, LIST, "256x180", "",
	    "names, DNs or SIDs of groups that are privileged here, beside "
	    "each product's own"),
	ROW(review_config, privileged_not, LIST, "256x180", "",
	    "groups that were looked at and held harmless"),
	ROW(review_config, service_patterns, LIST, "64x64",
	    "svc-*,svc_*,*-svc,*_svc,srv-*", "names of service accounts"),
	ROW(review_config, admin_patterns, LIST, "64x64",
	    "adm-*,adm_*,*-adm,*_adm,admin-*,a-*",
	    "names of persons' second, administrator accounts"),
	ROW(review_config, shared_hosts, LIST, "256x64", "",
	    "hosts where many log in: hot desks, helpdesk, bastions"),
	ROW(review_config, time_zone, TEXT, "7", "+08:00",
	    "whose days the daily records are of: +08:00, or Z"),
	ROW(review_config, trusted_networks, LIST, "128x48", "127.0.0.0/8,::1",
	    "networks that logins are expected from"),
	ROW(review_config, working_hours, TEXT, "15", "07:00-20:00",
	    "of working days; logins outside are shown; empty: none are"),
	ROW(review_config, daily_not, LIST, "128x64", "",
	    "hosts, and source:NAME, without a daily record: globs"),
	ROW(review_config, deny, LIST, "64x180", "",
	    "RIGHT=HOST/SERVICE: where a revoked right is refused at the door"),
	END,
};

static const struct conf_key source_keys[] = {
	ROW(source_settings, url, TEXT, "1024", "",
	    "ldap://HOST, ldaps://HOST, ldapi://, ldif:FILE, passwd:DIR, "
	    "csv:FILE"),
	ROW(source_settings, system_class, CHOICE, "core|other", "core",
	    "whether a campaign can't close without it"),
	ROW(source_settings, realm, TEXT, "255", "",
	    "accounts of one realm are compared; empty: the source's name"),
	ROW(source_settings, servers, LIST, "16x180", "",
	    "further URLs, tried in turn"),
	ROW(source_settings, product, CHOICE, "auto|openldap|ad|389ds|freeipa",
	    "auto", "auto asks the root DSE"),
	ROW(source_settings, base, TEXT, "1024", "",
	    "base DN; empty: the root DSE's"),
	ROW(source_settings, account_filter, TEXT, "1024", "",
	    "which entries are accounts; empty: the product's"),
	ROW(source_settings, group_filter, TEXT, "1024", "",
	    "which entries are groups; empty: the product's"),
	ROW(source_settings, default_policy, TEXT, "1024", "",
	    "DN of OpenLDAP's ppolicy_default, where cn=config can't be read"),
	ROW(source_settings, tls, CHOICE, "start|none", "start",
	    "StartTLS on ldap://, verified; none only where told"),
	ROW(source_settings, ca_file, PATH, "1024", "",
	    "CA certificates; empty: the system's"),
	ROW(source_settings, cert_file, PATH, "1024", "",
	    "certificate for SASL EXTERNAL"),
	ROW(source_settings, key_file, PATH, "1024", "", "its key"),
	ROW(source_settings, auth, CHOICE,
	    "auto|anonymous|simple|external|gssapi", "auto",
	    "auto: external on ldapi, simple with a bind_dn, else anonymous"),
	ROW(source_settings, bind_dn, TEXT, "1024", "", "who reads"),
	ROW(source_settings, secret_file, TEXT, "1024", "",
	    "file of the password, mode 0600, or credential:NAME of systemd"),
	ROW(source_settings, insecure_simple_bind, BOOL, NULL, "no",
	    "whether a password may go over a connection without TLS"),
	ROW(source_settings, page_size, INT, "1-20000", "1000",
	    "entries a page"),
	ROW(source_settings, network_timeout, SECONDS, "1-600", "10s",
	    "for connecting"),
	ROW(source_settings, timeout, SECONDS, "1-3600", "60s",
	    "for each answer"),
	ROW(source_settings, entry_limit, INT, "1-100000000", "20000000",
	    "more entries than that are not believed"),
	ROW(source_settings, all_controllers, BOOL, NULL, "no",
	    "whether lastLogon is asked of every server in the list"),
	ROW(source_settings, incremental, CHOICE,
	    "auto|off|syncrepl|dirsync|usn|timestamp", "auto",
	    "how only changes are read; auto: the best that is offered"),
	ROW(source_settings, full_every, SECONDS, "3600-31536000", "30d",
	    "a full pull verifies at least so often"),
	ROW(source_settings, columns, LIST, "64x128", "",
	    "field=Column of a CSV file"),
	ROW(source_settings, delimiter, TEXT, "11", ",",
	    "between the cells of a CSV file; also tab, semicolon, pipe"),
	ROW(source_settings, encoding, TEXT, "31", "UTF-8",
	    "of a CSV file, as iconv(3) calls it: UTF-8, BIG5"),
	ROW(source_settings, date_format, TEXT, "63", "",
	    "strptime(3) form of its dates; empty: ISO 8601; roc: years of "
	    "the Republic, too"),
	ROW(source_settings, time_zone, TEXT, "7", "Z",
	    "of its times that state none: +08:00, or Z"),
	END,
};

static const struct conf_key retention_keys[] = {
	ROW(config_retention, logins, INT, "12-1200", "36",
	    "months that signs of use from trails are kept"),
	ROW(config_retention, alerts, INT, "12-1200", "36",
	    "months that alerts of the daily records are kept"),
	ROW(config_retention, accounts, INT, "12-1200", "60",
	    "months that it is kept what held of accounts and rights once"),
	ROW(config_retention, personnel, INT, "12-1200", "60",
	    "months that it is kept what held of persons once"),
	END,
};

static void *
review_target(void *config, const char *instance, struct err *e)
{
	(void)instance;
	(void)e;
	return config;
}

static void *
retention_target(void *config, const char *instance, struct err *e)
{
	struct review_config *c = config;

	(void)instance;
	(void)e;
	return &c->retention;
}

static void *
source_target(void *config, const char *instance, struct err *e)
{
	struct review_config *c = config;
	struct source_settings *s;

	if (strlen(instance) > CONFIG_NAME_MAX) {
		err_set(e, ERR_CONFIG, "a source's name has up to %u bytes",
		    CONFIG_NAME_MAX);
		return NULL;
	}
	for (size_t i = 0; i < c->source_count; i++)
		if (strcmp(c->sources[i].name, instance) == 0) {
			err_set(e, ERR_CONFIG, "source %s is there already",
			    instance);
			return NULL;
		}
	if (c->source_count == CONFIG_SOURCES_MAX) {
		err_set(
		    e, ERR_LIMIT, "more than %u sources", CONFIG_SOURCES_MAX);
		return NULL;
	}
	s = &c->sources[c->source_count];
	if (conf_preset(s, source_keys, e) == -1)
		return NULL;
	(void)snprintf(s->name, sizeof(s->name), "%s", instance);
	c->source_count++;
	return s;
}

static const struct conf_section sections[] = {
	{ "review", "The program's own settings", review_keys, review_target,
	    false },
	{ "retention", "Months that records are kept", retention_keys,
	    retention_target, false },
	{ "source", "One source of accounts", source_keys, source_target,
	    true },
	{ .name = NULL },
};

struct review_config *
config_load(const char *path, bool must_exist, struct err *e)
{
	struct review_config *c = calloc(1, sizeof(*c));
	/* Its writer decides what is read; it holds no secret itself. */
	struct file_rule rule = { .owner = 0, .forbidden = 022 };
	struct err failed = { .code = ERR_NONE };

	if (c == NULL) {
		err_set(e, ERR_MEMORY, "out of memory");
		return NULL;
	}
	if (conf_preset(c, review_keys, e) == -1 ||
	    conf_preset(&c->retention, retention_keys, e) == -1)
		goto out;
	if (path == NULL || conf_load(c, sections, path, &rule, &failed) == 0)
		return c;
	if (failed.code == ERR_ACCESS && geteuid() != 0) {
		/* An ordinary account may keep a file of its own. */
		rule.owner = geteuid();
		if (conf_load(c, sections, path, &rule, &failed) == 0)
			return c;
	}
	if (failed.code == ERR_MISSING && !must_exist)
		return c;
	*e = failed;
out:
	config_free(&c);
	return NULL;
}

void
config_free(struct review_config **c)
{
	free(*c);
	*c = NULL;
}

int
config_source(const struct review_config *c, const char *name_or_url,
    struct source_settings *out, struct err *e)
{
	for (size_t i = 0; i < c->source_count; i++)
		if (strcmp(c->sources[i].name, name_or_url) == 0) {
			*out = c->sources[i];
			if (out->url[0] == '\0')
				return err_set(e, ERR_CONFIG,
				    "source %s: url is missing", out->name);
			return 0;
		}
	memset(out, 0, sizeof(*out));
	if (conf_preset(out, source_keys, e) == -1)
		return -1;
	if (strlen(name_or_url) >= sizeof(out->url))
		return err_set(e, ERR_USAGE, "the URL is too long");
	(void)snprintf(out->url, sizeof(out->url), "%s", name_or_url);
	/* Its name in the store is the URL itself. */
	(void)strncpy(out->name, name_or_url, CONFIG_NAME_MAX);
	return 0;
}
