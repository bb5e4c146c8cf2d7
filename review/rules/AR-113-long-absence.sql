-- id:          AR-113
-- severity:    low
-- title:       Long absence, not suspended
-- title.zh_TW: 長期留職停薪未停用
-- why:         An account without its person is used by another, or by nobody.
-- why.zh_TW:   人員不在職而帳號仍可使用時，使用者必為他人。
-- over:        person
-- thresholds:  absence_days
-- controls:    PAR-04 PAR-08
-- text:        {person_name} ({employee}) is absent since {absent_since:time},
--     {absent_days} days; the limit is {limit_days}.
-- text.zh_TW:  {person_name}（{employee}）自 {absent_since:time} 起留職停薪，已
--     {absent_days} 天；門檻為 {limit_days} 天。
--
SELECT a.object AS subject, '' AS about,
	CASE WHEN p.absent_since IS NULL THEN 'unknown' ELSE 'hit' END AS state,
	'certain' AS certainty, NULL AS severity,
	CASE WHEN p.absent_since IS NULL THEN 'not-recorded' ELSE '' END AS reason,
	p.name AS person_name, p.employee, p.absent_since,
	days_between(p.absent_since, :now) AS absent_days, :absence_days AS limit_days
FROM person_now p JOIN account a ON a.person = p.person
WHERE p.status = 'absent' AND a.enabled
	AND (p.absent_since IS NULL OR :now - p.absent_since >= :absence_days * :day)
UNION ALL
SELECT NULL, '', 'unknown', 'certain', NULL, 'no-personnel', NULL, NULL, NULL, NULL, NULL
FROM judged WHERE NOT personnel
