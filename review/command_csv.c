#include "review/command_csv.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "review/csv.h"

int64_t
command_local_zone(int64_t at)
{
	time_t when = (time_t)at;
	struct tm tm;

	return localtime_r(&when, &tm) == NULL ? 0 : tm.tm_gmtoff;
}

bool
command_csv_is_section(const struct source_settings *s)
{
	return strcmp(s->url, "hr:") == 0 || strcmp(s->url, "register:") == 0;
}

static bool
has_section(const struct review_config *c, const char *section)
{
	for (size_t i = 0; i < c->source_count; i++)
		if (strcmp(c->sources[i].name, section) == 0)
			return true;
	return false;
}

int
command_csv_settings(struct command_context *c, const char *section,
    const char *encoding, const char *zone, struct source_settings *settings,
    int64_t *offset, struct err *e)
{
	if (config_source(c->config, section, settings, e) == -1)
		return -1;
	if (encoding != NULL)
		(void)snprintf(settings->encoding, sizeof(settings->encoding),
		    "%s", encoding);
	if (zone == NULL && has_section(c->config, section))
		zone = settings->time_zone;
	*offset = command_local_zone(c->now);
	return zone == NULL ? 0 : csv_zone(zone, offset, e);
}
