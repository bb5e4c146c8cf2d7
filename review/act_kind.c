#include "review/act_internal.h"

#include <string.h>

/* A kind is added here, and its tables' statements in sql/act.sql. */
#define OFFICERS "officer"
#define DECIDERS "officer,reviewer"
#define ANYBODY  "officer,reviewer,auditor"

const struct act_kind act_kinds[] = {
	{ "person", OFFICERS, ACT_SECOND, false, "act_about_signer", NULL,
	    { "signer" } },
	{ "person-end", OFFICERS, ACT_SECOND, false, "act_about_signer_end",
	    NULL, { "signer_end" } },
	{ "second", ANYBODY, ACT_ALONE, false, NULL, NULL, { "second" } },
	{ "campaign-open", OFFICERS, ACT_MAY, true, NULL, NULL,
	    { "campaign", "campaign_scope" } },
	{ "campaign-freeze", OFFICERS, ACT_MAY, true, NULL, NULL,
	    { "campaign_freeze", "campaign_source", "question", "item" } },
	{ "assign", OFFICERS, ACT_MAY, true, NULL, NULL, { "assignment" } },
	{ "deputy", OFFICERS, ACT_MAY, false, NULL, NULL, { "deputy" } },
	{ "worksheets", OFFICERS, ACT_MAY, false, NULL, NULL, { "worksheet" } },
	{ "decisions", DECIDERS, ACT_MAY, true, "act_about_decisions",
	    "act_wants_decisions", { "returned", "decision" } },
	{ "remind", OFFICERS, ACT_ALONE, true, NULL, NULL, { "reminder" } },
	{ "missing", OFFICERS, ACT_SECOND, false, NULL, NULL,
	    { "campaign_missing" } },
	{ "campaign-end", OFFICERS, ACT_MAY, false, NULL, NULL,
	    { "campaign_end" } },
	{ "exception", DECIDERS, ACT_SECOND, false, "act_about_exempted", NULL,
	    { "exempted" } },
	{ "exception-end", OFFICERS, ACT_MAY, false, NULL, NULL,
	    { "exempted_end" } },
	{ "remedy", OFFICERS, ACT_SECOND, false, "act_about_remedy", NULL,
	    { "remedy" } },
	{ "remedy-event", OFFICERS, ACT_MAY, true, "act_about_remedy_event",
	    "act_wants_extension", { "remedy_event" } },
	{ "denylist", OFFICERS, ACT_SECOND, false, NULL, NULL, { "denied" } },
	{ "daily", OFFICERS, ACT_ALONE, true, NULL, NULL, { "daily" } },
	{ "daily-sign", ANYBODY, ACT_MAY, false, NULL, NULL, { "daily_sign" } },
	{ "sample", "officer,auditor", ACT_ALONE, false, NULL, NULL,
	    { "sample" } },
	{ "pack", "officer,auditor", ACT_ALONE, true, NULL, NULL, { "pack" } },
	{ "purge", OFFICERS, ACT_SECOND, false, NULL, NULL, { "purge" } },
	{ "purged", OFFICERS, ACT_ALONE, false, NULL, NULL, { "purged" } },
	{ "hold", OFFICERS, ACT_ALONE, false, NULL, NULL, { "hold" } },
	{ "confirmation", OFFICERS, ACT_SECOND, false, NULL, NULL,
	    { "confirmation" } },
	{ NULL, NULL, ACT_ALONE, false, NULL, NULL, { NULL } },
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
	/* Where they are others than might sign it. */
	static const struct {
		const char *kind, *roles;
	} others[] = {
		{ "person", "officer,auditor" },
		{ "person-end", "officer,auditor" },
		{ "daily-sign", DECIDERS },
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strcmp(others[i].kind, kind->name) == 0)
			return others[i].roles;
	return kind->roles;
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
