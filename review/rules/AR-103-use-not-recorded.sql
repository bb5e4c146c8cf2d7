-- id:          AR-103
-- severity:    info
-- title:       Last login not recorded
-- title.zh_TW: 來源未記錄最後登入
-- why:         Without evidence of use nobody can say who is idle; that is a gap of
--     coverage and no account's fault.
-- why.zh_TW:   無使用紀錄即無法判斷帳號是否閒置；此為涵蓋範圍缺口，並非個別帳號之缺失。
-- over:        source
-- controls:    PAR-08 PAR-02
-- text:        None of {accounts} accounts of this source ({enabled} enabled, on
--     {hosts} hosts or none) carries a sign of use: {because}.
-- text.zh_TW:  此來源 {accounts} 個帳號（啟用 {enabled} 個，主機 {hosts} 台）均無使用紀錄：{because}。
--
SELECT NULL AS subject, 'source:' || s.name AS about, 'hit' AS state,
	'certain' AS certainty, NULL AS severity, '' AS reason,
	min(u.reason) AS because, sum(u.accounts) AS accounts,
	sum(u.enabled) AS enabled, count(nullif(u.host, '')) AS hosts
FROM use_now u JOIN source_now s USING (source)
WHERE NOT u.records AND u.accounts > 0 GROUP BY s.source
