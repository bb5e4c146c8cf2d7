#include "review/rule_words.h"

#include <string.h>

#include "schema/message.h"

static const struct {
	const char *word;
	const char *told;
} words[] = {
	{ "critical", N_("critical") },
	{ "high", N_("high") },
	{ "medium", N_("medium") },
	{ "low", N_("low") },
	{ "info", N_("info") },
	{ "hit", N_("hit") },
	{ "unknown", N_("unknown") },
	{ "certain", N_("certain") },
	{ "possible", N_("possible") },
	{ "hint", N_("hint") },
	{ "conforming", N_("conforming") },
	{ "partly", N_("partly conforming") },
	{ "not", N_("not conforming") },
	{ "needs-reading", N_("for a person to read") },
	{ "unavailable", N_("unavailable") },
	{ "not-applicable", N_("not applicable") },
	{ "conflict", N_("conflict of profiles") },
	{ "not-recorded", N_("the source never records it") },
	{ "not-readable", N_("our reader can't see it") },
	{ "incomplete", N_("the pull was not complete") },
	{ "no-personnel", N_("no personnel data was imported") },
	{ "no-register", N_("no such register was imported") },
	{ "no-trail", N_("no trail covers it") },
	{ "no-feed", N_("nothing tells of second factors") },
	{ "no-review", N_("no review tells of it") },
	{ "in-future", N_("its date is still to come") },
	{ "no-person", N_("it is nobody's that we know") },
	{ "ambiguous", N_("several persons fit") },
	{ "few-peers", N_("too few peers to compare with") },
	{ "privilege", N_("whether it is privileged can't be told") },
};

const char *
rule_word(const char *word)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i].word, word) == 0)
			return _(words[i].told);
	return word;
}
