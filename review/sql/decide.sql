-- What reviewers are asked, on a terminal and as a list; see review/question.h.

-- name: decide_campaigns
-- Those that are open and frozen; one, if it is named. population: 16 digits.
SELECT c.id, c.name, c.due, lower(substr(hex(a.digest), 1, 16)) AS population
	FROM campaign c JOIN campaign_freeze f ON f.campaign = c.id
		JOIN act a ON a.id = f.act
	WHERE c.id NOT IN (SELECT campaign FROM campaign_end)
		AND (:name IS NULL OR c.name = :name)
	ORDER BY c.due, c.id

-- name: decide_questions
-- Whose the newest assignment says; a deputy's, too. left: how many items of it
-- nobody has decided.
SELECT q.n, q.kind, q.title, q.title_zh, q.items, q.privileged, q.flagged, q.low,
	a.reviewer,
	(SELECT count(*) FROM item i INDEXED BY item_by_question
		WHERE i.campaign = q.campaign AND i.question = q.n
		AND NOT EXISTS (SELECT 1 FROM item_decision d
			WHERE d.campaign = i.campaign AND d.item = i.n
				AND d.decision <> 'not-mine' AND d.grade <> 'silent')) AS left_
	FROM (SELECT :employee AS employee
		UNION SELECT d.reviewer FROM deputy d
			WHERE d.deputy = :employee AND d.not_before <= :now
			AND :now < d.not_after AND d.act = (SELECT max(o.act)
				FROM deputy o WHERE o.reviewer = d.reviewer)) m
		CROSS JOIN assignment a ON a.campaign = :campaign
			AND a.reviewer = m.employee
		CROSS JOIN question q ON q.campaign = a.campaign AND q.n = a.question
	WHERE a.act = (SELECT max(b.act) FROM assignment b
		WHERE b.campaign = a.campaign AND b.question = a.question)
	ORDER BY q.n

-- name: decide_questions_all
-- Everybody's, and those that nobody has.
SELECT q.n, q.kind, q.title, q.title_zh, q.items, q.privileged, q.flagged, q.low,
	ifnull((SELECT a.reviewer FROM assignment a WHERE a.campaign = q.campaign
		AND a.question = q.n ORDER BY a.act DESC LIMIT 1), '') AS reviewer,
	(SELECT count(*) FROM item i INDEXED BY item_by_question
		WHERE i.campaign = q.campaign AND i.question = q.n
		AND NOT EXISTS (SELECT 1 FROM item_decision d
			WHERE d.campaign = i.campaign AND d.item = i.n
				AND d.decision <> 'not-mine' AND d.grade <> 'silent')) AS left_
	FROM question q WHERE q.campaign = :campaign
	ORDER BY q.n

-- name: decide_items
-- The items of a question, in a line each.
SELECT i.n, ifnull(i.privileged, 1) AS privileged,
	i.severity NOT IN ('', 'low', 'info') AS flagged, i.low,
	i.facts ->> 'account' AS account, i.facts ->> 'source' AS source,
	i.facts ->> 'host' AS host, i.facts ->> 'person' AS person,
	i.facts ->> 'employee' AS employee, i.facts ->> 'right' AS "right",
	(SELECT d.decision FROM item_decision d WHERE d.campaign = i.campaign
		AND d.item = i.n AND d.decision <> 'not-mine'
		AND d.grade <> 'silent') AS decision
	FROM item i INDEXED BY item_by_question
	WHERE i.campaign = :campaign AND i.question = :question
	ORDER BY i.n

-- name: decide_item
-- All that the reviewer is shown of an item; without one, of the question's
-- first.
SELECT i.n, i.novelty, ifnull(i.privileged, 1) AS privileged,
	i.privileged IS NULL AS untold, i.severity, q.kind, q.title, q.title_zh, q.items,
	i.facts ->> 'source' AS source, i.facts ->> 'host' AS host,
	i.facts ->> 'account' AS account, i.facts ->> 'display' AS display,
	i.facts ->> 'enabled' AS enabled, i.facts ->> 'person' AS person,
	i.facts ->> 'employee' AS employee,
	i.facts ->> 'department' AS department, i.facts ->> 'title' AS job,
	i.facts ->> 'status' AS status, i.facts ->> 'owner' AS owner,
	i.facts ->> 'owner_confirmed' AS owner_confirmed,
	i.facts ->> 'right' AS "right", i.facts ->> 'right_en' AS right_en,
	i.facts ->> 'right_zh' AS right_zh, i.facts ->> 'right_kind' AS right_kind,
	i.facts ->> 'description' AS description,
	(SELECT group_concat(value, ' > ') FROM json_each(i.facts, '$.path')) AS path,
	i.facts ->> 'ways' AS ways, i.facts ->> 'acquired' AS acquired,
	i.facts ->> 'acquired_how' AS acquired_how, i.facts ->> 'ticket' AS ticket,
	i.facts ->> 'used' AS used, i.facts ->> 'used_attribute' AS used_attribute,
	i.facts ->> 'used_resolution' AS used_resolution,
	i.facts ->> 'used_certain' AS used_certain,
	i.facts ->> 'peers' AS peers, i.facts ->> 'peers_holding' AS peers_holding,
	i.facts ->> '$.last.decision' AS last, i.facts ->> '$.last.by' AS last_by,
	i.facts ->> '$.last.at' AS last_at,
	i.facts ->> '$.last.campaign' AS last_campaign
	FROM item i JOIN question q ON q.campaign = i.campaign AND q.n = i.question
	WHERE i.campaign = :campaign AND i.n = CASE WHEN :item > 0 THEN :item
		ELSE (SELECT min(n) FROM item INDEXED BY item_by_question
			WHERE campaign = :campaign AND question = :question) END

-- name: decide_findings
SELECT j.value ->> 'rule' AS rule, j.value ->> 'severity' AS severity,
	j.value ->> 'state' AS state, j.value ->> 'excepted' AS excepted,
	j.value ->> 'title' AS title, j.value ->> 'title_zh' AS title_zh,
	j.value ->> 'text' AS text, j.value ->> 'text_zh' AS text_zh
	FROM item i, json_each(i.facts, '$.findings') j
	WHERE i.campaign = :campaign AND i.n = :item
	ORDER BY CASE j.value ->> 'severity' WHEN 'critical' THEN 0 WHEN 'high' THEN 1
		WHEN 'medium' THEN 2 WHEN 'low' THEN 3 ELSE 4 END, 1

-- name: decide_confirmed
-- What a second person's approval of an act makes count.
SELECT d.n, c.name AS campaign, d.question, i.n AS item,
	i.facts ->> 'account' AS account, i.facts ->> 'right' AS "right",
	i.person, ifnull(i.privileged, 1) AS privileged, i.severity, d.decision,
	d.reason, d.reviewer, d.grade, a.signer, a.kind
	FROM act a JOIN decision d ON d.act = a.id
		JOIN campaign c ON c.id = d.campaign
		JOIN item i INDEXED BY item_by_question ON i.campaign = d.campaign
			AND i.question = d.question AND d.item IN (0, i.n)
	WHERE a.id = :act ORDER BY d.n, i.n

-- name: decide_may_not_confirm
-- Employees who signed the act or hold what it decides.
SELECT DISTINCT ifnull(s.employee, s.name) AS employee, 'signer' AS why
	FROM act a JOIN signer s ON s.id = a.signer WHERE a.id = :act
UNION
SELECT DISTINCT i.person, 'holder' FROM decision d
	JOIN item i INDEXED BY item_by_question ON i.campaign = d.campaign
		AND i.question = d.question AND d.item IN (0, i.n)
		JOIN signer s ON s.employee = i.person
	WHERE d.act = :act
UNION
SELECT DISTINCT p.employee, 'holder' FROM decision d
	JOIN item i INDEXED BY item_by_question ON i.campaign = d.campaign
		AND i.question = d.question AND d.item IN (0, i.n)
		JOIN person_account l ON l.object = i.account
		JOIN person p ON p.id = l.person
		JOIN signer s ON s.employee = p.employee
	WHERE d.act = :act
	ORDER BY 2 DESC, 1
