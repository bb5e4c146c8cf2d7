#include "review/source.h"

#include <string.h>

#include "schema/base/buf.h"

/* A source is added here: its declaration and its line. */

extern const struct source_type source_ldap, source_ldaps, source_ldapi;
extern const struct source_type source_ldif;
extern const struct source_type source_passwd;
extern const struct source_type source_csv;

const struct source_type *const source_types[] = {
	&source_ldap,
	&source_ldaps,
	&source_ldapi,
	&source_ldif,
	&source_passwd,
	&source_csv,
	NULL,
};

const struct source_type *
source_type(const char *url, struct err *e)
{
	const char *colon = strchr(url, ':');
	size_t length = colon == NULL ? 0 : (size_t)(colon - url);
	struct buf known = buf_new(ERR_TEXT_SIZE);

	for (const struct source_type *const *t = source_types; *t != NULL;
	     t++) {
		if (length > 0 && strlen((*t)->scheme) == length &&
		    strncmp((*t)->scheme, url, length) == 0) {
			buf_free(&known);
			return *t;
		}
		buf_printf(&known, " %s:", (*t)->scheme);
	}
	err_set(e, ERR_USAGE,
	    "%s: no such source in review.conf, nor a URL of:%s", url,
	    buf_string(&known));
	buf_free(&known);
	return NULL;
}
