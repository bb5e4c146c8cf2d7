-- Decisions on the questions of a campaign; see review/decision.h.

-- name: decision_question
-- The question, and who is to answer it: the newest assignment's.
SELECT (SELECT a.at FROM campaign_freeze f JOIN act a ON a.id = f.act
		WHERE f.campaign = q.campaign) AS frozen,
	(SELECT e.how FROM campaign_end e WHERE e.campaign = q.campaign) AS ended,
	c.due,
	ifnull((SELECT a.reviewer FROM assignment a WHERE a.campaign = q.campaign
		AND a.question = q.n ORDER BY a.act DESC LIMIT 1), '') AS reviewer
	FROM question q JOIN campaign c ON c.id = q.campaign
	WHERE q.campaign = :campaign AND q.n = :question

-- name: decision_items
-- What is decided: all of the question. What can't be told to be unprivileged
-- is judged as privileged.
SELECT n, ifnull(privileged, 1) AS privileged,
	severity NOT IN ('', 'low', 'info') AS flagged, low, person,
	facts ->> 'account' AS account
	FROM item INDEXED BY item_by_question
	WHERE campaign = :campaign AND question = :question

-- name: decision_item
-- The same, of one item.
SELECT n, ifnull(privileged, 1) AS privileged,
	severity NOT IN ('', 'low', 'info') AS flagged, low, person,
	facts ->> 'account' AS account
	FROM item
	WHERE campaign = :campaign AND n = :item AND question = :question

-- name: decision_conflict
SELECT why FROM item_conflict WHERE campaign = :campaign AND item = :item
	AND employee = :employee ORDER BY why = 'holder' DESC LIMIT 1

-- name: decision_person
-- Whether personnel data know an employee, and whether they left.
SELECT f.status = 'left' OR ifnull(f.left_at <= :now, 0) AS "left"
	FROM person p JOIN person_fact f ON f.person = p.id
	WHERE p.employee = :employee AND f.until = 9223372036854775807

-- name: decision_deputy
-- Who stands in for a reviewer now: what the newest act says.
SELECT d.questions, ifnull(s.employee, '') AS namer FROM deputy d
	JOIN act a ON a.id = d.act LEFT JOIN signer s ON s.id = a.signer
	WHERE d.reviewer = :reviewer AND d.deputy = :deputy
	AND d.act = (SELECT max(act) FROM deputy WHERE reviewer = :reviewer)
	AND d.not_before <= :now AND :now < d.not_after

-- name: decision_reports
-- Whether somebody holds what is asked, whom an employee reports to, up to ten
-- managers above.
WITH RECURSIVE up (employee, level) AS (
	SELECT :employee, 0
	UNION SELECT f.manager, u.level + 1 FROM up u
		JOIN person p ON p.employee = u.employee
		JOIN person_fact f ON f.person = p.id
		WHERE f.until = 9223372036854775807 AND f.manager IS NOT NULL
			AND u.level < 10)
SELECT 1 FROM item i INDEXED BY item_by_question
	WHERE i.campaign = :campaign AND i.question = :question
		AND i.person IN (SELECT employee FROM up WHERE level > 0) LIMIT 1

-- name: decision_deputy_used
-- How many questions of somebody else a deputy has answered, this one not
-- counted; no more than are asked for.
SELECT count(*) FROM (SELECT DISTINCT d.question FROM decision d
	WHERE d.campaign = :campaign AND d.reviewer = :deputy
		AND d.question <> :question AND d.grade <> 'silent'
		AND :reviewer = (SELECT a.reviewer FROM assignment a
			WHERE a.campaign = d.campaign AND a.question = d.question
			ORDER BY a.act DESC LIMIT 1)
	LIMIT :limit)

-- name: decision_stands
SELECT 1 FROM decision d WHERE campaign = :campaign AND question = :question
	AND item IN (0, :item) AND grade <> 'silent' AND decision <> 'not-mine'
	AND NOT EXISTS (SELECT 1 FROM second s WHERE s.of = d.act
		AND s.verdict = 'refused') LIMIT 1

-- name: decision_add
INSERT INTO decision (act, n, campaign, question, item, decision, reason,
		change, compensation, ends, proposal, reviewer, grade, decided,
		seconds, bulk)
	VALUES (:act, (SELECT ifnull(max(n), 0) + 1 FROM decision WHERE act = :act),
		:campaign, :question, :item, :decision, :reason, :change,
		:compensation, :ends, :proposal, :reviewer, :grade, :decided,
		:seconds, :bulk)
