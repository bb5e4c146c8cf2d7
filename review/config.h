/*
 * review.conf(5): one [source NAME] section each, and the program's own
 * settings. A source given by URL on the command line has all presets.
 */
#ifndef REVIEW_CONFIG_H
#define REVIEW_CONFIG_H

#include "schema/base/conf.h"

#define CONFIG_SOURCES_MAX 256u
#define CONFIG_NAME_MAX    64u /* bytes of a source's name */
#define CONFIG_TEXT_MAX    1024u

enum source_product {
	PRODUCT_AUTO = 0, /* told by the root DSE, or by an LDIF's content */
	PRODUCT_OPENLDAP,
	PRODUCT_AD,
	PRODUCT_389DS,
	PRODUCT_FREEIPA,
};

enum source_tls { TLS_START = 0, TLS_NONE }; /* ldaps:// is TLS by itself */
enum source_auth {
	AUTH_AUTO = 0, /* external on ldapi, simple with a bind_dn, else none */
	AUTH_ANONYMOUS,
	AUTH_SIMPLE,
	AUTH_EXTERNAL,
	AUTH_GSSAPI,
};
enum source_class { CLASS_CORE = 0, CLASS_OTHER };
enum source_incremental {
	INCREMENTAL_AUTO = 0, /* the best that the server offers */
	INCREMENTAL_OFF,
	INCREMENTAL_SYNCREPL,  /* RFC 4533 */
	INCREMENTAL_DIRSYNC,   /* MS-ADTS 3.1.1.3.4.1.3 */
	INCREMENTAL_USN,       /* uSNChanged of one DC */
	INCREMENTAL_TIMESTAMP, /* modifyTimestamp */
};

struct source_settings {
	char name[CONFIG_NAME_MAX + 1];
	char url[CONFIG_TEXT_MAX + 1]; /* ldap://HOST, ldif:FILE, csv:FILE... */
	int system_class;              /* enum source_class */
	char realm[256]; /* accounts of one realm are compared; "" its name */

	/* LDAP */
	struct conf_list servers;       /* further URLs, tried in turn */
	int product;                    /* enum source_product */
	char base[CONFIG_TEXT_MAX + 1]; /* "": the root DSE's */
	char account_filter[CONFIG_TEXT_MAX + 1]; /* "": the product's */
	char group_filter[CONFIG_TEXT_MAX + 1];
	char default_policy[CONFIG_TEXT_MAX + 1]; /* ppolicy_default, a DN */
	int tls;
	char ca_file[CONFIG_TEXT_MAX + 1]; /* "": the system's */
	char cert_file[CONFIG_TEXT_MAX + 1];
	char key_file[CONFIG_TEXT_MAX + 1];
	int auth;
	char bind_dn[CONFIG_TEXT_MAX + 1];
	char secret_file[CONFIG_TEXT_MAX + 1]; /* or credential:NAME, systemd */
	bool insecure_simple_bind; /* a password without TLS: only if told */
	int64_t page_size;         /* entries */
	int64_t network_timeout;   /* s, for connecting */
	int64_t timeout;           /* s, for each answer */
	int64_t entry_limit;       /* stop beyond so many: a runaway server */
	bool all_controllers; /* lastLogon from every DC; servers lists them */
	int incremental;
	int64_t full_every; /* s: a full pull verifies at least so often */

	/* csv: and hr */
	struct conf_list columns; /* "field=Column name" */
	char delimiter[12];       /* "," */
	char encoding[32];        /* "UTF-8", "Big5" */
	char date_format[64];     /* strptime(3); "": ISO 8601; "roc" */
	char time_zone[8];        /* "+08:00": of times that state none */
};

/* How long each kind of record is kept, in months: see reeve-purge(1). */
struct config_retention {
	int64_t logins, alerts, accounts, personnel;
};

struct review_config {
	char database[CONFIG_TEXT_MAX + 1]; /* "": see reeve(8) */
	char profile[32];                   /* "house" */
	char language[16];                  /* "": the locale's */
	char rules_dir[CONFIG_TEXT_MAX + 1];
	/* What is privileged, beside each product's table: names, DNs, SIDs. */
	struct conf_list privileged_groups;
	struct conf_list privileged_not;   /* looked at, and held harmless */
	struct conf_list service_patterns; /* globs: "svc-*" */
	struct conf_list
	    admin_patterns;            /* a person's second account: "adm-*" */
	struct conf_list shared_hosts; /* hot-desk, helpdesk, bastions */
	/* Every day: see reeve-daily(1). */
	char time_zone[8];                 /* "+08:00": whose days they are */
	struct conf_list trusted_networks; /* logins from there are expected */
	char working_hours[16];            /* "07:00-20:00"; "": not judged */
	struct conf_list daily_not;        /* hosts without a record: globs */
	struct conf_list deny;             /* RIGHT=HOST/SERVICE: see deny.h */
	struct config_retention retention;

	size_t source_count;
	struct source_settings sources[CONFIG_SOURCES_MAX];
};

/*
 * The presets; then, if path is there (NULL: there is none), what it says. The
 * caller frees.
 */
struct review_config *config_load(
    const char *path, bool must_exist, struct err *);
void config_free(struct review_config **);

/* By name, else a URL with all presets, copied into *out. */
int config_source(const struct review_config *, const char *name_or_url,
    struct source_settings *out, struct err *);

#endif
