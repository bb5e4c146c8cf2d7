-- id:          AR-154
-- severity:    low
-- title:       adminCount left behind
-- title.zh_TW: adminCount 殘留
-- why:         The directory protected this account when it was privileged; its
--     permissions stay cut off from those above.
-- why.zh_TW:   目錄曾因其具特權而保護此帳號，其權限設定自此不再繼承上層。
-- over:        account
-- controls:    PAR-26
-- text:        adminCount is 1, and no privileged group holds the account any
--     more.
-- text.zh_TW:  adminCount 為 1，但已不屬於任何特權群組。
--
SELECT object AS subject, '' AS about,
	CASE WHEN privileged IS NULL THEN 'unknown' ELSE 'hit' END AS state,
	'certain' AS certainty, NULL AS severity,
	CASE WHEN privileged IS NULL THEN 'privilege' ELSE '' END AS reason,
	admin_count, enabled, reproduce(object, 'privilege') AS reproduce
FROM account WHERE admin_count = 1 AND privileged IS NOT 1
	AND builtin IS NOT 'krbtgt'
