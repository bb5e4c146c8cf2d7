-- id:          AR-141
-- severity:    medium
-- title:       Right left over from before a transfer
-- title.zh_TW: 調職後殘留之權限
-- why:         Rights pile up with every transfer, until one person can do what
--     two should do.
-- why.zh_TW:   權限隨調職累積，終致一人可獨力完成應由二人牽制之作業。
-- over:        person
-- thresholds:  mover_working_days mover_handover_days mover_lookback_days
--     peer_minimum peer_settled_days peer_old_share peer_new_share
-- controls:    PAR-05
-- text:        Moved from {old_department} to {department} {transferred:day};
--     still holds {right}, as {old_holders} of {old_peers} there do (at least
--     {old_share:percent}） and {new_holders} of {new_peers} here.
-- text.zh_TW:  已於 {transferred:day} 由 {old_department} 調至 {department}，仍
--     持有 {right}；原單位 {old_peers} 人中有 {old_holders} 人持有（下限
--     {old_share:percent}），新單位 {new_peers} 人中有 {new_holders} 人。
--
SELECT m.object AS subject, 'right:' || o.key AS about, 'hit' AS state,
	CASE WHEN m.acquired IS NULL THEN 'possible' ELSE 'certain' END AS certainty,
	CASE WHEN :now - m.transferred <= :mover_handover_days * :day THEN 'low'
		WHEN g.privileged OR m.grp IN (SELECT p.object FROM privileged_path p) THEN 'high' END AS severity,
	'' AS reason,
	m.old_department, m.department, m.transferred, m.acquired, g.name AS right,
	s.holders AS old_holders, b.persons AS old_peers,
	wilson_low(s.holders, b.persons) AS old_share,
	ifnull(n.holders, 0) AS new_holders, c.persons AS new_peers, 1 AS stands_for,
	reproduce(m.grp, 'members') AS reproduce
FROM mover m JOIN grp g ON g.object = m.grp JOIN object o ON o.id = m.grp
	JOIN peers b ON b.department = m.old_department
	JOIN peers c ON c.department = m.department
	JOIN peer_share s ON s.grp = m.grp AND s.department = m.old_department
	LEFT JOIN peer_share n ON n.grp = m.grp AND n.department = m.department
WHERE working_days(m.transferred, :now) > :mover_working_days
	AND (m.acquired IS NULL OR m.acquired < m.transferred)
	AND b.persons >= :peer_minimum AND c.persons >= :peer_minimum
	AND wilson_low(s.holders, b.persons) >= :peer_old_share
	AND ifnull(n.holders, 0) < :peer_new_share * c.persons
	-- approved anew since, and still so
	AND NOT EXISTS (SELECT 1 FROM approval v JOIN account a ON a.object = m.object
		WHERE v.until = :open AND lower(v.account) = lower(a.name) AND v."right" = g.name
			AND v.not_before >= m.transferred AND (v.not_after IS NULL OR v.not_after > :now))
UNION ALL
SELECT m.object, '', 'unknown', 'certain', NULL, 'few-peers',
	m.old_department, m.department, m.transferred, NULL, NULL,
	NULL, (SELECT b.persons FROM peers b WHERE b.department = m.old_department), NULL,
	NULL, (SELECT c.persons FROM peers c WHERE c.department = m.department), 1, NULL
FROM mover m
WHERE ifnull((SELECT b.persons FROM peers b WHERE b.department = m.old_department), 0) < :peer_minimum
	OR ifnull((SELECT c.persons FROM peers c WHERE c.department = m.department), 0) < :peer_minimum
GROUP BY m.object
UNION ALL
SELECT NULL, '', 'unknown', 'certain', NULL, 'no-personnel', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM judged WHERE NOT personnel
