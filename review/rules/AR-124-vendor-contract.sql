-- id:          AR-124
-- severity:    high
-- title:       Vendor without a contract that covers it
-- title.zh_TW: 委外人員帳號無有效合約
-- why:         Who works for another firm may come in only while its contract
--     lasts.
-- why.zh_TW:   委外人員僅得於合約有效期間內存取系統。
-- over:        person
-- thresholds:  contract_days
-- controls:    PAR-06
-- text:        {because}: contract {contract}, ends {ends:day}; the account
--     expires {expires:day}.
-- text.zh_TW:  {because_zh}：合約 {contract}，到期日 {ends:day}；帳號到期日
--     {expires:day}。
--
SELECT object AS subject, about, 'hit' AS state, 'certain' AS certainty,
	CASE about WHEN 'no-expiry' THEN 'medium' WHEN 'too-long' THEN 'low' END AS severity,
	'' AS reason,
	CASE about WHEN 'no-contract' THEN 'No contract is known'
		WHEN 'ended' THEN 'The contract has ended'
		WHEN 'too-long' THEN 'The contract ends later than an account may last'
		ELSE 'The account has no end of its own' END AS because,
	CASE about WHEN 'no-contract' THEN '查無合約' WHEN 'ended' THEN '合約已到期'
		WHEN 'too-long' THEN '合約期限超過帳號最長效期' ELSE '帳號未設到期日' END AS because_zh,
	contract, ends, expires, reproduce(object, 'enabled') AS reproduce
FROM (
	SELECT a.object, p.contract, ifnull(c.ends, p.contract_end) AS ends, a.expires,
		CASE WHEN p.contract IS NULL AND p.contract_end IS NULL THEN 'no-contract'
			WHEN ifnull(c.ends, p.contract_end) < :now THEN 'ended'
			WHEN ifnull(c.ends, p.contract_end) > :now + :contract_days * :day THEN 'too-long'
			WHEN a.expires IS NULL OR a.expires = :never THEN 'no-expiry' END AS about
	FROM person_now p JOIN account a ON a.person = p.person
		LEFT JOIN contract c ON c.contract = p.contract AND c.until = :open
	WHERE p.kind = 'vendor' AND a.enabled
) WHERE about IS NOT NULL
UNION ALL
SELECT NULL, '', 'unknown', 'certain', NULL, 'no-personnel', NULL, NULL, NULL, NULL, NULL, NULL
FROM judged WHERE NOT personnel
