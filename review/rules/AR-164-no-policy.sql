-- id:          AR-164
-- severity:    medium
-- title:       No password policy applies
-- title.zh_TW: 無適用之密碼原則
-- why:         Without a policy a password may be short, old and tried without
--     end.
-- why.zh_TW:   無適用原則時，密碼可過短、過舊，且嘗試次數不受限制。
-- over:        enabled
-- controls:    PAR-20 PAR-25
-- text:        {because}: {policy}.
-- text.zh_TW:  {because_zh}：{policy}。
--
SELECT a.object AS subject, '' AS about, 'hit' AS state, 'certain' AS certainty,
	CASE WHEN a.privileged THEN 'high' END AS severity, '' AS reason,
	CASE WHEN a.policy_named = 0 THEN 'It names a policy that is not there'
		ELSE 'Its host states no policy' END AS because,
	CASE WHEN a.policy_named = 0 THEN '所指定之原則不存在' ELSE '主機未設定原則' END AS because_zh,
	ifnull(f.policy, a.host) AS policy, 1 AS stands_for,
	reproduce(a.object, 'policy') AS reproduce
FROM account a JOIN fact f USING (object) JOIN source_now s USING (source)
WHERE a.enabled AND a.kind = 'user' AND a.policy IS NULL AND s.complete AND s.policies > 0
	AND ifnull(a.password_locked, 0) = 0
	AND (a.policy_named = 0 OR s.product = 'local')
UNION ALL
-- The default may be where our reader can't look, or there is none: not told.
SELECT NULL, 'source:' || s.name, 'unknown', 'certain', NULL,
	CASE WHEN NOT s.complete THEN 'incomplete' WHEN s.product IN ('csv', '') THEN 'not-recorded'
		ELSE 'not-readable' END, NULL, NULL, NULL, count(*), NULL
FROM account a JOIN source_now s USING (source)
WHERE a.enabled AND a.kind = 'user' AND a.policy IS NULL
	AND ifnull(a.password_locked, 0) = 0
	AND NOT (s.complete AND s.policies > 0 AND (a.policy_named IS 0 OR s.product = 'local'))
GROUP BY s.source
