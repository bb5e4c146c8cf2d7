#include "pamod/blocklist.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <openssl/evp.h>

#include "pamod/blocklist_format.h"

struct blocklist {
	const unsigned char *bytes;
	void *map; /* the same, if it is ours to unmap */
	struct blocklist_header header;
	struct blocklist_layout at;
};

/* One section, as a search needs it. */
struct section {
	const unsigned char *index;
	const unsigned char *entries;
	uint64_t count;
	uint32_t bucket_bits;
	uint32_t entry_size;
};

int
blocklist_from(
    struct blocklist **out, const void *bytes, size_t length, struct err *e)
{
	struct blocklist *b = calloc(1, sizeof(*b));

	*out = NULL;
	if (b == NULL) {
		err_set(e, ERR_MEMORY, "out of memory");
		return -1;
	}
	b->bytes = bytes;
	if (blocklist_header_read(&b->header, bytes, length, e) == -1)
		goto fail;
	b->at = blocklist_layout(&b->header);
	if (b->at.size != length) {
		err_set(e, ERR_FORMAT, "%zu bytes, not %llu", length,
		    (unsigned long long)b->at.size);
		goto fail;
	}
	*out = b;
	return 0;
fail:
	free(b);
	return -1;
}

static int
map_file(int fd, void **map, size_t *length, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return err_sys(e, errno, "stat");
	if (st.st_size < (off_t)BLOCKLIST_HEADER)
		return err_set(e, ERR_FORMAT, "not a filter");
	*length = (size_t)st.st_size;
	*map = mmap(NULL, *length, PROT_READ, MAP_PRIVATE, fd, 0);
	if (*map == MAP_FAILED) {
		*map = NULL;
		return err_sys(e, errno, "mmap");
	}
	/* A look-up touches single pages far apart. */
	(void)madvise(*map, *length, MADV_RANDOM);
	return 0;
}

int
blocklist_open(struct blocklist **out, const char *path,
    const struct file_rule *rule, struct err *e)
{
	void *map = NULL;
	size_t length = 0;
	int fd = file_open(path, O_RDONLY, rule, e);
	int result = -1;

	*out = NULL;
	if (fd == -1)
		return -1;
	if (map_file(fd, &map, &length, e) == -1 ||
	    blocklist_from(out, map, length, e) == -1) {
		err_in(e, "%s", path);
		goto out;
	}
	(*out)->map = map;
	map = NULL;
	result = 0;
out:
	if (map != NULL)
		(void)munmap(map, length);
	file_close(&fd);
	return result;
}

void
blocklist_close(struct blocklist **b)
{
	if (*b == NULL)
		return;
	if ((*b)->map != NULL)
		(void)munmap((*b)->map, (*b)->at.size);
	free(*b);
	*b = NULL;
}

struct blocklist_facts
blocklist_facts(const struct blocklist *b)
{
	return (struct blocklist_facts){
		.exact = b->header.exact_count,
		.cores = b->header.core_count,
		.size = b->at.size,
		.built = b->header.built,
		.sha1 = (b->header.flags & BLOCKLIST_SHA1) != 0,
		.ntlm = (b->header.flags & BLOCKLIST_NTLM) != 0,
		.model = (b->header.flags & BLOCKLIST_MODEL) != 0,
	};
}

int
blocklist_verify(const struct blocklist *b, struct err *e)
{
	unsigned char digest[32] = { 0 };

	if (EVP_Digest(b->bytes + BLOCKLIST_HEADER,
	        b->at.size - BLOCKLIST_HEADER, digest, NULL, EVP_sha256(),
	        NULL) != 1)
		return err_set(e, ERR_CRYPTO, "SHA-256");
	if (memcmp(digest, b->header.body_digest, sizeof(digest)) != 0)
		return err_set(e, ERR_TAMPERED,
		    "not the content it was built "
		    "with");
	return 0;
}

static uint64_t
little(const unsigned char *bytes, size_t length)
{
	uint64_t value = 0;

	for (size_t i = length; i > 0; i--)
		value = value << 8 | bytes[i - 1];
	return value;
}

/*
 * The entry in the key's bucket whose bits from low_bits on are wanted. 1 and
 * *entry, 0, or -1.
 */
static int
search(const struct section *s, uint64_t key, uint64_t wanted,
    uint32_t low_bits, uint64_t *entry, struct err *e)
{
	const unsigned char *bounds =
	    s->index + 8 * blocklist_bucket(key, s->bucket_bits);
	uint64_t low = little(bounds, 8);
	uint64_t high = little(bounds + 8, 8);

	if (low > high || high > s->count || high - low > BUCKET_LIMIT)
		return err_set(e, ERR_FORMAT, "filter damaged");
	while (low < high) {
		uint64_t middle = low + (high - low) / 2;
		uint64_t here =
		    little(s->entries + middle * s->entry_size, s->entry_size);

		if (here >> low_bits == wanted) {
			*entry = here;
			return 1;
		}
		if (here >> low_bits < wanted)
			low = middle + 1;
		else
			high = middle;
	}
	return 0;
}

static int
has_key(const struct blocklist *b, uint64_t key, struct err *e)
{
	struct section s = { b->bytes + b->at.exact_index,
		b->bytes + b->at.exact_entries, b->header.exact_count,
		b->header.exact_bits, EXACT_SIZE };
	uint64_t entry;

	return search(&s, key, blocklist_rest(key, s.bucket_bits, EXACT_BITS),
	    0, &entry, e);
}

int
blocklist_has(const struct blocklist *b, const char *password, size_t length,
    struct err *e)
{
	uint64_t key;
	int found = 0;

	if ((b->header.flags & BLOCKLIST_SHA1) != 0) {
		if (blocklist_sha1(password, length, &key, e) == -1)
			return -1;
		found = has_key(b, key, e);
	}
	if (found == 0 && (b->header.flags & BLOCKLIST_NTLM) != 0) {
		if (blocklist_ntlm(password, length, &key, e) == -1)
			return -1;
		found = has_key(b, key, e);
	}
	return found;
}

int
blocklist_core_find(const struct blocklist *b,
    const struct blocklist_core *core, unsigned *half_bits, struct err *e)
{
	struct section s = { b->bytes + b->at.core_index,
		b->bytes + b->at.core_entries, b->header.core_count,
		b->header.core_bits, CORE_SIZE };
	uint64_t key = blocklist_core_key(core);
	uint64_t entry = 0;
	int found =
	    search(&s, key, blocklist_rest(key, s.bucket_bits, CORE_BITS),
	        RANK_BITS, &entry, e);

	*half_bits = (unsigned)entry & ((1u << RANK_BITS) - 1);
	return found;
}

unsigned
blocklist_surprise(
    const struct blocklist *b, char before_last, char last, char c)
{
	size_t place =
	    (blocklist_symbol(before_last) * SYMBOLS + blocklist_symbol(last)) *
	        SYMBOLS +
	    blocklist_symbol(c);

	return b->bytes[b->at.model + place];
}
