-- id:          AR-132
-- severity:    low
-- title:       May be shared
-- title.zh_TW: 可能為共用帳號（線索）
-- why:         A role's name, or one mail address, telephone or number on
--     several accounts, hints at sharing. Most such accounts are not shared.
-- why.zh_TW:   角色名稱，或多個帳號使用同一郵件、電話或員編，為共用之線索；此類帳
--     號多數並非共用。
-- over:        account
-- thresholds:  shared_overlap_days shared_hours trail_days
-- controls:    PAR-10
-- text:        {because} {detail} ({count}).
-- text.zh_TW:  {because_zh}{detail}（{count}）。
--
WITH told (object, mail, phone, employee, person, realm) AS (
	SELECT a.object, lower(f.mail), lower(f.phone), lower(f.employee), a.person, a.realm
	FROM fact f CROSS JOIN account a ON a.object = f.object
	WHERE a.enabled AND a.kind = 'user' AND a.registered IS NULL AND NOT a.admin_name
), several (what, value, realm, accounts) AS MATERIALIZED (
	SELECT 'mail', mail, realm, count(*) FROM told
	WHERE mail IS NOT NULL GROUP BY mail, realm
	HAVING count(*) > 1 AND NOT (count(person) = count(*) AND count(DISTINCT person) = 1)
	UNION ALL
	SELECT 'phone', phone, realm, count(*) FROM told
	WHERE phone IS NOT NULL GROUP BY phone, realm
	HAVING count(*) > 1 AND NOT (count(person) = count(*) AND count(DISTINCT person) = 1)
	UNION ALL
	SELECT 'employee', employee, realm, count(*) FROM told
	WHERE employee IS NOT NULL GROUP BY employee, realm
	HAVING count(*) > 1 AND NOT (count(person) = count(*) AND count(DISTINCT person) = 1)
), bearer (object, what, value, accounts) AS (
	SELECT t.object, s.what, s.value, s.accounts FROM told t
		CROSS JOIN several s ON s.realm = t.realm AND s.what = 'mail' AND s.value = t.mail
	UNION ALL SELECT t.object, s.what, s.value, s.accounts FROM told t
		CROSS JOIN several s ON s.realm = t.realm AND s.what = 'phone' AND s.value = t.phone
	UNION ALL SELECT t.object, s.what, s.value, s.accounts FROM told t
		CROSS JOIN several s ON s.realm = t.realm AND s.what = 'employee' AND s.value = t.employee
)
SELECT a.object AS subject, 'generic' AS about, 'hit' AS state, 'hint' AS certainty,
	NULL AS severity, '' AS reason,
	'Its name is that of a role:' AS because, '帳號名稱屬角色或用途：' AS because_zh,
	a.generic AS detail, 1 AS count, reproduce(a.object, 'identity') AS reproduce
FROM account a
WHERE a.generic IS NOT NULL AND a.enabled AND a.kind = 'user' AND NOT a.service
	AND a.builtin IS NULL AND a.registered IS NULL
UNION ALL
SELECT t.object, t.what, 'hit', 'hint', NULL, '',
	'Several accounts have the same ' || t.what || ':',
	'多個帳號有相同之' || CASE t.what WHEN 'mail' THEN '郵件位址' WHEN 'phone' THEN '電話' ELSE '員編' END || ':',
	t.value, t.accounts, reproduce(t.object, 'identity')
FROM bearer t WHERE EXISTS (SELECT 1 FROM several)
UNION ALL
SELECT object, 'overlap', 'hit', 'hint', NULL, '',
	'Overlapping sessions of other keys and origins, and use around the clock:',
	'不同金鑰與來源之連線時間重疊，且全天均有使用：',
	count(DISTINCT CASE WHEN overlaps THEN day END) || ' / ' || hours_used(hours),
	count(DISTINCT day), reproduce(object, 'identity')
FROM use_day JOIN account a USING (object)
WHERE result = 'success' AND NOT a.service
	AND (day + 1) * :day > :now - :trail_days * :day
GROUP BY object
HAVING count(DISTINCT CASE WHEN overlaps THEN day END) >= :shared_overlap_days
	AND hours_used(hours) >= :shared_hours
