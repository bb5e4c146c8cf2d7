/*
 * The SSH key that sshd verified, and whether it counts as a factor: enrolled
 * by its fingerprint in the root-only record, or certified by a listed CA.
 */
#include <string.h>

#include "pamod/door.h"
#include "pamod/door_inside.h"
#include "pamod/network.h"

static bool
has_principal(const struct sshkey_info *key, const char *name)
{
	const char *at = (const char *)key->principals.data;
	size_t left = key->principals.length;

	while (left > 0) {
		size_t length = strnlen(at, left);

		if (strlen(name) == length && memcmp(at, name, length) == 0)
			return true;
		length += length < left; /* its NUL */
		at += length;
		left -= length;
	}
	return false;
}

/* The critical option source-address: addresses and CIDR networks. */
static bool
is_from_allowed(struct sshkey_info *key, const char *source)
{
	static const struct conf_key list = { .arg = "64x64" };
	struct conf_list networks;
	struct err e;

	if (key->source_addresses.length == 0)
		return true;
	return conf_set_list(&networks, buf_string(&key->source_addresses),
	           &list, &e) == 0 &&
	    networks.count > 0 && source != NULL &&
	    networks_allow(&networks, source);
}

/* A certificate: sshd has checked all this; a slip of its settings is ours. */
static bool
certificate_counts(struct door *d)
{
	struct sshkey_info *key = &d->key;
	uint64_t now = (uint64_t)door_now(d);

	return key->certificate &&
	    conf_list_has(&d->options->enroll.certificate_authorities,
	        key->ca_fingerprint) &&
	    key->valid_after <= now && now < key->valid_before &&
	    has_principal(key, d->identity.name) &&
	    is_from_allowed(key, d->caller.source);
}

static void
count_key(struct door *d)
{
	const struct state_factor *enrolled =
	    sshkey_enrolled(&d->user, &d->key);
	struct factor_used used = { .type = "sshkey", .kind = KIND_HAVE };

	/* A PIN or a finger was asked for, where sshd is sure to ask. */
	if (d->key.hardware && d->service->verify_required)
		used.kind = (enum factor_kind)(KIND_HAVE | KIND_KNOW);
	if (enrolled != NULL) {
		used.id = enrolled->id;
		memcpy(used.label, enrolled->label, sizeof(used.label));
	} else if (!certificate_counts(d)) {
		return;
	}
	door_add_factor(d, &used);
}

int
door_take_key(struct door *d, struct err *e)
{
	const char *info = d->caller.ssh_info;
	size_t length = info == NULL ? 0 : strnlen(info, DOOR_SSH_INFO_MAX);
	int found;

	if (d->has_key)
		sshkey_free(&d->key);
	d->has_key = false;
	if (length == 0 || d->service == NULL ||
	    d->service->type != SERVICE_SSHD)
		return 0;
	if (length == DOOR_SSH_INFO_MAX)
		return err_set(e, ERR_LIMIT, "SSH_AUTH_INFO_0 too long");
	found = sshkey_parse(info, length, &d->key, e);
	if (found != 1)
		return found;
	d->has_key = true;
	count_key(d);
	return 0;
}
