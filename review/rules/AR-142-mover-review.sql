-- id:          AR-142
-- severity:    medium
-- title:       Transfer without a review of the rights
-- title.zh_TW: 調職後未辦理權限審查
-- why:         Who decides what a person keeps after a transfer should be asked
--     then, not at the year's end.
-- why.zh_TW:   調職後應保留之權限，宜於當時即由權責主管審查，而非留待定期盤點。
-- over:        person
-- thresholds:  mover_review_days mover_lookback_days
-- controls:    PAR-05 PAR-32
-- text:        {person_name} ({employee}) moved to {department}
--     {transferred:day}; nothing was approved or reviewed since.
-- text.zh_TW:  {person_name}（{employee}）已於 {transferred:day} 調至
--     {department}，其後查無核准或審查紀錄。
--
SELECT min(a.object) AS subject, 'person:' || p.employee AS about, 'hit' AS state,
	'possible' AS certainty, NULL AS severity, '' AS reason,
	p.name AS person_name, p.employee, p.department, p.transferred, 1 AS stands_for
FROM person_now p JOIN account a ON a.person = p.person
WHERE a.enabled AND p.status = 'active'
	AND (SELECT approvals OR reviews FROM judged)
	AND :now - p.transferred > :mover_review_days * :day
	AND :now - p.transferred <= :mover_lookback_days * :day
	AND NOT EXISTS (SELECT 1 FROM approval v JOIN account w ON w.person = p.person
		WHERE v.until = :open AND lower(v.account) = lower(w.name)
			AND v.not_before >= p.transferred)
	AND p.person NOT IN (SELECT person FROM mover_review)
GROUP BY p.person
UNION ALL
SELECT NULL, '', 'unknown', 'certain', NULL, 'no-review', NULL, NULL, NULL, NULL, count(*)
FROM person_now p WHERE NOT (SELECT approvals OR reviews FROM judged)
	AND p.status = 'active' AND :now - p.transferred > :mover_review_days * :day
	AND :now - p.transferred <= :mover_lookback_days * :day
HAVING count(*) > 0
UNION ALL
SELECT NULL, '', 'unknown', 'certain', NULL, 'no-personnel', NULL, NULL, NULL, NULL, NULL
FROM judged WHERE NOT personnel
