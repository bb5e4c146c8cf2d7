#include "review/act_internal.h"

#include <string.h>

/* A kind is added here, and its tables' statements in sql/act.sql. */
#define OFFICERS "officer"
#define DECIDERS "officer,reviewer"
#define ANYBODY  "officer,reviewer,auditor"

const struct act_kind act_kinds[] = {
	{ "person", OFFICERS, "officer,auditor", ACT_SECOND, false,
	    "act_about_signer", NULL, { "signer" } },
	{ "person-end", OFFICERS, "officer,auditor", ACT_SECOND, false,
	    "act_about_signer_end", NULL, { "signer_end" } },
	{ "second", ANYBODY, NULL, ACT_ALONE, false, NULL, NULL, { "second" } },
	{ "campaign-open", OFFICERS, NULL, ACT_MAY, true, NULL, NULL,
	    { "campaign", "campaign_scope" } },
	{ "campaign-freeze", OFFICERS, NULL, ACT_MAY, true, NULL, NULL,
	    { "campaign_freeze", "campaign_source", "question", "item" } },
	{ "assign", OFFICERS, NULL, ACT_MAY, true, NULL, NULL,
	    { "assignment" } },
	{ "deputy", OFFICERS, NULL, ACT_MAY, false, NULL, NULL, { "deputy" } },
	{ "worksheets", OFFICERS, NULL, ACT_MAY, false, NULL, NULL,
	    { "worksheet" } },
	{ "decisions", DECIDERS, NULL, ACT_MAY, true, "act_about_decisions",
	    "act_wants_decisions", { "returned", "decision" } },
	{ "remind", OFFICERS, NULL, ACT_ALONE, true, NULL, NULL,
	    { "reminder" } },
	{ "missing", OFFICERS, NULL, ACT_SECOND, false, NULL, NULL,
	    { "campaign_missing" } },
	{ "campaign-end", OFFICERS, NULL, ACT_MAY, false, NULL, NULL,
	    { "campaign_end" } },
	{ "exception", DECIDERS, NULL, ACT_SECOND, false, "act_about_exempted",
	    NULL, { "exempted" } },
	{ "exception-end", OFFICERS, NULL, ACT_MAY, false, NULL, NULL,
	    { "exempted_end" } },
	{ "remedy", OFFICERS, NULL, ACT_SECOND, false, "act_about_remedy", NULL,
	    { "remedy" } },
	{ "remedy-event", OFFICERS, NULL, ACT_MAY, true,
	    "act_about_remedy_event", "act_wants_extension",
	    { "remedy_event" } },
	{ "denylist", OFFICERS, NULL, ACT_SECOND, false, NULL, NULL,
	    { "denied" } },
	{ "daily", OFFICERS, NULL, ACT_ALONE, true, NULL, NULL, { "daily" } },
	{ "daily-sign", ANYBODY, DECIDERS, ACT_MAY, false, NULL, NULL,
	    { "daily_sign" } },
	{ "sample", "officer,auditor", NULL, ACT_ALONE, false, NULL, NULL,
	    { "sample" } },
	{ "pack", "officer,auditor", NULL, ACT_ALONE, true, NULL, NULL,
	    { "pack" } },
	{ "purge", OFFICERS, NULL, ACT_SECOND, false, NULL, NULL, { "purge" } },
	{ "purged", OFFICERS, NULL, ACT_ALONE, false, NULL, NULL,
	    { "purged" } },
	{ "hold", OFFICERS, NULL, ACT_ALONE, false, NULL, NULL, { "hold" } },
	{ "confirmation", OFFICERS, NULL, ACT_SECOND, false, NULL, NULL,
	    { "confirmation" } },
	{ NULL, NULL, NULL, ACT_ALONE, false, NULL, NULL, { NULL } },
};

const struct act_kind *
act_kind_find(const char *name)
{
	for (const struct act_kind *k = act_kinds; k->name != NULL; k++)
		if (strcmp(k->name, name) == 0)
			return k;
	return NULL;
}

const char *
act_seconds(const struct act_kind *kind)
{
	return kind->seconds != NULL ? kind->seconds : kind->roles;
}

bool
act_role_in(const char *roles, const char *role)
{
	size_t length = strlen(role);

	for (const char *at = roles;; at++) {
		size_t word = strcspn(at, ",");

		if (word == length && memcmp(at, role, word) == 0)
			return true;
		at += word;
		if (*at == '\0')
			return false;
	}
}
