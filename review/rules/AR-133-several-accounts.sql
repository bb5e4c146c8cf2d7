-- id:          AR-133
-- severity:    info
-- title:       Several accounts of one person
-- title.zh_TW: 一人多帳號
-- why:         Accounts that a person no longer needs are easily forgotten when
--     the person leaves.
-- why.zh_TW:   個人多餘之帳號，於其離職時容易遺漏。
-- over:        person
-- thresholds:  accounts_per_person
-- controls:    PAR-10 PAR-01
-- text:        {person_name} ({employee}) has {count} enabled accounts in one
--     realm: {names}.
-- text.zh_TW:  {person_name}（{employee}）於同一領域有 {count} 個啟用帳
--     號：{names}。
--
SELECT min(a.object) AS subject, 'person:' || p.employee AS about, 'hit' AS state,
	'certain' AS certainty, NULL AS severity, '' AS reason,
	p.name AS person_name, p.employee, count(*) AS count,
	group_concat(a.name, ' ') AS names
FROM person_now p JOIN account a ON a.person = p.person
WHERE a.enabled AND a.kind = 'user' AND NOT a.admin_name AND NOT a.service
	AND a.registered IS NULL
GROUP BY p.person, a.realm, ifnull(a.host, '')
HAVING count(*) > :accounts_per_person
UNION ALL
SELECT NULL, '', 'unknown', 'certain', NULL, 'no-personnel', NULL, NULL, NULL, NULL
FROM judged WHERE NOT personnel
