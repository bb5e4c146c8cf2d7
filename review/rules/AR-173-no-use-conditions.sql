-- id:          AR-173
-- severity:    low
-- title:       No conditions of use
-- title.zh_TW: 未設登入限制
-- why:         Hours, hosts and networks that bind a privileged account stop
--     its thief as well.
-- why.zh_TW:   限制特權帳號之時段、主機與網段，亦能限制盜用者。
-- over:        privileged
-- controls:    PAR-28
-- text:        Privileged in a core system, and bound to no hours, hosts or
--     networks.
-- text.zh_TW:  核心系統之特權帳號，未限制使用時段、主機或網段。
--
SELECT a.object AS subject, '' AS about, 'hit' AS state, 'certain' AS certainty,
	NULL AS severity, '' AS reason, f.conditions, 1 AS stands_for,
	reproduce(a.object, 'enabled') AS reproduce
FROM account a JOIN fact f USING (object) JOIN source_now s USING (source)
WHERE a.privileged AND a.enabled AND s.core AND NOT a.has_conditions
	AND s.conditions
UNION ALL
SELECT NULL, 'source:' || s.name, 'unknown', 'certain', NULL, 'not-recorded',
	NULL, count(*), NULL
FROM account a JOIN source_now s USING (source)
WHERE a.privileged AND a.enabled AND s.core AND NOT s.conditions
GROUP BY s.source
