-- Memberships as a graph; see review/graph.h.

-- name: graph_last_object
SELECT ifnull(max(id), 0) FROM object

-- name: graph_edges_of_member
-- Also what hosts of the same realm name, where no other account or group of
-- the realm's directories has that name (views.sql: crossed). Forms of dangling:
-- 2 an account's name, 3 a group's; kinds of object 0 and 1.
SELECT grp, how FROM edge
WHERE member = :member AND since <= :state AND until > :state
UNION ALL
SELECT d.grp, d.how FROM object o CROSS JOIN source t ON t.id = o.source
	CROSS JOIN (SELECT object, since, until, name FROM account_fact
		UNION ALL SELECT object, since, until, name FROM group_fact) f
		ON f.object = o.id AND f.since <= :state AND f.until > :state
	CROSS JOIN dangling d ON d.form = o.kind + 2
		AND lower(d.reference) = lower(f.name)
		AND d.since <= :state AND d.until > :state
	CROSS JOIN object g ON g.id = d.grp
	CROSS JOIN source s ON s.id = g.source AND s.realm = t.realm
WHERE o.id = :member AND s.url LIKE 'passwd:%'
	AND t.product IN ('openldap', 'ad', '389ds', 'freeipa')
	AND NOT EXISTS (SELECT 1 FROM (
		SELECT object, since, until, name FROM account_fact
		UNION ALL SELECT object, since, until, name FROM group_fact) n
		JOIN object p ON p.id = n.object AND p.kind = o.kind AND p.id <> o.id
		JOIN source q ON q.id = p.source AND q.realm = t.realm
			AND q.product IN ('openldap', 'ad', '389ds', 'freeipa')
		WHERE lower(n.name) = lower(f.name)
			AND n.since <= :state AND n.until > :state)
ORDER BY 1, 2
