-- Statements by name; see review/store.h. Those of the deny list (deny.h).

-- name: deny_accounts
-- Whom a list names for all services: leavers, and whom the newest effective
-- decision on the account as such disables or deletes. Accounts that are
-- there, whatever a directory says of them; never of machines. uid is NULL
-- where it is another's too, or 0, for the door matches the number alone.
-- reason is '' where it is not sure that the account is the leaver's.
-- A last day that is past is enough: the status often comes later.
WITH named AS (
	SELECT a.object AS account, CASE WHEN a.how <> 'ambiguous'
			AND (SELECT count(*) FROM person_account t WHERE t.object = a.object) = 1
			THEN 'leaver' ELSE '' END AS reason
		FROM person_account a JOIN person_fact p ON p.person = a.person
		WHERE p.until = 9223372036854775807
			AND (p.left_at <= :now OR p.left_at IS NULL AND p.status = 'left')
	UNION ALL
	SELECT account, 'disabled' FROM standing_decision
		WHERE decision IN ('disable', 'delete'))
SELECT f.object, f.name, f.host, s.name AS source,
	CASE WHEN f.uid_number > 0 AND NOT EXISTS (SELECT 1 FROM account_fact t
			WHERE t.until = 9223372036854775807 AND t.uid_number = f.uid_number
				AND t.name <> f.name
				AND (f.host IS NULL OR t.host IS NULL OR t.host = f.host))
		THEN f.uid_number END AS uid,
	max(n.reason) AS reason, -- a leaver is one, whatever was decided
	(SELECT group_concat(o.employee, ' ') FROM person_account t
		JOIN person o ON o.id = t.person WHERE t.object = f.object) AS candidates,
	EXISTS (SELECT 1 FROM registered_account r WHERE r.until = 9223372036854775807
		AND r.kind = 'break-glass' AND lower(r.account) = lower(f.name)
		AND ifnull(r.source, '') IN ('', s.name)) AS break_glass,
	(SELECT group_concat(DISTINCT o.employee) FROM account_fact t
		JOIN person_account w ON w.object = t.object
		JOIN person o ON o.id = w.person
		JOIN person_fact q ON q.person = o.id AND q.until = 9223372036854775807
		WHERE t.until = 9223372036854775807 AND t.name = f.name
			AND t.object <> f.object AND q.status = 'active'
			AND (f.host IS NULL OR t.host IS NULL OR t.host = f.host)
			AND NOT EXISTS (SELECT 1 FROM person_account v
				WHERE v.object = f.object AND v.person = w.person)) AS also
	FROM named n CROSS JOIN account_fact f ON f.object = n.account
		AND f.until = 9223372036854775807 AND f.kind = 'user' AND f.name IS NOT NULL
		JOIN object o ON o.id = f.object JOIN source s ON s.id = o.source
	GROUP BY f.object ORDER BY f.name, f.host, f.object

-- name: deny_rights
-- Effective revocations of rights, each account's newest word on each right.
SELECT d.account, d."right", f.name, f.host, s.name AS source,
	g.name AS right_name, g.dn AS right_dn,
	EXISTS (SELECT 1 FROM registered_account r WHERE r.until = 9223372036854775807
		AND r.kind = 'break-glass' AND lower(r.account) = lower(f.name)
		AND ifnull(r.source, '') IN ('', s.name)) AS break_glass
	FROM standing_decision d JOIN account_fact f ON f.object = d.account
			AND f.until = 9223372036854775807 AND f.name IS NOT NULL
		JOIN object o ON o.id = f.object JOIN source s ON s.id = o.source
		JOIN group_fact g ON g.object = d."right" AND g.since = (
			SELECT max(since) FROM group_fact WHERE object = d."right")
	WHERE d.decision = 'revoke'
	ORDER BY f.name, f.host, g.name, d.account, d."right"

-- name: deny_right_sources
-- In how many sources a right is called so.
SELECT count(DISTINCT o.source) FROM group_fact g JOIN object o ON o.id = g.object
	WHERE g.until = 9223372036854775807
		AND (g.name = :right OR lower(g.dn) = lower(:right))

-- name: denied_of
SELECT counter FROM denied WHERE act = :act

-- name: denied_last
SELECT ifnull(max(counter), 0) FROM denied

-- name: denied_add
INSERT INTO denied (act, counter, scope, text) VALUES (:act, :counter, :scope, :text)

-- name: denied_find
-- :counter NULL: the newest of the scope; :released: only approved ones.
SELECT d.counter, d.act, d.scope, d.text, a.at,
	(SELECT verdict FROM second s WHERE s.of = d.act
		ORDER BY s.verdict = 'refused' DESC LIMIT 1) AS verdict
	FROM denied d JOIN act a ON a.id = d.act
	WHERE (:counter IS NULL OR d.counter = :counter)
		AND (:scope IS NULL OR d.scope = :scope)
		AND (:before IS NULL OR d.counter < :before)
		AND (:released = 0 OR EXISTS (SELECT 1 FROM second s
			WHERE s.of = d.act AND s.verdict = 'approved'))
	ORDER BY d.counter DESC LIMIT 1
