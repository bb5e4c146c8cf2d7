-- id:          AR-162
-- severity:    low
-- title:       Password never expires
-- title.zh_TW: 密碼永不到期
-- why:         A password that was once learnt by another stays good for ever.
-- why.zh_TW:   密碼一旦為他人知悉，將永久有效。
-- over:        enabled
-- controls:    PAR-21
-- text:        {because}; the password was set {password_set:time}.
-- text.zh_TW:  {because_zh}；密碼設定時間為 {password_set:time}。
--
SELECT a.object AS subject, '' AS about, 'hit' AS state, 'certain' AS certainty,
	CASE WHEN a.privileged THEN 'high' END AS severity, '' AS reason,
	CASE WHEN a.password_never_expires = 1 THEN 'The account is exempt from expiry'
		WHEN p.max_age = :never THEN 'Its policy ' || ifnull(p.name, p.key) || ' has no maximum age'
		ELSE 'Its policy has a maximum age, but no time of change is recorded, so nothing expires'
		END AS because,
	CASE WHEN a.password_never_expires = 1 THEN '此帳號不受密碼期限限制'
		WHEN p.max_age = :never THEN '適用原則 ' || ifnull(p.name, p.key) || ' 未設密碼使用期限'
		ELSE '適用原則設有使用期限，但無密碼變更時間紀錄，故不會到期' END AS because_zh,
	a.password_set, a.privileged, p.key AS policy, p.max_age, 1 AS stands_for,
	reproduce(a.object, 'password policy') AS reproduce
FROM account a
	LEFT JOIN policy_now p ON p.policy = a.policy
WHERE a.enabled AND a.kind = 'user' AND ifnull(a.password_locked, 0) = 0
	AND (a.password_never_expires = 1
		OR (a.password_never_expires IS NULL AND p.max_age = :never AND a.privileged)
		OR (p.form = 'ppolicy' AND p.max_age < :never AND a.password_set IS NULL
			AND a.source IN (SELECT n.source FROM attribute_now n
				WHERE n.attribute = 'pwdChangedTime' AND n.entries > 0)))
UNION ALL
-- One finding for the policy, not one for each of its accounts.
SELECT NULL, 'policy:' || s.name || ':' || p.key, 'hit', 'certain', NULL, '',
	'Policy ' || ifnull(p.name, p.key) || ' has no maximum age: '
		|| p.accounts || ' enabled accounts',
	'原則 ' || ifnull(p.name, p.key) || ' 未設密碼使用期限，啟用帳號 ' || p.accounts || ' 個',
	NULL, NULL, p.key, p.max_age, 1, NULL
FROM policy_now p JOIN source_now s ON s.source = p.source
WHERE p.max_age = :never AND p.accounts > 0
UNION ALL
SELECT NULL, 'source:' || s.name, 'unknown', 'certain', NULL,
	CASE WHEN s.complete THEN 'not-recorded' ELSE 'incomplete' END,
	NULL, NULL, NULL, NULL, NULL, NULL, count(*), NULL
FROM account a JOIN source_now s ON s.source = a.source
WHERE a.enabled AND a.kind = 'user' AND a.password_never_expires IS NULL
	AND a.policy IS NULL AND ifnull(a.password_locked, 0) = 0
GROUP BY s.source
