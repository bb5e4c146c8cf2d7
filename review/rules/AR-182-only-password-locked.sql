-- id:          AR-182
-- severity:    medium
-- title:       Locked by its password alone
-- title.zh_TW: 僅鎖定密碼，帳號仍可使用
-- why:         A local account whose password alone is locked still lets in
--     keys, cron and su.
-- why.zh_TW:   本機帳號僅鎖定密碼時，金鑰、排程及 su 仍可使用。
-- over:        account
-- controls:    PAR-08 PAR-26
-- text:        The password is locked, no end date is set, and {because}.
-- text.zh_TW:  密碼已鎖定、未設到期日，且{because_zh}。
--
SELECT a.object AS subject, '' AS about, 'hit' AS state,
	CASE WHEN a.has_keys = 1 THEN 'certain' ELSE 'possible' END AS certainty,
	CASE WHEN a.privileged THEN 'high' END AS severity, '' AS reason,
	CASE WHEN a.has_keys = 1 THEN 'SSH keys let it in' ELSE 'its shell lets it in' END AS because,
	CASE WHEN a.has_keys = 1 THEN '仍可以 SSH 金鑰登入' ELSE '登入 shell 仍有效' END AS because_zh,
	a.has_keys, a.login_shell, a.expires, reproduce(a.object, 'enabled') AS reproduce
FROM account a JOIN source_now s USING (source)
WHERE s.product = 'local' AND a.password_locked = 1
	AND (a.expires IS NULL OR a.expires = :never)
	AND (a.has_keys = 1 OR (a.login_shell = 1 AND a.has_keys IS NULL))
	AND a.builtin IS NOT 'root'
