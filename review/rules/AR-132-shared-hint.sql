-- id:          AR-132
-- severity:    low
-- title:       May be shared
-- title.zh_TW: 可能為共用帳號(線索)
-- why:         A role's name, or one mail address, telephone or number on
--     several accounts, hints at sharing. Most such accounts are not shared.
-- why.zh_TW:   角色名稱,或多個帳號使用同一郵件、電話或員編,為共用之線索;此類帳
--     號多數並非共用。
-- over:        account
-- thresholds:  shared_overlap_days shared_hours trail_days
-- controls:    PAR-10
-- text:        {because} {detail} ({count}).
-- text.zh_TW:  {because_zh}{detail}({count})。
--
WITH told (object, what, value, person, realm) AS MATERIALIZED (
	SELECT a.object, w.what, lower(CASE w.what WHEN 'mail' THEN f.mail
		WHEN 'phone' THEN f.phone ELSE f.employee END), a.person, a.realm
	FROM fact f CROSS JOIN account a ON a.object = f.object
		CROSS JOIN (SELECT 'mail' AS what UNION ALL SELECT 'phone' UNION ALL SELECT 'employee') w
	WHERE a.enabled AND a.kind = 'user' AND a.registered IS NULL AND NOT a.admin_name
		AND CASE w.what WHEN 'mail' THEN f.mail WHEN 'phone' THEN f.phone ELSE f.employee END IS NOT NULL
), several AS (
	SELECT what, value, realm, count(*) AS accounts FROM told
	WHERE value IS NOT NULL GROUP BY what, value, realm
	HAVING count(*) > 1 AND NOT (count(person) = count(*) AND count(DISTINCT person) = 1)
)
SELECT a.object AS subject, 'generic' AS about, 'hit' AS state, 'hint' AS certainty,
	NULL AS severity, '' AS reason,
	'Its name is that of a role:' AS because, '帳號名稱屬角色或用途:' AS because_zh,
	a.generic AS detail, 1 AS count, reproduce(a.object, 'identity') AS reproduce
FROM account a
WHERE a.generic IS NOT NULL AND a.enabled AND a.kind = 'user' AND NOT a.service
	AND a.builtin IS NULL AND a.registered IS NULL
UNION ALL
SELECT t.object, t.what, 'hit', 'hint', NULL, '',
	'Several accounts have the same ' || t.what || ':',
	'多個帳號有相同之' || CASE t.what WHEN 'mail' THEN '郵件位址' WHEN 'phone' THEN '電話' ELSE '員編' END || ':',
	t.value, s.accounts, reproduce(t.object, 'identity')
FROM several s JOIN told t USING (what, value, realm)
UNION ALL
SELECT object, 'overlap', 'hit', 'hint', NULL, '',
	'Overlapping sessions of other keys and origins, and use around the clock:',
	'不同金鑰與來源之連線時間重疊,且全天均有使用:',
	count(DISTINCT CASE WHEN overlaps THEN day END) || ' / ' || hours_used(hours),
	count(DISTINCT day), reproduce(object, 'identity')
FROM use_day JOIN account a USING (object)
WHERE result = 'success' AND NOT a.service
	AND (day + 1) * :day > :now - :trail_days * :day
GROUP BY object
HAVING count(DISTINCT CASE WHEN overlaps THEN day END) >= :shared_overlap_days
	AND hours_used(hours) >= :shared_hours
