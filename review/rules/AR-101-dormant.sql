-- id:          AR-101
-- severity:    medium
-- title:       Dormant account
-- title.zh_TW: 閒置帳號（久未使用）
-- why:         Nobody notices when an account that nobody uses is taken over.
-- why.zh_TW:   無人使用的帳號遭盜用時，不會有人察覺。
-- over:        enabled
-- thresholds:  idle_flag_days idle_flag_privileged_days
-- controls:    PAR-08
-- text:        Last used {seen:time} as {seen_attribute} of {seen_server} says
--     ({seen_raw}; it may lag {resolution:days} days), {idle_days} days before
--     the data was read; the limit is {limit_days}.
-- text.zh_TW:  依 {seen_server} 的 {seen_attribute}（{seen_raw}，可能落後 {resolution:days} 天），
--     最後使用時間為 {seen:time}，距資料蒐集 {idle_days} 天；門檻為 {limit_days} 天。
--
SELECT object AS subject, '' AS about,
	CASE WHEN privileged IS NULL AND idle <= :idle_flag_days * :day
		THEN 'unknown' ELSE 'hit' END AS state,
	CASE WHEN idle > limit_days * :day + i.resolution THEN 'certain' ELSE 'possible' END AS certainty,
	CASE WHEN privileged THEN 'high' END AS severity,
	CASE WHEN privileged IS NULL AND idle <= :idle_flag_days * :day
		THEN 'privilege' ELSE '' END AS reason,
	i.seen, n.attribute AS seen_attribute,
	CASE n.server WHEN '' THEN s.name ELSE n.server END AS seen_server, n.raw AS seen_raw,
	i.resolution, days_between(i.seen, i.at) AS idle_days, limit_days, i.created,
	1 AS stands_for, reproduce(object, 'use created enabled') AS reproduce
FROM (
	SELECT object, source, privileged, seen, at, created, at - seen AS idle,
		ifnull(seen_resolution, 0) AS resolution,
		CASE WHEN ifnull(privileged, 1) THEN :idle_flag_privileged_days
			ELSE :idle_flag_days END AS limit_days
	FROM account
	WHERE enabled AND kind IN ('user', 'managed-service') AND seen IS NOT NULL
) i JOIN seen n USING (object) LEFT JOIN source_now s USING (source)
WHERE idle > limit_days * :day
	AND (i.created IS NULL OR i.at - i.created > limit_days * :day)
UNION ALL
SELECT NULL, 'source:' || s.name, 'unknown', 'certain', NULL, min(u.reason),
	NULL, NULL, NULL, NULL, NULL, NULL, :idle_flag_days, NULL,
	sum(u.enabled), NULL
FROM use_now u JOIN source_now s USING (source)
WHERE NOT u.records AND u.enabled > 0 GROUP BY s.source
