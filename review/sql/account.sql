-- Statements by name; see review/store.h. Those of one account's story.

-- name: account_find
-- By its key, or by any name it ever had.
SELECT o.id, o.key, s.name AS source, a.name, a.host
	FROM object o JOIN source s ON s.id = o.source
		JOIN account_fact a ON a.object = o.id AND a.since = (
			SELECT max(since) FROM account_fact WHERE object = o.id)
	WHERE o.kind = 0 AND (o.key = :what OR EXISTS (
		SELECT 1 FROM account_fact f WHERE f.object = o.id
			AND lower(f.name) = lower(:what)))
	ORDER BY s.name, a.host, a.name LIMIT 100

-- name: account_facts
-- Every state it was in, oldest first, and when each was first and last read.
SELECT f.*, b.started AS seen_first, CASE WHEN f.until < 9223372036854775807
		THEN (SELECT started FROM pull WHERE id = f.until) END AS gone
	FROM account_fact f JOIN pull b ON b.id = f.since
	WHERE f.object = :object ORDER BY f.since

-- name: account_usage
SELECT attribute, server, maximum, maximum_raw, resolution FROM usage
	WHERE object = :object ORDER BY maximum DESC, attribute, server

-- name: account_days
SELECT host, service, count(DISTINCT day) AS days, sum(sessions) AS sessions,
	max(last) AS last, count(DISTINCT key) AS keys,
	count(DISTINCT origin) AS origins
	FROM use_day WHERE object = :object AND result = 'success'
	GROUP BY host, service ORDER BY last DESC LIMIT 20

-- name: account_persons
SELECT p.employee, f.name, f.department, f.title, f.status, f.hired, f.left_at,
	w.how, w.evidence
	FROM person_account w JOIN person p ON p.id = w.person
		LEFT JOIN person_fact f ON f.person = p.id AND f.until = 9223372036854775807
	WHERE w.object = :object ORDER BY p.employee

-- name: account_moves
SELECT v.at, v.what, v.before, v.after
	FROM person_account w JOIN person_event v ON v.person = w.person
	WHERE w.object = :object AND w.how <> 'ambiguous' ORDER BY v.at

-- name: account_approvals
SELECT v.ticket, v.requester, v.approver, v."right", v.not_before, v.not_after
	FROM approval v
	WHERE v.until = 9223372036854775807 AND EXISTS (
		SELECT 1 FROM account_fact f WHERE f.object = :object
			AND lower(f.name) = lower(v.account))
	ORDER BY v.not_before

-- name: account_memberships_ended
SELECT ifnull(g.name, o.key) AS name, p.started AS ended
	FROM edge e JOIN object o ON o.id = e.grp JOIN pull p ON p.id = e.until
		LEFT JOIN group_fact g ON g.object = o.id AND g.since = (
			SELECT max(since) FROM group_fact WHERE object = o.id)
	WHERE e.member = :object AND e.until < 9223372036854775807
		AND NOT EXISTS (SELECT 1 FROM edge n WHERE n.member = e.member
			AND n.grp = e.grp AND n.until = 9223372036854775807)
	ORDER BY p.started

-- name: object_name
SELECT coalesce(g.name, a.name, o.key) AS name
	FROM object o LEFT JOIN group_fact g ON g.object = o.id
			AND g.until = 9223372036854775807
		LEFT JOIN account_fact a ON a.object = o.id
			AND a.until = 9223372036854775807
	WHERE o.id = :object

-- name: account_findings
SELECT f.rule, f.state, f.severity, f.evidence, f.reason, f.exception,
	r1.at AS first, r3.at AS closed
	FROM finding f JOIN check_run r1 ON r1.id = f.first_run
		LEFT JOIN check_run r3 ON r3.id = f.closed_run
	WHERE f.subject = :object ORDER BY f.closed_run IS NOT NULL, f.rule
