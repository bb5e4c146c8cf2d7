-- id:          AR-204
-- severity:    high
-- title:       Reviewed by who holds, asked for or approved it
-- title.zh_TW: 自我審查或利害衝突之審查
-- why:         Who decides on the own right, or on what they themselves gave,
--     makes four eyes two.
-- why.zh_TW:   審查自己之權限，或審查自己所申請、核准之權限，即失覆核之意義。
-- over:        review
-- controls:    PAR-32 PAR-33
-- text:        In {campaign}, {reviewer} {reviewer_name} decided "{decision}" on
--     {right_name} of {name}, being its {why}.
-- text.zh_TW:  於 {campaign}，{reviewer} {reviewer_name} 對 {name} 之 {right_name} 決定
--     「{decision}」，惟其為該權限之{why_zh}。
--
SELECT i.object AS subject, 'review:' || r.name || ':' || ifnull(o.key, '') AS about,
	'hit' AS state, 'certain' AS certainty, NULL AS severity, '' AS reason,
	r.name AS campaign, i.reviewer, ifnull(p.name, '') AS reviewer_name, i.decision,
	ifnull((SELECT g.name FROM group_fact g WHERE g.object = i.grp
		ORDER BY g.since DESC LIMIT 1), 'the account') AS right_name,
	(SELECT a.name FROM account_fact a WHERE a.object = i.object
		ORDER BY a.since DESC LIMIT 1) AS name,
	i.conflict AS why,
	CASE i.conflict WHEN 'holder' THEN '持有人' WHEN 'approver' THEN '核准人'
		ELSE '申請人' END AS why_zh
FROM review_item i JOIN review r USING (campaign)
	LEFT JOIN object o ON o.id = i.grp
	LEFT JOIN person_now p ON p.employee = i.reviewer
WHERE i.conflict IS NOT NULL AND i.decided
UNION ALL
SELECT NULL, '', 'unknown', 'certain', NULL, 'no-register', NULL, NULL, NULL, NULL, NULL,
	NULL, NULL, NULL
FROM judged WHERE reviews AND NOT approvals
UNION ALL
SELECT NULL, '', 'unknown', 'certain', NULL, 'no-review', NULL, NULL, NULL, NULL, NULL,
	NULL, NULL, NULL
FROM judged WHERE NOT reviews
