-- id:          AR-157
-- severity:    medium
-- title:       No separate administrator account
-- title.zh_TW: 特權與日常帳號未分離
-- why:         Mail and web pages reach whatever the account that reads them
--     may do.
-- why.zh_TW:   以同一帳號收信及瀏覽網頁時，惡意內容即取得其特權。
-- over:        privileged
-- controls:    PAR-13
-- text:        {person_name} ({employee}) holds a privilege with the only
--     account there is, or the one with mail ({mail}).
-- text.zh_TW:  {person_name}（{employee}）以唯一帳號，或以收發郵件之帳號（{mail}）持
--     有特權。
--
SELECT a.object AS subject, '' AS about,
	CASE WHEN a.person IS NULL THEN 'unknown' ELSE 'hit' END AS state,
	'certain' AS certainty, NULL AS severity,
	CASE WHEN a.person IS NULL THEN 'no-person' ELSE '' END AS reason,
	p.name AS person_name, p.employee, f.mail,
	reproduce(a.object, 'identity privilege') AS reproduce
FROM account a JOIN fact f USING (object) LEFT JOIN person_now p USING (person)
WHERE a.privileged AND a.enabled AND a.kind = 'user' AND NOT a.service
	AND a.builtin IS NULL AND a.registered IS NULL
	AND (SELECT personnel FROM judged)
	AND (a.person IS NOT NULL OR NOT a.admin_name)
	AND (f.mail IS NOT NULL OR NOT a.admin_name)
	AND (f.mail IS NOT NULL OR a.person IS NULL OR NOT EXISTS (
		SELECT 1 FROM account o WHERE o.person = a.person
			AND o.object <> a.object AND o.enabled AND o.privileged = 0))
UNION ALL
SELECT NULL, '', 'unknown', 'certain', NULL, 'no-personnel', NULL, NULL, NULL, NULL
FROM judged WHERE NOT personnel
