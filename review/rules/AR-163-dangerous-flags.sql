-- id:          AR-163
-- severity:    high
-- title:       Dangerous account flags
-- title.zh_TW: 危險帳號旗標
-- why:         These settings let an account be used without its password, or
--     give the password away.
-- why.zh_TW:   此類設定使帳號可不經密碼使用，或使密碼外洩。
-- over:        enabled
-- controls:    PAR-26
-- text:        {flags}; control value {control}.
-- text.zh_TW:  {flags}；控制值 {control}。
--
SELECT a.object AS subject, '' AS about, 'hit' AS state, 'certain' AS certainty,
	CASE WHEN f.empty_password = 1 THEN 'critical' END AS severity, '' AS reason,
	ltrim(CASE WHEN f.empty_password = 1 THEN ', empty password' ELSE '' END
		|| CASE WHEN f.password_not_required = 1 THEN ', password not required' ELSE '' END
		|| CASE WHEN f.reversible = 1 THEN ', reversible encryption' ELSE '' END
		|| CASE WHEN f.des = 1 THEN ', DES keys' ELSE '' END
		|| CASE WHEN f.no_preauth = 1 THEN ', no pre-authentication' ELSE '' END
		|| CASE WHEN f.unconstrained_delegation = 1 AND a.kind = 'user' THEN ', unconstrained delegation' ELSE '' END
		|| CASE WHEN f.nis = 1 THEN ', NIS line' ELSE '' END, ', ') AS flags,
	f.control, a.privileged, f.status_reason,
	reproduce(a.object, 'enabled') AS reproduce
FROM account a JOIN fact f USING (object)
WHERE a.dangerous AND ifnull(a.enabled, 1) AND a.kind NOT IN ('trust')
	AND (a.kind = 'user' OR f.empty_password = 1 OR f.password_not_required = 1
		OR f.reversible = 1 OR f.des = 1 OR f.no_preauth = 1 OR f.nis = 1)
	AND a.builtin IS NOT 'guest'
