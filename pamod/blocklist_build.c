#include "pamod/blocklist_build.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "pamod/blocklist_format.h"
#include "pamod/blocklist_pile.h"
#include "pamod/password_inside.h"
#include "schema/base/buf.h"
#include "schema/base/clock.h"
#include "schema/base/enc.h"
#include "schema/base/file.h"

#define PROGRESS_LINES (1u << 18)
#define WORD_RANK      (1u << 16) /* of a list that has no order */
#define CHUNK          (1u << 20) /* bytes written at once */
#define SMOOTHING      4.0        /* entries that a wider context counts for */
#define COST_MAX       255u

struct blocklist_build {
	char path[PATH_MAX];
	char temporary[PATH_MAX];
	blocklist_progress *progress;
	void *context;
	struct pile *exact;
	struct pile *cores;
	uint32_t flags;
	uint64_t passed_over;
	uint64_t counts[SYMBOLS][SYMBOLS][SYMBOLS];
};

/* The file being added. */
struct adding {
	struct blocklist_build *build;
	const char *file;
	enum blocklist_list kind;
	uint64_t line;
};

static void
report(const struct blocklist_build *b, const char *what, uint64_t lines)
{
	if (b->progress != NULL)
		b->progress(b->context, what, lines);
}

/* The directory of path, opened; temporary files wait there. */
static int
open_directory(const char *path, struct err *e)
{
	char directory[PATH_MAX];
	const char *slash = strrchr(path, '/');
	size_t length = slash == NULL ? 0 : (size_t)(slash - path) + 1;
	int fd;

	memcpy(directory, path, length);
	memcpy(directory + length, ".", 2);
	fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd == -1 ? err_sys(e, errno, "%s", directory) : fd;
}

int
blocklist_build_new(struct blocklist_build **out, const char *path,
    blocklist_progress *progress, void *context, struct err *e)
{
	struct blocklist_build *b = NULL;
	int dir = -1;

	*out = NULL;
	if (strlen(path) >= PATH_MAX - 32)
		return err_set(e, ERR_LIMIT, "%s: name too long", path);
	if ((dir = open_directory(path, e)) == -1)
		return -1;
	b = calloc(1, sizeof(*b));
	if (b == NULL) {
		err_set(e, ERR_MEMORY, "out of memory");
		goto fail;
	}
	snprintf(b->path, sizeof(b->path), "%s", path);
	b->progress = progress;
	b->context = context;
	if (pile_new(&b->exact, dir, e) == -1 ||
	    pile_new(&b->cores, dir, e) == -1)
		goto fail;
	file_close(&dir);
	*out = b;
	return 0;
fail:
	file_close(&dir);
	blocklist_build_free(&b);
	return -1;
}

void
blocklist_build_free(struct blocklist_build **b)
{
	if (*b == NULL)
		return;
	if ((*b)->temporary[0] != '\0')
		(void)unlink((*b)->temporary);
	pile_free(&(*b)->exact);
	pile_free(&(*b)->cores);
	free(*b);
	*b = NULL;
}

uint64_t
blocklist_build_passed_over(const struct blocklist_build *b)
{
	return b->passed_over;
}

/* Twice log2, rounded down: log2 of the square. */
static unsigned
half_bits_of(uint64_t rank)
{
	unsigned half_bits = 0;

	if (rank > UINT32_MAX)
		rank = UINT32_MAX;
	for (uint64_t square = rank * rank; square > 1; square >>= 1)
		half_bits++;
	return half_bits;
}

/* The rank stands in the last bits, so that the best one comes first. */
static int
add_core(struct blocklist_build *b, const char *text, size_t length,
    uint64_t rank, struct err *e)
{
	struct blocklist_core core = blocklist_core_new();

	if (length < BLOCKLIST_CORE_MIN || length > BLOCKLIST_CORE_MAX)
		return 0;
	for (size_t i = 0; i < length; i++)
		blocklist_core_add(&core, text[i]);
	return pile_put(b->cores,
	    blocklist_core_key(&core) >> RANK_BITS << RANK_BITS |
	        half_bits_of(rank),
	    e);
}

static void
learn(struct blocklist_build *b, const struct folded *f)
{
	unsigned before_last = 0;
	unsigned last = 0;

	for (size_t i = 0; i < f->length; i++) {
		unsigned symbol = blocklist_symbol(f->text[i]);

		b->counts[before_last][last][symbol]++;
		before_last = last;
		last = symbol;
	}
}

/* The whole, what is between the digits and symbols at its ends, and those. */
static int
add_cores(struct blocklist_build *b, const char *text, size_t length,
    uint64_t rank, struct err *e)
{
	struct folded f;
	struct folded core;
	size_t front;

	password_fold(&f, text, length);
	learn(b, &f);
	if (add_core(b, f.text, f.length, rank, e) == -1)
		return -1;
	core = f;
	password_strip(&core);
	if (core.length == f.length || core.length == 0)
		return 0;
	front = (size_t)(strstr(f.text, core.text) - f.text);
	if (add_core(b, core.text, core.length, rank, e) == -1 ||
	    add_core(b, f.text, front, rank, e) == -1)
		return -1;
	return add_core(b, f.text + front + core.length,
	    f.length - front - core.length, rank, e);
}

static int
add_plain(struct adding *a, const char *text, size_t length, struct err *e)
{
	static const char comment[] = "#!comment:"; /* John the Ripper's */
	struct blocklist_build *b = a->build;
	uint64_t key;

	if (length == 0 || length > PASSWORD_MAX ||
	    !enc_is_utf8(text, length) ||
	    (length >= sizeof(comment) - 1 &&
	        memcmp(text, comment, sizeof(comment) - 1) == 0)) {
		b->passed_over++;
		return 0;
	}
	b->flags |= BLOCKLIST_SHA1 | BLOCKLIST_MODEL;
	if (blocklist_sha1(text, length, &key, e) == -1 ||
	    pile_put(b->exact, key, e) == -1)
		return -1;
	return add_cores(
	    b, text, length, a->kind == LIST_RANKED ? a->line : WORD_RANK, e);
}

static size_t
hex_digits(const char *text, size_t length)
{
	return length > 0 ? strspn(text, "0123456789abcdefABCDEF") : 0;
}

/* "HEX" or "HEX:count", as Have I Been Pwned exports them. */
static bool
is_digest(const char *text, size_t length, size_t digits)
{
	return hex_digits(text, length) == digits &&
	    (text[digits] == '\0' || text[digits] == ':');
}

static int
add_digest(struct adding *a, const char *text, size_t length, struct err *e)
{
	size_t digits = a->kind == LIST_SHA1 ? 40 : 32;
	unsigned char digest[20];

	if (length == 0) {
		a->build->passed_over++;
		return 0;
	}
	if (!is_digest(text, length, digits))
		return err_set(e, ERR_FORMAT,
		    "not %zu hexadecimal digits, with or without a count",
		    digits);
	if (enc_unhex(text, digits, digest, digits / 2, e) == -1)
		return -1;
	a->build->flags |=
	    a->kind == LIST_SHA1 ? BLOCKLIST_SHA1 : BLOCKLIST_NTLM;
	return pile_put(a->build->exact, blocklist_digest_key(digest), e);
}

/* A file of one kind of digest is that from its first line on. */
static enum blocklist_list
detect(const char *text, size_t length)
{
	if (is_digest(text, length, 40))
		return LIST_SHA1;
	return is_digest(text, length, 32) ? LIST_NTLM : LIST_RANKED;
}

static int
add_line(struct adding *a, const char *text, size_t length, struct err *e)
{
	if (a->kind == LIST_DETECT)
		a->kind = detect(text, length);
	if (a->kind == LIST_NTLM && a->line == 1 &&
	    blocklist_md4_is_allowed(e) == -1)
		return -1;
	if (a->line % PROGRESS_LINES == 0)
		report(a->build, a->file, a->line);
	return a->kind == LIST_SHA1 || a->kind == LIST_NTLM
	    ? add_digest(a, text, length, e)
	    : add_plain(a, text, length, e);
}

static int
add_lines(struct adding *a, FILE *in, struct err *e)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t got;
	int result = -1;

	while ((got = getline(&line, &room, in)) != -1) {
		size_t length = (size_t)got;

		a->line++;
		while (length > 0 &&
		    (line[length - 1] == '\n' || line[length - 1] == '\r'))
			line[--length] = '\0';
		if (add_line(a, line, length, e) == -1) {
			err_in(
			    e, "%s:%llu", a->file, (unsigned long long)a->line);
			goto out;
		}
	}
	if (ferror(in)) {
		err_sys(e, errno, "%s", a->file);
		goto out;
	}
	result = 0;
out:
	free(line);
	return result;
}

int
blocklist_build_add(struct blocklist_build *b, const char *file,
    enum blocklist_list kind, struct err *e)
{
	struct adding a = { .build = b, .file = file, .kind = kind };
	bool standard_input = strcmp(file, "-") == 0;
	FILE *in = standard_input ? stdin : fopen(file, "re");
	int result;

	if (in == NULL)
		return err_sys(e, errno, "%s", file);
	result = add_lines(&a, in, e);
	if (!standard_input)
		(void)fclose(in);
	if (result == 0)
		report(b, file, a.line);
	return result;
}

/* A section being written: entries in order, the index beside them. */
struct writing {
	int fd;
	uint64_t next; /* offset of the next entry in the file */
	struct buf chunk;
	unsigned char *index; /* of the whole section */
	uint32_t bucket_bits;
	uint32_t entry_size;
	uint64_t bucket; /* being filled; those up to it are in the index */
	uint64_t count;
	uint64_t last; /* key without its rank; any two differ */
};

static int
flush(struct writing *w, struct err *e)
{
	if (buf_status(&w->chunk, e) == -1 ||
	    file_put(
	        w->fd, w->chunk.data, w->chunk.length, (off_t)w->next, e) == -1)
		return -1;
	w->next += w->chunk.length;
	buf_clear(&w->chunk);
	return 0;
}

static void
put_index(struct writing *w, uint64_t upto)
{
	for (; w->bucket <= upto; w->bucket++)
		for (unsigned i = 0; i < 8; i++)
			w->index[8 * w->bucket + i] =
			    (unsigned char)(w->count >> 8 * i);
}

static int
write_key(void *context, uint64_t key, struct err *e)
{
	struct writing *w = context;
	bool is_core = w->entry_size == CORE_SIZE;
	uint32_t bits = is_core ? CORE_BITS : EXACT_BITS;
	uint64_t place = key >> (64 - w->bucket_bits - bits);
	uint64_t entry = blocklist_rest(key, w->bucket_bits, bits);

	if (w->count > 0 && place == w->last)
		return 0;
	w->last = place;
	put_index(w, blocklist_bucket(key, w->bucket_bits));
	w->count++;
	if (is_core)
		entry = entry << RANK_BITS | (key & ((1u << RANK_BITS) - 1));
	for (uint32_t i = 0; i < w->entry_size; i++)
		buf_put_byte(&w->chunk, (unsigned char)(entry >> 8 * i));
	return w->chunk.length >= CHUNK ? flush(w, e) : 0;
}

static uint32_t
bucket_bits_for(uint64_t count)
{
	uint32_t bits = BUCKET_BITS_MIN;

	while (bits < BUCKET_BITS_MAX && count >> bits > BUCKET_ENTRIES)
		bits++;
	return bits;
}

/* Index and entries at *offset, which moves behind them. */
static int
write_section(int fd, struct pile *pile, uint32_t bits, uint32_t entry_size,
    uint64_t *offset, uint64_t *count, struct err *e)
{
	size_t index_size = ((size_t)(UINT64_C(1) << bits) + 1) * 8;
	struct writing w = { .fd = fd,
		.next = *offset + index_size,
		.chunk = buf_new(CHUNK + 8),
		.bucket_bits = bits,
		.entry_size = entry_size };
	int result = -1;

	w.index = malloc(index_size);
	if (w.index == NULL) {
		err_set(e, ERR_MEMORY, "out of memory");
		goto out;
	}
	if (pile_sorted(pile, write_key, &w, e) == -1 || flush(&w, e) == -1)
		goto out;
	put_index(&w, UINT64_C(1) << bits);
	if (file_put(fd, w.index, index_size, (off_t)*offset, e) == -1)
		goto out;
	*offset = w.next;
	*count = w.count;
	result = 0;
out:
	free(w.index);
	buf_free(&w.chunk);
	return result;
}

/* -16 log2(p): what is whole by halving, four more binary places by squaring. */
static unsigned
sixteenths(double p)
{
	unsigned result = 0;

	while (p < 0.5 && result < COST_MAX) {
		p *= 2;
		result += 16;
	}
	p = 1 / p;
	for (unsigned place = 8; place > 0; place /= 2) {
		p *= p;
		if (p >= 2) {
			p /= 2;
			result += place;
		}
	}
	return result < COST_MAX ? result : COST_MAX;
}

/* How likely symbol c is behind the two: three contexts, ever wider. */
static unsigned
cost(const struct blocklist_build *b, const double single[SYMBOLS],
    double pair[SYMBOLS][SYMBOLS], size_t i, size_t j, size_t c)
{
	double seen = 0;
	double in_pair = 0;
	double p;

	for (size_t k = 0; k < SYMBOLS; k++) {
		seen += (double)b->counts[i][j][k];
		in_pair += pair[j][k];
	}
	p = (pair[j][c] + SMOOTHING * single[c]) / (in_pair + SMOOTHING);
	p = ((double)b->counts[i][j][c] + SMOOTHING * p) / (seen + SMOOTHING);
	return sixteenths(p);
}

static void
make_model(const struct blocklist_build *b, unsigned char *model)
{
	double single[SYMBOLS];
	double pair[SYMBOLS][SYMBOLS] = { 0 };
	double all = SYMBOLS;

	for (size_t c = 0; c < SYMBOLS; c++)
		single[c] = 1;
	for (size_t i = 0; i < SYMBOLS; i++)
		for (size_t j = 0; j < SYMBOLS; j++)
			for (size_t c = 0; c < SYMBOLS; c++) {
				double count = (double)b->counts[i][j][c];

				pair[j][c] += count;
				single[c] += count;
				all += count;
			}
	for (size_t c = 0; c < SYMBOLS; c++)
		single[c] /= all;
	for (size_t i = 0; i < SYMBOLS; i++)
		for (size_t j = 0; j < SYMBOLS; j++)
			for (size_t c = 0; c < SYMBOLS; c++)
				*model++ = (unsigned char)cost(
				    b, single, pair, i, j, c);
}

static int
write_model(
    const struct blocklist_build *b, int fd, uint64_t offset, struct err *e)
{
	unsigned char *model;
	int result;

	if ((b->flags & BLOCKLIST_MODEL) == 0)
		return 0;
	model = malloc(MODEL_SIZE);
	if (model == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	make_model(b, model);
	result = file_put(fd, model, MODEL_SIZE, (off_t)offset, e);
	free(model);
	return result;
}

/* SHA-256 of all behind the header, read back from the file. */
static int
sum_body(int fd, uint64_t size, unsigned char *digest, struct err *e)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char *chunk = malloc(CHUNK);
	uint64_t at = BLOCKLIST_HEADER;
	int result = -1;

	if (context == NULL || chunk == NULL ||
	    EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1) {
		err_set(e, ERR_CRYPTO, "SHA-256");
		goto out;
	}
	while (at < size) {
		size_t part = size - at < CHUNK ? (size_t)(size - at) : CHUNK;

		if (file_get(fd, chunk, part, (off_t)at, e) == -1)
			goto out;
		if (EVP_DigestUpdate(context, chunk, part) != 1) {
			err_set(e, ERR_CRYPTO, "SHA-256");
			goto out;
		}
		at += part;
	}
	if (EVP_DigestFinal_ex(context, digest, NULL) != 1) {
		err_set(e, ERR_CRYPTO, "SHA-256");
		goto out;
	}
	result = 0;
out:
	EVP_MD_CTX_free(context);
	free(chunk);
	return result;
}

static int
write_all(struct blocklist_build *b, int fd, int64_t now, struct err *e)
{
	struct blocklist_header h = { .flags = b->flags,
		.built = now,
		.exact_bits = bucket_bits_for(pile_count(b->exact)),
		.core_bits = bucket_bits_for(pile_count(b->cores)) };
	unsigned char header[BLOCKLIST_HEADER];
	uint64_t offset = BLOCKLIST_HEADER;

	report(b, "sorting digests", pile_count(b->exact));
	if (write_section(fd, b->exact, h.exact_bits, EXACT_SIZE, &offset,
	        &h.exact_count, e) == -1)
		return -1;
	report(b, "sorting cores", pile_count(b->cores));
	if (write_section(fd, b->cores, h.core_bits, CORE_SIZE, &offset,
	        &h.core_count, e) == -1 ||
	    write_model(b, fd, offset, e) == -1 ||
	    sum_body(fd, blocklist_layout(&h).size, h.body_digest, e) == -1 ||
	    blocklist_header_write(&h, header, e) == -1 ||
	    file_put(fd, header, sizeof(header), 0, e) == -1)
		return -1;
	if (fchmod(fd, 0644) == -1 || fsync(fd) == -1)
		return err_sys(e, errno, "write");
	return 0;
}

static int
sync_directory(const char *path, struct err *e)
{
	int dir = open_directory(path, e);
	int result = 0;

	if (dir == -1)
		return -1;
	if (fsync(dir) == -1)
		result = err_sys(e, errno, "sync of its directory");
	file_close(&dir);
	return result;
}

int
blocklist_build_finish(struct blocklist_build *b, int64_t now, struct err *e)
{
	int fd = -1;

	if (pile_count(b->exact) == 0)
		return err_set(e, ERR_USAGE, "the lists have no entry");
	snprintf(b->temporary, sizeof(b->temporary), "%.*s.new.%ld",
	    PATH_MAX - 32, b->path, (long)getpid());
	fd = open(b->temporary,
	    O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd == -1) {
		err_sys(e, errno, "%s", b->temporary);
		b->temporary[0] = '\0';
		return -1;
	}
	if (write_all(b, fd, now, e) == -1) {
		file_close(&fd);
		return err_in(e, "%s", b->temporary);
	}
	if (close(fd) == -1 || rename(b->temporary, b->path) == -1)
		return err_sys(e, errno, "%s", b->path);
	b->temporary[0] = '\0';
	return sync_directory(b->path, e);
}
