-- id:          AR-151
-- severity:    high
-- title:       Privileged unlike its peers
-- title.zh_TW: 特權與同儕不符
-- why:         A privilege that nobody else of the department needs is likely
--     not needed here either.
-- why.zh_TW:   同單位他人均無須之特權，此人多半亦無須持有。
-- over:        privileged
-- thresholds:  privileged_peer_share peer_minimum peer_settled_days
-- controls:    PAR-12
-- text:        Holds {right}; of {peers} settled peers in {department}
--     {holders} do (at most {share:percent}): {path}.
-- text.zh_TW:  持有 {right}；{department} 之 {peers} 名同儕中有 {holders} 人持有
--     （上限 {share:percent}）：{path}。
--
SELECT a.object AS subject, 'right:' || o.key AS about,
	CASE WHEN others < :peer_minimum THEN 'unknown' ELSE 'hit' END AS state,
	'possible' AS certainty, NULL AS severity,
	CASE WHEN others < :peer_minimum THEN 'few-peers' ELSE '' END AS reason,
	g.name AS right, a.department, a.others AS peers, a.holders,
	wilson_high(a.holders, a.others) AS share, path_text(a.object, a.grp) AS path,
	reproduce(a.object, 'privilege identity') AS reproduce
FROM (
	-- without the person itself, if it is among the settled
	SELECT a.object, p.grp, w.department,
		ifnull(b.persons, 0) - (t.person IS NOT NULL) AS others,
		ifnull(s.holders, 0) - (t.person IS NOT NULL) AS holders
	FROM privileged_path p JOIN account a ON a.object = p.object
		JOIN person_now w ON w.person = a.person
		LEFT JOIN settled t ON t.person = a.person
		LEFT JOIN peers b ON b.department = w.department
		LEFT JOIN privileged_share s ON s.grp = p.grp AND s.department = w.department
	WHERE a.enabled AND NOT a.service
) a JOIN grp g ON g.object = a.grp JOIN object o ON o.id = a.grp
WHERE others < :peer_minimum
	OR wilson_high(holders, others) < :privileged_peer_share
UNION ALL
SELECT NULL, '', 'unknown', 'certain', NULL, 'no-personnel', NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM judged WHERE NOT personnel
