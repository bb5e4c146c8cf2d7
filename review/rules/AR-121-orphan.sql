-- id:          AR-121
-- severity:    high
-- title:       Orphan account
-- title.zh_TW: 孤兒帳號（無歸屬帳號）
-- why:         Nobody is known to whom it belongs, so nobody answers for it and
--     nobody misses it.
-- why.zh_TW:   無法辨識所屬人員，即無人負責，也無人察覺其遭濫用。
-- over:        enabled
-- controls:    PAR-03
-- text:        An enabled account of a person by its look, and no person in the
--     personnel data fits it.
-- text.zh_TW:  此啟用帳號看似個人帳號，惟人員資料中查無相符人員。
--
SELECT object AS subject, '' AS about,
	CASE WHEN candidates THEN 'unknown' ELSE 'hit' END AS state,
	'certain' AS certainty, NULL AS severity,
	CASE WHEN candidates THEN 'ambiguous' ELSE '' END AS reason,
	candidates, f.employee, f.mail, f.display, f.department,
	reproduce(object, 'identity') AS reproduce
FROM account a JOIN fact f USING (object)
WHERE a.enabled AND a.kind = 'user' AND NOT a.service AND a.builtin IS NULL
	AND a.registered IS NULL AND a.person IS NULL
	AND (SELECT personnel FROM judged)
UNION ALL
SELECT NULL, '', 'unknown', 'certain', NULL, 'no-personnel', NULL, NULL, NULL, NULL, NULL, NULL
FROM judged WHERE NOT personnel
