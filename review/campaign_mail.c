#include "review/campaign_mail.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "review/command.h"
#include "schema/base/enc.h"

#define ADDRESS_MAX 254u  /* bytes, RFC 5321 section 4.5.3.1.3 */
#define SUBJECT_MAX 1024u /* bytes */
#define WORD_BYTES  42u   /* of text in an encoded word, RFC 2047 section 2 */

bool
campaign_mail_is_address(const char *text)
{
	size_t at = 0, length;

	if (text == NULL || (length = strlen(text)) == 0 ||
	    length > ADDRESS_MAX || text[0] == '-')
		return false;
	for (const unsigned char *p = (const unsigned char *)text; *p != '\0';
	     p++) {
		if (isalnum(*p) == 0 &&
		    strchr("@.!#$%&'*+-/=?^_`{|}~", *p) == NULL)
			return false;
		at += *p == '@';
	}
	return at == 1 && text[0] != '@' && text[length - 1] != '@';
}

/* ---- Headers ---- */

/* As RFC 5322 section 3.3 has it; in English, whatever the locale. */
static void
put_date(struct buf *b, int64_t now)
{
	static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu",
		"Fri", "Sat" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t when = (time_t)now;
	struct tm tm;

	if (gmtime_r(&when, &tm) == NULL)
		return;
	buf_printf(b, "Date: %s, %d %s %d %02d:%02d:%02d +0000\n",
	    days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900,
	    tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* How much of a text goes into a word: whole characters. */
static size_t
word_length(const char *text, size_t left)
{
	size_t length = left;

	if (left <= WORD_BYTES)
		return left;
	length = WORD_BYTES;
	while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
		length--;
	return length == 0 ? WORD_BYTES : length;
}

static void
put_subject(struct buf *b, const char *text)
{
	size_t left = strlen(text);

	buf_put_string(b, "Subject:");
	while (left > 0) {
		size_t length = word_length(text, left);

		buf_put_string(b, " =?UTF-8?B?");
		enc_base64(b, (const unsigned char *)text, length);
		buf_put_string(b, "?=\n");
		text += length;
		left -= length;
	}
}

/* ---- What it says ---- */

/* A day and time of this machine's zone. */
static void
local_time(char out[32], int64_t at)
{
	time_t when = (time_t)at;
	struct tm tm;

	out[0] = '\0';
	if (localtime_r(&when, &tm) != NULL)
		(void)strftime(out, 32, "%Y-%m-%d %H:%M", &tm);
}

static void
put_chinese(struct buf *b, const struct campaign_mail *m, const char *campaign,
    const char *due)
{
	buf_printf(b, "帳號權限審查 %s 尚有 %lld 題待您決定，", campaign,
	    (long long)m->questions);
	buf_printf(b, "其中 %lld 題涉及特權。\n", (long long)m->privileged);
	if (strcmp(m->step, "opened") == 0)
		buf_printf(b, "請於 %s 前完成。\n", due);
	else
		buf_printf(b, "原應於 %s 前完成。\n", due);
	if (strcmp(m->step, "overdue") == 0)
		buf_put_string(b,
		    "仍未決定者，將轉請您的上一級主管決定，其後提出撤銷權限之"
		    "建議。\n未回覆不等於保留。\n");
	buf_put_string(b,
	    "請使用寄給您的審查表，或洽承辦人員。本人持有、申請或核准之權限"
	    "不得由本人決定。\n");
}

static void
put_english(struct buf *b, const struct campaign_mail *m, const char *campaign,
    const char *due)
{
	buf_printf(b,
	    "%lld questions of the access review %s wait for your "
	    "decision;\n%lld of them are about privileged rights.\n",
	    (long long)m->questions, campaign, (long long)m->privileged);
	if (strcmp(m->step, "opened") == 0)
		buf_printf(b, "They are to be decided before %s.\n", due);
	else
		buf_printf(b, "They were to be decided before %s.\n", due);
	if (strcmp(m->step, "overdue") == 0)
		buf_put_string(b,
		    "What stays undecided goes to the person above you, and "
		    "then it is proposed\nto revoke it. Silence keeps "
		    "nothing.\n");
	buf_put_string(b,
	    "Use the worksheet that was sent to you, or ask who sends this. "
	    "Nobody decides\nwhat they hold, asked for or approved "
	    "themselves.\n");
}

static void
put_body(struct buf *b, const struct campaign_mail *m)
{
	struct buf name = buf_new(SUBJECT_MAX);
	struct buf campaign = buf_new(SUBJECT_MAX);
	char due[32];

	local_time(due, m->due);
	command_harmless(&campaign, m->campaign);
	if (m->name != NULL)
		command_harmless(&name, m->name);
	if (name.length > 0)
		buf_printf(b, "%s:\n\n", buf_string(&name));
	put_chinese(b, m, buf_string(&campaign), due);
	buf_put_string(b, "\n----\n\n");
	if (name.length > 0)
		buf_printf(b, "%s,\n\n", buf_string(&name));
	put_english(b, m, buf_string(&campaign), due);
	buf_free(&campaign);
	buf_free(&name);
}

static void
put_headers(struct buf *b, const struct campaign_mail *m)
{
	struct buf subject = buf_new(SUBJECT_MAX);

	buf_printf(b, "From: %s\nTo: %s\n", m->from, m->to);
	put_date(b, m->now);
	buf_printf(&subject,
	    "帳號權限審查 %s：%lld 題待您決定 / access review: %lld questions",
	    m->campaign, (long long)m->questions, (long long)m->questions);
	put_subject(b, buf_string(&subject));
	buf_put_string(b,
	    "MIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\n"
	    "Content-Transfer-Encoding: 8bit\n"
	    "Auto-Submitted: auto-generated\n\n");
	buf_free(&subject);
}

int
campaign_mail_write(struct buf *b, const struct campaign_mail *m, struct err *e)
{
	if (!campaign_mail_is_address(m->to))
		return err_set(e, ERR_USAGE, "%s: no address of mail",
		    m->to == NULL ? "" : m->to);
	if (!campaign_mail_is_address(m->from))
		return err_set(e, ERR_USAGE, "%s: no address of mail", m->from);
	put_headers(b, m);
	put_body(b, m);
	return buf_status(b, e);
}
