-- id:          AR-201
-- severity:    high
-- title:       Revocation not effective
-- title.zh_TW: 撤銷決定未生效
-- why:         A review that decides and changes nothing is a ceremony: the right
--     is still there, and now somebody knew.
-- why.zh_TW:   審查有決定而未改變權限，形同虛設；權限仍在，且已為人所知。
-- over:        revoked
-- controls:    PAR-37 PAR-32
-- text:        {reviewer} decided "{decision}" in {campaign} on {decided:time}; it
--     was due by {due:time}, and is still in effect: {path}.
-- text.zh_TW:  {reviewer} 已於 {decided:time} 在 {campaign} 決定「{decision}」，應於
--     {due:time} 前完成，惟仍有效：{path}。
--
SELECT r.account AS subject, 'right:' || o.key AS about, 'hit' AS state,
	'certain' AS certainty, NULL AS severity, '' AS reason,
	r.reviewer, r.decision, r.campaign, r.decided, r.due, r.remedy,
	path_text(r.account, r.grp) AS path,
	reproduce(r.account, 'privilege') AS reproduce
FROM revoked r JOIN object o ON o.id = r.grp JOIN account a ON a.object = r.account
WHERE r.due < :now AND r.ended IS NULL
	AND EXISTS (SELECT 1 FROM holder h WHERE h.grp = r.grp AND h.member = r.account)
UNION ALL
SELECT r.account, 'account', CASE WHEN a.enabled IS NULL AND r.decision = 'disable'
		THEN 'unknown' ELSE 'hit' END,
	'certain', NULL, CASE WHEN a.enabled IS NULL AND r.decision = 'disable'
		THEN 'not-recorded' ELSE '' END,
	r.reviewer, r.decision, r.campaign, r.decided, r.due, r.remedy,
	a.name, reproduce(r.account, 'enabled')
FROM revoked r JOIN account a ON a.object = r.account
WHERE r.grp IS NULL AND r.due < :now AND r.ended IS NULL
	AND (r.decision = 'delete' OR ifnull(a.enabled, 1))
