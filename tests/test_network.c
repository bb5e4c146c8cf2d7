#include <string.h>

#include "pamod/network.h"
#include "tests/unit.h"

static const char *const good[] = {
	"10.0.0.0/8",
	"0.0.0.0/0",
	"192.0.2.1",
	"192.0.2.1/32",
	"2001:db8::/32",
	"2001:db8::1",
	"::/0",
};

START_TEST(a_network_is_taken)
{
	struct err e = { 0 };

	ck_assert_msg(network_parse(good[_i], &e) == 0, "%s", e.text);
}
END_TEST

static const struct {
	const char *cidr;
	const char *says;
} bad[] = {
	{ "", "not an address" },
	{ "host.example", "not an address" },
	{ "10.0.0.0/", "prefix not 0 to 32" },
	{ "10.0.0.0/33", "prefix not 0 to 32" },
	{ "10.0.0.0/08", "prefix not 0 to 32" },
	{ "10.0.0.0/-1", "prefix not 0 to 32" },
	{ "10.0.0.0/8/8", "prefix not 0 to 32" },
	{ "10.0.0.1/8", "behind the prefix" },
	{ "2001:db8::1/64", "behind the prefix" },
	{ "2001:db8::/129", "prefix not 0 to 128" },
	{ "::ffff:10.0.0.0/104", "write it as IPv4" },
	{ "10.0.0/8", "not an address" },
	{ "1111:2222:3333:4444:5555:6666:7777:8888:9999:0000", "not an addr" },
};

START_TEST(what_is_no_network_is_refused)
{
	struct err e = { 0 };

	ck_assert_int_eq(network_parse(bad[_i].cidr, &e), -1);
	ck_assert_int_eq(e.code, ERR_CONFIG);
	ck_assert_msg(strstr(e.text, bad[_i].says) != NULL, "%s", e.text);
}
END_TEST

static const struct {
	const char *networks;
	const char *address;
	bool allowed;
} cases[] = {
	{ "", "192.0.2.1", true },
	{ "", NULL, true },
	{ "", "host.example", true },
	{ "10.0.0.0/8", "10.255.0.1", true },
	{ "10.0.0.0/8", "11.0.0.1", false },
	{ "10.0.0.0/8", "::ffff:10.1.2.3", true },
	{ "10.0.0.0/8", "::ffff:11.1.2.3", false },
	{ "10.0.0.0/8", NULL, false },
	{ "10.0.0.0/8", "", false },
	{ "10.0.0.0/8", "console", false },
	{ "10.0.0.0/8", "10.evil.example", false },
	{ "10.0.0.0/8", "10.0.0.1 ", false },
	{ "192.0.2.0/25", "192.0.2.127", true },
	{ "192.0.2.0/25", "192.0.2.128", false },
	{ "192.0.2.1,2001:db8::/33", "2001:db8:7fff::1", true },
	{ "192.0.2.1,2001:db8::/33", "2001:db8:8000::1", false },
	{ "192.0.2.1,2001:db8::/33", "192.0.2.1", true },
	{ "fe80::/10", "fe80::1%eth0", true },
	{ "0.0.0.0/0", "2001:db8::1", false },
	{ "::/0", "192.0.2.1", false },
	{ "::/0", "2001:db8::1", true },
};

START_TEST(an_address_is_in_one_of_the_networks_or_not)
{
	static const struct conf_key key = { .name = "networks",
		.arg = "64x64" };
	struct conf_list list = { 0 };
	struct err e = { 0 };

	ck_assert_msg(conf_set_list(&list, cases[_i].networks, &key, &e) == 0,
	    "%s", e.text);
	ck_assert_int_eq(
	    networks_allow(&list, cases[_i].address), cases[_i].allowed);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("network");
	TCase *tc = tcase_create("network");

	tcase_add_loop_test(
	    tc, a_network_is_taken, 0, sizeof(good) / sizeof(*good));
	tcase_add_loop_test(
	    tc, what_is_no_network_is_refused, 0, sizeof(bad) / sizeof(*bad));
	tcase_add_loop_test(tc, an_address_is_in_one_of_the_networks_or_not, 0,
	    sizeof(cases) / sizeof(*cases));
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
