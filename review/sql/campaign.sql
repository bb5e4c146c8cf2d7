-- Campaigns; see review/campaign.h. Their population is frozen by freeze.sql,
-- and assigned by assign.sql.

-- name: campaign_by_name
SELECT c.id, c.name, c.type, c.due, f.act IS NOT NULL AS frozen,
	ifnull(e.how, '') AS ended, a.digest AS population
	FROM campaign c LEFT JOIN campaign_freeze f ON f.campaign = c.id
		LEFT JOIN act a ON a.id = f.act
		LEFT JOIN campaign_end e ON e.campaign = c.id
	WHERE c.name = :name

-- name: campaign_open_names
-- Those that are neither closed nor cancelled.
SELECT name FROM campaign WHERE id NOT IN (SELECT campaign FROM campaign_end)
	ORDER BY id

-- name: campaign_list
SELECT c.name, c.type, c.due, c.cause, f.items, f.questions, f.excluded,
	(SELECT ifnull(sum(s.excluded_rights), 0) FROM campaign_source s
		WHERE s.campaign = f.campaign) AS excluded_rights,
	ifnull(e.how, CASE WHEN f.act IS NULL THEN 'draft' ELSE 'open' END) AS state
	FROM campaign c LEFT JOIN campaign_freeze f ON f.campaign = c.id
		LEFT JOIN campaign_end e ON e.campaign = c.id
	ORDER BY c.id

-- name: campaign_reviewer_of
SELECT reviewer FROM assignment WHERE campaign = :campaign
	AND question = :question ORDER BY act DESC LIMIT 1

-- name: campaign_left
SELECT f.status = 'left' OR ifnull(f.left_at <= :now, 0)
	FROM person p JOIN person_fact f ON f.person = p.id
	WHERE p.employee = :employee AND f.until = 9223372036854775807

-- name: campaign_item_conflict
SELECT why FROM item_conflict WHERE campaign = :campaign AND item = :item
	AND employee = :employee ORDER BY why = 'holder' DESC LIMIT 1

-- name: campaign_question_conflict
SELECT c.why FROM item i INDEXED BY item_by_question CROSS JOIN item_conflict c
	ON c.campaign = i.campaign AND c.item = i.n
	WHERE i.campaign = :campaign AND i.question = :question
		AND c.employee = :employee LIMIT 1

-- ---- Opening ----

-- name: campaign_add
INSERT INTO campaign (act, name, type, due, fallback, previous, cause)
	VALUES (:act, :name, :type, :due, :fallback, :previous, :cause)

-- name: campaign_scope_add
INSERT INTO campaign_scope (act, campaign, n, include, what, value, reason)
	VALUES (:act, :campaign, (SELECT ifnull(max(n), 0) + 1 FROM campaign_scope
		WHERE campaign = :campaign), :include, :what, :value, :reason)

-- name: campaign_scope_copy
-- A new act signs it anew.
INSERT INTO campaign_scope (act, campaign, n, include, what, value, reason)
	SELECT :act, :campaign, n, include, what, value, reason FROM campaign_scope
	WHERE campaign = :previous

-- name: campaign_scope_rows
SELECT n, include, what, value, reason FROM campaign_scope
	WHERE campaign = :campaign ORDER BY n

-- name: campaign_scope_has
SELECT 1 FROM campaign_scope WHERE campaign = :campaign AND what = :what LIMIT 1

-- name: campaign_fallback
SELECT fallback FROM campaign WHERE id = :campaign

-- name: campaign_difference
-- Sources and hosts there are now, beside those that a campaign had; and those
-- that the register of systems does not know.
WITH now AS (
	SELECT s.name AS source, '' AS host FROM source s
	UNION SELECT s.name, q.base FROM source s JOIN query q ON q.what = 'host'
		AND q.pull = (SELECT max(p.id) FROM pull p
			WHERE p.source = s.id AND p.state = 'applied')
	UNION SELECT s.name, f.host FROM account_fact f JOIN object o ON o.id = f.object
		JOIN source s ON s.id = o.source
		WHERE f.until = 9223372036854775807 AND f.host IS NOT NULL
), then_ AS (
	SELECT source, host FROM campaign_source
		WHERE campaign = :previous AND novelty <> 'gone'
	UNION SELECT source, '' FROM campaign_source
		WHERE campaign = :previous AND novelty <> 'gone')
SELECT 'new' AS what, source, host FROM now WHERE :previous > 0
	AND (source, host) NOT IN (SELECT source, host FROM then_)
UNION ALL SELECT 'gone', source, host FROM then_
	WHERE (source, host) NOT IN (SELECT source, host FROM now)
UNION ALL SELECT 'no-class', source, host FROM now n
	WHERE EXISTS (SELECT 1 FROM system WHERE until = 9223372036854775807)
		AND NOT EXISTS (SELECT 1 FROM system y
			WHERE y.until = 9223372036854775807 AND y.class <> ''
				AND ifnull(y.source, '') IN ('', n.source)
				AND ifnull(y.host, '') IN ('', n.host)
				AND ifnull(y.source, '') || ifnull(y.host, '') <> '')
	ORDER BY 1, 2, 3

-- name: campaign_check
-- The newest check of more than one rule, and whether pulls were applied since.
SELECT r.id, r.profile, r.state, (SELECT ifnull(max(p.id), 0) FROM pull p
		WHERE p.state = 'applied') AS newest
	FROM check_run r WHERE (SELECT count(*) FROM rule_run u WHERE u.run = r.id) > 1
	ORDER BY r.id DESC LIMIT 1

-- name: campaign_compare
-- Whose population a new one is set beside: the one whose scope it copied, else
-- the newest of its type.
SELECT ifnull(c.previous, (SELECT max(f.campaign) FROM campaign_freeze f
		JOIN campaign o ON o.id = f.campaign
		WHERE o.type = c.type AND c.type <> 'event' AND o.id < c.id
			AND NOT EXISTS (
			SELECT 1 FROM campaign_end e WHERE e.campaign = o.id
				AND e.how = 'cancelled')))
	FROM campaign c WHERE c.id = :campaign

-- name: campaign_source_never
-- A source of review.conf that was never pulled.
INSERT INTO campaign_source (act, campaign, source, host, core, pull, at,
		complete, reason, accounts, rights, excluded, excluded_rights, novelty)
	SELECT :act, :campaign, :source, '', :core, NULL, NULL, 0,
		CASE WHEN EXISTS (SELECT 1 FROM campaign_scope WHERE campaign = :campaign
				AND what = 'source' AND include = 0 AND value = :source)
			THEN CASE WHEN :core THEN 'excluded' ELSE 'out-of-scope' END
			ELSE 'never-pulled' END, 0, 0, 0, 0, ''
	WHERE NOT EXISTS (SELECT 1 FROM source WHERE name = :source)

-- name: campaign_freeze_row
SELECT f.accounts, f.excluded, (SELECT ifnull(sum(s.excluded_rights), 0)
		FROM campaign_source s WHERE s.campaign = f.campaign) AS excluded_rights,
	f.items, f.questions, f.run, f.state, f.profile,
	f.act, a.at,
	(SELECT count(*) FROM question q WHERE q.campaign = f.campaign
		AND q.kind <> 'single') AS grouped
	FROM campaign_freeze f JOIN act a ON a.id = f.act WHERE f.campaign = :campaign

-- name: campaign_items
SELECT items FROM campaign_freeze WHERE campaign = :campaign

-- name: campaign_missing_rows
-- What the campaign misses, and whether two persons let it close all the same.
-- Without a host what is excluded is so of the whole source.
SELECT s.source, s.host, s.core, s.reason, s.at, s.excluded, s.excluded_rights,
	(SELECT max(m.act) FROM campaign_missing m WHERE m.campaign = s.campaign
		AND m.source = s.source AND m.host = s.host) AS act,
	EXISTS (SELECT 1 FROM campaign_missing m JOIN second t ON t.of = m.act
		WHERE m.campaign = s.campaign AND m.source = s.source
			AND (m.host = s.host OR m.host = '' AND s.reason = 'excluded')
			AND t.verdict = 'approved') AS excused
	FROM campaign_source s
	WHERE s.campaign = :campaign AND (s.reason = 'excluded'
		OR s.complete = 0 AND s.reason <> 'out-of-scope')
	ORDER BY s.core DESC, s.source, s.host

-- name: campaign_places
SELECT count(*) FROM campaign_source
	WHERE campaign = :campaign AND reason <> 'out-of-scope' AND novelty <> 'gone'
		AND NOT (reason = 'excluded' AND accounts = 0)

-- ---- Assigning ----

-- name: assign_rule_make
CREATE TEMP TABLE IF NOT EXISTS assign_rule (n INTEGER PRIMARY KEY, what TEXT,
	value TEXT, employee TEXT)

-- name: assign_rule_clear
DELETE FROM temp.assign_rule

-- name: campaign_assigned
-- What an act assigned.
SELECT reviewer, why, count(*) AS questions FROM assignment
	WHERE act = :act GROUP BY reviewer, why ORDER BY reviewer, why

-- name: assignment_add
INSERT INTO assignment (act, campaign, question, reviewer, why)
	VALUES (:act, :campaign, :question, :reviewer, :why)

-- name: assign_list_picked
-- What an act gave to somebody by its list that its signer may not give away,
-- having a conflict on it ("own"), or whose reviewer reports to the holder.
WITH RECURSIVE given (question, reviewer) AS (
	SELECT question, reviewer FROM assignment WHERE act = :act
		AND campaign = :campaign AND (why = 'list' OR why LIKE '%; list')
), up (reviewer, employee, level) AS (
	SELECT DISTINCT reviewer, reviewer, 0 FROM given
	UNION SELECT u.reviewer, f.manager, u.level + 1 FROM up u
		JOIN person p ON p.employee = u.employee
		JOIN person_fact f ON f.person = p.id
		WHERE f.until = 9223372036854775807 AND f.manager IS NOT NULL
			AND u.level < 10)
SELECT g.question, g.reviewer, 1 AS own FROM given g
	CROSS JOIN item i INDEXED BY item_by_question
		ON i.campaign = :campaign AND i.question = g.question
	CROSS JOIN item_conflict c ON c.campaign = i.campaign AND c.item = i.n
	WHERE c.employee = :signer
UNION ALL
SELECT g.question, g.reviewer, 0 FROM given g
	CROSS JOIN item i INDEXED BY item_by_question
		ON i.campaign = :campaign AND i.question = g.question
	JOIN up u ON u.reviewer = g.reviewer AND u.employee = i.person
	WHERE u.level > 0
LIMIT 1

-- name: assign_rule_add
INSERT INTO temp.assign_rule (what, value, employee)
	VALUES (:what, :value, :employee)

-- ---- How far it is: of the tables that progress.sql makes ----

-- name: progress_reviewers
SELECT p.reviewer, f.name, f.department, f.mail, count(*) AS questions,
	sum(p.items) AS items, sum(p.state > 0) AS decided, sum(p.state = 0) AS undecided,
	sum(p.state = 1) AS waiting, sum(p.state = 0 AND p.privileged) AS privileged,
	w.decisions, w.keeps, w.median,
	ifnull(w.decisions >= :rubber_stamp_decisions AND (w.keeps = w.decisions
		OR w.median < :rubber_stamp_seconds), 0) AS stamped
	FROM temp.progress p LEFT JOIN person e ON e.employee = p.reviewer
		LEFT JOIN person_fact f ON f.person = e.id AND f.until = 9223372036854775807
		LEFT JOIN temp.pace w ON w.reviewer = p.reviewer
	GROUP BY p.reviewer ORDER BY undecided DESC, p.reviewer

-- name: progress_departments
SELECT ifnull(f.department, '') AS department,
	count(DISTINCT p.reviewer) AS reviewers, count(*) AS questions,
	sum(p.items) AS items, sum(p.state > 0) AS decided, sum(p.state = 0) AS undecided,
	sum(p.state = 1) AS waiting
	FROM temp.progress p LEFT JOIN person e ON e.employee = p.reviewer
		LEFT JOIN person_fact f ON f.person = e.id AND f.until = 9223372036854775807
	GROUP BY 1 ORDER BY undecided DESC, 1

-- name: progress_decisions
-- What stands on items, by decision and grade.
SELECT d.decision, d.grade, count(*) AS items, sum(d.effective) AS effective,
	sum(d.grouped) AS grouped
	FROM temp.stands d GROUP BY 1, 2 ORDER BY 1, 2

-- name: progress_nobody
SELECT count(*) FROM temp.progress WHERE reviewer = '' AND state = 0

-- name: progress_waiting
-- Acts whose decisions have no effect until a second person approves.
SELECT d.act, d.grade, count(*) AS items FROM temp.stands d
	WHERE d.decision <> 'not-mine' AND NOT d.effective
	GROUP BY d.act, d.grade ORDER BY d.act

-- name: progress_totals
SELECT count(*) AS items, sum(d.decision = 'exception') AS excepted,
	sum(d.decision IN ('revoke', 'disable', 'delete')) AS revoked
	FROM item_decision d WHERE d.campaign = :campaign AND d.decision <> 'not-mine'

-- name: progress_unsent
-- Whom to tell: who has undecided questions, and was not told so in that step.
SELECT p.reviewer, f.name, f.mail, count(*) AS questions,
	sum(p.privileged) AS privileged
	FROM temp.progress p LEFT JOIN person e ON e.employee = p.reviewer
		LEFT JOIN person_fact f ON f.person = e.id AND f.until = 9223372036854775807
	WHERE p.state = 0 AND p.reviewer <> ''
		AND NOT EXISTS (SELECT 1 FROM reminder r WHERE r.campaign = :campaign
			AND r.reviewer = p.reviewer AND r.step = :step)
	GROUP BY p.reviewer ORDER BY p.reviewer

-- name: reminder_add
INSERT INTO reminder (act, campaign, reviewer, step, mail, questions)
	VALUES (:act, :campaign, :reviewer, :step, :mail, :questions)

-- name: progress_silent
-- What nobody answered: no word of a person on any part of it.
SELECT p.question, p.reviewer FROM temp.progress p
	WHERE p.state = 0 AND p.silent = 0
		AND NOT EXISTS (SELECT 1 FROM decision d WHERE d.campaign = :campaign
			AND d.question = p.question AND d.item = 0 AND d.grade <> 'silent'
			AND d.decision <> 'not-mine' AND NOT EXISTS (SELECT 1 FROM second s
				WHERE s.of = d.act AND s.verdict = 'refused'))
	ORDER BY p.question

-- ---- Ending ----

-- name: campaign_missing_add
INSERT INTO campaign_missing (act, campaign, source, host, reason)
	VALUES (:act, :campaign, :source, :host, :reason)

-- name: campaign_missing_one
SELECT core AND reason <> 'excluded', reason FROM campaign_source
	WHERE campaign = :campaign AND source = :source
		AND (host = :host OR :host = '' AND reason = 'excluded')
		AND (reason = 'excluded' OR complete = 0 AND reason <> 'out-of-scope')
	ORDER BY 1 DESC LIMIT 1

-- name: campaign_end_add
INSERT INTO campaign_end (act, campaign, how, reason, decided, excepted, revoked)
	VALUES (:act, :campaign, :how, :reason, :decided, :excepted, :revoked)

-- name: deputy_add
INSERT INTO deputy (act, reviewer, deputy, not_before, not_after, questions)
	VALUES (:act, :reviewer, :deputy, :not_before, :not_after, :questions)

-- name: reassign_rows
-- Undecided questions that are a reviewer's now, or one of them.
SELECT p.question FROM temp.progress p WHERE p.reviewer = :reviewer
	AND p.state = 0 AND (:question = 0 OR p.question = :question)
	ORDER BY p.question

-- name: campaign_can_be_asked
SELECT EXISTS (SELECT 1 FROM person p JOIN person_fact f ON f.person = p.id
		WHERE p.employee = :employee AND f.until = 9223372036854775807
			AND f.status = 'active' AND (f.left_at IS NULL OR f.left_at > :now))
	OR EXISTS (SELECT 1 FROM signer s WHERE s.employee = :employee
		AND NOT EXISTS (SELECT 1 FROM person p WHERE p.employee = :employee))

-- ---- Events ----

-- name: campaign_events
-- Who left or moved lately, with accounts, and without a campaign for it yet.
SELECT p.id AS person, p.employee, v.what, v.at, date(v.at, 'unixepoch') AS day,
	v.what || ':' || p.employee || ':' || date(v.at, 'unixepoch') AS cause
	FROM person_event v JOIN person p ON p.id = v.person
	WHERE v.what IN ('left', 'transferred') AND v.at <= :now AND v.at > :since
		AND EXISTS (SELECT 1 FROM person_account a JOIN account_fact f
			ON f.object = a.object AND f.until = 9223372036854775807
			WHERE a.person = p.id AND a.how <> 'ambiguous')
		AND NOT EXISTS (SELECT 1 FROM campaign c WHERE c.cause = v.what || ':'
			|| p.employee || ':' || date(v.at, 'unixepoch'))
	ORDER BY v.at, p.employee

-- name: campaign_last_fallback
SELECT fallback FROM campaign WHERE fallback <> '' ORDER BY id DESC LIMIT 1

-- name: progress_undecided
SELECT reviewer, count(*) FROM temp.progress
	WHERE state = 0 AND reviewer <> '' GROUP BY reviewer ORDER BY 2 DESC, 1

-- name: campaign_assigned_count
SELECT count(*) FROM assignment WHERE act = :act
