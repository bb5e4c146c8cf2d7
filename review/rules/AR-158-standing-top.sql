-- id:          AR-158
-- severity:    medium
-- title:       Standing members of a top group
-- title.zh_TW: 最高權限群組之常設成員
-- why:         The topmost groups are to be empty, or nearly, but for the hour
--     in which they are needed.
-- why.zh_TW:   最高權限群組平時應維持極少或無成員，僅於需要時加入。
-- over:        group
-- thresholds:  top_domain_admins top_schema_admins
-- controls:    PAR-12
-- text:        {count} enabled accounts hold {right} in any way; the limit is
--     {limit}.
-- text.zh_TW:  以任何途徑持有 {right} 之啟用帳號有 {count} 個；上限為 {limit}。
--
SELECT g.object AS subject, '' AS about, 'hit' AS state, 'certain' AS certainty,
	NULL AS severity, '' AS reason, g.name AS right, count(*) AS count,
	CASE g.top WHEN 'schema-admins' THEN :top_schema_admins ELSE :top_domain_admins END AS "limit",
	reproduce(g.object, 'members') AS reproduce
FROM grp g JOIN privileged_path p ON p.grp = g.object
	JOIN account a ON a.object = p.object
WHERE g.top IS NOT NULL AND a.enabled AND a.kind <> 'machine'
GROUP BY g.object
HAVING count(*) > CASE g.top WHEN 'schema-admins' THEN :top_schema_admins ELSE :top_domain_admins END
UNION ALL
SELECT g.object, '', 'unknown', 'certain', NULL, 'incomplete', g.name, NULL, NULL, NULL
FROM grp g JOIN source_now s USING (source)
WHERE g.top IS NOT NULL AND (g.members_incomplete OR NOT s.complete)
	AND ifnull((SELECT count(*) FROM privileged_path p JOIN account a ON a.object = p.object
		WHERE p.grp = g.object AND a.enabled AND a.kind <> 'machine'), 0)
	<= CASE g.top WHEN 'schema-admins' THEN :top_schema_admins ELSE :top_domain_admins END
