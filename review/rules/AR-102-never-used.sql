-- id:          AR-102
-- severity:    medium
-- title:       Never used
-- title.zh_TW: 從未登入帳號
-- why:         An account that nobody needed keeps its first password, which others may know.
-- why.zh_TW:   無人需要的帳號仍保有初始密碼,而初始密碼可能有他人知悉。
-- over:        enabled
-- thresholds:  never_used_days
-- controls:    PAR-09 PAR-08
-- text:        Created {created:time}, {age_days} days before the data was read, and
--     no login was ever recorded, where others' are; the limit is {limit_days} days.
-- text.zh_TW:  建立於 {created:time},距資料讀取 {age_days} 天,來源有記錄他人登入,
--     但此帳號無任何登入紀錄;門檻為 {limit_days} 天。
--
SELECT object AS subject, '' AS about,
	CASE WHEN born IS NULL OR (created IS NULL AND at - born <= :never_used_days * :day)
		THEN 'unknown' ELSE 'hit' END AS state,
	CASE WHEN created IS NULL THEN 'possible' ELSE 'certain' END AS certainty,
	CASE WHEN privileged THEN 'high' END AS severity,
	CASE WHEN created IS NULL AND at - born <= :never_used_days * :day
		THEN 'not-recorded' ELSE '' END AS reason,
	born AS created, days_between(born, at) AS age_days,
	:never_used_days AS limit_days, 1 AS stands_for,
	reproduce(object, 'use created enabled') AS reproduce
FROM (
	SELECT object, privileged, created, at, ifnull(created, (
		-- not recorded: it is at least as old as our first sight of it
		SELECT min(p.started) FROM account_fact f JOIN pull p ON p.id = f.since
		WHERE f.object = account.object)) AS born
	FROM account
	WHERE enabled AND kind IN ('user', 'managed-service') AND seen IS NULL
		AND records_use
) WHERE created IS NULL OR at - born > :never_used_days * :day
UNION ALL
SELECT NULL, 'source:' || s.name, 'unknown', 'certain', NULL, min(u.reason),
	NULL, NULL, :never_used_days, sum(u.enabled), NULL
FROM use_now u JOIN source_now s USING (source)
WHERE NOT u.records AND u.enabled > 0 GROUP BY s.source
