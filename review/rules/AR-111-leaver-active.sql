-- id:          AR-111
-- severity:    critical
-- title:       Leaver still active
-- title.zh_TW: 離職人員帳號仍啟用
-- why:         Who has left and can still log in answers to nobody.
-- why.zh_TW:   離職後仍可登入者，已無人可對其究責。
-- over:        person
-- thresholds:  leaver_days
-- controls:    PAR-04
-- text:        {person_name} ({employee}) left {left_at:time}, {late_days} days
--     ago, and the account is still enabled.
-- text.zh_TW:  {person_name}（{employee}）已於 {left_at:time} 離職（逾 {late_days} 天），帳
--     號仍為啟用。
--
SELECT a.object AS subject, '' AS about, 'hit' AS state,
	CASE WHEN p.left_at IS NULL THEN 'possible' ELSE 'certain' END AS certainty,
	NULL AS severity, '' AS reason,
	p.name AS person_name, p.employee, p.left_at,
	days_between(p.left_at, :now) AS late_days,
	reproduce(a.object, 'enabled identity') AS reproduce
FROM person_now p JOIN account a ON a.person = p.person
WHERE a.enabled
	AND (p.status = 'left' AND p.left_at IS NULL
		OR p.left_at + :leaver_days * :day < :now)
UNION ALL
SELECT NULL, '', 'unknown', 'certain', NULL, 'no-personnel', NULL, NULL, NULL, NULL, NULL
FROM judged WHERE NOT personnel
