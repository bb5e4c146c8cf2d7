-- id:          AR-156
-- severity:    high
-- title:       Register of privileged accounts differs from what is found
-- title.zh_TW: 特權帳號列冊與實際不符
-- why:         A privileged account that the register does not know was
--     approved by nobody.
-- why.zh_TW:   未列冊之特權帳號，未經任何人核准。
-- over:        privileged
-- controls:    PAR-11
-- text:        {because}: {detail}.
-- text.zh_TW:  {because_zh}：{detail}。
--
SELECT a.object AS subject, 'found' AS about, 'hit' AS state, 'certain' AS certainty,
	CASE WHEN a.enabled = 0 THEN 'low' END AS severity, '' AS reason,
	'It is privileged and not in the register' AS because,
	'具特權但未列冊' AS because_zh,
	ifnull((SELECT g.name || ': ' || path_text(a.object, p.grp) FROM privileged_path p
		JOIN grp g ON g.object = p.grp WHERE p.object = a.object
		ORDER BY p.depth, g.name LIMIT 1), 'UID 0') AS detail,
	reproduce(a.object, 'privilege') AS reproduce
FROM account a JOIN source_now s USING (source)
WHERE a.privileged AND (SELECT privileged_register FROM judged)
	AND NOT EXISTS (SELECT 1 FROM registered r WHERE r.kind = 'privileged'
		AND r.account = lower(a.name) AND (r.source IS NULL OR r.source IN ('', s.name)))
UNION ALL
SELECT NULL, 'registered:' || ifnull(r.source || ':', '') || r.account, 'hit', 'certain', 'medium', '',
	'The register has an account that is not privileged, or not there',
	'列冊帳號不具特權或不存在', r.account, NULL
FROM registered r
WHERE r.kind = 'privileged' AND NOT EXISTS (
	SELECT 1 FROM account a JOIN source_now s USING (source)
	WHERE lower(a.name) = r.account AND a.privileged IS NOT 0
		AND (r.source IS NULL OR r.source IN ('', s.name)))
UNION ALL
SELECT NULL, '', 'unknown', 'certain', NULL, 'no-register', NULL, NULL, NULL, NULL
FROM judged WHERE NOT privileged_register
