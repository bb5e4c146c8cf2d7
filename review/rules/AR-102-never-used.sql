-- id:          AR-102
-- severity:    medium
-- title:       Never used
-- title.zh_TW: 從未登入帳號
-- why:         An account that nobody needed keeps its first password, which others may know.
-- why.zh_TW:   無人需要的帳號仍保有初始密碼，而初始密碼可能有他人知悉。
-- over:        enabled
-- thresholds:  never_used_days
-- controls:    PAR-09 PAR-08
-- text:        Created {created:time}, {age_days} days before the data was read, and
--     no login was ever recorded, where others' are; the limit is {limit_days} days.
-- text.zh_TW:  建立於 {created:time}，距資料蒐集 {age_days} 天，來源有記錄他人登入，
--     但此帳號無任何登入紀錄；門檻為 {limit_days} 天。
--
SELECT object AS subject, '' AS about,
	CASE WHEN born IS NULL OR young THEN 'unknown' ELSE 'hit' END AS state,
	CASE WHEN created IS NULL OR begins IS NOT NULL THEN 'possible'
		ELSE 'certain' END AS certainty,
	CASE WHEN privileged THEN 'high' END AS severity,
	CASE WHEN young THEN 'not-recorded' ELSE '' END AS reason,
	born AS created, days_between(born, at) AS age_days,
	:never_used_days AS limit_days, begins AS recorded_since, 1 AS stands_for,
	reproduce(object, 'use created enabled') AS reproduce
FROM (
	SELECT *, (created IS NULL AND at - born <= :never_used_days * :day)
		OR ifnull(at - begins <= :never_used_days * :day, 0) AS young
	FROM (
		SELECT a.object, a.privileged, a.created, a.at, ifnull(a.created, (
			-- not recorded: it is at least as old as our first sight of it
			SELECT min(p.started) FROM account_fact f JOIN pull p ON p.id = f.since
			WHERE f.object = a.object)) AS born,
			-- a host that keeps logins for a while only
			(SELECT b.begins FROM use_begins b JOIN source_now s ON s.pull = b.pull
				WHERE s.source = a.source AND b.host = a.host) AS begins
		FROM account a
		WHERE a.enabled AND a.kind IN ('user', 'managed-service') AND a.seen IS NULL
			AND a.records_use
	)
) WHERE created IS NULL OR at - born > :never_used_days * :day
UNION ALL
SELECT NULL, 'source:' || s.name, 'unknown', 'certain', NULL, min(u.reason),
	NULL, NULL, :never_used_days, NULL, sum(u.enabled), NULL
FROM use_now u JOIN source_now s USING (source)
WHERE NOT u.records AND u.enabled > 0 GROUP BY s.source
