-- id:          AR-191
-- severity:    high
-- title:       Duties that should be two persons'
-- title.zh_TW: 職務分工衝突
-- why:         One person with both rights can do and hide what the rules give
--     to two.
-- why.zh_TW:   一人兼具二項應分離之權限，即可獨自完成並掩飾作業。
-- over:        pair
-- controls:    PAR-33
-- text:        Holds both {first} ({first_path}) and {second} ({second_path}):
--     {why}.
-- text.zh_TW:  同時持有 {first}（{first_path}）與 {second}（{second_path}）：{why}。
--
SELECT a.object AS subject, 'pair:' || p.name AS about, 'hit' AS state,
	'certain' AS certainty, NULL AS severity, '' AS reason,
	p.name AS pair, p.first_name AS first, p.second_name AS second, p.reason AS why,
	path_text(a.object, p.first) AS first_path,
	path_text(a.object, p.second) AS second_path,
	reproduce(a.object, 'privilege') AS reproduce
FROM pair p JOIN account a ON a.object IN (
	SELECT h.member FROM holder h WHERE h.grp = p.first
	INTERSECT SELECT h.member FROM holder h WHERE h.grp = p.second)
WHERE a.enabled
UNION ALL
-- the same person, by two accounts
SELECT min(a.object), 'pair:' || p.name || ':' || w.employee, 'hit', 'certain', NULL, '',
	p.name, p.first_name, p.second_name, p.reason, a.name, b.name, NULL
FROM pair p JOIN holder h ON h.grp = p.first JOIN account a ON a.object = h.member
	JOIN account b ON b.person = a.person AND b.object <> a.object
	JOIN holder i ON i.grp = p.second AND i.member = b.object
	JOIN person_now w ON w.person = a.person
WHERE a.enabled AND b.enabled
	AND NOT EXISTS (SELECT 1 FROM holder x JOIN holder y ON y.member = x.member
		JOIN account c ON c.object = x.member
		WHERE c.person = a.person AND c.enabled AND x.grp = p.first AND y.grp = p.second)
GROUP BY p.pair, a.person
UNION ALL
SELECT NULL, 'pair:' || s.name, 'unknown', 'certain', NULL, 'not-readable',
	s.name, s.first, s.second, s.reason, NULL, NULL, NULL
FROM sod_pair s
WHERE s.until = :open AND NOT EXISTS (SELECT 1 FROM pair p WHERE p.name = s.name)
UNION ALL
-- who is not known to hold the one may hold both
SELECT NULL, 'pair:' || p.name, 'unknown', 'certain', NULL, 'incomplete',
	p.name, p.first_name, p.second_name, p.reason, NULL, NULL, NULL
FROM pair p JOIN grp g ON g.object IN (p.first, p.second)
	JOIN source_now s ON s.source = g.source
WHERE NOT s.complete OR s.source IN (SELECT n.source FROM grp n WHERE n.members_incomplete)
GROUP BY p.name
UNION ALL
SELECT NULL, '', 'unknown', 'certain', NULL, 'no-register', NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM judged WHERE NOT pairs
