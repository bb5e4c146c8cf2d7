/*
 * Every decoder of directory values, on bytes that end where they end. What a
 * decoder takes is a text that it takes again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "review/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool fact)
{
	if (!fact)
		abort();
}

static void
numbers(const char *text, size_t size)
{
	int64_t value;
	bool yes;

	if (decode_time(text, size, &value))
		must(value >= -62135683200 - 86400 &&
		    value <= 253402300800 + 86400);
	if (decode_integer(text, size, &value)) {
		filetime_time(value, &value);
		filetime_duration(value, &value);
	}
	decode_locked_time(text, size, &value);
	decode_days(text, size, &value);
	must(!decode_boolean(text, size, &yes) ||
	    decode_switch(text, size, &yes));
}

static void
names(const char *text, size_t size)
{
	char sid[SID_TEXT_SIZE], again[SID_TEXT_SIZE];
	char guid[GUID_TEXT_SIZE], nsuniqueid[NSUNIQUEID_TEXT_SIZE];
	int64_t rid;

	if (decode_sid(text, size, sid)) {
		must(strlen(sid) < sizeof(sid));
		if (strstr(sid, "0x") == NULL)
			must(decode_sid(sid, strlen(sid), again) &&
			    strcmp(sid, again) == 0);
		sid_rid(sid, &rid);
		must(!sid_is_everyone(sid) || sid_well_known(sid) != NULL);
	}
	if (decode_guid(text, size, guid))
		must(strlen(guid) == GUID_TEXT_SIZE - 1);
	if (decode_nsuniqueid(text, size, nsuniqueid))
		must(strlen(nsuniqueid) == NSUNIQUEID_TEXT_SIZE - 1);
}

static void
bytes(const char *text, size_t size)
{
	char fingerprint[FINGERPRINT_SIZE];
	unsigned char *out = malloc(size + 1);
	struct descriptor d;
	struct ace a;
	size_t length;

	must(out != NULL);
	if (decode_base64(text, size, out, &length))
		must(length <= size / 4 * 3);
	if (decode_ssh_key(text, size, fingerprint))
		must(strlen(fingerprint) == FINGERPRINT_SIZE - 1);
	if (decode_descriptor(text, size, &d))
		while (descriptor_next(&d, &a) == 1)
			must(strlen(a.trustee) < sizeof(a.trustee));
	free(out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	numbers((const char *)data, size);
	names((const char *)data, size);
	bytes((const char *)data, size);
	return 0;
}
