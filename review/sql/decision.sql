-- Decisions on the questions of a campaign; see review/decision.h.

-- name: decision_question
-- The question, and who is to answer it: the newest assignment's.
SELECT EXISTS (SELECT 1 FROM campaign_freeze f WHERE f.campaign = q.campaign) AS frozen,
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
SELECT questions FROM deputy WHERE reviewer = :reviewer AND deputy = :deputy
	AND act = (SELECT max(act) FROM deputy WHERE reviewer = :reviewer)
	AND not_before <= :now AND :now < not_after

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
