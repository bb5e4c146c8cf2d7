-- Memberships as a graph; see review/graph.h.

-- name: graph_last_object
SELECT ifnull(max(id), 0) FROM object

-- name: graph_edges
SELECT grp, member, how FROM edge
WHERE since <= :state AND until > :state
ORDER BY grp, member, how

-- name: graph_edges_of_member
SELECT grp, how FROM edge
WHERE member = :member AND since <= :state AND until > :state
ORDER BY grp, how
