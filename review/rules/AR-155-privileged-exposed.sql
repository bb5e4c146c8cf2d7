-- id:          AR-155
-- severity:    medium
-- title:       Privileged account exposed
-- title.zh_TW: 特權帳號暴露
-- why:         Mail, a service name or delegation let others come at a
--     privileged account.
-- why.zh_TW:   郵件、服務主體名稱或委派均使特權帳號更易遭攻擊。
-- over:        privileged
-- thresholds:  spn_password_days
-- controls:    PAR-26 PAR-13
-- text:        {because} {detail}.
-- text.zh_TW:  {because_zh}{detail}。
--
SELECT a.object AS subject, 'mail' AS about, 'hit' AS state, 'certain' AS certainty,
	'low' AS severity, '' AS reason,
	'It has a mail address:' AS because, '設有郵件位址：' AS because_zh,
	f.mail AS detail, reproduce(a.object, 'identity privilege') AS reproduce
FROM account a JOIN fact f USING (object)
WHERE a.privileged AND a.enabled AND f.mail IS NOT NULL
UNION ALL
SELECT a.object, 'spn', 'hit', 'certain', NULL, '',
	'Anyone may ask for a ticket to guess its password, set ' || ifnull(when_text(a.password_set), 'nobody knows when') || ', for',
	'任何人均可取得票證以猜測其密碼（設定於 ' || ifnull(when_text(a.password_set), '未知時間') || '）：',
	min(v.value), reproduce(a.object, 'password privilege')
FROM account a CROSS JOIN account_value v ON v.object = a.object
WHERE a.privileged AND a.enabled AND a.kind = 'user'
	AND v.attribute = 'spn' AND v.until = :open
	AND (a.password_set IS NULL OR a.password_set = :never
		OR :now - a.password_set > :spn_password_days * :day)
GROUP BY a.object
UNION ALL
SELECT a.object, 'delegable', 'hit', 'certain', NULL, '',
	'A server that it logs in to may act as it', '所登入之伺服器可代其行事', '',
	reproduce(a.object, 'enabled privilege')
FROM account a JOIN fact f USING (object)
WHERE a.privileged AND a.enabled AND a.kind = 'user' AND f.not_delegated = 0
	AND a.object NOT IN (SELECT e.member FROM grp g CROSS JOIN edge e ON e.grp = g.object
		WHERE g.name = 'Protected Users' AND e.until = :open)
UNION ALL
SELECT a.object, 'protected-users', 'hit', 'certain', 'low', '',
	'It is not in the group Protected Users', '未列入 Protected Users 群組', '',
	reproduce(a.object, 'privilege')
FROM account a JOIN source_now s USING (source)
WHERE a.privileged AND a.enabled AND a.kind = 'user' AND s.product = 'ad'
	AND a.source IN (SELECT g.source FROM grp g WHERE g.name = 'Protected Users')
	AND a.object NOT IN (SELECT e.member FROM grp g CROSS JOIN edge e ON e.grp = g.object
		WHERE g.name = 'Protected Users' AND e.until = :open)
UNION ALL
SELECT NULL, 'source:' || s.name, 'unknown', 'certain', NULL, s.privilege_reason, NULL, NULL, NULL, NULL
FROM source_now s WHERE NOT s.privilege_known
