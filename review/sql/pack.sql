-- What each class of a pack of evidence has: columns named and ordered as
-- schema/evidence.xsd's, with the suffixes of review/pack_write.h. They ask the
-- tables of pack_steps.sql. pack_total_CLASS: how many rows there are without
-- scope and period, counted in the database's own tables.

-- ---- The limits ----

-- name: pack_scope_make
CREATE TEMP TABLE IF NOT EXISTS pack_scope (what TEXT, value TEXT)

-- name: pack_scope_clear
DELETE FROM temp.pack_scope

-- name: pack_scope_add
INSERT INTO temp.pack_scope (what, value) VALUES (:what, :value)

-- name: pack_scope_unknown
-- A limit that nothing has: a slip, of which a pack would say that all is well.
SELECT what, value FROM temp.pack_scope WHERE NOT CASE what
	WHEN 'system' THEN value IN (SELECT name FROM main.source
		UNION SELECT name FROM temp.pack_place UNION SELECT host FROM temp.place
		UNION SELECT host FROM account_fact WHERE host IS NOT NULL
		UNION SELECT source FROM daily UNION SELECT host FROM host_pin)
	WHEN 'person' THEN value IN (SELECT employee FROM person)
	WHEN 'rule' THEN value IN (SELECT rule FROM rule_run)
	ELSE value IN (SELECT name FROM campaign) END
LIMIT 1

-- name: pack_check
-- The newest check of more than one rule: whose findings stand.
SELECT r.id, r.at, r.profile FROM check_run r
	WHERE (SELECT count(*) FROM rule_run u WHERE u.run = r.id) > 1
	ORDER BY r.id DESC LIMIT 1

-- name: pack_state
-- The newest applied pull.
SELECT id, started FROM pull WHERE state = 'applied' ORDER BY id DESC LIMIT 1

-- name: pack_head
SELECT id, digest FROM act ORDER BY id DESC LIMIT 1

-- name: pack_places
SELECT count(*), sum(complete <> 0) FROM temp.pack_place

-- name: pack_place_add
-- A source of review.conf that the database does not know.
INSERT INTO temp.pack_place (source, name, host, core, pull, at, complete,
		reason, accounts)
	SELECT NULL, :name, '', :core, NULL, NULL, 0, 'never-pulled', 0
	WHERE NOT EXISTS (SELECT 1 FROM main.source WHERE name = :name)
		AND (NOT (SELECT limited FROM temp.pack_is)
			OR EXISTS (SELECT 1 FROM temp.pack_scope
				WHERE what = 'system' AND value = :name))

-- ---- What was read ----

-- name: pack_source
SELECT s.id AS "id", s.name AS "name", s.url AS "url", s.realm AS "realm",
	s.product AS "product", s.core AS "core:flag"
FROM temp.pack_source p JOIN main.source s ON s.id = p.source ORDER BY s.id

-- name: pack_total_source
SELECT count(*) FROM source

-- name: pack_pull
-- Of the period; the newest applied one of each source: the state; and those
-- that prove remedies.
SELECT p.id AS "id", p.source AS "source", p.started AS "started:time",
	p.ended AS "ended:time", p.mode AS "mode", p.state AS "state",
	p.complete AS "complete:flag", p.incomplete AS "incomplete",
	p.accounts AS "accounts", p.groups AS "rights", p.members AS "memberships",
	p.accounts_new AS "accountsNew", p.accounts_gone AS "accountsGone",
	p.accounts_changed AS "accountsChanged", p.members_new AS "membershipsNew",
	p.members_gone AS "membershipsGone", p.held AS "held", p.error AS "error",
	p.program AS "program", p.now_given AS "clockGiven:flag",
	p.digest AS "digest:hex"
FROM temp.pack_is t CROSS JOIN pull p
	JOIN temp.pack_source s ON s.source = p.source
WHERE (p.started >= t.since AND p.started < t.until)
	OR p.id = (SELECT max(l.id) FROM pull l WHERE l.source = p.source
		AND l.state = 'applied')
	OR (p.started >= t.since AND p.id IN (SELECT r.proof FROM temp.pack_remedy r
		JOIN remedy m ON m.id = r.remedy
		JOIN temp.pack_account a ON a.account = m.account))
ORDER BY p.id

-- name: pack_total_pull
SELECT count(*) FROM pull

-- name: pack_query
SELECT q.pull AS "pull", q.n AS "number", q.what AS "what",
	q.server AS "server", q.base AS "base", q.filter AS "filter",
	q.identity AS "identity", q.result AS "result",
	q.diagnostic AS "diagnostic", q.entries AS "entries",
	q."values" AS "values", q.pages AS "pages", q.referrals AS "referrals",
	q.skipped AS "skipped", q.invalid AS "invalid",
	q.complete AS "complete:flag", q.incomplete AS "incomplete",
	q.digest AS "digest:hex"
FROM temp.pack_is t CROSS JOIN pull p
	JOIN temp.pack_source s ON s.source = p.source
	JOIN query q ON q.pull = p.id
WHERE (p.started >= t.since AND p.started < t.until)
	OR p.id = (SELECT max(l.id) FROM pull l WHERE l.source = p.source
		AND l.state = 'applied')
ORDER BY q.pull, q.n

-- name: pack_total_query
SELECT count(*) FROM query

-- name: pack_coverage
SELECT source AS "source", name AS "name", host AS "host", core AS "core:flag",
	pull AS "pull", at AS "at:time", complete AS "complete:flag",
	reason AS "reason", accounts AS "accounts"
FROM temp.pack_place ORDER BY name, host

-- name: pack_total_coverage
-- Those of place.sql; and those of review.conf that no pull has seen.
SELECT (SELECT count(*) FROM temp.place)
	+ (SELECT count(*) FROM temp.pack_place WHERE source IS NULL)

-- ---- Who may do what ----

-- name: pack_account
-- owner: by the register, else as the source says.
SELECT a.object AS "id", a.source AS "source", o.key AS "key", a.kind AS "kind",
	a.name AS "name", f.dn AS "dn", a.host AS "host", w.employee AS "employee",
	ifnull((SELECT r.owner FROM temp.registered r WHERE r.account = lower(a.name)
			AND ifnull(r.source, '') IN ('', s.name) AND r.owner <> ''
		ORDER BY ifnull(r.confirmed, 0) DESC, r.owner LIMIT 1),
		nullif(f.owner, '')) AS "owner",
	p.department AS "department", p.core AS "core:flag",
	a.enabled AS "enabled:flag", f.locked AS "locked:flag",
	a.privileged AS "privileged:flag", ifnull(a.service, 0) AS "service:flag",
	a.registered AS "registered", a.created AS "created:time",
	a.expires AS "expires:time", a.password_set AS "passwordSet:time",
	n.seen AS "lastUse:time",
	CASE WHEN n.seen IS NOT NULL THEN n.resolution END AS "lastUseLag",
	CASE WHEN n.seen IS NOT NULL THEN n.attribute END AS "lastUseFrom"
FROM temp.pack_account p CROSS JOIN temp.account a ON a.object = p.account
	CROSS JOIN object o ON o.id = p.account
	CROSS JOIN main.source s ON s.id = a.source
	CROSS JOIN account_fact f ON f.object = p.account
		AND f.until = 9223372036854775807
	LEFT JOIN temp.person_now w ON w.person = a.person
	LEFT JOIN temp.seen n ON n.object = p.account
ORDER BY p.account

-- name: pack_total_account
SELECT count(*) FROM account_fact WHERE until = 9223372036854775807

-- name: pack_person
SELECT w.employee AS "employee", w.name AS "name",
	w.department AS "department", w.kind AS "kind", w.status AS "status",
	w.left_at AS "left:time"
FROM temp.pack_person p CROSS JOIN person q ON q.employee = p.employee
	CROSS JOIN temp.person_now w ON w.person = q.id
ORDER BY p.employee

-- name: pack_total_person
SELECT count(*) FROM person_fact WHERE until = 9223372036854775807

-- name: pack_right
SELECT g.object AS "id", g.source AS "source", o.key AS "key", g.kind AS "kind",
	g.name AS "name",
	(SELECT r.name_en FROM right_name r WHERE r.until = 9223372036854775807
		AND r."right" IN (g.name, f.dn, o.key) LIMIT 1) AS "plain",
	(SELECT r.name_zh FROM right_name r WHERE r.until = 9223372036854775807
		AND r."right" IN (g.name, f.dn, o.key) LIMIT 1) AS "plainZh",
	f.dn AS "dn", g.host AS "host",
	ifnull((SELECT nullif(r.owner, '') FROM right_name r
		WHERE r.until = 9223372036854775807
			AND r."right" IN (g.name, f.dn, o.key) LIMIT 1),
		nullif(g.owner, '')) AS "owner",
	CASE WHEN g.privileged OR EXISTS (SELECT 1 FROM temp.privileged_path h
			WHERE h.object = g.object) THEN 1
		WHEN s.privilege_known THEN 0 END AS "privileged:flag"
FROM temp.pack_right p CROSS JOIN temp.grp g ON g.object = p."right"
	CROSS JOIN object o ON o.id = g.object
	CROSS JOIN temp.source_now s ON s.source = g.source
	LEFT JOIN group_fact f ON f.object = g.object
		AND f.until = 9223372036854775807
ORDER BY g.object

-- name: pack_total_right
SELECT count(*) FROM group_fact WHERE until = 9223372036854775807

-- name: pack_membership
-- As sources say; and directories' accounts and groups that hosts name.
SELECT e.grp AS "right", e.member AS "member",
	CASE e.how WHEN 0 THEN 'member' WHEN 1 THEN 'name' WHEN 2 THEN 'primary'
		WHEN 3 THEN 'sid-history' WHEN 4 THEN 'dynamic' WHEN 5 THEN 'rule'
		ELSE 'foreign' END AS "how",
	e.acquired AS "acquired:time", e.since AS "since"
FROM temp.pack_right r CROSS JOIN edge e ON e.grp = r."right"
WHERE e.until = 9223372036854775807
	AND (EXISTS (SELECT 1 FROM temp.pack_account a WHERE a.account = e.member)
		OR EXISTS (SELECT 1 FROM temp.pack_right g WHERE g."right" = e.member))
UNION ALL
SELECT c.grp, c.member, 'foreign', NULL, d.since
FROM temp.pack_right r CROSS JOIN temp.crossed c ON c.grp = r."right"
	CROSS JOIN dangling d ON d.grp = c.grp AND d.form = c.form
		AND d.reference = c.reference AND d.until = 9223372036854775807
WHERE EXISTS (SELECT 1 FROM temp.pack_account a WHERE a.account = c.member)
	OR EXISTS (SELECT 1 FROM temp.pack_right g WHERE g."right" = c.member)

-- name: pack_total_membership
SELECT (SELECT count(*) FROM edge WHERE until = 9223372036854775807)
	+ (SELECT count(*) FROM temp.crossed)

-- name: pack_privilege
SELECT p.object AS "account", p.grp AS "right", p.depth AS "depth",
	ifnull(path_text(p.object, p.grp), g.name) AS "path",
	EXISTS (SELECT 1 FROM temp.registered r WHERE r.kind = 'privileged'
		AND r.account = lower(a.name)
		AND ifnull(r.source, '') IN ('', s.name)) AS "registered:flag"
FROM temp.pack_account a CROSS JOIN temp.privileged_path p ON p.object = a.account
	CROSS JOIN main.source s ON s.id = a.source
	CROSS JOIN temp.grp g ON g.object = p.grp
WHERE a.there ORDER BY p.object, p.grp

-- name: pack_total_privilege
SELECT count(DISTINCT h.member || ' ' || h.grp) FROM temp.holder h
	JOIN object o ON o.id = h.member
	JOIN temp.grp g ON g.object = h.grp WHERE o.kind = 0 AND g.privileged

-- name: pack_registered
SELECT r.kind AS "kind", r.account AS "account", r.source AS "source",
	r.owner AS "owner", r.purpose AS "purpose", r.approver AS "approver",
	r.ends AS "ends:time", r.confirmed AS "confirmed:time",
	EXISTS (SELECT 1 FROM temp.pack_found f WHERE f.row = p.row) AS "found:flag"
FROM temp.pack_registered p JOIN registered_account r ON r.rowid = p.row
WHERE NOT (SELECT limited FROM temp.pack_is)
	OR p.row IN (SELECT row FROM temp.pack_found)
ORDER BY r.kind, r.account, p.row

-- name: pack_total_registered
SELECT count(*) FROM registered_account WHERE until = 9223372036854775807

-- ---- What was found ----

-- name: pack_verdict
SELECT v.profile AS "profile", v.requirement AS "requirement",
	v.source AS "source", v.policy AS "policy", v.verdict AS "verdict",
	v.wanted AS "wanted", v.found AS "found", v.clause AS "clause"
FROM verdict v JOIN temp.pack_source s ON s.source = v.source
WHERE v.run = (SELECT max(run) FROM verdict)
ORDER BY v.profile, v.source, v.policy, v.requirement

-- name: pack_total_verdict
SELECT count(*) FROM verdict WHERE run = (SELECT max(run) FROM verdict)

-- name: pack_rule
-- Each rule's newest run.
SELECT r.rule AS "id", rule_told(r.rule, 'severity') AS "severity",
	rule_told(r.rule, 'title') AS "title",
	rule_told(r.rule, 'title_zh') AS "titleZh",
	rule_told(r.rule, 'controls') AS "controls", r.digest AS "digest:hex",
	r.population AS "population", r.hits AS "hits", r.unknowns AS "unknowns",
	r.excepted AS "excepted", r.error AS "error"
FROM (SELECT rule, max(run) AS run FROM rule_run GROUP BY rule) n
	JOIN rule_run r ON r.rule = n.rule AND r.run = n.run
WHERE NOT EXISTS (SELECT 1 FROM temp.pack_scope WHERE what = 'rule')
	OR r.rule IN (SELECT value FROM temp.pack_scope WHERE what = 'rule')
ORDER BY r.rule

-- name: pack_total_rule
SELECT count(DISTINCT rule) FROM rule_run

-- name: pack_finding
SELECT f.id AS "id", f.rule AS "rule",
	CASE o.kind WHEN 0 THEN o.id END AS "account",
	CASE o.kind WHEN 1 THEN o.id END AS "right",
	p.name AS "name", f.about AS "about", p.source AS "source",
	p.department AS "department", p.core AS "core:flag", f.state AS "state",
	f.certainty AS "certainty", f.severity AS "severity", p.status AS "status",
	f.reason AS "reason", p.first AS "first:time", l.at AS "last:time",
	p.closed AS "closed:time", p.repeated AS "repeated:flag",
	p.due AS "due:time", printf('%.1f', p.points) AS "points",
	finding_text(f.rule, f.state, f.reason, f.about, f.evidence, 0) AS "text",
	finding_text(f.rule, f.state, f.reason, f.about, f.evidence, 1) AS "textZh",
	f.evidence AS "body:body"
FROM temp.pack_finding p CROSS JOIN finding f ON f.id = p.finding
	CROSS JOIN check_run l ON l.id = f.last_run
	LEFT JOIN object o ON o.id = f.subject
ORDER BY f.id

-- name: pack_total_finding
SELECT count(*) FROM finding

-- ---- Every day ----

-- name: pack_missing_add
INSERT INTO temp.pack_missing (day, source, due)
	SELECT :day, :source, :due
	WHERE NOT EXISTS (SELECT 1 FROM daily WHERE day = :day AND source = :source)
		AND (NOT (SELECT limited FROM temp.pack_is) OR EXISTS (
			SELECT 1 FROM temp.pack_scope x WHERE x.what = 'system'
				AND :source IN (x.value, 'source:' || x.value)))

-- name: pack_daily
-- mark: as the calendar of reeve daily has it. failures, unknown: as counted
-- then; a record that can't be carried whole has no content.
SELECT d.day AS "day:day", d.source AS "source", d.version AS "version",
	d.state AS "state", d.reason AS "reason", d.due AS "due:time",
	a.at AS "examined:time", g.name AS "examiner",
	s.disposition AS "disposition",
	CASE WHEN p.late THEN 'late' WHEN p.signed THEN 'on-time'
		WHEN d.due < (SELECT now FROM temp.pack_is) THEN 'missing'
		ELSE 'waiting' END AS "mark", d.act AS "act",
	ifnull(json_extract(d.facts, '$.failed.total'), 0) AS "failures",
	ifnull(json_extract(d.facts, '$.failed.unknown'), 0) AS "unknown",
	ifnull(json_array_length(d.facts, '$.sessions'), 0) AS "sessions",
	CASE WHEN length(d.facts) <= 8000000 THEN d.facts END AS "body:body"
FROM temp.pack_daily p CROSS JOIN daily d ON d.day = p.day
		AND d.source = p.source AND d.version = p.version
	LEFT JOIN daily_sign s ON s.day = d.day AND s.source = d.source
		AND s.version = d.version AND s.act = (SELECT min(n.act)
			FROM daily_sign n WHERE n.day = d.day AND n.source = d.source
				AND n.version = d.version)
	LEFT JOIN act a ON a.id = s.act LEFT JOIN signer g ON g.id = a.signer
UNION ALL
SELECT day, source, 0, 'none', '', due, NULL, NULL, NULL,
	CASE WHEN due < (SELECT now FROM temp.pack_is) THEN 'missing'
		ELSE 'waiting' END, NULL, 0, 0, 0, NULL
FROM temp.pack_missing
ORDER BY 1, 2

-- name: pack_total_daily
SELECT (SELECT count(*) FROM (SELECT DISTINCT day, source FROM daily))
	+ (SELECT count(*) FROM temp.pack_missing)

-- ---- Reviews ----

-- name: pack_campaign
SELECT c.id AS "id", c.name AS "name", c.type AS "type", o.at AS "opened:time",
	z.at AS "frozen:time", c.due AS "due:time", n.at AS "ended:time",
	e.how AS "how", f.profile AS "profile",
	ifnull((SELECT group_concat(CASE WHEN include THEN '+' ELSE '-' END
			|| what || ':' || value
			|| CASE WHEN reason <> '' THEN ' (' || reason || ')' ELSE '' END, '; ')
		FROM (SELECT * FROM campaign_scope WHERE campaign = c.id ORDER BY n)),
		'') AS "scope",
	f.accounts AS "accounts", f.excluded AS "excluded", f.items AS "items",
	f.questions AS "questions",
	(SELECT ifnull(sum(d.items), 0) FROM temp.pack_decided d
		WHERE d.campaign = c.id) AS "decided",
	(SELECT ifnull(sum(w.items), 0) FROM temp.pack_waiting w
		WHERE w.campaign = c.id) AS "waiting"
FROM temp.pack_campaign p CROSS JOIN campaign c ON c.id = p.campaign
	CROSS JOIN act o ON o.id = c.act
	LEFT JOIN campaign_freeze f ON f.campaign = c.id
	LEFT JOIN act z ON z.id = f.act
	LEFT JOIN campaign_end e ON e.campaign = c.id
	LEFT JOIN act n ON n.id = e.act
ORDER BY c.id

-- name: pack_total_campaign
SELECT count(*) FROM campaign

-- name: pack_population
SELECT s.campaign AS "campaign", s.source AS "source", s.host AS "host",
	s.core AS "core:flag", s.pull AS "pull", s.at AS "at:time",
	s.complete AS "complete:flag", s.reason AS "reason",
	s.accounts AS "accounts", s.rights AS "rights", s.excluded AS "excluded",
	s.excluded_rights AS "excludedRights", s.novelty AS "novelty"
FROM temp.pack_campaign p CROSS JOIN campaign_source s ON s.campaign = p.campaign
WHERE NOT (SELECT apart FROM temp.pack_is)
	OR (s.source, s.host) IN (SELECT name, host FROM temp.pack_place)
ORDER BY s.campaign, s.source, s.host

-- name: pack_total_population
SELECT count(*) FROM campaign_source

-- name: pack_item
SELECT i.campaign AS "campaign", i.n AS "number", i.question AS "question",
	i.account AS "account", i.facts ->> '$.account' AS "name",
	i."right" AS "right", i.facts ->> '$.right' AS "rightName",
	i.person AS "employee", i.privileged AS "privileged:flag",
	i.severity AS "severity", i.novelty AS "novelty", i.low AS "low:flag",
	d.decision AS "decision", d.reviewer AS "reviewer", d.act AS "act",
	nullif(w.reviewer, '') AS "assigned"
FROM temp.pack_campaign p CROSS JOIN item i ON i.campaign = p.campaign
	LEFT JOIN temp.pack_effect d ON d.campaign = i.campaign AND d.item = i.n
	LEFT JOIN temp.pack_asked w ON w.campaign = i.campaign
		AND w.question = i.question
WHERE NOT (SELECT apart FROM temp.pack_is)
	OR EXISTS (SELECT 1 FROM temp.pack_account a WHERE a.account = i.account)
ORDER BY i.campaign, i.n

-- name: pack_total_item
SELECT ifnull(sum(items), 0) FROM campaign_freeze

-- name: pack_decision
SELECT d.act AS "act", d.n AS "number", a.at AS "at:time",
	d.campaign AS "campaign", d.question AS "question", d.item AS "item",
	d.decision AS "decision", d.reason AS "reason", d.change AS "change",
	d.compensation AS "compensation", d.ends AS "ends:time",
	d.proposal AS "proposal", d.reviewer AS "reviewer", d.grade AS "grade",
	d.decided AS "decided:time", d.seconds AS "seconds", d.bulk AS "bulk"
FROM temp.pack_is t CROSS JOIN act a CROSS JOIN decision d ON d.act = a.id
	CROSS JOIN temp.pack_campaign p ON p.campaign = d.campaign
WHERE a.kind = 'decisions'
	AND ((a.at >= t.since AND a.at < t.until)
		OR EXISTS (SELECT 1 FROM temp.pack_scope WHERE what = 'campaign'))
	AND (NOT t.apart OR EXISTS (SELECT 1
		FROM item i INDEXED BY item_by_question
			JOIN temp.pack_account x ON x.account = i.account
		WHERE i.campaign = d.campaign AND i.question = d.question
			AND d.item IN (0, i.n)))
ORDER BY d.act, d.n

-- name: pack_total_decision
SELECT count(*) FROM decision

-- name: pack_reviewer
-- Of one campaign, while its tables of progress.sql are there. overdue: not
-- decided though it is due. kept, revoked: items, by the word with effect.
SELECT r.campaign AS "campaign", r.reviewer AS "employee", w.name AS "name",
	w.department AS "department", count(p.question) AS "questions",
	ifnull(sum(p.items), 0) AS "items", ifnull(sum(p.state > 0), 0) AS "decided",
	CASE WHEN c.due < (SELECT now FROM temp.pack_is)
		THEN ifnull(sum(p.state = 0), 0) ELSE 0 END AS "overdue",
	ifnull(s.kept, 0) AS "kept", ifnull(s.revoked, 0) AS "revoked",
	round(b.median, 1) AS "median",
	ifnull(b.decisions >= :rubber_stamp_decisions AND (b.keeps = b.decisions
		OR b.median < :rubber_stamp_seconds), 0) AS "rubber:flag"
FROM temp.pack_reviewer r CROSS JOIN campaign c ON c.id = r.campaign
	LEFT JOIN temp.progress p ON p.reviewer = r.reviewer
	LEFT JOIN temp.pace b ON b.reviewer = r.reviewer
	LEFT JOIN temp.pack_said s ON s.campaign = r.campaign
		AND s.reviewer = r.reviewer
	LEFT JOIN person q ON q.employee = r.reviewer
	LEFT JOIN temp.person_now w ON w.person = q.id
WHERE r.campaign = :campaign
GROUP BY r.reviewer ORDER BY r.reviewer

-- name: pack_campaign_next
SELECT min(campaign) FROM temp.pack_campaign WHERE campaign > :after
	HAVING min(campaign) IS NOT NULL

-- name: pack_total_reviewer
-- Who is asked or has said something with effect.
SELECT count(*) FROM (
	SELECT campaign, reviewer FROM assignment a WHERE act = (SELECT max(l.act)
		FROM assignment l WHERE l.campaign = a.campaign
			AND l.question = a.question)
	UNION SELECT campaign, reviewer FROM decision WHERE decision <> 'not-mine')

-- ---- What follows ----

-- name: pack_exception
SELECT x.act AS "act", x.n AS "number", x.account AS "account",
	a.name AS "name", x."right" AS "right",
	(SELECT f.name FROM group_fact f WHERE f.object = x."right"
		ORDER BY f.since DESC LIMIT 1) AS "rightName",
	x.holder AS "holder", x.rule AS "rule", x.reason AS "reason",
	ifnull(x.compensation, '') AS "compensation", x.owner AS "owner",
	x.approver AS "approver", x.since AS "since:time", x.ends AS "ends:time",
	x.status AS "status"
FROM temp.pack_exception x JOIN temp.pack_account a ON a.account = x.account
ORDER BY x.since, x.act, x.n, x.account

-- name: pack_total_exception
SELECT (SELECT count(*) FROM exemption)
	+ (SELECT count(*) FROM exception WHERE until = 9223372036854775807)

-- name: pack_remedy
-- Those that were planned before the period ended, and not over before it.
SELECT m.id AS "id", m.act AS "act", m.account AS "account", a.name AS "name",
	m."right" AS "right",
	(SELECT f.name FROM group_fact f WHERE f.object = m."right"
		ORDER BY f.since DESC LIMIT 1) AS "rightName",
	m.holder AS "holder", m.action AS "action", m.severity AS "severity", m.owner AS "owner",
	o.at AS "ordered:time", p.due AS "due:time",
	p.verdict IS 'approved' AS "approved:flag",
	CASE WHEN p.verdict = 'refused' THEN 'refused'
		WHEN p.what IS NOT NULL THEN p.what
		WHEN p.verdict = 'approved' THEN 'approved' ELSE 'draft' END AS "status",
	l.started AS "closed:time", p.proof AS "proof",
	p.due < t.now AND p.what IS NOT 'proven'
		AND p.verdict IS NOT 'refused' AS "overdue:flag",
	p.extended AS "extended",
	(SELECT e.detail FROM remedy_event e WHERE e.remedy = m.id
		AND e.what = 'ticket' ORDER BY e.act DESC LIMIT 1) AS "ticket",
	coalesce(
		(SELECT group_concat(j.value, ' > ') FROM json_each(i.facts, '$.path') j),
		CASE i.facts ->> '$.enabled' WHEN 1 THEN 'enabled' WHEN 0 THEN 'disabled' END,
		substr(finding_text(f.rule, f.state, f.reason, f.about, f.evidence, 0),
			1, 16000), '') AS "before",
	p.detail AS "after",
	coalesce(substr(m.plan ->> '$.change', 1, 16000), m.plan ->> '$.form', '') AS "plan",
	m.finding AS "finding", m.campaign AS "campaign"
FROM temp.pack_is t CROSS JOIN remedy m
	CROSS JOIN temp.pack_remedy p ON p.remedy = m.id
	CROSS JOIN temp.pack_account a ON a.account = m.account
	CROSS JOIN act o ON o.id = m.act
	LEFT JOIN pull l ON l.id = p.proof
	LEFT JOIN item i ON i.campaign = m.campaign AND i.n = m.item
	LEFT JOIN finding f ON f.id = m.finding
WHERE o.at < t.until AND (o.at >= t.since OR l.started >= t.since
	OR (p.what IS NOT 'proven' AND p.verdict IS NOT 'refused'))
ORDER BY m.id

-- name: pack_total_remedy
SELECT count(*) FROM remedy

-- ---- What was signed ----

-- name: pack_act
SELECT a.id AS "id", a.at AS "at:time", a.kind AS "kind",
	g.fingerprint AS "signer", g.name AS "name",
	(SELECT s.verdict FROM second s WHERE s.of = a.id
		ORDER BY s.verdict = 'refused' DESC, s.act LIMIT 1) AS "seconded",
	p.included AS "included:flag", a.digest AS "digest:hex",
	nullif(a.signature, '') AS "signature", a.text AS "body:body"
FROM act a CROSS JOIN temp.pack_act p ON p.act = a.id
	LEFT JOIN signer g ON g.id = a.signer
ORDER BY a.id

-- name: pack_total_act
SELECT ifnull(max(id), 0) FROM act

-- name: pack_signer
SELECT g.act AS "act", g.name AS "name", g.employee AS "employee",
	g.role AS "role", g.fingerprint AS "fingerprint", g.key AS "key",
	(SELECT n.act FROM signer_end n WHERE n.signer = g.id AND EXISTS (
		SELECT 1 FROM second s WHERE s.of = n.act AND s.verdict = 'approved')
		ORDER BY n.act LIMIT 1) AS "ended"
FROM signer g ORDER BY g.id

-- name: pack_total_signer
SELECT count(*) FROM signer

-- name: pack_included
-- Acts whose rows are in the pack.
SELECT a.id, a.kind FROM temp.pack_act p JOIN act a ON a.id = p.act
	WHERE p.included ORDER BY a.id

-- name: pack_withheld
SELECT ifnull(sum(withheld = 'codes'), 0), ifnull(sum(withheld = 'size'), 0)
	FROM temp.pack_act

-- name: pack_total_signed
SELECT (SELECT count(*) FROM signer) + (SELECT count(*) FROM signer_end)
	+ (SELECT count(*) FROM second) + (SELECT count(*) FROM campaign)
	+ (SELECT count(*) FROM campaign_scope) + (SELECT count(*) FROM campaign_freeze)
	+ (SELECT count(*) FROM campaign_source) + (SELECT count(*) FROM question)
	+ (SELECT count(*) FROM item) + (SELECT count(*) FROM assignment)
	+ (SELECT count(*) FROM deputy) + (SELECT count(*) FROM worksheet)
	+ (SELECT count(*) FROM returned) + (SELECT count(*) FROM decision)
	+ (SELECT count(*) FROM reminder) + (SELECT count(*) FROM campaign_missing)
	+ (SELECT count(*) FROM campaign_end) + (SELECT count(*) FROM exempted)
	+ (SELECT count(*) FROM exempted_end) + (SELECT count(*) FROM remedy)
	+ (SELECT count(*) FROM remedy_event) + (SELECT count(*) FROM denied)
	+ (SELECT count(*) FROM daily) + (SELECT count(*) FROM daily_sign)
	+ (SELECT count(*) FROM sample) + (SELECT count(*) FROM pack)
	+ (SELECT count(*) FROM purge) + (SELECT count(*) FROM purged)
	+ (SELECT count(*) FROM hold) + (SELECT count(*) FROM confirmation)

-- name: pack_sample
SELECT s.act AS "act", a.at AS "at:time", s.campaign AS "campaign",
	s.seed AS "seed", s.size AS "size", s.stratum AS "stratum"
FROM temp.pack_is t CROSS JOIN sample s JOIN act a ON a.id = s.act
	JOIN temp.pack_campaign p ON p.campaign = s.campaign
WHERE a.at >= t.since AND a.at < t.until AND NOT t.apart
ORDER BY s.act

-- name: pack_total_sample
SELECT count(*) FROM sample

-- name: pack_purge
SELECT p.act AS "act", a.at AS "at:time", p.kind AS "kind",
	p."before" AS "before:time", p.rows AS "rows"
FROM purged p JOIN act a ON a.id = p.act ORDER BY p.act, p.kind

-- name: pack_total_purge
SELECT count(*) FROM purged

-- ---- What it comes to ----

-- name: pack_trend
SELECT t.name AS "period", t.ends AS "ends:time", t.rule AS "rule",
	rule_told(t.rule, 'severity') AS "severity", t.open AS "open",
	t.new AS "new", t.repeated AS "repeated", t.closed AS "closed",
	round(t.close_days, 1) AS "closeDays", t.oldest_days AS "oldestDays",
	t.why = '' AS "comparable:flag", t.why AS "why"
FROM (SELECT t.*,
		CASE WHEN t.digest IS NULL OR b.digest IS NULL THEN 'not-checked' ELSE trim(
			CASE WHEN t.digest <> b.digest THEN 'rule ' ELSE '' END
			|| CASE WHEN q.profile <> l.profile THEN 'profile ' ELSE '' END
			|| CASE WHEN q.thresholds IS NOT l.thresholds THEN 'thresholds ' ELSE '' END
			|| CASE WHEN q.covered IS NOT l.covered THEN 'coverage ' ELSE '' END) END AS why
	FROM temp.pack_trend t JOIN temp.pack_quarter q ON q.n = t.n
		LEFT JOIN temp.pack_trend b ON b.rule = t.rule AND b.n = t.n - 1
		LEFT JOIN temp.pack_quarter l ON l.n = t.n - 1) t
ORDER BY t.n, t.rule

-- name: pack_total_trend
SELECT count(*) FROM temp.pack_trend

-- name: pack_risk
-- Departments of holders; and core systems beside the others.
SELECT area AS "area", kind AS "kind", printf('%.4f', exposure) AS "exposure",
	printf('%.1f', points) AS "points",
	CASE WHEN exposure >= 0.5 AND points >= 10 THEN 'improve'
		WHEN points >= 10 THEN 'strengthen'
		WHEN exposure >= 0.5 THEN 'observe' ELSE 'maintain' END AS "block",
	accounts AS "accounts", findings AS "findings", 'house-1' AS "formula"
FROM (
	SELECT a.area, a.kind, a.core * 1.0 / a.accounts AS exposure, a.accounts,
		ifnull(f.points, 0) AS points, ifnull(f.findings, 0) AS findings
	FROM (SELECT department AS area, 'department' AS kind, sum(core) AS core,
			count(*) AS accounts FROM temp.pack_account
			WHERE there AND department <> '' GROUP BY department
		UNION ALL SELECT CASE WHEN core THEN 'core' ELSE 'other' END, 'class',
			sum(core), count(*) FROM temp.pack_account WHERE there GROUP BY 1) a
	LEFT JOIN (SELECT department AS area, 'department' AS kind,
			sum(points) AS points, sum(points > 0) AS findings
			FROM temp.pack_finding WHERE department <> '' GROUP BY department
		UNION ALL SELECT CASE WHEN core THEN 'core' ELSE 'other' END, 'class',
			sum(points), sum(points > 0) FROM temp.pack_finding GROUP BY 1) f
		ON f.kind = a.kind AND f.area = a.area)
ORDER BY kind, area

-- name: pack_total_risk
SELECT (SELECT count(DISTINCT department) FROM temp.pack_account
		WHERE there AND department <> '')
	+ (SELECT count(DISTINCT core) FROM temp.pack_account WHERE there)

-- ---- Controls ----

-- name: pack_control_checked
-- Of a period without a check there are no findings, which proves nothing.
SELECT EXISTS (SELECT 1 FROM check_run c, temp.pack_is t
	WHERE c.at >= t.since AND c.at < t.until
		AND (SELECT count(*) FROM rule_run u WHERE u.run = c.id) > 1)

-- name: pack_control_rule
-- Whether it ran in the period and in the check whose findings stand, and what
-- stands of it.
SELECT EXISTS (SELECT 1 FROM rule_run r, temp.pack_is t
		WHERE r.run = t.run AND r.rule = :rule
			AND EXISTS (SELECT 1 FROM check_run c, rule_run u
				WHERE c.at >= t.since AND c.at < t.until
					AND u.run = c.id AND u.rule = :rule)),
	EXISTS (SELECT 1 FROM rule_run r, temp.pack_is t
		WHERE r.run = t.run AND r.rule = :rule AND r.error IS NOT NULL),
	ifnull((SELECT r.population FROM rule_run r, temp.pack_is t
		WHERE r.run = t.run AND r.rule = :rule), 0),
	ifnull(max(s.unknown), 0), ifnull(max(s.open), 0),
	ifnull(max(s.overdue), 0), ifnull(max(s.excepted), 0)
FROM temp.pack_rule_state s WHERE s.rule = :rule

-- name: pack_control_verdicts
-- Of the profiles in that list.
SELECT v.requirement, v.verdict, count(*)
FROM verdict v JOIN temp.pack_source s ON s.source = v.source
WHERE v.run = (SELECT max(run) FROM verdict)
	AND (instr(',' || :profiles || ',', ',' || v.profile || ',') > 0
		OR v.verdict = 'conflict')
GROUP BY 1, 2

-- name: pack_control_daily
SELECT count(*), sum(mark = 'missing'), sum(mark = 'late'),
	sum(state = 'incomplete'), sum(mark = 'waiting')
FROM (SELECT CASE WHEN p.late THEN 'late' WHEN p.signed THEN 'on-time'
			WHEN p.due < (SELECT now FROM temp.pack_is) THEN 'missing'
			ELSE 'waiting' END AS mark, d.state
		FROM temp.pack_daily p JOIN daily d ON d.day = p.day
			AND d.source = p.source AND d.version = p.version
	UNION ALL SELECT CASE WHEN due < (SELECT now FROM temp.pack_is)
			THEN 'missing' ELSE 'waiting' END, 'none'
		FROM temp.pack_missing)

-- name: pack_control_campaign
-- Whole reviews that were brought to their end, and all that are not over.
SELECT sum(ifnull(e.how, '') = 'closed' AND c.type IN ('periodic', 'privileged')),
	sum(e.how IS NULL)
FROM temp.pack_campaign p JOIN campaign c ON c.id = p.campaign
	LEFT JOIN campaign_end e ON e.campaign = c.id

-- name: pack_control_remedy
SELECT 1, ifnull(sum(p.due < t.now AND p.what IS NOT 'proven'
		AND p.verdict IS NOT 'refused'), 0),
	(SELECT count(*) FROM temp.pack_finding WHERE status = 'overdue'),
	ifnull(sum(p.due >= t.now AND p.what IS NOT 'proven'
		AND p.verdict IS NOT 'refused'), 0)
FROM temp.pack_is t LEFT JOIN (SELECT p.* FROM temp.pack_remedy p
	JOIN remedy m ON m.id = p.remedy
	JOIN temp.pack_account a ON a.account = m.account) p

-- name: pack_control_exception
SELECT 1, ifnull(sum(status = 'waiting'), 0) FROM temp.pack_exception

-- name: pack_control_findings
-- Of rules in a list with blanks between.
SELECT ifnull(sum(findings), 0) FROM temp.pack_rule_state
	WHERE instr(' ' || :rules || ' ', ' ' || rule || ' ') > 0
