/*
 * SSH_AUTH_INFO_0. Keys, certificates and fingerprints are ssh-keygen's.
 */
#include <stdio.h>
#include <string.h>

#include "pamod/factor.h"
#include "tests/unit.h"

static const char ed25519[] =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFF2Mq4ms6oICHyr0TTgLg"
    "mhr/Ozgdma4A4KfjF7eVy1";
static const char rsa[] =
    "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQDJMdAgOS78JWVIdmA4G1"
    "nd0/MF+O+cKrAuDurV90LMqmHYRjEs69Cp+NqJOPK29+vY4Y1HiIByhKPm"
    "J93BYenSaRUGb1pjyD1p5F96p4j/hcFEhb3Hjg3g1nhQYdv5qHnZAm1Krj"
    "JKmLWCdbxkvF0PzbSr0bvX9xlt6HPzD7qmBZ9u0Z5SrWL7dWlvUDon0urw"
    "myNqy0JaGWR7FE0mIVmJgaw02jEPuWN7GyUNkK6kd4V5qcxOlG2zcQHWQM"
    "SNy2kUk5dW9n+pC17BebSxZfp+F0mKMUTvQk6+TAyBE0lE0fO3ffpXQAxT"
    "U2sZTllhjuM/dtLTYjb5m78WmLf5YWA5";
static const char ecdsa[] =
    "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbm"
    "lzdHAyNTYAAABBBOVN+8JF+VSjjaKdfmmm5jAH2XuVLzrncShlkwk2bSP+"
    "/C7fDMFVSqnw+iDLxr9kjp4ADPz/q2qDncmukDvyM2o=";
static const char ecdsa521[] =
    "ecdsa-sha2-nistp521 AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbm"
    "lzdHA1MjEAAACFBAD7C093EZT3NcRH73H2vxigZKlVPz62o/2taCZ/Bgg2"
    "YIXhd9JdIueDjkLKLyEEn7sKmpVVIdTFfGng38heUU6YuwHFnAJt7zBf7r"
    "TfX5SS9apeKfkGZgrZqb6faGameQuNOH4GwGup0uLfbZpI6RQmOp0XJUnl"
    "mjKjSi1x1CHlMzcYfg==";
static const char sk_ed25519[] =
    "sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5"
    "zc2guY29tAAAAIFF2Mq4ms6oICHyr0TTgLgmhr/Ozgdma4A4KfjF7eVy1A"
    "AAABHNzaDo=";
static const char sk_ecdsa[] =
    "sk-ecdsa-sha2-nistp256@openssh.com AAAAInNrLWVjZHNhLXNoYTI"
    "tbmlzdHAyNTZAb3BlbnNzaC5jb20AAAAIbmlzdHAyNTYAAABBBOVN+8JF+"
    "VSjjaKdfmmm5jAH2XuVLzrncShlkwk2bSP+/C7fDMFVSqnw+iDLxr9kjp4"
    "ADPz/q2qDncmukDvyM2oAAAAEc3NoOg==";
static const char certificate[] =
    "ssh-ed25519-cert-v01@openssh.com AAAAIHNzaC1lZDI1NTE5LWNlc"
    "nQtdjAxQG9wZW5zc2guY29tAAAAIHejmhHbDPPGSuN1VwrHyyVxBLfioIb"
    "QdxJobuu0cNEcAAAAIFF2Mq4ms6oICHyr0TTgLgmhr/Ozgdma4A4KfjF7e"
    "Vy1AAAAAAAAACoAAAABAAAACmFsaWNlQGNvcnAAAAARAAAABWFsaWNlAAA"
    "ABHJvb3QAAAAAaVW5AAAAAABrNuyAAAAAVAAAAA1mb3JjZS1jb21tYW5kA"
    "AAADQAAAAkvYmluL3RydWUAAAAOc291cmNlLWFkZHJlc3MAAAAcAAAAGDE"
    "wLjAuMC4wLzgsMjAwMTpkYjg6Oi8zMgAAAIIAAAAVcGVybWl0LVgxMS1mb"
    "3J3YXJkaW5nAAAAAAAAABdwZXJtaXQtYWdlbnQtZm9yd2FyZGluZwAAAAA"
    "AAAAWcGVybWl0LXBvcnQtZm9yd2FyZGluZwAAAAAAAAAKcGVybWl0LXB0e"
    "QAAAAAAAAAOcGVybWl0LXVzZXItcmMAAAAAAAAAAAAAADMAAAALc3NoLWV"
    "kMjU1MTkAAAAgMpTuKSWfve79X2UYrG/+dM+ZIWxAYYxQrOODPfRbX/oAA"
    "ABTAAAAC3NzaC1lZDI1NTE5AAAAQI8Aoz+hSc5V7U286UtjGO0yqkxpYZD"
    "T3yYzM3IIt2ux/1DSfJTF49Um8sVLzmzLppRtz3THAq44FBCd5gGaaQY=";
static const char sk_certificate[] =
    "sk-ssh-ed25519-cert-v01@openssh.com AAAAI3NrLXNzaC1lZDI1NT"
    "E5LWNlcnQtdjAxQG9wZW5zc2guY29tAAAAIH2jOKxuGtDQKfthfkVgLvkO"
    "btMvRg8xxllor58Itb5YAAAAIFF2Mq4ms6oICHyr0TTgLgmhr/Ozgdma4A"
    "4KfjF7eVy1AAAABHNzaDoAAAAAAAAAAAAAAAEAAAADYm9iAAAAAAAAAAAA"
    "AAAA//////////8AAAAAAAAAggAAABVwZXJtaXQtWDExLWZvcndhcmRpbm"
    "cAAAAAAAAAF3Blcm1pdC1hZ2VudC1mb3J3YXJkaW5nAAAAAAAAABZwZXJt"
    "aXQtcG9ydC1mb3J3YXJkaW5nAAAAAAAAAApwZXJtaXQtcHR5AAAAAAAAAA"
    "5wZXJtaXQtdXNlci1yYwAAAAAAAAAAAAAAMwAAAAtzc2gtZWQyNTUxOQAA"
    "ACAylO4pJZ+97v1fZRisb/50z5khbEBhjFCs44M99Ftf+gAAAFMAAAALc3"
    "NoLWVkMjU1MTkAAABAicYiSkuDpeRDggyxiJvVFCBswhVoygllDkMPmct3"
    "/b80feqvWCi31tsocloPMRhhK4ny8U8V3NAKOjlZCYRaAg==";
static const char rsa_certificate[] =
    "ssh-rsa-cert-v01@openssh.com AAAAHHNzaC1yc2EtY2VydC12MDFAb"
    "3BlbnNzaC5jb20AAAAgt85ivPRuirfU/D2A36Q1h5NUYxIuN1jOMGpvkqO"
    "2f0gAAAADAQABAAABAQDJMdAgOS78JWVIdmA4G1nd0/MF+O+cKrAuDurV9"
    "0LMqmHYRjEs69Cp+NqJOPK29+vY4Y1HiIByhKPmJ93BYenSaRUGb1pjyD1"
    "p5F96p4j/hcFEhb3Hjg3g1nhQYdv5qHnZAm1KrjJKmLWCdbxkvF0PzbSr0"
    "bvX9xlt6HPzD7qmBZ9u0Z5SrWL7dWlvUDon0urwmyNqy0JaGWR7FE0mIVm"
    "Jgaw02jEPuWN7GyUNkK6kd4V5qcxOlG2zcQHWQMSNy2kUk5dW9n+pC17Be"
    "bSxZfp+F0mKMUTvQk6+TAyBE0lE0fO3ffpXQAxTU2sZTllhjuM/dtLTYjb"
    "5m78WmLf5YWA5AAAAAAAAAAAAAAABAAAAA3JzYQAAAAkAAAAFY2Fyb2wAA"
    "AAAAAAAAP//////////AAAAAAAAAIIAAAAVcGVybWl0LVgxMS1mb3J3YXJ"
    "kaW5nAAAAAAAAABdwZXJtaXQtYWdlbnQtZm9yd2FyZGluZwAAAAAAAAAWc"
    "GVybWl0LXBvcnQtZm9yd2FyZGluZwAAAAAAAAAKcGVybWl0LXB0eQAAAAA"
    "AAAAOcGVybWl0LXVzZXItcmMAAAAAAAAAAAAAADMAAAALc3NoLWVkMjU1M"
    "TkAAAAgMpTuKSWfve79X2UYrG/+dM+ZIWxAYYxQrOODPfRbX/oAAABTAAA"
    "AC3NzaC1lZDI1NTE5AAAAQJ0327JxXSAphaGJx8gn8ybc5zVuOJcmGJa2G"
    "mgkCT4iLvPnMDboC908RworgVo9DZevIxAH7WHLOxjycCmGHw0=";
static const char host_certificate[] =
    "ecdsa-sha2-nistp256-cert-v01@openssh.com AAAAKGVjZHNhLXNoY"
    "TItbmlzdHAyNTYtY2VydC12MDFAb3BlbnNzaC5jb20AAAAgW83l9iqfiTt"
    "jdGT6cx2DgEcxf4W17V36lGkW+5SD+FQAAAAIbmlzdHAyNTYAAABBBOVN+"
    "8JF+VSjjaKdfmmm5jAH2XuVLzrncShlkwk2bSP+/C7fDMFVSqnw+iDLxr9"
    "kjp4ADPz/q2qDncmukDvyM2oAAAAAAAAAAAAAAAIAAAAEaG9zdAAAAAUAA"
    "AABaAAAAAAAAAAA//////////8AAAAAAAAAAAAAAAAAAAAzAAAAC3NzaC1"
    "lZDI1NTE5AAAAIDKU7ikln73u/V9lGKxv/nTPmSFsQGGMUKzjgz30W1/6A"
    "AAAUwAAAAtzc2gtZWQyNTUxOQAAAECfdD6U/dTsQLfZzcRa1N8QQ8f66dQ"
    "7C9QpvnUvAQ/o9Vh0plBKwhwCWbnolZ9zWpxn8hQJr19PToVeKmxhXyMI";

static const char ca[] = "SHA256:ZMOZtVxReHV/PP7Kf0YYasl3IMMkeiHwAp598sqWbSg";

static struct err error;

/* As sshd says it: a line for each method. */
static int
parse_line(const char *key, struct sshkey_info *info)
{
	char text[4096];

	snprintf(text, sizeof(text), "password\npublickey %s\n", key);
	return sshkey_parse(text, strlen(text), info, &error);
}

START_TEST(keys_have_the_fingerprints_that_ssh_keygen_says)
{
	static const struct {
		const char *key;
		const char *fingerprint;
		bool hardware;
		bool certificate;
	} rows[] = {
		{ ed25519, "SHA256:Ese0GUetOMqQPpnLLzlJIMNRXEZ5bEzg+kmLWe7i/QM",
		    false, false },
		{ rsa, "SHA256:8C7M2N9xAtAp8kXcyTetjbqJBkb7R5Pv2Kd7L9pwvJk",
		    false, false },
		{ ecdsa, "SHA256:x3NHS1dSYl/DPf7rZLBfSYcuxphDIvX5n3fozRj7WUc",
		    false, false },
		{ ecdsa521,
		    "SHA256:ml6HEOwuoLm3MDmL4orxUCGdlSpH5lPxNcf1GVSRstY", false,
		    false },
		{ sk_ed25519,
		    "SHA256:4kZCXQtsDzYjSoPwHyfP9wDewzCHHnPVgvzRleddIug", true,
		    false },
		{ sk_ecdsa,
		    "SHA256:DGMLspbjVkHalP2BL5oV9YzUW2igNmzCbzhWU65M9pE", true,
		    false },
		{ certificate,
		    "SHA256:Ese0GUetOMqQPpnLLzlJIMNRXEZ5bEzg+kmLWe7i/QM", false,
		    true },
		{ sk_certificate,
		    "SHA256:4kZCXQtsDzYjSoPwHyfP9wDewzCHHnPVgvzRleddIug", true,
		    true },
		{ rsa_certificate,
		    "SHA256:8C7M2N9xAtAp8kXcyTetjbqJBkb7R5Pv2Kd7L9pwvJk", false,
		    true },
	};
	struct sshkey_info info;
	unsigned char digest[32];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ck_assert_int_eq(parse_line(rows[i].key, &info), 1);
		ck_assert_str_eq(info.fingerprint, rows[i].fingerprint);
		ck_assert(info.hardware == rows[i].hardware);
		ck_assert(info.certificate == rows[i].certificate);
		ck_assert_uint_eq(strlen(info.type), strcspn(rows[i].key, " "));
		ck_assert_str_eq(
		    info.ca_fingerprint, rows[i].certificate ? ca : "");
		ck_assert_int_eq(
		    sshkey_parse_fingerprint(info.fingerprint, digest, &error),
		    0);
		ck_assert_mem_eq(digest, info.digest, sizeof(digest));
		sshkey_free(&info);
	}
}
END_TEST

START_TEST(a_certificate_says_for_whom_when_and_from_where)
{
	static const char principals[] = "alice\0root";
	static const char networks[] = "10.0.0.0/8,2001:db8::/32";
	struct sshkey_info info;

	ck_assert_int_eq(parse_line(certificate, &info), 1);
	ck_assert_str_eq(info.type, "ssh-ed25519-cert-v01@openssh.com");
	ck_assert_str_eq(info.key_id, "alice@corp");
	ck_assert_uint_eq(info.serial, 42);
	ck_assert_uint_eq(info.valid_after, 1767225600);
	ck_assert_uint_eq(info.valid_before, 1798761600);
	ck_assert_uint_eq(info.principals.length, sizeof(principals));
	ck_assert_mem_eq(info.principals.data, principals, sizeof(principals));
	ck_assert_uint_eq(info.source_addresses.length, strlen(networks));
	ck_assert_mem_eq(
	    info.source_addresses.data, networks, strlen(networks));
	sshkey_free(&info);

	ck_assert_int_eq(parse_line(sk_certificate, &info), 1);
	ck_assert_uint_eq(info.principals.length, 0);
	ck_assert_uint_eq(info.source_addresses.length, 0);
	ck_assert_uint_eq(info.valid_before, UINT64_MAX);
	sshkey_free(&info);
}
END_TEST

START_TEST(other_methods_are_no_key)
{
	static const char *const rows[] = { "", "\n", "password\n",
		"keyboard-interactive/pam\n", "publickey", "publickeys x y\n",
		"hostbased ssh-ed25519 AAAA\n", "xpublickey a b\n" };
	struct sshkey_info info;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_int_eq(
		    sshkey_parse(rows[i], strlen(rows[i]), &info, &error), 0);
}
END_TEST

START_TEST(the_first_key_is_meant_and_a_line_feed_may_lack)
{
	char text[1024];
	struct sshkey_info info;

	snprintf(
	    text, sizeof(text), "publickey %s\npublickey %s", ecdsa, ed25519);
	ck_assert_int_eq(sshkey_parse(text, strlen(text), &info, &error), 1);
	ck_assert_str_eq(info.type, "ecdsa-sha2-nistp256");
	sshkey_free(&info);
	snprintf(text, sizeof(text), "publickey %s", ed25519);
	ck_assert_int_eq(sshkey_parse(text, strlen(text), &info, &error), 1);
	sshkey_free(&info);
}
END_TEST

START_TEST(what_is_no_key_is_an_error)
{
	static const char mixed[] =
	    "ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIFF2Mq4ms6oICHyr0TTgLgmhr/"
	    "Ozgdma4A4KfjF7eVy1";
	static const char commented[] =
	    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFF2Mq4ms6oICHyr0TTgLgmhr/"
	    "Ozgdma4A4KfjF7eVy1 me@here";
	static const char *const rows[] = { "", " ", "ssh-ed25519",
		"ssh-ed25519 ", "ssh-ed25519  AAAA", "ssh-ed25519 AAAA",
		"ssh-ed25519 !!!!", " AAAA", "ssh-ed448 AAAA",
		/* a type that is not the blob's */
		mixed,
		/* a comment behind it, a length beyond the end */
		commented, "ssh-ed25519 /////w==" };
	struct sshkey_info info;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ck_assert_int_eq(parse_line(rows[i], &info), -1);
		ck_assert_int_eq(error.code, ERR_FORMAT);
		ck_assert_ptr_null(info.principals.data);
	}
	ck_assert_int_eq(parse_line(host_certificate, &info), -1);
	ck_assert_ptr_nonnull(strstr(error.text, "not a user's"));
}
END_TEST

START_TEST(a_cut_key_is_an_error_wherever_it_is_cut)
{
	static const char *const keys[] = { ed25519, rsa, sk_ecdsa,
		certificate };
	char text[4096];
	struct sshkey_info info;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		size_t length = (size_t)snprintf(
		    text, sizeof(text), "publickey %s", keys[i]);

		for (size_t cut = strlen("publickey "); cut < length; cut++)
			ck_assert_int_eq(
			    sshkey_parse(text, cut, &info, &error), -1);
	}
}
END_TEST

static void
enroll(struct state_user *user, const char *fingerprint)
{
	struct state_factor *factor = &user->factors[1];

	*factor = (struct state_factor){ .id = 7,
		.type = "sshkey",
		.label = "laptop",
		.confirmed = true,
		.data_length = 32 };
	ck_assert_int_eq(
	    sshkey_parse_fingerprint(fingerprint, factor->data, &error), 0);
}

START_TEST(only_an_enrolled_key_is_a_factor)
{
	static const uint32_t spent[] = { 7 };
	struct state_user user = { .uid = 1000 };
	struct factor_used used = { .kind = KIND_NONE };
	char text[4096];
	struct factor_request request = { .answer = text, .now = 1000 };
	const struct factor_type *type = factor_find("sshkey");

	snprintf(text, sizeof(text), "publickey %s\n", certificate);
	ck_assert_int_eq(
	    type->verify(type, &user, NULL, 0, &request, &used, &error),
	    VERDICT_DENY);
	enroll(&user, "SHA256:Ese0GUetOMqQPpnLLzlJIMNRXEZ5bEzg+kmLWe7i/QM");
	ck_assert_int_eq(
	    type->verify(type, &user, spent, 1, &request, &used, &error),
	    VERDICT_DENY);
	ck_assert_int_eq(
	    type->verify(type, &user, NULL, 0, &request, &used, &error),
	    VERDICT_ALLOW);
	ck_assert_str_eq(used.label, "laptop");
	ck_assert_int_eq(used.kind, KIND_HAVE);
	ck_assert_int_eq(user.factors[1].last_used, 1000);
	user.factors[1].confirmed = false;
	ck_assert_int_eq(
	    type->verify(type, &user, NULL, 0, &request, &used, &error),
	    VERDICT_DENY);
	request.answer = "keyboard-interactive/pam\n";
	ck_assert_int_eq(
	    type->verify(type, &user, NULL, 0, &request, &used, &error),
	    VERDICT_UNAVAILABLE);
}
END_TEST

START_TEST(a_fingerprint_has_one_spelling)
{
	static const char *const bad[] = { "", "SHA256:",
		"MD5:00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff",
		"sha256:Ese0GUetOMqQPpnLLzlJIMNRXEZ5bEzg+kmLWe7i/QM",
		"SHA256:Ese0GUetOMqQPpnLLzlJIMNRXEZ5bEzg+kmLWe7i/QM=",
		"SHA256:Ese0GUetOMqQPpnLLzlJIMNRXEZ5bEzg+kmLWe7i/Q",
		"SHA256:Ese0GUetOMqQPpnLLzlJIMNRXEZ5bEzg+kmLWe7i/QN",
		"SHA256:Ese0GUetOMqQPpnLLzlJIMNRXEZ5bEzg+kmLWe7i-QM" };
	unsigned char digest[32];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_int_eq(
		    sshkey_parse_fingerprint(bad[i], digest, &error), -1);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("sshkey");
	TCase *tests = tcase_create("sshkey");

	tcase_add_test(tests, keys_have_the_fingerprints_that_ssh_keygen_says);
	tcase_add_test(tests, a_certificate_says_for_whom_when_and_from_where);
	tcase_add_test(tests, other_methods_are_no_key);
	tcase_add_test(tests, the_first_key_is_meant_and_a_line_feed_may_lack);
	tcase_add_test(tests, what_is_no_key_is_an_error);
	tcase_add_test(tests, a_cut_key_is_an_error_wherever_it_is_cut);
	tcase_add_test(tests, only_an_enrolled_key_is_a_factor);
	tcase_add_test(tests, a_fingerprint_has_one_spelling);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
