#include "review/act_internal.h"

#include <string.h>

/* A kind is added here, and its tables' statements in sql/act.sql. */
#define OFFICERS "officer"
#define DECIDERS "officer,reviewer"
#define ANYBODY  "officer,reviewer,auditor"

const struct act_kind act_kinds[] = {
	{ "person", OFFICERS, ACT_SECOND, false, "act_about_signer",
	    { "signer" } },
	{ "person-end", OFFICERS, ACT_SECOND, false, "act_about_signer_end",
	    { "signer_end" } },
	{ "second", DECIDERS, ACT_ALONE, false, NULL, { "second" } },
	{ "campaign-open", OFFICERS, ACT_MAY, true, NULL,
	    { "campaign", "campaign_scope" } },
	{ "campaign-freeze", OFFICERS, ACT_MAY, true, NULL,
	    { "campaign_freeze", "campaign_source", "question", "item" } },
	{ "assign", OFFICERS, ACT_MAY, true, NULL, { "assignment" } },
	{ "deputy", OFFICERS, ACT_MAY, false, NULL, { "deputy" } },
	{ "worksheets", OFFICERS, ACT_MAY, false, NULL, { "worksheet" } },
	{ "decisions", DECIDERS, ACT_MAY, true, "act_about_decisions",
	    { "returned", "decision" } },
	{ "remind", OFFICERS, ACT_ALONE, true, NULL, { "reminder" } },
	{ "missing", OFFICERS, ACT_SECOND, false, NULL,
	    { "campaign_missing" } },
	{ "campaign-end", OFFICERS, ACT_MAY, false, NULL, { "campaign_end" } },
	{ "exception", DECIDERS, ACT_SECOND, false, "act_about_exempted",
	    { "exempted" } },
	{ "exception-end", OFFICERS, ACT_MAY, false, NULL, { "exempted_end" } },
	{ "remedy", OFFICERS, ACT_SECOND, false, "act_about_remedy",
	    { "remedy" } },
	{ "remedy-event", OFFICERS, ACT_MAY, true, NULL, { "remedy_event" } },
	{ "denylist", OFFICERS, ACT_SECOND, false, NULL, { "denied" } },
	{ "daily", OFFICERS, ACT_ALONE, true, NULL, { "daily" } },
	{ "daily-sign", ANYBODY, ACT_MAY, false, NULL, { "daily_sign" } },
	{ "sample", "officer,auditor", ACT_ALONE, false, NULL, { "sample" } },
	{ "confirmation", OFFICERS, ACT_SECOND, false, NULL,
	    { "confirmation" } },
	{ NULL, NULL, ACT_ALONE, false, NULL, { NULL } },
};

const struct act_kind *
act_kind_find(const char *name)
{
	for (const struct act_kind *k = act_kinds; k->name != NULL; k++)
		if (strcmp(k->name, name) == 0)
			return k;
	return NULL;
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
