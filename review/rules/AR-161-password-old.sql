-- id:          AR-161
-- severity:    medium
-- title:       Password too old
-- title.zh_TW: 密碼逾期未變更
-- why:         Every year a password lives, somebody else may have learnt it.
-- why.zh_TW:   密碼使用越久，為他人知悉之機會越高。
-- over:        enabled
-- thresholds:  password_age_days password_age_privileged_days krbtgt_age_days
-- controls:    PAR-21 PAR-27
-- text:        The password was set {password_set:time}, {age_days} days before
--     the data was read; the limit is {limit_days}.
-- text.zh_TW:  密碼設定於 {password_set:time}，距資料蒐集 {age_days} 天；門檻為
--     {limit_days} 天。
--
SELECT object AS subject, '' AS about, 'hit' AS state, 'certain' AS certainty,
	CASE WHEN privileged OR builtin IS 'krbtgt' THEN 'high' END AS severity, '' AS reason,
	password_set, days_between(password_set, at) AS age_days, limit_days, service,
	1 AS stands_for, reproduce(object, 'password') AS reproduce
FROM (
	SELECT object, privileged, builtin, service, password_set, at,
		CASE WHEN builtin IS 'krbtgt' THEN :krbtgt_age_days
			WHEN privileged THEN :password_age_privileged_days
			ELSE :password_age_days END AS limit_days
	FROM account
	WHERE kind = 'user' AND (enabled OR builtin IS 'krbtgt')
		AND password_set < :never AND ifnull(password_locked, 0) = 0
) WHERE at - password_set > limit_days * :day
UNION ALL
-- a day that is still to come is none: nothing says how old it is
SELECT object, '', 'unknown', 'certain', NULL, 'in-future',
	password_set, NULL, NULL, service, 1, reproduce(object, 'password')
FROM account
WHERE kind = 'user' AND (enabled OR builtin IS 'krbtgt')
	AND password_set < :never AND password_set - at > :day
	AND ifnull(password_locked, 0) = 0
UNION ALL
-- one row a source, of those whose day of change is not to be seen
SELECT NULL, 'source:' || s.name, 'unknown', 'certain', NULL,
	CASE WHEN NOT s.complete THEN 'incomplete'
		WHEN EXISTS (SELECT 1 FROM attribute_now n WHERE n.source = s.source
			AND n.recorded = 1 AND n.entries = 0
			AND n.attribute IN ('pwdLastSet', 'pwdChangedTime', 'pwdUpdateTime',
				'krbLastPwdChange', 'shadow')) THEN 'not-readable'
		ELSE 'not-recorded' END,
	NULL, NULL, NULL, NULL, count(*), NULL
FROM account a JOIN source_now s USING (source)
WHERE a.kind = 'user' AND a.enabled AND a.password_set IS NULL
	AND ifnull(a.password_locked, 0) = 0
GROUP BY s.source
