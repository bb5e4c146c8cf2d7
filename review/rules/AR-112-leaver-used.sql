-- id:          AR-112
-- severity:    critical
-- title:       Used after leaving
-- title.zh_TW: 離職後仍有使用紀錄
-- why:         Somebody logged in with the account of a person who had left:
--     that is an incident.
-- why.zh_TW:   離職人員之帳號於離職後仍有登入紀錄，應視為資安事件處理。
-- over:        person
-- controls:    PAR-04
-- text:        {person_name} ({employee}) left {left_at:time}; {seen_attribute}
--     shows use at {seen:time} (it may lag {resolution:days} days).
-- text.zh_TW:  {person_name}（{employee}）已於 {left_at:time} 離
--     職；{seen_attribute} 顯示 {seen:time} 仍有使用（可能落後 {resolution:days} 天）。
--
SELECT a.object AS subject, '' AS about, 'hit' AS state,
	CASE WHEN p.left_at IS NOT NULL AND a.seen > p.left_at THEN 'certain' ELSE 'possible' END AS certainty,
	CASE WHEN a.seen > p.left_at THEN NULL ELSE 'medium' END AS severity,
	'' AS reason,
	p.name AS person_name, p.employee, p.left_at, a.seen,
	n.attribute AS seen_attribute, n.server AS seen_server, n.raw AS seen_raw,
	ifnull(n.resolution, 0) AS resolution, a.enabled,
	reproduce(a.object, 'use enabled') AS reproduce
FROM person_now p JOIN account a ON a.person = p.person
	JOIN seen n ON n.object = a.object
WHERE p.status = 'left' AND p.left_at IS NOT NULL
	AND a.seen + ifnull(n.resolution, 0) > p.left_at
	-- within its lag only: an old value near the day proves nothing alone
	AND (a.seen > p.left_at OR a.enabled)
UNION ALL
SELECT NULL, '', 'unknown', 'certain', NULL, 'no-personnel', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM judged WHERE NOT personnel
