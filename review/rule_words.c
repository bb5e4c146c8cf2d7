#include "review/rule_words.h"

#include <string.h>

#include "schema/message.h"

static const struct {
	const char *word;
	const char *told, *zh;
} words[] = {
	{ "critical", N_("critical"), "重大" },
	{ "high", N_("high"), "高" },
	{ "medium", N_("medium"), "中" },
	{ "low", N_("low"), "低" },
	{ "info", N_("info"), "資訊" },
	{ "hit", N_("hit"), "命中" },
	{ "unknown", N_("unknown"), "無法判定" },
	{ "certain", N_("certain"), "確定" },
	{ "possible", N_("possible"), "可能" },
	{ "hint", N_("hint"), "線索" },
	{ "conforming", N_("conforming"), "符合" },
	{ "partly", N_("partly conforming"), "部分符合" },
	{ "not", N_("not conforming"), "不符合" },
	{ "needs-reading", N_("for a person to read"), "待判讀" },
	{ "unavailable", N_("unavailable"), "無法取得" },
	{ "not-applicable", N_("not applicable"), "不適用" },
	{ "conflict", N_("conflict of profiles"), "規範牴觸" },
	{ "not-recorded", N_("the source never records it"), "來源不記錄此項" },
	{ "not-readable", N_("our reader can't see it"), "讀取帳號無權檢視" },
	{ "incomplete", N_("the pull was not complete"), "蒐集不完整" },
	{ "no-personnel", N_("no personnel data was imported"),
	    "未匯入人員資料" },
	{ "no-register", N_("no such register was imported"),
	    "未匯入相關登記簿" },
	{ "no-trail", N_("no trail covers it"), "無涵蓋之稽核軌跡" },
	{ "no-feed", N_("nothing tells of second factors"),
	    "無第二因子之資料" },
	{ "no-review", N_("no review tells of it"), "無審查紀錄" },
	{ "in-future", N_("its date is still to come"), "其日期尚未到來" },
	{ "no-person", N_("it is nobody's that we know"), "無已知之所屬人員" },
	{ "ambiguous", N_("several persons fit"), "有多人符合" },
	{ "few-peers", N_("too few peers to compare with"),
	    "可比較之同儕過少" },
	{ "privilege", N_("whether it is privileged can't be told"),
	    "無法判定是否為特權帳號" },
};

const char *
rule_word(const char *word)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i].word, word) == 0)
			return _(words[i].told);
	return word;
}

const char *
rule_word_in(const char *word, bool zh)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i].word, word) == 0)
			return zh ? words[i].zh : words[i].told;
	return word;
}
