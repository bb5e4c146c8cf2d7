#include "review/identity.h"

#include <ctype.h>
#include <string.h>

#define LENGTH 10

bool
identity_is(const char *text)
{
	/* In the order of their numbers, which begin with 10. */
	static const char letters[] = "ABCDEFGHJKLMNPQRSTUVXYWZIO";
	const char *place;
	int sum;

	if (strlen(text) != LENGTH || !isalpha((unsigned char)text[0]) ||
	    strchr("1289", text[1]) == NULL)
		return false;
	place = strchr(letters, toupper((unsigned char)text[0]));
	if (place == NULL)
		return false;
	sum = (int)(place - letters) / 10 + 1 + (int)(place - letters) % 10 * 9;
	for (int i = 1; i < LENGTH; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		sum += (text[i] - '0') * (i == LENGTH - 1 ? 1 : 9 - i);
	}
	return sum % 10 == 0;
}
