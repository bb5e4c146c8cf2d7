#include "review/evidence.h"

#include <string.h>

#define COMPONENTS 5u

static bool
letter_ok(char c, bool first)
{
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9'))
		return true;
	return !first && (c == '.' || c == '_' || c == '-');
}

bool
evidence_name_ok(const char *name)
{
	size_t components = 1;
	bool first = true;

	if (strlen(name) > EVIDENCE_NAME_MAX)
		return false;
	for (const char *p = name; *p != '\0'; p++) {
		if (*p == '/' && !first) {
			components++;
			first = true;
			continue;
		}
		if (!letter_ok(*p, first))
			return false;
		first = false;
	}
	return !first && components <= COMPONENTS;
}
