#include "schema/epoch.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schema/base/enc.h"
#include "schema/base/file.h"
#include "schema/host.h"
#include "schema/note.h"
#include "schema/reader.h"
#include "schema/tree.h"

#define KEY_HEADER  "reeve-key 1"
#define KEY_FILE    "trail.key"    /* in the run directory */
#define SIGNED_FILE "trail.signed" /* there too: the latest of this boot */
#define NEXT_FILE   "key.next"
#define CACHE_FILE  "tree"
#define CACHE_MAGIC UINT64_C(0x3145455254565252)
#define FILE_MAX    4096u
#define DAY         INT64_C(86400)

static const struct file_rule directory_rule = { .owner = 0, .forbidden = 077 };

struct epoch_key {
	int64_t number;
	int64_t since; /* s since 1970 */
	char boot[LINE_UUID + 1];
	struct note_signer signer;
};

/* A key that a record has named. */
struct announced {
	int64_t number; /* 0: unset */
	unsigned char key[NOTE_KEY];
};

struct epoch {
	struct trail *trail;
	int dir;
	int run;
	struct clock clock;
	const struct entropy *entropy;
	/* The tree up to place, and the two epochs named last before it. */
	struct tree *tree;
	struct place place;
	struct announced announced[2];
	struct epoch_key key; /* number 0: not loaded */
	struct buf note;
};

/* ---- key files ---- */

static int
print_key(const struct epoch_key *k, struct buf *b, struct err *e)
{
	buf_printf(b,
	    KEY_HEADER "\nname %s\nepoch %" PRId64 "\nsince %" PRId64
	               "\nboot %s\nseed ",
	    k->signer.key.name, k->number, k->since, k->boot);
	enc_hex(b, k->signer.seed, NOTE_KEY);
	buf_put_byte(b, '\n');
	return buf_status(b, e);
}

static int
parse_key(const char *text, struct epoch_key *k, struct err *e)
{
	char name[NOTE_NAME_MAX + 1], seed_text[2 * NOTE_KEY + 1];
	unsigned char seed[NOTE_KEY];
	int end = 0, result = -1;

	*k = (struct epoch_key){ 0 };
	/* NOLINTNEXTLINE(cert-err34-c): root's file, bounds in the format */
	if (sscanf(text,
	        KEY_HEADER "\nname %200s\nepoch %" SCNd64 "\nsince %" SCNd64
	                   "\nboot %36s\nseed %64s%n",
	        name, &k->number, &k->since, k->boot, seed_text, &end) != 5 ||
	    strcmp(text + end, "\n") != 0 || k->number < 1)
		err_set(e, ERR_FORMAT, "not a key");
	else if (enc_unhex(seed_text, strlen(seed_text), seed, NOTE_KEY, e) ==
	        0 &&
	    note_signer_set(&k->signer, name, seed, e) == 0)
		result = 0;
	secret_wipe(seed, sizeof(seed));
	secret_wipe(seed_text, sizeof(seed_text));
	return result;
}

static int
read_key(int dir, const char *name, struct epoch_key *k, struct err *e)
{
	struct buf b = buf_new(FILE_MAX);
	int result = file_read_at(dir, name, &segment_rule, &b, e);

	if (result == 0 && (result = parse_key(buf_string(&b), k, e)) == -1)
		err_in(e, "%s", name);
	buf_free(&b);
	return result;
}

/* What stood in the file is overwritten, as far as a disk does that. */
static void
erase(int fd)
{
	static const unsigned char zeros[FILE_MAX];
	struct stat st;
	struct err ignored;

	if (fstat(fd, &st) == 0 && st.st_size <= (off_t)sizeof(zeros) &&
	    file_put(fd, zeros, (size_t)st.st_size, 0, &ignored) == 0)
		(void)fsync(fd);
}

static int
write_key(int dir, const char *name, const struct epoch_key *k, struct err *e)
{
	struct buf b = buf_new(FILE_MAX);
	int old = openat(dir, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	int result = print_key(k, &b, e);

	if (result == 0)
		result = file_replace_at(dir, name, 0600, b.data, b.length, e);
	if (result == 0 && old != -1)
		erase(old);
	file_close(&old);
	buf_free(&b);
	return result;
}

static int
new_key(struct epoch *p, const char *origin, int64_t number,
    struct epoch_key *k, struct err *e)
{
	unsigned char seed[NOTE_KEY];
	struct moment now;
	int result = -1;

	*k = (struct epoch_key){ .number = number };
	if (clock_read(&p->clock, &now, e) == 0 &&
	    entropy_fill(p->entropy, seed, sizeof(seed), e) == 0 &&
	    note_signer_set(&k->signer, origin, seed, e) == 0) {
		k->since = moment_seconds(&now);
		memcpy(k->boot, trail_boot(p->trail), sizeof(k->boot));
		result = 0;
	}
	secret_wipe(seed, sizeof(seed));
	return result;
}

/* The key of this boot and origin, if there is one. */
static bool
load_current(struct epoch *p)
{
	struct epoch_key k;
	struct err ignored;

	if (p->key.number != 0)
		return true;
	if (read_key(p->run, KEY_FILE, &k, &ignored) == -1)
		return false;
	if (strcmp(k.boot, trail_boot(p->trail)) == 0 &&
	    strcmp(k.signer.key.name, trail_host(p->trail)->origin) == 0)
		p->key = k;
	secret_wipe(&k, sizeof(k));
	return p->key.number != 0;
}

/* k becomes the present key, in the run directory. */
static int
set_current(struct epoch *p, const struct epoch_key *k, struct err *e)
{
	struct epoch_key copy = *k;
	struct moment now;
	int result = clock_read(&p->clock, &now, e);

	if (result == 0) {
		copy.since = moment_seconds(&now);
		memcpy(copy.boot, trail_boot(p->trail), sizeof(copy.boot));
		result = write_key(p->run, KEY_FILE, &copy, e);
	}
	if (result == 0)
		p->key = copy;
	secret_wipe(&copy, sizeof(copy));
	return result;
}

/* ---- the tree, and its cache ---- */

static void
announce(struct epoch *p, int64_t number, const unsigned char *key)
{
	if (p->announced[1].number != number)
		p->announced[0] = p->announced[1];
	p->announced[1].number = number;
	memcpy(p->announced[1].key, key, NOTE_KEY);
}

static void
note_keys(struct epoch *p, const struct line *l)
{
	char vkey[2 * NOTE_NAME_MAX];
	struct note_key key;
	int64_t number;
	struct err ignored;

	if ((strcmp(l->type, "init") == 0 || strcmp(l->type, "epoch") == 0 ||
	        strcmp(l->type, "uncertified") == 0) &&
	    line_get_text(l, "vkey", vkey, sizeof(vkey), &ignored) == 1 &&
	    line_get_number(l, "epoch", &number, &ignored) == 1 &&
	    note_key_parse(vkey, &key, &ignored) == 0)
		announce(p, number, key.key);
}

static int
take(struct epoch *p, const struct reader_item *item, struct err *e)
{
	unsigned char leaf[TREE_HASH];

	if (item->bytes == NULL)
		memcpy(leaf, item->leaf, TREE_HASH);
	else if (tree_leaf(p->tree, item->bytes, item->length, leaf, e) == -1)
		return -1;
	if (item->bytes != NULL)
		note_keys(p, &item->line);
	return tree_add(p->tree, leaf, e);
}

/*
 * Adds what is behind p->place. If the tree passes the size of *was, it must
 * have its root there.
 */
static int
catch_up(struct epoch *p, const struct checkpoint *was, struct err *e)
{
	struct reader *r = NULL;
	struct reader_item item;
	unsigned char root[TREE_HASH];
	int more, result = -1;

	if (reader_open_at(&r, p->dir, &p->place, e) == -1)
		return -1;
	while ((more = reader_next(r, &item, e)) == 1) {
		if (take(p, &item, e) == -1)
			goto out;
		if (was == NULL || tree_size(p->tree) != was->size)
			continue;
		if (tree_root(p->tree, root, e) == -1)
			goto out;
		if (memcmp(root, was->root, TREE_HASH) != 0) {
			err_set(e, ERR_TAMPERED,
			    "the trail was altered since the checkpoint of "
			    "size %" PRIu64,
			    was->size);
			goto out;
		}
	}
	if (more == -1)
		goto out;
	if (was != NULL && tree_size(p->tree) < was->size) {
		err_set(e, ERR_TAMPERED,
		    "record %" PRIu64 " is cut off: it was signed",
		    tree_size(p->tree));
		goto out;
	}
	reader_place(r, &p->place);
	result = 0;
out:
	reader_close(&r);
	return result;
}

static int
start_anew(struct epoch *p, struct err *e)
{
	tree_free(&p->tree);
	p->place = (struct place){ .segment = 1 };
	memset(p->announced, 0, sizeof(p->announced));
	return tree_new(&p->tree, e);
}

static int
write_cache(struct epoch *p, struct err *e)
{
	struct buf b = buf_new(FILE_MAX);
	unsigned char check[LINE_HASH];
	int result = -1;

	buf_put_u64(&b, CACHE_MAGIC);
	buf_put_u32(&b, p->place.segment);
	buf_put_u64(&b, (uint64_t)p->place.end);
	buf_put_u64(&b, p->place.seq);
	buf_put(&b, p->place.prev, LINE_HASH);
	for (int i = 0; i < 2; i++) {
		buf_put_u64(&b, (uint64_t)p->announced[i].number);
		buf_put(&b, p->announced[i].key, NOTE_KEY);
	}
	tree_print(p->tree, &b);
	if (buf_status(&b, e) == 0 &&
	    line_hash(b.data, b.length, check, e) == 0) {
		buf_put(&b, check, sizeof(check));
		if (buf_status(&b, e) == 0)
			result = file_replace_at(
			    p->dir, CACHE_FILE, 0600, b.data, b.length, e);
	}
	buf_free(&b);
	return result;
}

static bool
parse_cache(struct epoch *p, const struct buf *b)
{
	unsigned char check[LINE_HASH];
	struct cursor c;
	struct err ignored;

	if (b->length <= LINE_HASH ||
	    line_hash(b->data, b->length - LINE_HASH, check, &ignored) == -1 ||
	    memcmp(check, b->data + b->length - LINE_HASH, LINE_HASH) != 0)
		return false;
	c = cursor_new(b->data, b->length - LINE_HASH);
	if (cursor_u64(&c) != CACHE_MAGIC)
		return false;
	p->place.segment = cursor_u32(&c);
	p->place.end = (int64_t)cursor_u64(&c);
	p->place.seq = cursor_u64(&c);
	cursor_copy(&c, p->place.prev, LINE_HASH);
	for (int i = 0; i < 2; i++) {
		p->announced[i].number = (int64_t)cursor_u64(&c);
		cursor_copy(&c, p->announced[i].key, NOTE_KEY);
	}
	return tree_read(p->tree, &c, &ignored) == 0 &&
	    cursor_finish(&c, CACHE_FILE, &ignored) == 0 &&
	    tree_size(p->tree) == p->place.seq;
}

/* The cache, if it is whole and holds no less than what was signed. */
static bool
read_cache(struct epoch *p, const struct checkpoint *was)
{
	struct buf b = buf_new(FILE_MAX);
	unsigned char root[TREE_HASH];
	struct err ignored;
	bool result = file_read_at(p->dir, CACHE_FILE, &segment_rule, &b,
	                  &ignored) == 0 &&
	    parse_cache(p, &b);

	buf_free(&b);
	if (result && was != NULL)
		result = tree_size(p->tree) == was->size &&
		    tree_root(p->tree, root, &ignored) == 0 &&
		    memcmp(root, was->root, TREE_HASH) == 0;
	return result;
}

/* What was signed last in this boot; NULL if that is not known. */
static const struct checkpoint *
read_signed(struct epoch *p, struct checkpoint *c)
{
	struct buf b = buf_new(NOTE_MAX);
	const struct checkpoint *result = NULL;
	struct err ignored;
	struct note n;

	if (file_read_at(p->run, SIGNED_FILE, &segment_rule, &b, &ignored) ==
	        0 &&
	    note_parse(buf_string(&b), b.length, &n, &ignored) != 0 &&
	    checkpoint_parse(n.text, n.text_length, c, &ignored) == 0 &&
	    strcmp(c->origin, trail_host(p->trail)->origin) == 0)
		result = c;
	buf_free(&b);
	return result;
}

/* The tree over all there is now, from the cache if that will do. */
static int
load_tree(struct epoch *p, struct err *e)
{
	struct checkpoint c;
	const struct checkpoint *was = read_signed(p, &c);

	if (p->place.segment != 0)
		return catch_up(p, NULL, e);
	if (start_anew(p, e) == -1)
		return -1;
	if (read_cache(p, was) && catch_up(p, NULL, e) == 0)
		return 0;
	if (start_anew(p, e) == -1)
		return -1;
	return catch_up(p, was, e);
}

/* ---- records ---- */

struct named { /* of an "init", "epoch" or "uncertified" record */
	const struct epoch_key *key;
	const char *why;
	const char *former;
};

static int
make_named(
    void *context, const struct place *at, struct buf *members, struct err *e)
{
	const struct named *n = context;
	struct buf vkey = buf_new(FILE_MAX);

	(void)at;
	note_key_print(&n->key->signer.key, &vkey);
	line_text(members, "origin", n->key->signer.key.name, NOTE_NAME_MAX);
	line_number(members, "epoch", n->key->number);
	line_text(members, "vkey", buf_string(&vkey), FILE_MAX);
	if (n->why != NULL)
		line_text(members, "reason", n->why, NOTE_NAME_MAX);
	if (n->former != NULL)
		line_text(members, "former", n->former, NOTE_NAME_MAX);
	buf_free(&vkey);
	return buf_status(members, e);
}

static int
put_named(struct epoch *p, const char *type, const struct epoch_key *key,
    const char *why, const char *former, struct err *e)
{
	struct named n = { .key = key, .why = why, .former = former };
	struct trail_maker maker = {
		.type = type, .make = make_named, .context = &n
	};

	return trail_put(p->trail, &maker, true, e);
}

/* Under the trail's lock, all records before *at on disk. */
static int
make_checkpoint(
    void *context, const struct place *at, struct buf *members, struct err *e)
{
	struct epoch *p = context;
	struct checkpoint c = { .size = at->seq };
	unsigned char signature[NOTE_SIGNATURE];
	struct buf text = buf_new(NOTE_MAX);
	int result = -1;

	if (catch_up(p, NULL, e) == -1)
		goto out;
	if (tree_size(p->tree) != at->seq) {
		err_set(e, ERR_TAMPERED,
		    "the trail has %" PRIu64 " records, not %" PRIu64,
		    tree_size(p->tree), at->seq);
		goto out;
	}
	(void)snprintf(
	    c.origin, sizeof(c.origin), "%s", p->key.signer.key.name);
	if (tree_root(p->tree, c.root, e) == -1)
		goto out;
	checkpoint_print(&c, &text);
	if (buf_status(&text, e) == -1 ||
	    note_sign(&p->key.signer, buf_string(&text), text.length, signature,
	        e) == -1)
		goto out;
	line_text(members, "origin", c.origin, NOTE_NAME_MAX);
	line_number(members, "size", (int64_t)c.size);
	line_hex(members, "root", c.root, TREE_HASH);
	line_number(members, "epoch", p->key.number);
	buf_clear(&p->note);
	enc_base64(&p->note, signature, NOTE_SIGNATURE);
	line_text(members, "signature", buf_string(&p->note), FILE_MAX);
	buf_clear(&p->note);
	buf_put(&p->note, text.data, text.length);
	buf_put_byte(&p->note, '\n');
	note_print_signature(&p->key.signer.key, signature, &p->note);
	result = buf_status(&p->note, e);
out:
	buf_free(&text);
	return result;
}

/* With a key: signs, records, and puts the note where it is looked for. */
static int
sign(struct epoch *p, struct err *e)
{
	struct trail_maker maker = { .type = "checkpoint",
		.after_sync = true,
		.make = make_checkpoint,
		.context = p };

	/* The bulk of it before the lock is taken. */
	if (load_tree(p, e) == -1 || trail_put(p->trail, &maker, true, e) == -1)
		return -1;
	if (file_replace_at(p->dir, "checkpoint", 0600, p->note.data,
	        p->note.length, e) == -1 ||
	    file_replace_at(p->run, SIGNED_FILE, 0600, p->note.data,
	        p->note.length, e) == -1)
		return -1;
	return write_cache(p, e);
}

/* ---- epochs ---- */

/* Why the next epoch's key can't be used; NULL: it can, and is in *next. */
static int
judge_next(
    struct epoch *p, struct epoch_key *next, const char **why, struct err *e)
{
	unsigned char evidence[LINE_HASH];

	if (host_evidence(p->dir, evidence, e) == -1)
		return -1;
	*why = NULL;
	if (memcmp(evidence, trail_host(p->trail)->evidence, LINE_HASH) != 0) {
		*why = "moved"; /* another machine, or another directory */
		return 0;
	}
	if (read_key(p->dir, NEXT_FILE, next, e) == -1) {
		if (e->code != ERR_MISSING && e->code != ERR_FORMAT)
			return -1;
		*why = "no-key";
		return 0;
	}
	for (int i = 0; i < 2; i++)
		if (p->announced[i].number == next->number &&
		    memcmp(p->announced[i].key, next->signer.key.key,
		        NOTE_KEY) == 0)
			return 0;
	*why = "other-key";
	return 0;
}

/* An epoch behind the present one is named, covered, and put on disk. */
static int
certify_next(struct epoch *p, struct err *e)
{
	struct epoch_key next;
	int result = -1;

	if (new_key(p, p->key.signer.key.name, p->key.number + 1, &next, e) ==
	        0 &&
	    put_named(p, "epoch", &next, NULL, NULL, e) == 0 &&
	    sign(p, e) == 0 && write_key(p->dir, NEXT_FILE, &next, e) == 0)
		result = 0;
	secret_wipe(&next, sizeof(next));
	return result;
}

/* The organisation in "trail.ORG/host/UUID"; out is as long as origin. */
static void
org_of(const char *origin, char *out)
{
	static const char prefix[] = "trail.";
	size_t length = sizeof(prefix) - 1;

	if (strncmp(origin, prefix, length) != 0)
		origin = "trail.localhost/";
	length = strcspn(origin, "/") - length;
	memcpy(out, origin + sizeof(prefix) - 1, length);
	out[length] = '\0';
}

static int
new_origin(struct epoch *p, const char *why, struct err *e)
{
	struct host old = *trail_host(p->trail), new = { 0 };
	char org[HOST_ORIGIN_MAX + 1];
	struct epoch_key first;
	int result = -1;

	org_of(old.origin, org);
	if (host_new(&new, org, p->entropy, e) == -1 ||
	    host_evidence(p->dir, new.evidence, e) == -1 ||
	    host_write(p->dir, &new, e) == -1 ||
	    trail_reload_host(p->trail, e) == -1)
		return -1;
	if (new_key(p, new.origin, 1, &first, e) == 0 &&
	    set_current(p, &first, e) == 0 &&
	    put_named(p, "uncertified", &first, why, old.origin, e) == 0)
		result = certify_next(p, e);
	secret_wipe(&first, sizeof(first));
	return result;
}

/* Two at once would both use the key that is on disk. */
static int
lock_keys(struct epoch *p, struct err *e)
{
	if (flock(p->dir, LOCK_EX | LOCK_NB) == -1)
		return errno == EWOULDBLOCK
		    ? err_set(e, ERR_BUSY, "the keys are in use")
		    : err_sys(e, errno, "lock");
	return 0;
}

static int
advance_locked(struct epoch *p, const char **why, struct err *e)
{
	struct epoch_key next = { 0 };
	int result = -1;

	if (load_tree(p, e) == -1 || judge_next(p, &next, why, e) == -1)
		goto out;
	if (*why != NULL)
		result = new_origin(p, *why, e);
	else if (set_current(p, &next, e) == 0)
		result = certify_next(p, e);
out:
	secret_wipe(&next, sizeof(next));
	return result;
}

int
epoch_advance(struct epoch *p, const char **why, struct err *e)
{
	int result;

	*why = NULL;
	if (lock_keys(p, e) == -1)
		return -1;
	result = advance_locked(p, why, e);
	(void)flock(p->dir, LOCK_UN);
	return result;
}

int
epoch_restart(struct epoch *p, struct err *e)
{
	int result;

	if (lock_keys(p, e) == -1)
		return -1;
	/* What was signed before is of another origin, and does not bind. */
	result = new_origin(p, "restored", e);
	(void)flock(p->dir, LOCK_UN);
	return result;
}

int
epoch_checkpoint(struct epoch *p, struct err *e)
{
	const char *why;
	int result;

	if (lock_keys(p, e) == -1)
		return -1;
	result = load_current(p) ? sign(p, e) : advance_locked(p, &why, e);
	(void)flock(p->dir, LOCK_UN);
	return result;
}

bool
epoch_is_over(struct epoch *p)
{
	struct moment now;
	struct err ignored;

	return !load_current(p) ||
	    (clock_read(&p->clock, &now, &ignored) == 0 &&
	        (moment_seconds(&now) - p->key.since >= DAY ||
	            moment_seconds(&now) < p->key.since - DAY));
}

const struct buf *
epoch_note(const struct epoch *p)
{
	return &p->note;
}

int
epoch_print_key(struct epoch *p, struct buf *b, struct err *e)
{
	if (!load_current(p))
		return err_set(e, ERR_MISSING, "no key of this boot");
	note_key_print(&p->key.signer.key, b);
	return buf_status(b, e);
}

/* ---- opening, and the very first time ---- */

int
epoch_open(struct epoch **out, struct trail *t, const char *run_directory,
    const struct clock *clock, const struct entropy *entropy, struct err *e)
{
	struct epoch *p = calloc(1, sizeof(*p));

	*out = NULL;
	if (p == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	p->trail = t;
	p->dir = trail_directory(t);
	p->clock = *clock;
	p->entropy = entropy;
	p->note = buf_new(NOTE_MAX);
	if (mkdir(run_directory, 0700) == -1 && errno != EEXIST) {
		p->run = -1;
		err_sys(e, errno, "%s", run_directory);
		epoch_close(&p);
		return -1;
	}
	p->run = file_open_dir(run_directory, &directory_rule, e);
	if (p->run == -1) {
		epoch_close(&p);
		return -1;
	}
	*out = p;
	return 0;
}

void
epoch_close(struct epoch **p)
{
	if (*p == NULL)
		return;
	file_close(&(*p)->run);
	tree_free(&(*p)->tree);
	buf_free(&(*p)->note);
	secret_wipe(*p, sizeof(**p));
	free(*p);
	*p = NULL;
}

static int
lay(const char *directory, const char *org, const struct clock *clock,
    const struct entropy *entropy, struct err *e)
{
	struct host host = { 0 };
	int dir = file_make_dir(directory, e);
	int result = -1;

	if (dir == -1)
		return -1;
	if (host_read(dir, &host, e) == 0) {
		err_set(
		    e, ERR_USAGE, "%s: there is a trail already", directory);
		goto out;
	}
	if (e->code == ERR_MISSING && host_new(&host, org, entropy, e) == 0 &&
	    host_evidence(dir, host.evidence, e) == 0 &&
	    host_write(dir, &host, e) == 0 && trail_lay(dir, clock, e) == 0)
		result = 0;
out:
	file_close(&dir);
	return result;
}

static int
first_key(struct epoch *p, struct buf *vkey, struct err *e)
{
	struct epoch_key first;
	int result = -1;

	if (new_key(p, trail_host(p->trail)->origin, 1, &first, e) == 0 &&
	    set_current(p, &first, e) == 0 &&
	    put_named(p, "init", &first, NULL, NULL, e) == 0 &&
	    certify_next(p, e) == 0)
		result = epoch_print_key(p, vkey, e);
	secret_wipe(&first, sizeof(first));
	return result;
}

int
epoch_init(const char *directory, const char *run_directory, const char *org,
    const struct clock *clock, const struct entropy *entropy, struct buf *vkey,
    struct err *e)
{
	struct trail *t = NULL;
	struct epoch *p = NULL;
	int result = -1;

	if (lay(directory, org, clock, entropy, e) == 0 &&
	    trail_open(&t, directory, clock, e) == 0 &&
	    epoch_open(&p, t, run_directory, clock, entropy, e) == 0 &&
	    p != NULL)
		result = first_key(p, vkey, e);
	epoch_close(&p);
	trail_close(&t);
	return result;
}
