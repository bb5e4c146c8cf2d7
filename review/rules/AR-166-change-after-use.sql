-- id:          AR-166
-- severity:    high
-- title:       Shared top account used, password not changed
-- title.zh_TW: 共用最高權限帳號使用後未變更密碼
-- why:         Who once learnt the password of a shared top account keeps it
--     until it is changed.
-- why.zh_TW:   知悉共用最高權限帳號密碼者，於變更前均可再次使用。
-- over:        privileged
-- thresholds:  change_after_use_hours
-- controls:    PAR-16
-- text:        Used until {used:time} on {used_host}, and the password is of
--     {password_set:time}; it was to be changed within {limit_hours} hours.
-- text.zh_TW:  最後使用於 {used:time}（{used_host}），密碼設定時間為
--     {password_set:time}；應於 {limit_hours} 小時內變更。
--
SELECT a.object AS subject, '' AS about,
	CASE WHEN a.password_set IS NULL THEN 'unknown' ELSE 'hit' END AS state,
	'certain' AS certainty, NULL AS severity,
	CASE WHEN a.password_set IS NULL THEN 'not-recorded' ELSE '' END AS reason,
	u.used, u.used_host, a.password_set, :change_after_use_hours AS limit_hours,
	reproduce(a.object, 'password use') AS reproduce
FROM account a JOIN (
	SELECT object, max(last) AS used, host AS used_host FROM use_day
	WHERE object IS NOT NULL AND result = 'success'
		-- by its password: a key, or sudo from a person's account, shows no secret
		AND key = '' AND service NOT IN ('sudo', 'su', 'cron')
	GROUP BY object
) u USING (object)
WHERE a.privileged AND (a.builtin IN ('root', 'administrator') OR a.registered = 'shared')
	AND ifnull(a.password_set, u.used - 1) < u.used
	AND a.at - u.used > :change_after_use_hours * :hour
UNION ALL
SELECT NULL, '', 'unknown', 'certain', NULL, 'no-trail', NULL, NULL, NULL, NULL, NULL
FROM judged WHERE NOT trail
