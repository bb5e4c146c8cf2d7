-- id:          AR-152
-- severity:    high
-- title:       Hidden privilege
-- title.zh_TW: 隱藏的特權
-- why:         Who looks at the group's members doesn't see this holder: the right
--     comes by primary group, by SID history, or through several groups.
-- why.zh_TW:   檢視群組成員時看不到此持有者：權限來自主要群組、SID 歷史紀錄或多層巢狀群組。
-- over:        privileged
-- thresholds:  hidden_depth
-- controls:    PAR-11
-- text:        Holds {right} only in a hidden way, {depth} steps: {path}.
-- text.zh_TW:  僅以隱藏方式持有 {right}（共 {depth} 層）：{path}。
--
SELECT a.object AS subject, 'right:' || o.key AS about, 'hit' AS state,
	'certain' AS certainty, NULL AS severity, '' AS reason,
	g.name AS right, p.depth, path_text(a.object, p.grp) AS path,
	a.enabled, reproduce(a.object, 'privilege') AS reproduce
FROM privileged_path p
	JOIN account a ON a.object = p.object
	JOIN grp g ON g.object = p.grp
	JOIN object o ON o.id = p.grp
WHERE a.builtin IS NULL AND ifnull(a.enabled, 1)
	AND (p.plain_depth IS NULL OR p.plain_depth >= :hidden_depth)
UNION ALL
-- A right that is everyone's shows no member at all.
SELECT DISTINCT g.object, 'everyone', 'hit', 'certain', 'critical', '',
	g.name, NULL, d.reference, NULL, reproduce(g.object, 'members')
FROM everyone d JOIN (
	SELECT grp, member FROM holder UNION SELECT object, object FROM grp
) h ON h.member = d.grp JOIN grp g ON g.object = h.grp
WHERE g.privileged
UNION ALL
SELECT NULL, 'source:' || s.name, 'unknown', 'certain', NULL, s.privilege_reason,
	NULL, NULL, NULL, NULL, NULL
FROM source_now s WHERE NOT s.privilege_known
