-- id:          AR-171
-- severity:    high
-- title:       No second factor
-- title.zh_TW: 未使用多因子驗證
-- why:         A privileged account that a password alone opens is open to who
--     has the password.
-- why.zh_TW:   特權帳號若僅憑密碼即可登入，取得密碼者即可使用。
-- over:        privileged
-- controls:    PAR-18
-- text:        Privileged, and its source says that no second factor is asked
--     of it.
-- text.zh_TW:  具特權，且來源顯示未要求第二因子。
--
SELECT a.object AS subject, '' AS about, 'hit' AS state, 'certain' AS certainty,
	NULL AS severity, '' AS reason, a.mfa, f.conditions, 1 AS stands_for,
	reproduce(a.object, 'enabled identity') AS reproduce
FROM account a JOIN fact f USING (object)
WHERE a.enabled AND a.privileged AND NOT a.service AND a.mfa = 0
UNION ALL
SELECT NULL, 'source:' || s.name, 'unknown', 'certain', NULL, 'no-feed',
	NULL, NULL, count(*), NULL
FROM account a JOIN source_now s USING (source)
WHERE a.enabled AND a.privileged AND NOT a.service AND a.mfa IS NULL
GROUP BY s.source
