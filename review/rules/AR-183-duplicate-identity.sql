-- id:          AR-183
-- severity:    high
-- title:       Second superuser, or one identity twice
-- title.zh_TW: 第二個 UID 0 帳號或識別碼重複
-- why:         Two names for one number are one account with two passwords, and
--     the log can't tell them apart.
-- why.zh_TW:   二個名稱共用一個識別碼，即同一帳號有二組密碼，紀錄無法區分。
-- over:        account
-- controls:    PAR-10 PAR-26
-- text:        {because} {value}: {names}.
-- text.zh_TW:  {because_zh} {value}：{names}。
--
SELECT a.object AS subject, 'uid-0' AS about, 'hit' AS state, 'certain' AS certainty,
	'critical' AS severity, '' AS reason,
	'Is the superuser under another name, UID' AS because, '以其他名稱作為超級使用者，UID' AS because_zh,
	a.uid_number AS value, a.name AS names, reproduce(a.object, 'privilege') AS reproduce
FROM account a JOIN source_now s USING (source)
WHERE s.product = 'local' AND a.uid_number = 0 AND a.name <> 'root'
UNION ALL
SELECT min(a.object), 'uid:' || a.uid_number || ifnull('@' || a.host, ''), 'hit', 'certain', NULL, '',
	'Several accounts have the UID', '多個帳號使用同一 UID',
	a.uid_number, group_concat(a.name, ' '), reproduce(min(a.object), 'privilege')
FROM account a
WHERE a.uid_number > 0 AND a.kind = 'user'
GROUP BY a.source, a.host, a.uid_number HAVING count(*) > 1
UNION ALL
SELECT min(a.object), 'sid:' || f.sid, 'hit', 'certain', NULL, '',
	'Several accounts have the SID', '多個帳號使用同一 SID',
	f.sid, group_concat(a.name, ' '), reproduce(min(a.object), 'privilege')
FROM fact f CROSS JOIN account a ON a.object = f.object
WHERE f.sid IS NOT NULL AND a.kind <> 'foreign'
GROUP BY f.sid, a.realm HAVING count(*) > 1
