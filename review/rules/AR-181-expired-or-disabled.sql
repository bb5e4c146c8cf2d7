-- id:          AR-181
-- severity:    medium
-- title:       Expired but not disabled, or disabled and still privileged
-- title.zh_TW: 已逾期未停用，或已停用仍具特權
-- why:         What is half closed is opened again by one click, with all it
--     had.
-- why.zh_TW:   未完整關閉之帳號，一經重新啟用即恢復全部權限。
-- over:        account
-- controls:    PAR-07 PAR-12
-- text:        {because}; it expires {expires:time}; {status_reason}.
-- text.zh_TW:  {because_zh}；到期時間 {expires:time}；{status_reason}。
--
SELECT a.object AS subject, 'expired' AS about, 'hit' AS state, 'certain' AS certainty,
	'low' AS severity, '' AS reason,
	'It has expired and is not disabled' AS because, '已逾有效期限而未停用' AS because_zh,
	a.expires, f.status_reason, NULL AS "right", reproduce(a.object, 'enabled') AS reproduce
FROM account a JOIN fact f USING (object)
WHERE a.expires <= :now AND a.expires <> :never
	AND (a.enabled OR f.status_reason LIKE 'accountExpires%' OR f.status_reason LIKE 'krbPrincipalExpiration%')
UNION ALL
SELECT a.object, 'privileged', 'hit', 'certain', NULL, '',
	'It is disabled and still holds a privileged right', '已停用，仍持有特權',
	a.expires, f.status_reason, g.name, reproduce(a.object, 'enabled privilege')
FROM privileged_path p CROSS JOIN account a ON a.object = p.object
	CROSS JOIN fact f ON f.object = a.object CROSS JOIN grp g ON g.object = p.grp
WHERE p.depth = (SELECT min(q.depth) FROM privileged_path q WHERE q.object = p.object)
	AND a.enabled = 0 AND a.builtin IS NULL
	AND f.status_reason IS NOT 'accountExpires reached'
GROUP BY a.object
