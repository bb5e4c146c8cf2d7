-- Worksheets; see review/worksheet.h.

-- name: worksheet_reviewers
-- Who is to answer something in a campaign: the newest assignment of each
-- question holds. A reviewer of NULL: everyone.
SELECT a.reviewer, count(*) AS questions FROM assignment a
WHERE a.campaign = :campaign AND a.reviewer <> ''
	AND (:reviewer IS NULL OR a.reviewer = :reviewer)
	AND NOT EXISTS (SELECT 1 FROM assignment l WHERE l.campaign = a.campaign
		AND l.question = a.question AND l.act > a.act)
GROUP BY a.reviewer ORDER BY a.reviewer

-- name: worksheet_reviewer
SELECT f.name, f.mail FROM person p JOIN person_fact f ON f.person = p.id
WHERE p.employee = :reviewer AND f.until = 9223372036854775807

-- name: worksheet_questions
SELECT a.question FROM assignment a
WHERE a.campaign = :campaign AND a.reviewer = :reviewer
	AND NOT EXISTS (SELECT 1 FROM assignment l WHERE l.campaign = a.campaign
		AND l.question = a.question AND l.act > a.act)
ORDER BY a.question

-- name: worksheet_lines
-- A question and its items, as its digest is over them and a page has them.
SELECT line FROM (
	SELECT 0 AS n, json_array(n, kind, title, title_zh, items, privileged,
		flagged, low) AS line
	FROM question WHERE campaign = :campaign AND n = :question
	UNION ALL
	SELECT n, json_array(n, question, key, person, privileged, severity,
		novelty, low, json(facts))
	FROM item INDEXED BY item_by_question
	WHERE campaign = :campaign AND question = :question)
ORDER BY n

-- name: worksheet_cells
-- The same as columns of a table, in both languages at once, since nobody says
-- which one an imported table was made in. A question of several has a row of
-- its own, without an item, before them. The columns are those of
-- worksheet_table.c, in their order.
WITH shown AS (
	SELECT i.n, i.privileged, i.low, i.novelty, i.facts AS f,
		i.facts ->> '$.used' AS used, i."right" IS NULL AS itself
	FROM item i INDEXED BY item_by_question
	WHERE i.campaign = :campaign AND i.question = :question)
SELECT q.n AS question, 0 AS item,
	CASE WHEN q.privileged = 0 THEN ''
		WHEN EXISTS (SELECT 1 FROM shown WHERE privileged = 1)
		THEN 'privileged 特權' ELSE 'may be privileged 可能為特權' END AS risk,
	q.items || ' alike 筆同類' AS who, '' AS account, q.title_zh || ' / ' || q.title AS "right",
	'' AS path, '' AS acquired, '' AS used, '' AS peers, '' AS findings,
	'' AS last
FROM question q
WHERE q.campaign = :campaign AND q.n = :question AND q.items > 1
UNION ALL
SELECT :question, CASE WHEN (SELECT count(*) FROM shown) > 1 THEN n ELSE 0 END,
	(SELECT ifnull(group_concat(word, '; '), '') FROM (
		SELECT CASE WHEN privileged IS NULL THEN 'may be privileged 可能為特權'
			ELSE 'privileged 特權' END AS word
		WHERE privileged IS NOT 0
		UNION ALL SELECT 'has left 已離職' WHERE f ->> '$.status' = 'left'
		UNION ALL SELECT 'new 新增' WHERE novelty = 'new'
		UNION ALL SELECT 'new finding 新增缺失' WHERE novelty = 'finding'
		UNION ALL SELECT 'low risk 低風險' WHERE low = 1)),
	coalesce(f ->> '$.person', f ->> '$.display', f ->> '$.account', '-')
		|| ifnull(' (' || (f ->> '$.employee') || ')', '')
		|| ifnull(', ' || (f ->> '$.department'), '')
		|| ifnull(', ' || (f ->> '$.title'), '')
		|| CASE WHEN f ->> '$.person' IS NULL
			THEN ifnull(', owner 歸屬 ' || (f ->> '$.owner'), '') ELSE '' END,
	ifnull(f ->> '$.source', '') || ': ' || ifnull(f ->> '$.account', '')
		|| ifnull(' @ ' || (f ->> '$.host'), ''),
	CASE WHEN itself THEN 'the account itself 帳號本身' ELSE
		ifnull((f ->> '$.right_zh') || ' / ', '')
		|| ifnull((f ->> '$.right_en') || ' / ', '')
		|| ifnull(f ->> '$.right', '')
		|| ifnull(' (' || (f ->> '$.description') || ')', '') END,
	CASE WHEN itself THEN '' ELSE
		(SELECT ifnull(group_concat(value, ' > '), '')
			FROM json_each(f, '$.path'))
		|| CASE WHEN f ->> '$.ways' > 1 THEN ' (+' || ((f ->> '$.ways') - 1)
			|| ' ways 途徑)' ELSE '' END END,
	ifnull('since 自 ' || substr(f ->> '$.acquired', 1, 10)
		|| ifnull(' (' || (f ->> '$.acquired_how') || ')', ''), ''),
	CASE WHEN used IS NULL THEN 'not known 無資料'
		ELSE 'used 使用於 ' || substr(used, 1, 10) || CASE
			WHEN f ->> '$.used_certain' THEN ', certain 確定'
			WHEN f ->> '$.used_resolution' > 0 THEN ', +'
				|| (((f ->> '$.used_resolution') + 86399) / 86400) || ' days 天'
			ELSE ', not certain 不確定' END END,
	CASE WHEN f ->> '$.peers' > 0 THEN ifnull(f ->> '$.peers_holding', 0)
		|| ' of ' || (f ->> '$.peers') || ' in the department 同部門' ELSE '' END,
	(SELECT ifnull(group_concat(ifnull(value ->> '$.severity', '') || ': '
			|| ifnull((value ->> '$.title_zh') || ' / ', '')
			|| coalesce(value ->> '$.title', value ->> '$.rule', '')
			|| ifnull(' (' || (value ->> '$.text') || ')', ''), '; '), '')
		FROM json_each(f, '$.findings')),
	ifnull((f ->> '$.last.decision') || ifnull(', ' || (f ->> '$.last.by'), '')
		|| ifnull(', on 於 ' || substr(f ->> '$.last.at', 1, 10), ''), '')
FROM shown ORDER BY 1, 2

-- name: worksheet_add
INSERT INTO worksheet (act, campaign, reviewer, digest, code)
VALUES (:act, :campaign, :reviewer, :digest, :code)

-- name: worksheet_key
-- The key that a worksheet was handed out with, in which act; and the newest
-- act that handed out one to that reviewer.
SELECT code, act, (SELECT max(n.act) FROM worksheet n
		WHERE n.campaign = :campaign AND n.reviewer = :reviewer) AS newest
FROM worksheet WHERE campaign = :campaign AND reviewer = :reviewer
	AND digest = :digest ORDER BY act LIMIT 1

-- name: worksheet_campaign
SELECT name FROM campaign WHERE name = :name

-- name: returned_before
-- Whether that file was taken already, with that grade or a better one.
SELECT act FROM returned WHERE digest = :digest AND campaign = :campaign
	AND reviewer = :reviewer
	AND (CASE grade WHEN 'signed' THEN 3 WHEN 'coded' THEN 2 ELSE 1 END)
		>= (CASE :grade WHEN 'signed' THEN 3 WHEN 'coded' THEN 2 ELSE 1 END)
ORDER BY act LIMIT 1

-- name: returned_add
INSERT INTO returned (act, n, campaign, reviewer, exported, file, form, digest,
	grade, signer, signature, bytes, decisions, refused)
VALUES (:act, :n, :campaign, :reviewer, :exported, :file, :form, :digest,
	:grade, :signer, :signature, :bytes, :decisions, :refused)

-- name: returned_stands
-- What stands of that reviewer's on a question, or an item of it.
SELECT decision, reason, change, compensation, ends, proposal, grade, decided
FROM decision WHERE campaign = :campaign AND question = :question
	AND item = :item AND reviewer = :reviewer AND grade <> 'silent'
ORDER BY act DESC, n DESC LIMIT 1

-- name: returned_concerned
-- What stands on the items that an answer is about, whoever decided: the best
-- grade, the newest act, and when the latest was decided. What the act itself
-- says is not counted.
SELECT max(CASE d.grade WHEN 'signed' THEN 3 WHEN 'coded' THEN 2 ELSE 1 END) AS rank,
	max(d.act) AS newest, max(ifnull(d.decided, a.at)) AS decided
FROM item_decision d JOIN act a ON a.id = d.act
WHERE d.campaign = :campaign AND d.question = :question
	AND (:item = 0 OR d.item = :item) AND d.act < :act
	AND d.grade <> 'silent' AND d.decision <> 'not-mine'
HAVING count(*) > 0

-- name: returned_proved
SELECT n, campaign, reviewer, grade, bytes, exported, digest FROM returned
WHERE act = :act AND grade IN ('signed', 'coded') ORDER BY n

-- name: returned_decision
-- The decisions of an act on that, by that reviewer.
SELECT n, decision, reason, change, compensation, proposal, ends, seconds, bulk,
	decided
FROM decision WHERE campaign = :campaign AND question = :question
	AND item = :item AND act = :act AND reviewer = :reviewer AND grade = :grade

-- name: returned_claims
-- What is said to be others' than who signed the act.
SELECT d.n, d.reviewer, ifnull(s.employee, '') AS signer
FROM decision d JOIN act a ON a.id = d.act
	LEFT JOIN signer s ON s.id = a.signer
WHERE d.act = :act AND d.grade IN ('signed', 'coded')
	AND d.reviewer IS NOT s.employee
ORDER BY d.n
