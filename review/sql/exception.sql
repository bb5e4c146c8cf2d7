-- Exceptions that persons signed; see review/command_exception.c. exemption, the view,
-- has those of reviews, too.

-- name: exempted_account
-- By name, SOURCE:NAME, or key; several if that is not one.
SELECT f.object, s.name || ':' || f.name || ifnull('@' || f.host, '') AS told
	FROM account_fact f JOIN object o ON o.id = f.object
		JOIN source s ON s.id = o.source
	WHERE f.until = 9223372036854775807 AND (lower(f.name) = lower(:name)
		OR s.name || ':' || f.name = :name OR o.key = :name
		OR f.name || '@' || f.host = :name)
	ORDER BY 2 LIMIT 5

-- name: exempted_right
-- Of the account's source.
SELECT f.object, f.name FROM object a JOIN object o ON o.source = a.source
		JOIN group_fact f ON f.object = o.id
	WHERE a.id = :account AND f.until = 9223372036854775807
		AND (:name IN (o.key, f.dn) OR lower(f.name) = lower(:name))
	ORDER BY 2 LIMIT 5

-- name: exempted_holds
-- Whether the account is that employee's.
SELECT 1 FROM person_account l JOIN person p ON p.id = l.person
	WHERE l.object = :account AND p.employee = :employee

-- name: exempted_owner
SELECT f.status = 'left' OR ifnull(f.left_at <= :now, 0)
	FROM person p JOIN person_fact f ON f.person = p.id
	WHERE p.employee = :employee AND f.until = 9223372036854775807

-- name: exempted_add
INSERT INTO exempted (act, n, account, "right", holder, rule, reason,
		compensation, ends, owner, renews, renews_n, campaign, item)
	VALUES (:act, 1, :account, :right, ifnull((SELECT group_concat(employee, ',') FROM (
			SELECT DISTINCT p.employee FROM person_account l
				JOIN person p ON p.id = l.person
			WHERE l.object = :account ORDER BY 1)), ''),
		:rule, :reason, :compensation, :ends,
		:owner, :renews, :renews_n, :campaign, :item)

-- name: exempted_end_add
INSERT INTO exempted_end (act, of, n, reason) VALUES (:act, :of, :n, :reason)

-- name: exemption_one
SELECT account, "right", rule, reason, compensation, ends, owner, campaign,
	item, approved, refused, ended, overtaken,
	EXISTS (SELECT 1 FROM exempted r WHERE r.renews = x.act AND r.renews_n = x.n
		AND NOT EXISTS (SELECT 1 FROM second s WHERE s.of = r.act
			AND s.verdict = 'refused')) AS renewed
	FROM exemption x WHERE x.act = :act AND x.n = :n

-- name: exemption_list
-- state as of :now; :until: only what counts and ends by then.
SELECT act || '.' || n AS id, state, account, source, "right", rule, ends, owner,
	reason, compensation, campaign, signer, approver, at FROM (
	SELECT x.act, x.n, CASE WHEN x.refused THEN 'refused'
			WHEN x.ended THEN 'ended'
			WHEN x.overtaken THEN 'overtaken'
			WHEN x.ends <= :now THEN 'expired'
			WHEN x.approved THEN 'counts' ELSE 'waiting' END AS state,
		(SELECT f.name FROM account_fact f WHERE f.object = x.account
			ORDER BY f.since DESC LIMIT 1) AS account,
		(SELECT s.name FROM object o JOIN source s ON s.id = o.source
			WHERE o.id = x.account) AS source,
		(SELECT f.name FROM group_fact f WHERE f.object = x."right"
			ORDER BY f.since DESC LIMIT 1) AS "right",
		x.rule, x.ends, x.owner, x.reason, x.compensation,
		(SELECT c.name FROM campaign c WHERE c.id = x.campaign) AS campaign,
		(SELECT g.name FROM act a JOIN signer g ON g.id = a.signer
			WHERE a.id = x.act) AS signer,
		(SELECT g.name FROM second s JOIN act a ON a.id = s.act
				JOIN signer g ON g.id = a.signer
			WHERE s.of = x.act AND s.verdict = 'approved') AS approver, x.at
		FROM exemption x)
	WHERE (:until IS NULL OR (state IN ('counts', 'waiting') AND ends <= :until))
		AND (:all OR state IN ('counts', 'waiting', 'expired'))
	ORDER BY ends, act, n

-- name: exemption_registered
-- Those of the register, which no person signed.
SELECT x.rowid AS id, x.rule, x.account, x.source, x.reason, x.compensation,
	x.approver, x.ends, CASE WHEN x.ends <= :now THEN 'expired' ELSE 'counts' END AS state
	FROM exception x WHERE x.until = 9223372036854775807
		AND (:until IS NULL OR (x.ends > :now AND x.ends <= :until))
	ORDER BY x.ends, x.rowid
