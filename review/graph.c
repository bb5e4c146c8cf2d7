#include "review/graph.h"

#include <stdlib.h>
#include <string.h>

#define EDGES_MAX UINT32_MAX
#define NODES_MAX (UINT32_MAX - 2)

/* What a walk knows of a node it has reached. */
struct reached {
	uint32_t parent; /* towards where the walk began */
	uint32_t depth;
	uint32_t ways;
	uint32_t walk; /* the walk that wrote this; 0: none */
	uint8_t how;   /* of the edge to the parent */
};

struct graph {
	size_t nodes; /* ids are below */
	size_t edges;
	size_t room;
	uint32_t *first;  /* of a group's edges; nodes + 1 of them */
	uint32_t *member; /* of each edge, by group */
	uint8_t *how;
	struct reached *reached; /* by node */
	uint32_t *queue;
	uint32_t walk;
	struct graph_step *steps;
	size_t steps_room;
};

/* At least one more; 0 or -1. */
static int
grow(void **array, size_t size, size_t *room, size_t count, struct err *e)
{
	size_t wanted = *room == 0 ? 64 : *room + *room / 2;
	void *more;

	if (count < *room)
		return 0;
	more = realloc(*array, wanted * size);
	if (more == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	*array = more;
	*room = wanted;
	return 0;
}

static int
add_edge(struct graph *g, int64_t member, int64_t how, struct err *e)
{
	if (g->edges == EDGES_MAX)
		return err_set(e, ERR_LIMIT, "too many memberships");
	if (g->edges == g->room) {
		size_t wanted = g->room == 0 ? 4096 : g->room + g->room / 2;
		uint32_t *members =
		    realloc(g->member, wanted * sizeof(*members));
		uint8_t *hows;

		if (members == NULL)
			return err_set(e, ERR_MEMORY, "out of memory");
		g->member = members;
		hows = realloc(g->how, wanted * sizeof(*hows));
		if (hows == NULL)
			return err_set(e, ERR_MEMORY, "out of memory");
		g->how = hows;
		g->room = wanted;
	}
	g->member[g->edges] = (uint32_t)member;
	g->how[g->edges] = (uint8_t)how;
	g->edges++;
	return 0;
}

/* Rows come sorted by group, which is the order the arrays want. */
static int
read_edges(struct graph *g, struct store *s, int64_t state, struct err *e)
{
	struct statement *st = store_use(s, "graph_edges", e);
	size_t next = 0; /* the first group whose edges have not begun */
	int more;

	bind_int(st, ":state", state);
	while ((more = store_step(st, e)) == 1) {
		int64_t group = column_int(st, 0);
		int64_t member = column_int(st, 1);

		if (group < 0 || (size_t)group >= g->nodes || member < 0 ||
		    (size_t)member >= g->nodes || (size_t)group + 1 < next) {
			err_set(e, ERR_FORMAT,
			    "%s: a membership of an object that is not there",
			    store_path(s));
			more = -1;
			break;
		}
		while (next <= (size_t)group)
			g->first[next++] = (uint32_t)g->edges;
		if (add_edge(g, member, column_int(st, 2), e) == -1) {
			more = -1;
			break;
		}
	}
	store_done(st);
	while (next <= g->nodes)
		g->first[next++] = (uint32_t)g->edges;
	return more;
}

static int
count_nodes(struct graph *g, struct store *s, struct err *e)
{
	struct statement *st = store_use(s, "graph_last_object", e);
	int64_t last;

	if (store_step(st, e) != 1)
		return -1;
	last = column_int(st, 0);
	store_done(st);
	if (last < 0 || last >= (int64_t)NODES_MAX)
		return err_set(e, ERR_LIMIT, "too many objects");
	g->nodes = (size_t)last + 1;
	g->first = calloc(g->nodes + 1, sizeof(*g->first));
	g->reached = calloc(g->nodes, sizeof(*g->reached));
	g->queue = calloc(g->nodes, sizeof(*g->queue));
	if (g->first == NULL || g->reached == NULL || g->queue == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	return 0;
}

int
graph_load(struct graph **out, struct store *s, int64_t state, struct err *e)
{
	struct graph *g = calloc(1, sizeof(*g));

	*out = NULL;
	if (g == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	if (count_nodes(g, s, e) == -1 || read_edges(g, s, state, e) == -1) {
		graph_free(&g);
		return -1;
	}
	*out = g;
	return 0;
}

void
graph_free(struct graph **g)
{
	if (*g == NULL)
		return;
	free((*g)->first);
	free((*g)->member);
	free((*g)->how);
	free((*g)->reached);
	free((*g)->queue);
	free((*g)->steps);
	free(*g);
	*g = NULL;
}

size_t
graph_edges(const struct graph *g)
{
	return g->edges;
}

/* ---- From a right down to its holders ---- */

/* Breadth first, so that the first way to a node is a shortest one. */
static size_t
walk_down(struct graph *g, uint32_t root)
{
	size_t count = 0;

	if (++g->walk == 0) { /* once in four thousand million */
		memset(g->reached, 0, g->nodes * sizeof(*g->reached));
		g->walk = 1;
	}
	g->reached[root] = (struct reached){ .parent = root, .walk = g->walk };
	g->queue[count++] = root;
	for (size_t at = 0; at < count; at++) {
		uint32_t group = g->queue[at];

		for (uint32_t i = g->first[group]; i < g->first[group + 1];
		     i++) {
			struct reached *r = &g->reached[g->member[i]];

			if (g->member[i] == group)
				continue;
			if (r->walk != g->walk) {
				*r = (struct reached){ .parent = group,
					.depth = g->reached[group].depth + 1,
					.walk = g->walk,
					.how = g->how[i] };
				g->queue[count++] = g->member[i];
			}
			r->ways++;
		}
	}
	return count;
}

static int
report_holder(struct graph *g, uint32_t root, uint32_t holder,
    graph_report *report, void *context, struct err *e)
{
	struct graph_holding h = { .right = root,
		.holder = holder,
		.depth = g->reached[holder].depth,
		.ways = g->reached[holder].ways };
	size_t i = 0;

	while (h.depth > g->steps_room)
		if (grow((void **)&g->steps, sizeof(*g->steps), &g->steps_room,
		        g->steps_room, e) == -1)
			return -1;
	for (uint32_t at = holder; at != root; at = g->reached[at].parent)
		g->steps[i++] =
		    (struct graph_step){ .group = g->reached[at].parent,
			    .how = (enum edge_how)g->reached[at].how };
	h.steps = g->steps;
	return report(context, &h, e);
}

int
graph_holders(struct graph *g, const int64_t *roots, size_t count,
    graph_report *report, void *context, struct err *e)
{
	for (size_t i = 0; i < count; i++) {
		uint32_t root;
		size_t found;

		if (roots[i] < 0 || (size_t)roots[i] >= g->nodes)
			continue;
		root = (uint32_t)roots[i];
		found = walk_down(g, root);
		for (size_t j = 1; j < found; j++)
			if (report_holder(
			        g, root, g->queue[j], report, context, e) == -1)
				return -1;
	}
	return 0;
}

/* ---- From an account up to its rights, from the store ---- */

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

	if (u->count * 2 >= u->slot_count && widen(u, e) == -1)
		return -1;
	slot = slot_of(u, object);
	if (u->slots[slot] == 0) {
		if (grow((void **)&u->nodes, sizeof(*u->nodes), &u->room,
		        u->count, e) == -1)
			return -1;
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

	if (up_place(u, group, &place, e) == -1 ||
	    grow((void **)&u->edges, sizeof(*u->edges), &u->edge_room,
	        u->edge_count, e) == -1)
		return -1;
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
	size_t *queue = calloc(u->count, sizeof(*queue));
	size_t walk = 0;

	if (queue == NULL)
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
