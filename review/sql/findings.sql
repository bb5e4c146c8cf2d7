-- Statements by name; see review/store.h. Those that show findings.

-- name: findings
-- NULL parameters mean any. Ordered by weight: severity, state, rule, subject.
SELECT f.id, f.rule, f.state, f.certainty, f.severity, f.reason, f.about,
	f.evidence, f.exception, o.key, coalesce(a.name, g.name, o.key) AS name,
	s.name AS source, ifnull(a.host, g.host) AS host,
	r1.at AS first_seen, r2.at AS last_seen, r3.at AS closed
	FROM finding f
		JOIN check_run r1 ON r1.id = f.first_run
		JOIN check_run r2 ON r2.id = f.last_run
		LEFT JOIN check_run r3 ON r3.id = f.closed_run
		LEFT JOIN object o ON o.id = f.subject
		LEFT JOIN source s ON s.id = o.source
		LEFT JOIN account_fact a ON a.object = o.id AND a.since = (
			SELECT max(since) FROM account_fact WHERE object = o.id)
		LEFT JOIN group_fact g ON g.object = o.id AND g.since = (
			SELECT max(since) FROM group_fact WHERE object = o.id)
	WHERE (:rule IS NULL OR f.rule = :rule)
		AND (:severity IS NULL OR f.severity = :severity)
		AND (:state IS NULL OR f.state = :state)
		AND (f.closed_run IS NOT NULL) = :closed
		AND (:account IS NULL OR o.key = :account OR a.name = :account
			OR g.name = :account)
	ORDER BY CASE f.severity WHEN 'critical' THEN 0 WHEN 'high' THEN 1
		WHEN 'medium' THEN 2 WHEN 'low' THEN 3 ELSE 4 END,
		f.state, f.rule, s.name, name, f.about

-- name: untold
-- Rules whose newest run failed, and whose findings so tell nothing; '' if
-- nothing was ever checked.
SELECT rule, error FROM rule_run AS r
	WHERE error IS NOT NULL AND (:rule IS NULL OR rule = :rule)
		AND run = (SELECT max(n.run) FROM rule_run n WHERE n.rule = r.rule)
UNION ALL SELECT '', '' WHERE NOT EXISTS (SELECT 1 FROM check_run)
	ORDER BY 1

-- name: check_newest
SELECT id, at, now, now_given, profile, state FROM check_run
	ORDER BY id DESC LIMIT 1

-- name: check_rules
-- What each rule said in that run.
SELECT rule, population, hits, unknowns, excepted, error FROM rule_run
	WHERE run = :run ORDER BY rule

-- name: check_states
-- Of open findings: how many are hits and how many can't be told.
SELECT sum(state = 'hit') AS hits, sum(state = 'unknown') AS unknowns
	FROM finding WHERE closed_run IS NULL

-- name: check_sources
-- The state that was judged: each source's newest applied pull.
SELECT s.name, p.id, p.started, p.complete, p.incomplete, p.accounts
	FROM source s JOIN pull p ON p.id = (
		SELECT max(l.id) FROM pull l WHERE l.source = s.id AND l.state = 'applied')
	ORDER BY s.name

-- name: verdicts
SELECT v.profile, v.requirement, s.name AS source, v.policy, v.verdict,
	v.wanted, v.found, v.clause
	FROM verdict v LEFT JOIN source s ON s.id = v.source
	WHERE v.run = (SELECT max(run) FROM verdict)
		AND (:profile IS NULL OR v.profile = :profile)
	ORDER BY v.profile, s.name, v.policy, v.requirement
