#include "review/graph.h"

#include <stdlib.h>
#include <string.h>

/* The array with room for one more, or NULL and the old one stays. */
static void *
grow(void *array, size_t size, size_t *room, size_t count, struct err *e)
{
	size_t wanted = *room == 0 ? 64 : *room + *room / 2;
	void *more;

	if (count < *room)
		return array;
	more = reallocarray(array, wanted, size);
	if (more == NULL) {
		err_set(e, ERR_MEMORY, "out of memory");
		return NULL;
	}
	*room = wanted;
	return more;
}

struct up_node {
	int64_t object;
	size_t first, end; /* its edges */
	size_t parent;     /* place of the node it was reached from */
	size_t depth;
	size_t ways;
	size_t mark; /* the last walk that reached it */
	enum edge_how how;
};

struct up_edge {
	size_t group; /* place of the node */
	enum edge_how how;
};

struct up {
	struct up_node *nodes;
	size_t count, room;
	struct up_edge *edges;
	size_t edge_count, edge_room;
	size_t *slots; /* hash table of places + 1, a power of two */
	size_t slot_count;
};

static size_t
slot_of(const struct up *u, int64_t object)
{
	uint64_t hash = (uint64_t)object * UINT64_C(0x9e3779b97f4a7c15);
	size_t slot = (size_t)(hash >> 20) & (u->slot_count - 1);

	while (u->slots[slot] != 0 &&
	    u->nodes[u->slots[slot] - 1].object != object)
		slot = (slot + 1) & (u->slot_count - 1);
	return slot;
}

static int
widen(struct up *u, struct err *e)
{
	size_t wanted = u->slot_count == 0 ? 256 : u->slot_count * 2;
	size_t *slots = calloc(wanted, sizeof(*slots));

	if (slots == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	free(u->slots);
	u->slots = slots;
	u->slot_count = wanted;
	for (size_t i = 0; i < u->count; i++)
		u->slots[slot_of(u, u->nodes[i].object)] = i + 1;
	return 0;
}

/* The place of the object's node, made if it is new. */
static int
up_place(struct up *u, int64_t object, size_t *place, struct err *e)
{
	size_t slot;

	if ((u->slots == NULL || u->count * 2 >= u->slot_count) &&
	    widen(u, e) == -1)
		return -1;
	slot = slot_of(u, object);
	if (u->slots[slot] == 0) {
		struct up_node *nodes =
		    grow(u->nodes, sizeof(*nodes), &u->room, u->count, e);

		if (nodes == NULL)
			return -1;
		u->nodes = nodes;
		u->nodes[u->count] = (struct up_node){ .object = object };
		u->slots[slot] = ++u->count;
	}
	*place = u->slots[slot] - 1;
	return 0;
}

static int
add_up_edge(
    struct up *u, size_t from, int64_t group, enum edge_how how, struct err *e)
{
	size_t known = u->count, place;
	struct up_edge *edges;

	if (up_place(u, group, &place, e) == -1 ||
	    (edges = grow(u->edges, sizeof(*edges), &u->edge_room,
	         u->edge_count, e)) == NULL)
		return -1;
	u->edges = edges;
	u->edges[u->edge_count++] =
	    (struct up_edge){ .group = place, .how = how };
	if (place == known) {
		u->nodes[place].parent = from;
		u->nodes[place].depth = u->nodes[from].depth + 1;
		u->nodes[place].how = how;
	}
	return 0;
}

/* Nodes are the queue: each is asked once for what it is in. */
static int
walk_up(struct up *u, struct store *s, int64_t state, struct err *e)
{
	for (size_t at = 0; at < u->count; at++) {
		struct statement *st = store_use(s, "graph_edges_of_member", e);
		int more;

		bind_int(st, ":member", u->nodes[at].object);
		bind_int(st, ":state", state);
		u->nodes[at].first = u->edge_count;
		while ((more = store_step(st, e)) == 1) {
			int64_t group = column_int(st, 0);

			if (group != u->nodes[at].object &&
			    add_up_edge(u, at, group,
			        (enum edge_how)column_int(st, 1), e) == -1) {
				more = -1;
				break;
			}
		}
		store_done(st);
		if (more == -1)
			return -1;
		u->nodes[at].end = u->edge_count;
	}
	return 0;
}

/* For each membership of the account's own: all that it leads to. */
static int
count_ways(struct up *u, struct err *e)
{
	size_t *queue;
	size_t walk = 0;

	if (u->nodes == NULL || u->edges == NULL)
		return 0;
	if ((queue = calloc(u->count, sizeof(*queue))) == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	for (size_t i = u->nodes[0].first; i < u->nodes[0].end; i++) {
		size_t count = 0;

		u->nodes[0].mark = ++walk;
		queue[count++] = u->edges[i].group;
		u->nodes[u->edges[i].group].mark = walk;
		for (size_t at = 0; at < count; at++) {
			struct up_node *n = &u->nodes[queue[at]];

			n->ways++;
			for (size_t j = n->first; j < n->end; j++) {
				size_t group = u->edges[j].group;

				if (u->nodes[group].mark == walk)
					continue;
				u->nodes[group].mark = walk;
				queue[count++] = group;
			}
		}
	}
	free(queue);
	return 0;
}

static int
report_right(const struct up *u, size_t place, struct graph_step *steps,
    graph_report *report, void *context, struct err *e)
{
	const struct up_node *n = &u->nodes[place];
	struct graph_holding h = { .right = n->object,
		.holder = u->nodes[0].object,
		.depth = n->depth,
		.ways = n->ways,
		.steps = steps };

	for (size_t at = place; at != 0; at = u->nodes[at].parent)
		steps[u->nodes[at].depth - 1] =
		    (struct graph_step){ .group = u->nodes[at].object,
			    .how = u->nodes[at].how };
	return report(context, &h, e);
}

int
graph_rights(struct store *s, int64_t state, int64_t account,
    graph_report *report, void *context, struct err *e)
{
	struct up u = { .nodes = NULL };
	struct graph_step *steps = NULL;
	size_t place;
	int result = -1;

	if (up_place(&u, account, &place, e) == -1 ||
	    walk_up(&u, s, state, e) == -1 || count_ways(&u, e) == -1)
		goto out;
	if (u.nodes == NULL)
		goto out;
	/* Nearest first: the last is the deepest. */
	steps = calloc(u.nodes[u.count - 1].depth + 1, sizeof(*steps));
	if (steps == NULL) {
		err_set(e, ERR_MEMORY, "out of memory");
		goto out;
	}
	for (size_t i = 1; i < u.count; i++)
		if (report_right(&u, i, steps, report, context, e) == -1)
			goto out;
	result = 0;
out:
	free(steps);
	free(u.nodes);
	free(u.edges);
	free(u.slots);
	return result;
}
