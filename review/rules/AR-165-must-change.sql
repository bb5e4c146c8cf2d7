-- id:          AR-165
-- severity:    low
-- title:       Initial password not changed for long
-- title.zh_TW: 初始密碼久未變更
-- why:         A first password is known to who set it, and to who read the
--     letter.
-- why.zh_TW:   初始密碼為設定者及傳遞過程中之人員所知悉。
-- over:        enabled
-- thresholds:  must_change_days
-- controls:    PAR-24
-- text:        Must change its password at the next login; so since
--     {since:time}, {age_days} days; the limit is {limit_days}.
-- text.zh_TW:  下次登入須變更密碼；自 {since:time} 起已 {age_days} 天，門檻為
--     {limit_days} 天。
--
SELECT object AS subject, '' AS about, 'hit' AS state, certainty,
	CASE WHEN privileged THEN 'medium' END AS severity, '' AS reason,
	since, days_between(since, at) AS age_days, :must_change_days AS limit_days,
	reproduce(object, 'password created') AS reproduce
FROM (
	SELECT a.object, a.privileged, a.at,
		CASE WHEN a.password_set < :never THEN a.password_set
			WHEN w.first IS NOT NULL AND w.first < a.at - :must_change_days * :day THEN w.first
			ELSE a.created END AS since,
		CASE WHEN a.password_set < :never OR w.first < a.at - :must_change_days * :day
			THEN 'certain' ELSE 'possible' END AS certainty
	FROM account a LEFT JOIN (
		-- since which pull it says so without a break
		SELECT f.object, min(p.started) AS first
		FROM account_fact f JOIN pull p ON p.id = f.since
		WHERE f.password_must_change = 1 AND f.since > ifnull((
			SELECT max(o.since) FROM account_fact o
			WHERE o.object = f.object AND o.password_must_change IS NOT 1), f.since - 1)
		GROUP BY f.object
	) w USING (object)
	WHERE a.enabled AND a.kind = 'user' AND a.must_change = 1
) WHERE at - since > :must_change_days * :day
