-- Statements by name; see review/store.h. Those of remedies (remedy.h).

-- name: remedy_decisions
-- What standing decisions want done. A word on a right that is "revoke" takes
-- that right away; on an account as such nothing but a person knows what.
SELECT d.account, d."right", d.decision, d.reason, d.change, d.campaign, d.item,
	CASE d.severity WHEN '' THEN CASE WHEN d.privileged = 0 THEN 'medium'
		ELSE 'high' END ELSE d.severity END AS severity,
	a.at, NULL AS finding
	FROM standing_decision d JOIN act a ON a.id = d.act
	WHERE d.decision IN ('modify', 'revoke', 'disable', 'delete')
		AND (:campaign IS NULL OR d.campaign = :campaign)
	ORDER BY d.account, d."right"

-- name: remedy_findings
-- Leavers whose accounts are enabled, unless a decision says so already.
SELECT f.subject AS account, NULL AS "right", 'disable' AS decision,
	f.rule AS reason, NULL AS change, NULL AS campaign, NULL AS item,
	f.severity, r.at, f.id AS finding
	FROM finding f JOIN check_run r ON r.id = f.first_run
	WHERE f.rule = 'AR-111' AND f.state = 'hit' AND f.closed_run IS NULL
		AND f.exception IS NOT 1 AND f.subject IS NOT NULL
	ORDER BY f.subject

-- name: remedy_known
-- Whether it is planned already: not refused, and neither back again nor, of
-- what is proven, wanted by a later word.
SELECT 1 FROM remedy m JOIN act a ON a.id = m.act
	WHERE m.account = :account AND m."right" IS :right AND m.action = :action
		AND NOT EXISTS (SELECT 1 FROM second s WHERE s.of = m.act
			AND s.verdict = 'refused')
		AND CASE (SELECT e.what FROM remedy_event e WHERE e.remedy = m.id
				AND e.what IN ('proven', 'back') ORDER BY e.act DESC LIMIT 1)
			WHEN 'back' THEN 0
			WHEN 'proven' THEN a.at >= :since AND m.finding IS :finding
			ELSE 1 END
	LIMIT 1

-- name: remedy_account
-- How it is now; until tells whether it still is.
SELECT f.name, f.dn, f.host, f.display, f.kind, f.control, f.enabled,
	f.expires, f.password_locked, f.uid_number, f.sid, f.until, o.key,
	s.name AS source, s.url, s.product,
	(SELECT y.owner FROM system y WHERE y.until = 9223372036854775807
		AND (y.source = s.name OR y.host = f.host) AND y.owner IS NOT NULL
		ORDER BY y.source IS NULL LIMIT 1) AS system_owner,
	EXISTS (SELECT 1 FROM policy_fact p WHERE p.source = s.id
		AND p.until = 9223372036854775807 AND p.form = 'ppolicy'
		AND p.lockout_attempts < 9223372036854775807
		AND (lower(p.key) = lower(f.policy)
			OR (f.policy IS NULL AND p.is_default = 1))) AS locks,
	(SELECT group_concat(w.employee) FROM person_account l
		JOIN person w ON w.id = l.person WHERE l.object = f.object) AS person
	FROM account_fact f JOIN object o ON o.id = f.object
		JOIN source s ON s.id = o.source
	WHERE f.object = :account
	ORDER BY f.since DESC LIMIT 1

-- name: remedy_right
SELECT f.name, f.dn, f.host, f.kind, f.detail, f.owner, f.until, o.key,
	(SELECT r.owner FROM right_name r WHERE r.until = 9223372036854775807
		AND r."right" IN (f.name, f.dn, o.key) LIMIT 1) AS registered_owner
	FROM group_fact f JOIN object o ON o.id = f.object
	WHERE f.object = :right ORDER BY f.since DESC LIMIT 1

-- name: remedy_memberships
-- What the account is in by itself.
SELECT e.grp, e.how FROM edge e
	WHERE e.member = :account AND e.until = 9223372036854775807
	ORDER BY e.grp, e.how

-- name: remedy_disabled_since
-- Since when every pull saw it disabled; none: it is not, or was not always.
SELECT p.started FROM account_fact f JOIN pull p ON p.id = f.since
	WHERE f.object = :account AND f.enabled = 0
		AND EXISTS (SELECT 1 FROM account_fact n WHERE n.object = f.object
			AND n.until = 9223372036854775807 AND n.enabled = 0)
		AND NOT EXISTS (SELECT 1 FROM account_fact l WHERE l.object = f.object
			AND l.since > f.since AND l.enabled IS NOT 0)
	ORDER BY f.since LIMIT 1

-- name: remedy_others
-- Other enabled accounts of its person.
SELECT count(DISTINCT f.object) AS others, max(p.employee) AS employee
	FROM person_account l JOIN person p ON p.id = l.person
		LEFT JOIN person_account m ON m.person = l.person AND m.object <> l.object
			AND m.how <> 'ambiguous'
		LEFT JOIN account_fact f ON f.object = m.object
			AND f.until = 9223372036854775807 AND f.enabled = 1
	WHERE l.object = :account AND l.how <> 'ambiguous'

-- name: remedy_services
SELECT value FROM account_value WHERE object = :account
	AND attribute IN ('spn', 'delegate-to') AND until = 9223372036854775807
	ORDER BY value LIMIT 6

-- name: remedy_sessions
SELECT host, service, max(last) AS last FROM use_day
	WHERE object = :account AND result = 'success' AND last > :since
	GROUP BY host, service ORDER BY last DESC LIMIT 6

-- name: remedy_owned
-- Accounts and groups whose owner or manager it is said to be.
SELECT ifnull(f.name, '?') AS name FROM account_fact n
	JOIN account_fact f ON f.until = 9223372036854775807 AND f.object <> n.object
		AND (lower(f.owner) IN (lower(n.dn), lower(n.name)))
	WHERE n.object = :account AND n.until = 9223372036854775807
UNION SELECT ifnull(g.name, '?') FROM account_fact n
	JOIN group_fact g ON g.until = 9223372036854775807
		AND (lower(g.owner) IN (lower(n.dn), lower(n.name)))
	WHERE n.object = :account AND n.until = 9223372036854775807
	ORDER BY 1 LIMIT 6

-- name: remedy_members
SELECT count(DISTINCT member) FROM edge
	WHERE grp = :right AND until = 9223372036854775807

-- name: remedy_add
INSERT INTO remedy (act, account, "right", holder, action, severity, due,
		owner, plan, campaign, item, finding)
	VALUES (:act, :account, :right, ifnull((SELECT group_concat(employee, ',') FROM (
			SELECT DISTINCT p.employee FROM person_account l
				JOIN person p ON p.id = l.person
			WHERE l.object = :account ORDER BY 1)), ''),
		:action, :severity, :due, :owner, :plan,
		:campaign, :item, :finding)

-- name: remedy_plan_act
-- The act of a plan, and what a second person said of it.
SELECT a.id, a.at, lower(hex(a.digest)) AS digest, g.name AS planner,
	n.act AS second_act, n.verdict, w.name AS second, b.at AS second_at
	FROM act a LEFT JOIN signer g ON g.id = a.signer
		LEFT JOIN second n ON n.of = a.id
		LEFT JOIN act b ON b.id = n.act LEFT JOIN signer w ON w.id = b.signer
	WHERE a.kind = 'remedy' AND a.id = :act
	ORDER BY n.verdict = 'refused' DESC, n.act LIMIT 1

-- name: remedy_plan_rows
-- What goes into a plan's files.
SELECT m.id, m.action, m.severity, m.due, m.owner, m.plan ->> 'form' AS form,
	m.plan ->> 'change' AS change, m.plan ->> 'undo' AS undo,
	m.plan ->> 'powershell' AS powershell,
	m.plan ->> 'powershell_undo' AS powershell_undo,
	m.plan ->> 'notes' AS notes, m.plan ->> 'reason' AS reason,
	ifnull(f.name, o.key) AS account, f.host, s.name AS source,
	ifnull(g.name, t.key) AS right_name, c.name AS campaign, m.item, m.finding
	FROM remedy m JOIN object o ON o.id = m.account
		JOIN source s ON s.id = o.source
		LEFT JOIN account_fact f ON f.object = m.account AND f.since = (
			SELECT max(since) FROM account_fact WHERE object = m.account)
		LEFT JOIN object t ON t.id = m."right"
		LEFT JOIN group_fact g ON g.object = m."right" AND g.since = (
			SELECT max(since) FROM group_fact WHERE object = m."right")
		LEFT JOIN campaign c ON c.id = m.campaign
	WHERE m.act = :act
	ORDER BY s.name, f.host, CASE m.action WHEN 'deny-login' THEN 1
		WHEN 'disable' THEN 2 WHEN 'remove-right' THEN 3 WHEN 'modify' THEN 4
		ELSE 5 END, m.id

-- name: remedy_to_prove
-- All that were not refused, the state of their sources, and what was last
-- said. changed: the account's or right's newest complete pull must be later.
SELECT m.id, m.account, m."right", m.action, a.at, e.what, e.detail,
	o.source, t.source AS right_source, p.id AS pull, p.started, p.complete,
	q.started AS right_started, q.complete AS right_complete,
	f.enabled, f.name, f.host, f.object IS NOT NULL AS there
	FROM remedy m JOIN act a ON a.id = m.act JOIN object o ON o.id = m.account
		LEFT JOIN object t ON t.id = m."right"
		LEFT JOIN pull p ON p.id = (SELECT max(l.id) FROM pull l
			WHERE l.source = o.source AND l.state = 'applied')
		LEFT JOIN pull q ON q.id = (SELECT max(l.id) FROM pull l
			WHERE l.source = t.source AND l.state = 'applied')
		LEFT JOIN account_fact f ON f.object = m.account
			AND f.until = 9223372036854775807
		LEFT JOIN remedy_event e ON e.remedy = m.id AND e.act = (
			SELECT max(l.act) FROM remedy_event l WHERE l.remedy = m.id
				AND l.what IN ('proven', 'open', 'back'))
	WHERE NOT EXISTS (SELECT 1 FROM second s WHERE s.of = m.act
			AND s.verdict = 'refused')
		AND NOT EXISTS (SELECT 1 FROM remedy n WHERE n.account = m.account
			AND n."right" IS m."right" AND n.action = m.action AND n.id > m.id
			AND NOT EXISTS (SELECT 1 FROM second s WHERE s.of = n.act
				AND s.verdict = 'refused'))
	ORDER BY m.id

-- name: remedy_kept
-- A later word that lets it be as it is.
SELECT d.decision, d.reviewer, c.name AS campaign
	FROM standing_decision d JOIN act a ON a.id = d.act
		JOIN campaign c ON c.id = d.campaign
	WHERE d.account = :account AND d."right" IS :right AND a.at > :at
		AND d.decision IN ('keep', 'exception')
	LIMIT 1

-- name: remedy_approved_anew
SELECT v.ticket FROM account_fact f
	JOIN approval v ON lower(v.account) = lower(f.name)
	JOIN register_import i ON i.id = v.since
	LEFT JOIN object o ON o.id = :right
	LEFT JOIN group_fact g ON g.object = :right AND g.until = 9223372036854775807
	WHERE f.object = :account AND f.until = 9223372036854775807
		AND v.until = 9223372036854775807
		AND ifnull(v.not_before, i.at) > :at
		AND ifnull(v.not_before, :now) <= :now
		AND ifnull(v.not_after, 9223372036854775807) > :now
		AND CASE WHEN :right IS NULL THEN v."right" IS NULL
			ELSE v."right" IN (o.key, g.name, g.dn) END
	LIMIT 1

-- name: remedy_event_add
INSERT INTO remedy_event (act, remedy, what, pull, due, detail)
	VALUES (:act, :remedy, :what, :pull, :due, :detail)

-- name: remedy_find
SELECT m.id, m.act, m.due, m.action FROM remedy m WHERE m.id = :id

-- name: remedy_list
-- due: as extended with approval. state: draft, refused, approved; then open,
-- proven, back as verify saw it.
SELECT * FROM (
	SELECT m.id, m.act, m.action, m.severity, m.owner,
		ifnull(f.name, o.key) AS account, f.host, s.name AS source,
		ifnull(g.name, t.key) AS right_name, c.name AS campaign, m.finding,
		a.at AS planned,
		ifnull((SELECT e.due FROM remedy_event e WHERE e.remedy = m.id
			AND e.what = 'extended' AND EXISTS (SELECT 1 FROM second x
				WHERE x.of = e.act AND x.verdict = 'approved')
			ORDER BY e.act DESC LIMIT 1), m.due) AS due, m.due AS first_due,
		(SELECT count(*) FROM remedy_event e WHERE e.remedy = m.id
			AND e.what = 'extended' AND EXISTS (SELECT 1 FROM second x
				WHERE x.of = e.act AND x.verdict = 'approved')) AS extensions,
		(SELECT e.detail FROM remedy_event e WHERE e.remedy = m.id
			AND e.what = 'ticket' ORDER BY e.act DESC LIMIT 1) AS ticket,
		v.what, v.detail, p.started AS proven,
		CASE WHEN n.verdict = 'refused' THEN 'refused'
			WHEN v.what IS NOT NULL THEN v.what
			WHEN n.verdict = 'approved' THEN 'approved' ELSE 'draft' END AS state
		FROM remedy m JOIN act a ON a.id = m.act JOIN object o ON o.id = m.account
			JOIN source s ON s.id = o.source
			LEFT JOIN account_fact f ON f.object = m.account AND f.since = (
				SELECT max(since) FROM account_fact WHERE object = m.account)
			LEFT JOIN object t ON t.id = m."right"
			LEFT JOIN group_fact g ON g.object = m."right" AND g.since = (
				SELECT max(since) FROM group_fact WHERE object = m."right")
			LEFT JOIN campaign c ON c.id = m.campaign
			LEFT JOIN second n ON n.of = m.act AND n.act = (
				SELECT min(x.act) FROM second x WHERE x.of = m.act)
			LEFT JOIN remedy_event v ON v.remedy = m.id AND v.act = (
				SELECT max(l.act) FROM remedy_event l WHERE l.remedy = m.id
					AND l.what IN ('proven', 'open', 'back'))
			LEFT JOIN pull p ON p.id = v.pull)
	WHERE (:campaign IS NULL OR campaign = :campaign)
		AND (:overdue = 0 OR (due < :now AND state NOT IN ('proven', 'refused')))
		AND (:from IS NULL OR (planned < :to AND (state NOT IN ('proven', 'refused')
			OR planned >= :from OR proven >= :from)))
	ORDER BY due, id

-- name: remedy_denied
-- The newest approved list for all hosts, or for that one, that names it.
SELECT d.counter FROM denied d
	WHERE d.counter = (SELECT max(l.counter) FROM denied l WHERE l.scope = d.scope
			AND EXISTS (SELECT 1 FROM second s WHERE s.of = l.act
				AND s.verdict = 'approved'))
		AND (d.scope = '*' OR d.scope = :host)
		AND instr(d.text, char(10) || :host || ' *' || :name) > 0
	ORDER BY d.counter DESC LIMIT 1

-- name: remedy_campaign
SELECT id FROM campaign WHERE name = :name
