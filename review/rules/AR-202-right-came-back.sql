-- id:          AR-202
-- severity:    high
-- title:       A revoked right came back
-- title.zh_TW: 已撤銷之權限再度出現
-- why:         Somebody gave it again without asking: the review was undone.
-- why.zh_TW:   未經核准即再度授予，等同推翻審查決定。
-- over:        revoked
-- controls:    PAR-37 PAR-32
-- text:        {reviewer} decided "{decision}" in {campaign} on {decided:time}; at
--     {ended:time} it was gone, and it is there again: {path}.
-- text.zh_TW:  {reviewer} 已於 {decided:time} 在 {campaign} 決定「{decision}」，
--     {ended:time} 確認已移除，現又出現：{path}。
--
SELECT r.account AS subject, 'right:' || o.key AS about, 'hit' AS state,
	CASE WHEN j.approvals THEN 'certain' ELSE 'possible' END AS certainty,
	NULL AS severity, '' AS reason,
	r.reviewer, r.decision, r.campaign, r.decided, r.ended, r.remedy,
	path_text(r.account, r.grp) AS path,
	reproduce(r.account, 'privilege') AS reproduce
FROM revoked r JOIN judged j JOIN object o ON o.id = r.grp
	JOIN account a ON a.object = r.account
WHERE r.ended IS NOT NULL AND NOT r.approved
	AND EXISTS (SELECT 1 FROM holder h WHERE h.grp = r.grp AND h.member = r.account)
UNION ALL
SELECT r.account, 'account', 'hit',
	CASE WHEN j.approvals THEN 'certain' ELSE 'possible' END, NULL, '',
	r.reviewer, r.decision, r.campaign, r.decided, r.ended, r.remedy,
	a.name, reproduce(r.account, 'enabled')
FROM revoked r JOIN judged j JOIN account a ON a.object = r.account
WHERE r.grp IS NULL AND r.ended IS NOT NULL AND NOT r.approved
	AND (r.decision = 'delete' OR ifnull(a.enabled, 1))
UNION ALL
-- nobody can say then what was approved anew
SELECT NULL, '', 'unknown', 'certain', NULL, 'no-register',
	NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM judged WHERE NOT approvals AND EXISTS (SELECT 1 FROM revoked)
