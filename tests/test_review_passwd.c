#include <check.h>
#include <errno.h>
#include <ftw.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "review/authorized.h"
#include "review/config.h"
#include "review/passwd_line.h"
#include "review/source.h"
#include "review/wtmp.h"
#include "schema/base/enc.h"
#include "tests/review_sink.h"
#include "unit.h"

/* Day 20718 since 1970 is 2026-09-22. */
#define NOW   INT64_C(1790035200)
#define TODAY "20718"

static struct err e;
static struct text_sink s;
static char top[64];

static int
remember(struct sink *sink, const char *name, const char *text, struct err *why)
{
	struct buf *b = &((struct text_sink *)sink)->lines;

	buf_printf(b, "remember %s %s\n", name, text);
	return buf_status(b, why);
}

static const char *remembered;

static const char *
recall(struct sink *sink, const char *name)
{
	(void)sink;
	(void)name;
	return remembered;
}

static void
set_up(void)
{
	(void)strcpy(top, "/var/tmp/reeve-passwd.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(top));
	s = text_sink_new(NOW);
	s.sink.remember = remember;
	s.sink.recall = recall;
	remembered = NULL;
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *f)
{
	(void)st;
	(void)type;
	(void)f;
	return remove(path);
}

static void
tear_down(void)
{
	(void)nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	buf_free(&s.lines);
}

/* A file below top, and the folders on its way. */
static void
put_bytes(const char *name, const void *bytes, size_t length)
{
	char path[512];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", top, name);
	for (char *slash = path + strlen(top) + 1;
	     (slash = strchr(slash, '/')) != NULL; slash++) {
		*slash = '\0';
		ck_assert(mkdir(path, 0700) == 0 || errno == EEXIST);
		*slash = '/';
	}
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(bytes, 1, length, file), length);
	ck_assert_int_eq(fclose(file), 0);
}

static void
put(const char *name, const char *text)
{
	put_bytes(name, text, strlen(text));
}

/* A host of one account, to which tests add. */
static void
put_host(const char *name, const char *passwd, const char *shadow)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/etc/passwd", name);
	put(path, passwd);
	(void)snprintf(path, sizeof(path), "%s/etc/shadow", name);
	put(path, shadow);
	(void)snprintf(path, sizeof(path), "%s/etc/group", name);
	put(path, "wang:x:1001:\n");
	(void)snprintf(path, sizeof(path), "%s/etc/sudoers", name);
	put(path, "");
}

static int
pull(const char *below)
{
	struct source_settings settings = { 0 };
	const struct source_type *type = source_type("passwd:x", &e);

	ck_assert_ptr_nonnull(type);
	(void)snprintf(
	    settings.url, sizeof(settings.url), "passwd:%s%s", top, below);
	buf_clear(&s.lines);
	return type->pull(&settings, &s.sink, &e);
}

static void
pulls(void)
{
	ck_assert_ok(pull(""));
}

static void
says(const char *part)
{
	ck_assert_msg(strstr(buf_string(&s.lines), part) != NULL,
	    "no \"%s\" in:\n%s", part, buf_string(&s.lines));
}

static void
says_not(const char *part)
{
	ck_assert_msg(strstr(buf_string(&s.lines), part) == NULL,
	    "\"%s\" in:\n%s", part, buf_string(&s.lines));
}

static void
delivers(const char *line)
{
	ck_assert_msg(text_sink_has(&s, line), "no line \"%s\" in:\n%s", line,
	    buf_string(&s.lines));
}

/* ---- Lines ---- */

START_TEST(lines_of_passwd_are_read_strictly)
{
	static const struct {
		const char *line;
		const char *wrong; /* NULL: good */
	} rows[] = {
		{ "wang:x:1001:1001:Wang,,,:/home/wang:/bin/bash", NULL },
		{ "wang::0:0:::", NULL },
		{ "+::::::", NULL },
		{ "+@admins::::::", NULL },
		{ "-lee::::::", NULL },
		{ "+", NULL },
		{ "wang:x:1001:1001:Wang:/home/wang", "not seven fields" },
		{ "wang:x:1001:1001:a:b:c:d", "not seven fields" },
		{ ":x:0:0:::", "an ill-formed name" },
		{ "a b:x:0:0:::", "an ill-formed name" },
		{ "../x:x:0:0:::", "an ill-formed name" },
		{ "\xff:x:0:0:::", "an ill-formed name" },
		{ "w:x::0:::", "an ill-formed user id" },
		{ "w:x:-1:0:::", "an ill-formed user id" },
		{ "w:x:4294967296:0:::", "an ill-formed user id" },
		{ "w:x:0x0:0:::", "an ill-formed user id" },
		{ "w:x:00:0:::", "an ill-formed user id" },
		{ "w:x:0::::", "an ill-formed group id" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct passwd_line line;
		char *copy = strdup(rows[i].line);
		const char *wrong = passwd_line(copy, &line);

		ck_assert_msg((wrong == NULL) == (rows[i].wrong == NULL),
		    "%s: %s", rows[i].line, wrong == NULL ? "good" : wrong);
		if (wrong != NULL)
			ck_assert_str_eq(wrong, rows[i].wrong);
		free(copy);
	}
}
END_TEST

START_TEST(password_fields_come_to_a_state_and_a_scheme)
{
	static const struct {
		const char *field;
		enum password_state state;
		const char *scheme;
	} rows[] = {
		{ "", PASSWORD_EMPTY, "" },
		{ "*", PASSWORD_LOCKED, "" },
		{ "!", PASSWORD_LOCKED, "" },
		{ "!!", PASSWORD_LOCKED, "" },
		{ "!*", PASSWORD_LOCKED, "" },
		{ "x", PASSWORD_LOCKED, "" },
		{ "*LK*", PASSWORD_LOCKED, "" },
		{ "$y$j9T$abc$def", PASSWORD_SET, "y" },
		{ "$6$abc$def", PASSWORD_SET, "6" },
		{ "$2b$12$abcdef", PASSWORD_SET, "2b" },
		{ "$1$abc$def", PASSWORD_SET, "1" },
		{ "!$y$j9T$abc$def", PASSWORD_LOCKED, "y" },
		{ "*$6$abc$def", PASSWORD_LOCKED, "6" },
		{ "abJnggxhB/yWI", PASSWORD_SET, "des" },
		{ "_J9..rasmBYk8r9AiWNc", PASSWORD_SET, "bsdi" },
		{ "plain", PASSWORD_LOCKED, "" },
		{ "$$", PASSWORD_LOCKED, "" },
		{ "$toolongscheme$x$y", PASSWORD_LOCKED, "" },
	};
	char text[100];

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct shadow_line line;

		(void)snprintf(
		    text, sizeof(text), "w:%s:1:0:99999:7:::", rows[i].field);
		ck_assert_ptr_null(shadow_line(text, &line));
		ck_assert_int_eq(line.password.state, rows[i].state);
		ck_assert_str_eq(line.password.scheme, rows[i].scheme);
	}
}
END_TEST

START_TEST(lines_of_shadow_are_read_strictly)
{
	static const struct {
		const char *line;
		const char *wrong;
	} rows[] = {
		{ "w:*:1:0:99999:7:::", NULL },
		{ "w:*:::::::", NULL },
		{ "w:*:1:-1:-1:-1:-1:-1:", NULL },
		{ "w:*:1:0:99999:7::", "not nine fields" },
		{ "w:*:1:0:99999:7::::", "not nine fields" },
		{ "w:*:x:0:99999:7:::", "an ill-formed number of days" },
		{ "w:*:1:0:99999:7::99999999999:",
		    "an ill-formed number of days" },
		{ ":*:1:0:99999:7:::", "an ill-formed name" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct shadow_line line;
		char *copy = strdup(rows[i].line);
		const char *wrong = shadow_line(copy, &line);

		ck_assert_msg((wrong == NULL) == (rows[i].wrong == NULL), "%s",
		    rows[i].line);
		if (wrong != NULL)
			ck_assert_str_eq(wrong, rows[i].wrong);
		free(copy);
	}
}
END_TEST

#define ED25519                                                                \
	"ssh-ed25519 "                                                         \
	"AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"

START_TEST(lines_of_authorized_keys_are_read)
{
	static const struct {
		const char *line;
		enum authorized what;
		bool is_authority;
		const char *options;
		const char *comment;
	} rows[] = {
		{ "", AUTHORIZED_NOTHING, false, "", "" },
		{ "  # " ED25519, AUTHORIZED_NOTHING, false, "", "" },
		{ ED25519, AUTHORIZED_KEY, false, "", "" },
		{ "\t" ED25519 " wang@laptop of Wang \r", AUTHORIZED_KEY, false,
		    "", "wang@laptop of Wang" },
		{ "from=\"10.0.0.0/8\",command=\"a \\\"b\\\" c\" " ED25519 " x",
		    AUTHORIZED_KEY, false,
		    "from=\"10.0.0.0/8\",command=\"a \\\"b\\\" c\"", "x" },
		{ "cert-authority " ED25519, AUTHORIZED_KEY, true,
		    "cert-authority", "" },
		{ "no-pty,cert-authority,principals=\"a\" " ED25519,
		    AUTHORIZED_KEY, true,
		    "no-pty,cert-authority,principals=\"a\"", "" },
		{ "command=\"x,cert-authority,y\" " ED25519, AUTHORIZED_KEY,
		    false, "command=\"x,cert-authority,y\"", "" },
		{ "ssh-rsa AAAA", AUTHORIZED_WRONG, false, "", "" },
		{ "command=\"open " ED25519, AUTHORIZED_WRONG, false, "", "" },
		{ "ssh-rsa " /* another kind than the blob's */
		  "AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxg"
		  "ZGhscHR4f",
		    AUTHORIZED_WRONG, false, "", "" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct authorized_key key;

		ck_assert_msg(authorized_key(rows[i].line, strlen(rows[i].line),
		                  &key) == rows[i].what,
		    "%s", rows[i].line);
		if (rows[i].what != AUTHORIZED_KEY)
			continue;
		ck_assert_int_eq(strncmp(key.fingerprint, "SHA256:", 7), 0);
		ck_assert_int_eq(key.is_authority, rows[i].is_authority);
		ck_assert_uint_eq(key.options_length, strlen(rows[i].options));
		ck_assert_uint_eq(key.comment_length, strlen(rows[i].comment));
		if (key.comment_length > 0)
			ck_assert_int_eq(strncmp(key.comment, rows[i].comment,
			                     key.comment_length),
			    0);
	}
}
END_TEST

/* ---- Accounts ---- */

START_TEST(an_account_has_what_its_files_say)
{
	put_host("web1",
	    "wang:x:1001:1001:Wang Ming,Room 1,0912,,:/home/wang:/bin/bash\n",
	    "wang:$y$j9T$a$b:20000:0:90:7:::\n");
	pulls();
	delivers("account host:web1/wang name=wang host=web1 "
	         "display=Wang Ming phone=0912 shell=/bin/bash "
	         "home=/home/wang uid=1001 gid=1001 enabled=yes "
	         "reason=passwd: login shell expires=never "
	         "password_set=1728000000 password_expires=1735776000 "
	         "empty_password=no des=no password_never_expires=no "
	         "password_must_change=no password_locked=no login_shell=yes "
	         "nis=no");
	delivers("value host:web1/wang password-scheme=y");
	delivers("member gid:1001@web1 host:web1/wang primary");
	delivers("group host:web1/wang group name=wang host=web1 gid=1001");
	delivers("query host web1 entries=1 skipped=0 invalid=0 complete");
	says_not("j9T");
}
END_TEST

START_TEST(enabled_is_what_the_system_would_do)
{
	static const struct {
		const char *shell;
		const char *shadow; /* behind the password */
		bool keys;
		const char *comes_to;
	} rows[] = {
		{ "/bin/bash", "!$6$a$b:20000:0:99999:7:::", false,
		    "enabled=yes reason=passwd: login shell" },
		{ "/bin/bash", "*:20000:0:99999:7::1:", true,
		    "enabled=no reason=shadow: the expiry date has passed" },
		{ "/bin/bash", "*:20000:0:99999:7::0:", false,
		    "enabled=no reason=shadow: the expiry date has passed" },
		{ "/bin/bash", "*:20000:0:99999:7::" TODAY ":", false,
		    "enabled=no reason=shadow: the expiry date has passed" },
		{ "/bin/bash", "*:20000:0:99999:7::20719:", false,
		    "enabled=yes reason=passwd: login shell" },
		{ "/bin/bash", "$6$a$b:20000:0:90:7:30::", false,
		    "enabled=no reason=shadow: inactive since its password "
		    "expired" },
		{ "/bin/bash", "$6$a$b:20000:0:90:7:::", false,
		    "enabled=yes reason=passwd: login shell" },
		{ "/usr/sbin/nologin", "$6$a$b:20000:0:99999:7:::", false,
		    "enabled=no reason=passwd: no shell, no keys" },
		{ "/usr/sbin/nologin", "*:20000:0:99999:7:::", true,
		    "enabled=yes reason=passwd: no shell, but keys" },
		{ "/bin/false", "*:20000:0:99999:7:::", false,
		    "enabled=no reason=passwd: no shell, no keys" },
		{ "", "*:20000:0:99999:7:::", false,
		    "enabled=yes reason=passwd: login shell" },
	};
	char passwd[200];
	char shadow[200];

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		(void)snprintf(passwd, sizeof(passwd),
		    "wang:x:1001:1001::/home/wang:%s\n", rows[i].shell);
		(void)snprintf(
		    shadow, sizeof(shadow), "wang:%s\n", rows[i].shadow);
		put_host("web1", passwd, shadow);
		put("web1/home/wang/.ssh/authorized_keys",
		    rows[i].keys ? ED25519 "\n" : "# none\n");
		pulls();
		says(rows[i].comes_to);
	}
}
END_TEST

START_TEST(a_lock_of_the_password_alone_leaves_the_keys)
{
	put_host("web1", "wang:x:1001:1001::/home/wang:/bin/bash\n",
	    "wang:!$6$a$b:20000:0:99999:7:::\n");
	put("web1/home/wang/.ssh/authorized_keys",
	    "# two\n" ED25519 " wang@laptop\n"
	    "from=\"10.0.0.1\" " ED25519 "\nrubbish\n");
	pulls();
	says("password_locked=yes");
	says("has_keys=yes");
	says("enabled=yes");
	says("value host:web1/wang ssh-key=SHA256:");
	says("value host:web1/wang ssh-key-comment=SHA256:");
	says(" wang@laptop\n");
	says(" from=\"10.0.0.1\"\n");
	says("invalid=1 complete diagnostic="
	     "home/wang/.ssh/authorized_keys: line 4: not a key");
}
END_TEST

START_TEST(keys_that_nobody_collected_are_not_recorded)
{
	put_host("web1",
	    "wang:x:1001:1001::/home/wang:/usr/sbin/nologin\n"
	    "www:x:33:33::/var/www:/usr/sbin/nologin\n"
	    "_apt:x:42:65534::/nonexistent:/usr/sbin/nologin\n",
	    "wang:*:20000:0:99999:7:::\nwww:*:20000:0:99999:7:::\n"
	    "_apt:*:20000:0:99999:7:::\n");
	pulls();
	says("account host:web1/wang name=wang host=web1 "
	     "shell=/usr/sbin/nologin home=/home/wang uid=1001 gid=1001 "
	     "reason=passwd: no shell; keys not collected");
	says("enabled=no reason=passwd: a system account without shell");
	says("enabled=no reason=passwd: no shell, no keys");
	/* Collected in a folder of their own, whoever has none has none. */
	put("web1/authorized_keys/lee", ED25519 "\n");
	pulls();
	says("account host:web1/wang name=wang host=web1 "
	     "shell=/usr/sbin/nologin home=/home/wang uid=1001 gid=1001 "
	     "enabled=no reason=passwd: no shell, no keys");
}
END_TEST

START_TEST(the_facts_that_rules_look_for_are_there)
{
	put_host("web1",
	    "root:x:0:0::/root:/bin/bash\ntoor:x:0:0::/root:/bin/bash\n"
	    "a:x:1001:1001::/home/a:/bin/bash\n"
	    "b:x:1001:1001::/home/b:/bin/bash\n"
	    "c::1003:1003::/home/c:/bin/bash\n"
	    "d:x:1004:1004::/home/d:/bin/bash\n"
	    "a:x:1005:1005::/home/a2:/bin/bash\n+@ops::::::\n",
	    "root:*:20000:0:99999:7:::\ntoor:*:20000:0:99999:7:::\n"
	    "a:abJnggxhB/yWI:0:0:99999:7:::\nb:*:20000:0::7:::\n"
	    "d::20000:0:99999:7:::\n");
	pulls();
	says("account host:web1/toor name=toor host=web1 shell=/bin/bash "
	     "home=/root uid=0");
	says("account host:web1/b name=b host=web1 shell=/bin/bash "
	     "home=/home/b uid=1001");
	/* Empty in passwd itself, and in shadow. */
	says("account host:web1/c name=c host=web1 shell=/bin/bash "
	     "home=/home/c uid=1003 gid=1003 enabled=yes reason=passwd: login "
	     "shell empty_password=yes");
	says("home=/home/d uid=1004 gid=1004 enabled=yes reason=passwd: login "
	     "shell expires=never password_set=1728000000 "
	     "password_expires=never empty_password=yes");
	/* Must change; an old scheme. */
	says("home=/home/a uid=1001 gid=1001 enabled=yes reason=passwd: login "
	     "shell expires=never password_set=never password_expires=never "
	     "empty_password=no des=yes password_never_expires=yes "
	     "password_must_change=yes");
	/* A second line of one name is found by its number. */
	says("account host:web1/a/7 name=a host=web1 shell=/bin/bash "
	     "home=/home/a2 uid=1005");
	delivers("account host:web1/+@ops name=+@ops host=web1 nis=yes");
	says("etc/passwd: line 7: a is there already");
}
END_TEST

START_TEST(a_bad_line_is_skipped_and_leaves_the_host_incomplete)
{
	put_host("web1", "rubbish\nwang:x:1001:1001::/home/wang:/bin/bash\n",
	    "wang:*:20000:0:99999:7:::\n");
	pulls();
	says("account host:web1/wang");
	says("query host web1 entries=2 skipped=1 invalid=0 incomplete "
	     "why=web1: etc/passwd: line 1: not seven fields");
}
END_TEST

START_TEST(without_shadow_nobody_knows_who_is_enabled)
{
	put("web1/etc/passwd", "wang:x:1001:1001::/home/wang:/bin/bash\n");
	put("web1/etc/group", "");
	put("web1/etc/sudoers", "");
	pulls();
	delivers("account host:web1/wang name=wang host=web1 shell=/bin/bash "
	         "home=/home/wang uid=1001 gid=1001 reason=passwd: login "
	         "shell login_shell=yes nis=no");
	says("incomplete why=web1: etc/shadow is not there");
}
END_TEST

/* ---- Groups ---- */

START_TEST(groups_have_their_members_by_name)
{
	put_host("web1", "wang:x:1001:27::/home/wang:/bin/bash\n",
	    "wang:*:20000:0:99999:7:::\n");
	put("web1/etc/group",
	    "sudo:x:27:wang,lee\ndocker:x:998:\nmail:x:8:\nzero:x:0:\nbad\n");
	put("web1/etc/gshadow",
	    "sudo:*::wang,lee\nmail:$6$a$b:wang:\nsame:!::\n");
	pulls();
	delivers("group host:web1/sudo group name=sudo host=web1 gid=27 "
	         "privileged=yes detail=may become root on Debian");
	delivers("member host:web1/sudo account:wang@web1 name");
	delivers("member host:web1/sudo account:lee@web1 name");
	delivers("member gid:27@web1 host:web1/wang primary");
	delivers("group host:web1/docker group name=docker host=web1 gid=998 "
	         "privileged=yes detail=root through containers");
	delivers("group host:web1/mail group name=mail host=web1 gid=8 "
	         "detail=has a password; may be given by wang");
	delivers("group host:web1/zero group name=zero host=web1 gid=0 "
	         "privileged=yes detail=its number is root's");
	says("why=web1: etc/group: line 5: not four fields");
}
END_TEST

START_TEST(what_is_not_utf_8_reaches_nobody)
{
	put_host("web1",
	    "wang:x:1001:1001:\xff,,1:/home/wang:/bin/bash\n"
	    "lee:x:1002:1002::/home/\xff:/bin/\xff\n",
	    "wang:*:20000:0:99999:7:::\nlee:*:20000:0:99999:7:::\n");
	put("web1/etc/group", "ops:x:2001:lee,\xff\n");
	put("web1/etc/sudoers",
	    "User_Alias A = \xff\nA ALL=ALL\nlee ALL=/bin/\xff\n");
	put("web1/home/wang/.ssh/authorized_keys", ED25519 " \xff\n");
	pulls();
	ck_assert(enc_is_utf8(s.lines.data, s.lines.length));
	says("account host:web1/wang ");
	says("account host:web1/lee ");
	delivers("member host:web1/ops account:lee@web1 name");
	says("etc/group: ops: a member that is not UTF-8");
	says("etc/sudoers: line 2: not UTF-8");
	says("etc/sudoers: line 3: not UTF-8");
	says("incomplete");
}
END_TEST

/* ---- sudo ---- */

START_TEST(sudo_rules_are_rights_of_the_host)
{
	put_host("web1", "wang:x:1001:1001::/home/wang:/bin/bash\n",
	    "wang:*:20000:0:99999:7:::\n");
	put("web1/etc/sudoers",
	    "root ALL=(ALL:ALL) ALL\n%sudo ALL=(ALL:ALL) ALL\n"
	    "@includedir /etc/sudoers.d\n");
	put("web1/etc/sudoers.d/10-web", "wang ALL=NOPASSWD: /usr/bin/id\n");
	put("web1/etc/sudoers.d/old~", "rubbish\n");
	put("web1/etc/sudoers.d/x.dpkg-old", "rubbish\n");
	pulls();
	delivers("group sudo:web1/f8576b280ff91cb6 sudo name=(ALL : ALL) ALL "
	         "host=web1 description=as good as root: ALL privileged=yes "
	         "detail=etc/sudoers: root ALL=(ALL:ALL) ALL");
	delivers("member sudo:web1/f8576b280ff91cb6 account:root@web1 rule");
	delivers("member sudo:web1/f8576b280ff91cb6 group:sudo@web1 rule");
	says("sudo name=NOPASSWD: /usr/bin/id host=web1 description=limited "
	     "commands privileged=no detail=etc/sudoers.d/10-web: wang "
	     "ALL=NOPASSWD: /usr/bin/id");
	delivers("query host web1 entries=1 skipped=0 invalid=0 complete");
}
END_TEST

START_TEST(a_sudoers_that_is_not_understood_leaves_the_host_incomplete)
{
	static const struct {
		const char *sudoers;
		const char *why;
	} rows[] = {
		{ "wang ALL=(ALL ALL\n",
		    "why=web1: etc/sudoers: line 1: \"(\" without \")\"" },
		{ "@include /etc/more\n",
		    "why=web1: etc/more is included and not there" },
		{ "@includedir /etc/sudoers.d\n",
		    "why=web1: etc/sudoers.d is not there" },
	};

	put_host("web1", "wang:x:1001:1001::/home/wang:/bin/bash\n",
	    "wang:*:20000:0:99999:7:::\n");
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		put("web1/etc/sudoers", rows[i].sudoers);
		pulls();
		says(rows[i].why);
		says("account host:web1/wang");
	}
}
END_TEST

START_TEST(who_is_not_in_these_files_leaves_a_right_s_members_open)
{
	put_host("web1", "wang:x:1001:1001::/home/wang:/bin/bash\n",
	    "wang:*:20000:0:99999:7:::\n");
	put("web1/etc/sudoers", "+ops, %:AD, %corp, #1001, ALL ALL=/bin/ls\n");
	pulls();
	says("privileged=no detail=etc/sudoers: +ops, %:AD, %corp, #1001, ALL "
	     "ALL=/bin/ls incomplete\n");
	says(" group:+ops@web1 rule\n");
	says(" group:%:AD@web1 rule\n");
	says(" group:corp@web1 rule\n");
	says(" uid:1001@web1 rule\n");
	says(" every:ALL@web1 rule\n");
}
END_TEST

START_TEST(no_sudoers_at_all_is_only_sure_in_a_whole_copy)
{
	put("web1/etc/passwd", "wang:x:1001:1001::/home/wang:/bin/bash\n");
	put("web1/etc/shadow", "wang:*:20000:0:99999:7:::\n");
	put("web1/etc/group", "");
	pulls();
	says("incomplete why=web1: etc/sudoers is not there; an empty one says "
	     "that "
	     "there is no sudo");
	put("web1/etc/pam.d/login", "");
	pulls();
	says(" complete\n");
}
END_TEST

/* ---- Policies ---- */

static void
put_policy_host(void)
{
	put_host("web1", "wang:x:1001:1001::/home/wang:/bin/bash\n",
	    "wang:*:20000:0:99999:7:::\n");
}

START_TEST(a_policy_is_what_pam_and_its_files_say)
{
	put_policy_host();
	put("web1/etc/login.defs",
	    "# x\nPASS_MAX_DAYS\t90\nPASS_MIN_DAYS 1\nUMASK 022\n");
	put("web1/etc/pam.d/passwd", "@include common-password\n");
	put("web1/etc/pam.d/common-password",
	    "password requisite pam_pwquality.so retry=3 minclass=3\n"
	    "password\t[success=1 default=ignore]\tpam_unix.so obscure "
	    "yescrypt remember=5\n");
	put("web1/etc/security/pwquality.conf",
	    "# x\nminlen = 14\nminclass = 2\ndcredit=-1\nocredit = -1 # x\n"
	    "ucredit = 1\n");
	put("web1/etc/security/pwquality.conf.d/10.conf", "minlen = 20\n");
	put("web1/etc/pam.d/sshd", "auth include common-auth\n");
	put("web1/etc/pam.d/common-auth",
	    "auth required pam_faillock.so preauth deny=5\n");
	put("web1/etc/security/faillock.conf",
	    "deny = 3\nunlock_time = 1800\nsilent\n");
	pulls();
	says("policy web1/local local name=local passwords of web1 host=web1 "
	     "default min_length=13 history=5 max_age=7776000 min_age=86400 "
	     "lockout_attempts=5 lockout_duration=1800 lockout_window=900 "
	     "min_classes=3 needs_letter=no needs_digit=yes needs_symbol=yes "
	     "reversible=no blocklist=yes detail=");
	says("minlen=14 (etc/security/pwquality.conf)");
	says("minclass=3 (etc/pam.d/common-password)");
	says("deny=5 (etc/pam.d/common-auth)");
}
END_TEST

START_TEST(without_a_quality_module_little_is_asked_for)
{
	put_policy_host();
	put("web1/etc/login.defs", "PASS_MAX_DAYS 99999\n");
	put("web1/etc/pam.d/common-password",
	    "password [success=1 default=ignore] pam_unix.so minlen=8\n");
	put("web1/etc/pam.d/common-auth", "auth required pam_unix.so\n");
	pulls();
	says("default min_length=8 history=0 max_age=never "
	     "lockout_attempts=never min_classes=0 needs_letter=no "
	     "needs_digit=no needs_symbol=no reversible=no blocklist=no");
}
END_TEST

START_TEST(a_policy_that_stands_elsewhere_is_not_guessed)
{
	static const struct {
		const char *stack;
		const char *policy;
	} rows[] = {
		/* A module with rules of its own. */
		{ "password requisite pam_passwdqc.so min=8\n",
		    "default history=0 reversible=no detail=pam_passwdqc.so" },
		/* An include that is not there. */
		{ "password include nowhere\n", "default reversible=no" },
	};

	put_policy_host();
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		put("web1/etc/login.defs", "");
		put("web1/etc/pam.d/passwd", rows[i].stack);
		pulls();
		says(rows[i].policy);
	}
}
END_TEST

/* ---- Logins ---- */

static void
put_lastlog(uint32_t uid, uint32_t when)
{
	static unsigned char bytes[292 * 2000];

	memset(bytes, 0, sizeof(bytes));
	for (int i = 0; i < 4; i++)
		bytes[292 * uid + (unsigned)i] = (unsigned char)(when >> 8 * i);
	put_bytes("web1/var/log/lastlog", bytes, sizeof(bytes));
}

START_TEST(lastlog_is_read_at_each_user_s_place)
{
	put_host("web1",
	    "wang:x:1001:1001::/home/wang:/bin/bash\n"
	    "lee:x:1002:1002::/home/lee:/bin/bash\n"
	    "big:x:4294967294:1::/:/bin/bash\n",
	    "wang:*:20000:0:99999:7:::\nlee:*:20000:0:99999:7:::\n"
	    "big:*:20000:0:99999:7:::\n");
	put_lastlog(1001, 1780000000);
	pulls();
	delivers(
	    "usage host:web1/wang lastlog=1780000000 resolution=0 server=web1 "
	    "raw=1780000000");
	delivers(
	    "usage host:web1/lee lastlog=never resolution=0 server=web1 raw=0");
	delivers(
	    "usage host:web1/big lastlog=never resolution=0 server=web1 raw=0");
	delivers("seen host lastlog 1 server=web1 recorded=yes");
	/* Beyond 2038, and in the future of the reading. */
	put_lastlog(1001, 3000000000);
	pulls();
	says("wang: lastlog is of the future");
	put_bytes("web1/var/log/lastlog", "x", 1);
	pulls();
	says("incomplete why=web1: var/log/lastlog: not records of 292 bytes");
}
END_TEST

static void
wtmp_bytes(unsigned char out[WTMP_SIZE], unsigned type, const char *user,
    uint32_t when)
{
	memset(out, 0, WTMP_SIZE);
	out[0] = (unsigned char)type;
	(void)memcpy(out + 44, user, strlen(user));
	for (int i = 0; i < 4; i++)
		out[340 + i] = (unsigned char)(when >> 8 * i);
}

START_TEST(wtmp_gives_the_last_login_and_where_it_begins)
{
	unsigned char bytes[4 * WTMP_SIZE + 1];

	put_host("web1",
	    "wang:x:1001:1001::/home/wang:/bin/bash\n"
	    "lee:x:1002:1002::/home/lee:/bin/bash\n",
	    "wang:*:20000:0:99999:7:::\nlee:*:20000:0:99999:7:::\n");
	wtmp_bytes(bytes, 2, "reboot", 1770000000);
	wtmp_bytes(bytes + WTMP_SIZE, 7, "wang", 1780000000);
	wtmp_bytes(bytes + 2 * WTMP_SIZE, 7, "wang", 1790000000);
	wtmp_bytes(bytes + 3 * WTMP_SIZE, 8, "", 1790000001);
	put_bytes("web1/var/log/wtmp", bytes, sizeof(bytes) - 1);
	wtmp_bytes(bytes, 7, "wang", 1760000000);
	put_bytes("web1/var/log/wtmp.1", bytes, WTMP_SIZE);
	pulls();
	delivers(
	    "usage host:web1/wang wtmp=1790000000 resolution=0 server=web1 "
	    "raw=1790000000");
	says_not("usage host:web1/lee");
	says("diagnostic=wtmp begins at 1760000000");
	delivers("seen host wtmp 1 server=web1 recorded=yes");
	put_bytes("web1/var/log/wtmp", bytes, sizeof(bytes));
	pulls();
	says("incomplete why=web1: var/log/wtmp: not whole records of 384 "
	     "bytes");
}
END_TEST

START_TEST(lastlog2_is_read_from_its_database)
{
	char path[200];
	sqlite3 *db;

	put_host("web1",
	    "wang:x:1001:1001::/home/wang:/bin/bash\n"
	    "lee:x:1002:1002::/home/lee:/bin/bash\n",
	    "wang:*:20000:0:99999:7:::\nlee:*:20000:0:99999:7:::\n");
	put("web1/var/lib/lastlog/lastlog2.db", "");
	(void)snprintf(
	    path, sizeof(path), "%s/web1/var/lib/lastlog/lastlog2.db", top);
	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	ck_assert_int_eq(
	    sqlite3_exec(db,
	        "CREATE TABLE Lastlog2 (Name TEXT PRIMARY KEY, Time INTEGER, "
	        "TTY TEXT, RemoteHost TEXT, Service TEXT);"
	        "INSERT INTO Lastlog2 VALUES ('wang', 1780000000, 'pts/0', "
	        "'10.0.0.1', 'sshd'), ('gone', 1, '', '', '');",
	        NULL, NULL, NULL),
	    SQLITE_OK);
	(void)sqlite3_close(db);
	pulls();
	delivers(
	    "usage host:web1/wang lastlog2=1780000000 resolution=0 server=web1 "
	    "raw=1780000000");
	delivers(
	    "usage host:web1/lee lastlog2=never resolution=0 server=web1 raw=");
	delivers("seen host lastlog2 1 server=web1 recorded=yes");
	put("web1/var/lib/lastlog/lastlog2.db", "this is no database at all");
	pulls();
	says("incomplete why=web1: var/lib/lastlog/lastlog2.db: ");
}
END_TEST

/* ---- Hosts ---- */

START_TEST(each_folder_is_a_host_and_a_bad_one_hides_no_other)
{
	put_host("web1", "wang:x:1001:1001::/home/wang:/bin/bash\n",
	    "wang:*:20000:0:99999:7:::\n");
	put_host("web2", "wang:x:1001:1001::/home/wang:/bin/bash\n",
	    "wang:*:20000:0:99999:7:::\n");
	put("empty/note", "x");
	put("README", "not a host");
	pulls();
	says("account host:web1/wang ");
	says("account host:web2/wang ");
	says("query host web1 entries=1 skipped=0 invalid=0 complete\n");
	says("query host empty entries=0 skipped=0 invalid=0 incomplete "
	     "why=empty: etc/passwd is not there");
	says_not("query host README");
	delivers("remember +hosts empty/web1/web2/");
}
END_TEST

START_TEST(a_host_that_is_missing_since_last_time_is_told)
{
	put_host("web1", "wang:x:1001:1001::/home/wang:/bin/bash\n",
	    "wang:*:20000:0:99999:7:::\n");
	put("db2.retired", "");
	remembered = "db1/db2/web1/";
	pulls();
	says("query host db1 entries=0 skipped=0 invalid=0 incomplete why=db1: "
	     "its "
	     "folder is not there; NAME.retired says that the host is gone");
	says_not("query host db2");
	/* It stays missed until somebody says so. */
	delivers("remember +hosts web1/db1/");
}
END_TEST

START_TEST(one_host_alone_is_called_as_it_calls_itself)
{
	put("web1/etc/passwd", "wang:x:1001:1001::/home/wang:/bin/bash\n");
	ck_assert_int_eq(pull("/web1"), 0);
	says("account host:web1/wang ");
	put("web1/etc/hostname", "web1.corp.example\n");
	ck_assert_int_eq(pull("/web1"), 0);
	says("account host:web1.corp.example/wang ");
	put("flat/passwd", "wang:x:1001:1001::/home/wang:/bin/bash\n");
	put("flat/shadow", "wang:*:20000:0:99999:7:::\n");
	put("flat/group", "wang:x:1001:\n");
	put("flat/sudoers", "wang ALL=ALL\n");
	ck_assert_int_eq(pull("/flat"), 0);
	says("account host:flat/wang ");
	says("group sudo:flat/");
	says(" complete");
}
END_TEST

START_TEST(a_folder_without_anything_is_an_error)
{
	ck_assert_int_eq(pull(""), -1);
	ck_assert_int_eq(e.code, ERR_MISSING);
	ck_assert_int_eq(pull("/nowhere"), -1);
	ck_assert_int_eq(e.code, ERR_MISSING);
}
END_TEST

START_TEST(no_link_leads_out_of_a_host_s_folder)
{
	char path[200];

	put("secret", "out:x:0:0::/root:/bin/bash\n");
	put("web1/etc/group", "");
	(void)snprintf(path, sizeof(path), "%s/web1/etc/passwd", top);
	ck_assert_int_eq(symlink("../../secret", path), 0);
	pulls();
	says_not("account");
	/* Within it, as the host itself sees it, it is followed. */
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(symlink("/usr/passwd", path), 0);
	put("web1/usr/passwd", "in:x:1001:1001::/home/in:/bin/bash\n");
	pulls();
	says("account host:web1/in ");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("source passwd");
	TCase *c = tcase_create("passwd:");

	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, lines_of_passwd_are_read_strictly);
	tcase_add_test(c, password_fields_come_to_a_state_and_a_scheme);
	tcase_add_test(c, lines_of_shadow_are_read_strictly);
	tcase_add_test(c, lines_of_authorized_keys_are_read);
	tcase_add_test(c, an_account_has_what_its_files_say);
	tcase_add_test(c, enabled_is_what_the_system_would_do);
	tcase_add_test(c, a_lock_of_the_password_alone_leaves_the_keys);
	tcase_add_test(c, keys_that_nobody_collected_are_not_recorded);
	tcase_add_test(c, the_facts_that_rules_look_for_are_there);
	tcase_add_test(c, a_bad_line_is_skipped_and_leaves_the_host_incomplete);
	tcase_add_test(c, without_shadow_nobody_knows_who_is_enabled);
	tcase_add_test(c, groups_have_their_members_by_name);
	tcase_add_test(c, what_is_not_utf_8_reaches_nobody);
	tcase_add_test(c, sudo_rules_are_rights_of_the_host);
	tcase_add_test(
	    c, a_sudoers_that_is_not_understood_leaves_the_host_incomplete);
	tcase_add_test(
	    c, who_is_not_in_these_files_leaves_a_right_s_members_open);
	tcase_add_test(c, no_sudoers_at_all_is_only_sure_in_a_whole_copy);
	tcase_add_test(c, a_policy_is_what_pam_and_its_files_say);
	tcase_add_test(c, without_a_quality_module_little_is_asked_for);
	tcase_add_test(c, a_policy_that_stands_elsewhere_is_not_guessed);
	tcase_add_test(c, lastlog_is_read_at_each_user_s_place);
	tcase_add_test(c, wtmp_gives_the_last_login_and_where_it_begins);
	tcase_add_test(c, lastlog2_is_read_from_its_database);
	tcase_add_test(c, each_folder_is_a_host_and_a_bad_one_hides_no_other);
	tcase_add_test(c, a_host_that_is_missing_since_last_time_is_told);
	tcase_add_test(c, one_host_alone_is_called_as_it_calls_itself);
	tcase_add_test(c, a_folder_without_anything_is_an_error);
	tcase_add_test(c, no_link_leads_out_of_a_host_s_folder);
	suite_add_tcase(suite, c);
	return unit_run(suite);
}
