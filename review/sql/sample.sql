-- Audit samples; see review/sample.h.

-- name: sample_items
-- A stratum of the frozen population. Whether an item is privileged and nobody
-- can tell: it is looked at as if it were.
SELECT n, key FROM item WHERE campaign = :campaign AND CASE :stratum
	WHEN 'all' THEN 1
	WHEN 'privileged' THEN ifnull(privileged, 1)
	WHEN 'flagged' THEN severity <> ''
	WHEN 'new' THEN novelty = 'new'
	WHEN 'low' THEN low
	WHEN 'rest' THEN ifnull(privileged, 1) = 0 AND severity = ''
	ELSE 0 END
ORDER BY n

-- name: sample_add
INSERT INTO sample (act, campaign, seed, size, stratum)
VALUES (:act, :campaign, :seed, :size, :stratum)

-- name: sample_drawn
SELECT min(act) FROM sample WHERE campaign = :campaign AND seed = :seed
	AND size = :size AND stratum = :stratum

-- name: sample_list
SELECT s.act, a.at, p.name, s.stratum, s.size, s.seed
FROM sample s JOIN act a ON a.id = s.act LEFT JOIN signer p ON p.id = a.signer
WHERE s.campaign = :campaign ORDER BY s.act

-- name: sample_item
SELECT i.key, i.facts ->> '$.account', i.facts ->> '$.right', i.person,
	o.key, d.decision, d.reviewer
FROM item i JOIN object o ON o.id = i.account
LEFT JOIN item_decision d ON d.campaign = i.campaign AND d.item = i.n
WHERE i.campaign = :campaign AND i.n = :item
