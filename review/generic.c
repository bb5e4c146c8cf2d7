#include "review/generic.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define FIGURES_MAX 3
#define WORD_MAX    32u /* bytes; no word of the list is longer */

/* Sorted, for bsearch. */
static const char *const latin[] = { "abc", "account", "admin", "administrator",
	"alert", "api", "app", "audit", "auditor", "backup", "batch", "branch",
	"cashier", "clerk", "common", "counter", "db", "dba", "default", "demo",
	"dev", "developer", "fax", "ftp", "general", "generic", "group",
	"guest", "helpdesk", "hr", "info", "intern", "it", "kiosk", "lobby",
	"login", "mail", "maintenance", "manager", "meeting", "monitor",
	"netadmin", "nobody", "noc", "office", "oper", "operation",
	"operations", "operator", "ops", "oracle", "pos", "postmaster",
	"printer", "public", "qa", "reception", "report", "reports", "robot",
	"root", "sales", "scan", "scanner", "security", "service", "settlement",
	"share", "shared", "shift", "soc", "staff", "student", "support",
	"sysadmin", "sysop", "system", "team", "temp", "temporary", "test",
	"tester", "testuser", "trader", "trading", "train", "training", "user",
	"vendor", "visitor", "web", "webadmin", "webmaster" };

/* Of Traditional Chinese, and the Japanese and Korean forms of the same. */
static const char *const chinese[] = { "共用", "公用", "共享", "測試", "管理員",
	"管理者", "系統", "值班", "櫃台", "櫃檯", "客服", "訪客", "臨時",
	"備份", "公務", "資訊室", "掃描", "會議室", "訓練", "教育訓練",
	"操作員", "廠商", "工讀生", "實習生", "共通", "공용", "관리자",
	"테스트" };

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static int
by_word(const void *key, const void *element)
{
	return strcmp(key, *(const char *const *)element);
}

/* Lower case, without separators and the figures at the end. */
static size_t
reduce(const char *name, char *out, size_t room)
{
	size_t length = 0;

	for (const char *p = name; *p != '\0'; p++) {
		if (strchr("-_. ", *p) != NULL)
			continue;
		if (length + 1 >= room || (unsigned char)*p >= 0x80)
			return 0;
		out[length++] = (char)tolower((unsigned char)*p);
	}
	/* More figures than that are a person's number: user1004711. */
	for (int i = 0; i < FIGURES_MAX && length > 0 &&
	     isdigit((unsigned char)out[length - 1]);
	     i++)
		length--;
	out[length] = '\0';
	return length;
}

static bool
is_ascii(const char *text)
{
	while (*text != '\0' && (unsigned char)*text < 0x80)
		text++;
	return *text == '\0';
}

const char *
generic_word(const char *name)
{
	char word[WORD_MAX];
	const char *const *found = NULL;

	if (reduce(name, word, sizeof(word)) > 0)
		found = bsearch(
		    word, latin, COUNT_OF(latin), sizeof(latin[0]), by_word);
	if (found != NULL)
		return *found;
	for (size_t i = 0; !is_ascii(name) && i < COUNT_OF(chinese); i++)
		if (strstr(name, chinese[i]) != NULL)
			return chinese[i];
	return NULL;
}
