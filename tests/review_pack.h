/*
 * A small pack for tests, of acts that persons really signed, written by the
 * functions that write packs. A test may bend it before it is signed: what a
 * trusted signer could do who means ill.
 */
#ifndef TESTS_REVIEW_PACK_H
#define TESTS_REVIEW_PACK_H

#include <check.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "review/act_internal.h"
#include "review/embedded.h"
#include "review/evidence.h"
#include "review/fact.h"
#include "review/pack_file.h"
#include "review/pack_folder.h"
#include "review/pack_trail.h"
#include "review/pack_verify.h"
#include "review/pack_write.h"
#include "review/xmldsig.h"
#include "review_keys.h"
#include "review_pki.h"
#include "unit.h"

#define PACK_NOW   (PKI_FROM + 100 * PKI_DAY)
#define PACK_ROWS  64
#define PACK_AT(x) "strftime('%Y-%m-%dT%H:%M:%SZ'," x ",'unixepoch')"

struct fixture_class {
	const char *class, *sql; /* its rows */
};

struct pack_fixture {
	char folder[40]; /* of keys and the database */
	struct store *store;
	struct pki officer, ciso, stranger;
	/* Bends, for the next pack; NULL: as it is. */
	const char *class, *sql;          /* the rows of that class instead */
	const struct fixture_class *more; /* classes beside; ends with NULL */
	/* Of a signed row: whether it is left out; the text may be replaced. */
	bool (*bend_signed)(
	    int64_t act, const char *table, int64_t row, const char **text);
	void (*bend_manifest)(struct manifest *);
	const char *const
	    *trails;      /* sessions are quoted: as --trail, ends NULL */
	int64_t sequence; /* 0: 1 */
	unsigned char previous[DIGEST_SHA256_LENGTH];
};

static inline void
fixture_sql(struct pack_fixture *f, const char *sql)
{
	char *text = NULL;

	ck_assert_msg(sqlite3_exec(store_handle(f->store), sql, NULL, NULL,
	                  &text) == SQLITE_OK,
	    "%s: %s", sql, text);
}

/* An act of those rows, in which %lld is its number. */
static inline void
fixture_act(struct pack_fixture *f, const char *who, const char *kind,
    const char *roles, const char *sql)
{
	struct err e = { .code = ERR_NONE };
	char path[256], text[4096];
	struct act_how how =
	    keys_how(f->folder, who == NULL ? "none" : who, PACK_NOW, path);
	struct act *a;

	how.roles = roles;
	how.by_program = who == NULL;
	ck_assert_msg(
	    act_begin(&a, f->store, kind, &how, &e) == 0, "%s", e.text);
	(void)snprintf(text, sizeof(text), sql, (long long)act_number(a));
	fixture_sql(f, text);
	ck_assert_msg(act_commit(&a, NULL, &e) == 0, "%s", e.text);
}

static inline void
fixture_acts(struct pack_fixture *f)
{
	struct err e = { .code = ERR_NONE };
	char path[256];
	struct act_how how;

	keys_enrol(f->store, f->folder, "wang", "E1", PACK_NOW);
	keys_enrol(f->store, f->folder, "chen", "E2", PACK_NOW);
	keys_enrol_later(f->store, f->folder, "li", "E3", "reviewer", PACK_NOW,
	    "wang", "chen");
	fixture_sql(f, "PRAGMA foreign_keys = OFF");
	fixture_act(f, "wang", "campaign-open", NULL,
	    "INSERT INTO campaign VALUES(1,%lld,'2026Q1','periodic',"
	    "1780000000,'E1',NULL,NULL)");
	fixture_act(f, "wang", "campaign-freeze", NULL,
	    "INSERT INTO campaign_freeze VALUES(%1$lld,1,1,1,'house',2,0,2,2);"
	    "INSERT INTO item SELECT %1$lld,1,value,value,'k'||value,10+value,"
	    "CASE value WHEN 1 THEN 20 END,'E9',value=1,'high','new',value=2,5,"
	    "json_object('account','acc <'||value||'>','right','r\"&')"
	    " FROM (SELECT 1 AS value UNION ALL SELECT 2)");
	fixture_act(f, "li", "decisions", "officer,reviewer",
	    "INSERT INTO decision VALUES"
	    "(%1$lld,1,1,1,0,'keep','needed & \"used\"',NULL,NULL,NULL,NULL,"
	    "'E3','signed',1776000000,7,1),"
	    "(%1$lld,2,1,2,2,'exception','on call','less','watched',1790000000,"
	    "NULL,'E3','signed',NULL,NULL,1),"
	    "(%1$lld,3,1,2,0,'revoke','',NULL,NULL,NULL,NULL,"
	    "'E3','signed',NULL,NULL,1)");
	fixture_act(f, "wang", "exception", "officer,reviewer",
	    "INSERT INTO exempted VALUES(%lld,1,11,20,'E9','AR-101','why',"
	    "'watched',1790000000,'E9',NULL,NULL,NULL,NULL)");
	how = keys_how(f->folder, "chen", PACK_NOW, path);
	ck_assert_msg(
	    act_second(f->store, 8, true, "seen", &how, NULL, &e) == 0, "%s",
	    e.text);
	fixture_act(f, NULL, "daily", NULL,
	    "INSERT INTO daily VALUES(%lld,20500,'db1',1,'complete','',"
	    "1780000000,'{\"failed\":{\"total\":3}}')");
}

static inline void
fixture_new(struct pack_fixture *f, const char *folder)
{
	struct err e = { .code = ERR_NONE };
	char path[80];

	memset(f, 0, sizeof(*f));
	(void)snprintf(f->folder, sizeof(f->folder), "%s", folder);
	ck_assert_ptr_nonnull(mkdtemp(f->folder));
	(void)snprintf(path, sizeof(path), "%s/review.db", f->folder);
	ck_assert_ok(store_open(&f->store, path, STORE_WRITE, &e));
	fixture_acts(f);
	pki_make(&f->officer,
	    &(struct pki_want){
	        .name = "Wang Officer", .usage = "digitalSignature" });
	pki_make(&f->ciso,
	    &(struct pki_want){
	        .name = "Chen CISO", .usage = "digitalSignature" });
	pki_make(&f->stranger,
	    &(struct pki_want){
	        .name = "Wang Officer", .usage = "digitalSignature" });
}

static inline void
fixture_free(struct pack_fixture *f)
{
	store_close(&f->store);
	pki_free(&f->officer);
	pki_free(&f->ciso);
	pki_free(&f->stranger);
	(void)shell("rm -rf %s", f->folder);
}

/* ---- Classes ---- */

static const struct fixture_class fixture_classes[] = {
	{ "source", "SELECT 1,'people','ldap://d/','corp','389-DS','true'" },
	{ "account",
	    "SELECT 10+value,1,'k'||value,'user','acc '||value,NULL,NULL,'E9',"
	    "NULL,NULL,'true',NULL,NULL,'true','false',NULL,NULL,NULL,NULL,"
	    "NULL,NULL,NULL FROM (SELECT 1 AS value UNION ALL SELECT 2)" },
	{ "campaign",
	    "SELECT id,name,type," PACK_AT("1775000000") ",NULL," PACK_AT(
	        "due") ",NULL,NULL,'house','',2,0,2,2,2,0 FROM campaign" },
	{ "item",
	    "SELECT campaign,n,question,account,facts->>'$.account',\"right\","
	    "facts->>'$.right',person,iif(privileged,'true','false'),severity,"
	    "novelty,iif(low,'true','false'),iif(n=1,'keep','revoke'),'E3',7,"
	    "NULL FROM item ORDER BY n" },
	{ "decision",
	    "SELECT d.act,n," PACK_AT(
	        "a.at") ",campaign,question,item,decision,reason,change,"
	                "compensation," PACK_AT("ends") ",proposal,reviewer,"
	                                                "grade," PACK_AT(
	                                                    "decided") ",second"
	                                                               "s,bulk "
	                                                               "FROM "
	                                                               "decisio"
	                                                               "n d "
	                                                               "JOIN "
	                                                               "act a "
	                                                               "ON "
	                                                               "a.id=d."
	                                                               "act "
	                                                               "ORDER "
	                                                               "BY "
	                                                               "1,2" },
	{ "exception",
	    "SELECT x.act,n,account,'acc 1',\"right\",'r',holder,rule,x.reason,"
	    "compensation,owner,'chen'," PACK_AT("a.at") "," PACK_AT(
	        "ends") ",'counts' FROM exempted x JOIN act a ON a.id=x.act "
	                "UNION ALL SELECT act,n,12,'acc 2',NULL,NULL,NULL,NULL,"
	                "reason,compensation,reviewer,NULL," PACK_AT(
	                    "a.at") "," PACK_AT("ends") ",'waiting' FROM "
	                                                "decision d JOIN act "
	                                                "a ON a.id=d.act WHERE "
	                                                "decision='"
	                                                "exception'" },
	{ "daily",
	    "SELECT "
	    "date(day*86400,'unixepoch'),source,version,state,reason," PACK_AT(
	        "due") ",NULL,NULL,NULL,'waiting',act,3,0,0,facts FROM "
	               "daily" },
	{ "act",
	    "SELECT a.id," PACK_AT(
	        "a.at") ",a.kind,g.fingerprint,g.name,(SELECT verdict FROM "
	                "second s WHERE s.of=a.id),'true',lower(hex(a.digest)),"
	                "nullif(a.signature,''),a.text FROM act a LEFT JOIN "
	                "signer g ON g.id=a.signer ORDER BY a.id" },
	{ "signer",
	    "SELECT act,name,employee,role,fingerprint,key,NULL FROM signer "
	    "ORDER BY id" },
};

static inline void
fixture_rows(struct pack_fixture *f, struct pack_writer *w, const char *sql)
{
	struct err e = { .code = ERR_NONE };
	sqlite3_stmt *s = NULL;

	ck_assert_msg(sqlite3_prepare_v2(store_handle(f->store), sql, -1, &s,
	                  NULL) == SQLITE_OK,
	    "%s: %s", sql, sqlite3_errmsg(store_handle(f->store)));
	while (sqlite3_step(s) == SQLITE_ROW) {
		const char *values[PACK_COLUMNS] = { NULL };

		for (int i = 0; i < sqlite3_column_count(s); i++)
			values[i] = (const char *)sqlite3_column_text(s, i);
		ck_assert_msg(
		    pack_row(w, values, &e) == 0, "%s: %s", sql, e.text);
	}
	(void)sqlite3_finalize(s);
}

struct fixture_writing {
	struct pack_fixture *fixture;
	struct pack_writer *writer;
	int64_t act;
	const char *table;
};

static inline int
fixture_signed_row(
    void *context, int64_t row, const char *text, size_t length, struct err *e)
{
	struct fixture_writing *w = context;
	char act[24], number[24];

	(void)length;
	if (w->fixture->bend_signed != NULL &&
	    w->fixture->bend_signed(w->act, w->table, row, &text))
		return 0;
	(void)snprintf(act, sizeof(act), "%lld", (long long)w->act);
	(void)snprintf(number, sizeof(number), "%lld", (long long)row + 1);
	return pack_row(
	    w->writer, (const char *const[]){ act, w->table, number, text }, e);
}

static inline int64_t
fixture_number(struct pack_fixture *f, const char *sql)
{
	sqlite3_stmt *s = NULL;
	int64_t n;

	ck_assert_int_eq(
	    sqlite3_prepare_v2(store_handle(f->store), sql, -1, &s, NULL),
	    SQLITE_OK);
	ck_assert_int_eq(sqlite3_step(s), SQLITE_ROW);
	n = sqlite3_column_int64(s, 0);
	(void)sqlite3_finalize(s);
	return n;
}

static inline void
fixture_signed(struct pack_fixture *f, struct pack_writer *w)
{
	struct fixture_writing writing = { .fixture = f, .writer = w };
	struct err e = { .code = ERR_NONE };
	int64_t acts = fixture_number(f, "SELECT max(id) FROM act");

	for (writing.act = 1; writing.act <= acts; writing.act++) {
		char sql[80];
		sqlite3_stmt *s = NULL;
		const struct act_kind *kind;
		struct act_digest ignored;

		(void)snprintf(sql, sizeof(sql),
		    "SELECT kind FROM act WHERE id=%lld",
		    (long long)writing.act);
		ck_assert_int_eq(sqlite3_prepare_v2(
		                     store_handle(f->store), sql, -1, &s, NULL),
		    SQLITE_OK);
		ck_assert_int_eq(sqlite3_step(s), SQLITE_ROW);
		kind = act_kind_find((const char *)sqlite3_column_text(s, 0));
		(void)sqlite3_finalize(s);
		for (size_t i = 0; i < ACT_TABLES && kind->tables[i] != NULL;
		     i++) {
			writing.table = kind->tables[i];
			ck_assert_ok(act_digest_rows(f->store, writing.table,
			    writing.act, &ignored, fixture_signed_row, &writing,
			    &e));
		}
	}
}

static inline void
fixture_class(struct pack_fixture *f, struct pack_writer *w, const char *class,
    struct pack_trail *trail)
{
	struct err e = { .code = ERR_NONE };
	const char *withheld = NULL;
	int64_t total = 0;

	ck_assert_ok(pack_begin(w, class, &e));
	if (strcmp(class, "session") == 0)
		ck_assert_ok(pack_trail_rows(trail, w, &total, &withheld, &e));
	if (strcmp(class, "signed") == 0)
		fixture_signed(f, w);
	else if (f->class != NULL && strcmp(class, f->class) == 0)
		fixture_rows(f, w, f->sql);
	else
		for (size_t i = 0;
		     i < sizeof(fixture_classes) / sizeof(fixture_classes[0]);
		     i++)
			if (strcmp(fixture_classes[i].class, class) == 0)
				fixture_rows(f, w, fixture_classes[i].sql);
	for (const struct fixture_class *m = f->more;
	     m != NULL && m->class != NULL; m++)
		if (strcmp(m->class, class) == 0)
			fixture_rows(f, w, m->sql);
	ck_assert_ok(pack_end(w, 0, NULL, &e));
}

/* ---- The pack ---- */

static inline void
fixture_head(struct pack_fixture *f, struct manifest *m)
{
	sqlite3_stmt *s = NULL;

	ck_assert_int_eq(sqlite3_prepare_v2(store_handle(f->store),
	                     "SELECT id, digest FROM act ORDER BY id DESC "
	                     "LIMIT 1",
	                     -1, &s, NULL),
	    SQLITE_OK);
	ck_assert_int_eq(sqlite3_step(s), SQLITE_ROW);
	m->head = sqlite3_column_int64(s, 0);
	memcpy(
	    m->head_digest, sqlite3_column_blob(s, 1), sizeof(m->head_digest));
	(void)sqlite3_finalize(s);
}

static inline void
fixture_put(int directory, const char *name, const void *bytes, size_t length)
{
	struct err e = { .code = ERR_NONE };
	int fd = pack_file_create(directory, name, &e);

	ck_assert_msg(fd != -1, "%s", e.text);
	ck_assert_int_eq(write(fd, bytes, length), (ssize_t)length);
	(void)close(fd);
}

/* Without signatures. */
static inline void
fixture_pack(struct pack_fixture *f, const char *path)
{
	struct err e = { .code = ERR_NONE };
	struct pack_schema *schema;
	struct manifest *m;
	struct tallies *tallies;
	struct pack_writer *w;
	struct pack_trail *trail;
	struct buf b = buf_new(MANIFEST_BYTES), sums = buf_new(MANIFEST_BYTES);
	const struct pack_class *class;
	const char *xsd = embedded_text("schema/evidence.xsd");
	int directory;

	ck_assert_int_eq(mkdir(path, 0750), 0);
	directory = open(path, O_RDONLY | O_DIRECTORY);
	ck_assert_int_ne(directory, -1);
	ck_assert_ok(pack_schema_load(&schema, &e));
	ck_assert_ok(manifest_new(&m, &e));
	ck_assert_ok(tallies_new(&tallies, schema, &e));
	m->sequence = f->sequence == 0 ? 1 : f->sequence;
	m->first = m->sequence == 1;
	memcpy(m->previous, f->previous, sizeof(m->previous));
	strcpy(m->kind, "periodic");
	strcpy(m->program, "reeve test");
	m->from = PACK_NOW - 90 * PKI_DAY;
	m->to = PACK_NOW + PKI_DAY;
	m->made = PACK_NOW + PKI_DAY;
	ck_assert_ok(pack_writer_new(&w, directory, m, schema, tallies, &e));
	ck_assert_ok(pack_trail_new(&trail, false, &e));
	for (size_t i = 0; f->trails != NULL && f->trails[i] != NULL; i++)
		ck_assert_ok(pack_trail_add(trail, f->trails[i], directory, w,
		    f->store, m->from, m->to, &e));
	for (size_t i = 0; (class = pack_schema_at(schema, i)) != NULL; i++)
		fixture_class(f, w, class->name, trail);
	ck_assert_ok(tallies_write(tallies, m->sequence, &b, &e));
	ck_assert_ok(pack_put_file(w, EVIDENCE_SUMMARY, b.data, b.length, &e));
	ck_assert_ok(
	    pack_put_file(w, "schema/evidence.xsd", xsd, strlen(xsd), &e));
	ck_assert_ok(pack_put_file(w, "VERIFY.txt", "how\n", 4, &e));
	fixture_head(f, m);
	if (f->bend_manifest != NULL)
		f->bend_manifest(m);
	buf_clear(&b);
	ck_assert_ok(manifest_write(m, &b, &e));
	fixture_put(directory, EVIDENCE_MANIFEST, b.data, b.length);
	ck_assert_ok(manifest_sums(m, b.data, b.length, &sums, &e));
	fixture_put(directory, EVIDENCE_SUMS, sums.data, sums.length);
	pack_trail_free(&trail);
	pack_writer_free(&w);
	tallies_free(&tallies);
	manifest_free(&m);
	pack_schema_free(&schema);
	buf_free(&b);
	buf_free(&sums);
	(void)close(directory);
}

static inline void
fixture_odd(void *context, const char *name, const char *why)
{
	(void)context;
	ck_abort_msg("%s: %s", name, why);
}

/* Signs whatever is there. */
static inline void
fixture_sign(const char *path, const struct pki *by, const char *name)
{
	struct err e = { .code = ERR_NONE };
	struct pack_folder folder;
	struct buf xml = buf_new(XMLDSIG_BYTES);
	struct xmldsig_reference *r;
	char file[64];
	size_t count = 0;

	ck_assert_ok(pack_folder_open(&folder, path, fixture_odd, NULL, &e));
	r = calloc(folder.count, sizeof(*r));
	for (size_t i = 0; i < folder.count; i++) {
		struct pack_entry *entry = &folder.entries[i];

		if (strncmp(entry->name, "signatures/", 11) == 0)
			continue;
		ck_assert_ok(pack_entry_hash(&folder, entry, NULL, NULL, &e));
		strcpy(r[count].name, entry->name);
		memcpy(r[count++].sha256, entry->sha256, sizeof(entry->sha256));
	}
	ck_assert_ok(
	    xmldsig_sign(r, count, by->key, &by->certificate, 1, &xml, &e));
	(void)snprintf(file, sizeof(file), "signatures/%s.xml", name);
	fixture_put(folder.fd, file, xml.data, xml.length);
	free(r);
	buf_free(&xml);
	pack_folder_close(&folder);
}

/* Those that are there and in no list yet. */
static inline void
fixture_list_new(struct manifest *m, struct pack_folder *folder)
{
	struct err e = { .code = ERR_NONE };
	size_t listed = m->file_count;

	for (size_t i = 0; i < folder->count; i++) {
		struct pack_entry *entry = &folder->entries[i];
		struct manifest_file *file;
		size_t n = 0;

		while (n < listed && strcmp(m->files[n].name, entry->name) != 0)
			n++;
		if (n < listed ||
		    strncmp(entry->name, "signatures/", 11) == 0 ||
		    strcmp(entry->name, EVIDENCE_MANIFEST) == 0 ||
		    strcmp(entry->name, EVIDENCE_SUMS) == 0)
			continue;
		file = manifest_add_file(m, &e);
		ck_assert_ptr_nonnull(file);
		strcpy(file->name, entry->name);
	}
}

/*
 * Lists the files as they are now, again, and signs it: what a signer can do
 * who edits a pack.
 */
static inline void
fixture_resign(const char *path, const struct pki *by)
{
	struct err e = { .code = ERR_NONE };
	struct buf b = buf_new(MANIFEST_BYTES), sums = buf_new(MANIFEST_BYTES);
	struct pack_folder folder;
	struct manifest *m;

	ck_assert_ok(pack_folder_open(&folder, path, fixture_odd, NULL, &e));
	ck_assert_ok(pack_entry_read(
	    &folder, pack_folder_find(&folder, EVIDENCE_MANIFEST), &b, &e));
	ck_assert_ok(manifest_read(&m, b.data, b.length, &e));
	fixture_list_new(m, &folder);
	for (size_t i = m->file_count; i-- > 0;) {
		struct pack_entry *entry =
		    pack_folder_find(&folder, m->files[i].name);

		if (entry == NULL) {
			m->files[i] = m->files[--m->file_count];
			continue;
		}
		ck_assert_ok(pack_entry_hash(&folder, entry, NULL, NULL, &e));
		m->files[i].bytes = entry->bytes;
		memcpy(
		    m->files[i].sha256, entry->sha256, sizeof(entry->sha256));
	}
	ck_assert_int_eq(shell("cd %s && rm -rf signatures manifest.xml "
	                       "SHA256SUMS",
	                     path),
	    0);
	buf_clear(&b);
	ck_assert_ok(manifest_write(m, &b, &e));
	fixture_put(folder.fd, EVIDENCE_MANIFEST, b.data, b.length);
	ck_assert_ok(manifest_sums(m, b.data, b.length, &sums, &e));
	fixture_put(folder.fd, EVIDENCE_SUMS, sums.data, sums.length);
	manifest_free(&m);
	pack_folder_close(&folder);
	buf_free(&b);
	buf_free(&sums);
	fixture_sign(path, by, "officer");
}

/* ---- Verified ---- */

struct fixture_result {
	struct pack_verdict verdict;
	struct err e;
	int64_t faults;
	char first[64]; /* word of the first fault */
	char name[300]; /* its file */
	char text[700]; /* its text */
	struct buf all; /* "word file:line text\n" of each */
};

static inline void
fixture_report(void *context, const struct pack_fault *f)
{
	struct fixture_result *r = context;

	buf_printf(&r->all, "%s %s:%lld %s\n", f->word, f->name,
	    (long long)f->line, f->text);
	if (r->first[0] != '\0')
		return;
	(void)snprintf(r->first, sizeof(r->first), "%s", f->word);
	(void)snprintf(r->name, sizeof(r->name), "%s", f->name);
	(void)snprintf(r->text, sizeof(r->text), "%s", f->text);
}

/* asked: NULL: as anybody does who trusts what trust has. */
static inline void
fixture_verify(const char *path, const struct pack_trust *trust,
    const struct pack_verifying *asked, struct fixture_result *r)
{
	struct pack_verifying all = { .now = PACK_NOW };

	if (asked != NULL)
		all = *asked;
	memset(r, 0, sizeof(*r));
	r->all = buf_new(1u << 20);
	all.trust = trust;
	all.report = fixture_report;
	all.context = r;
	r->faults = pack_verify(path, &all, &r->verdict, &r->e);
}

static inline void
fixture_trust(struct pack_trust *trust, const struct pki *who)
{
	struct err e = { .code = ERR_NONE };
	unsigned char digest[32];
	char hex[65];
	unsigned length;

	ck_assert_int_eq(
	    X509_digest(who->certificate, EVP_sha256(), digest, &length), 1);
	for (size_t i = 0; i < sizeof(digest); i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	ck_assert_ok(pack_trust_fingerprint(trust, hex, &e));
}

#endif
