-- id:          AR-172
-- severity:    high
-- title:       Service account used interactively
-- title.zh_TW: 服務帳號遭互動式登入
-- why:         A person who logs in as a service leaves no name behind.
-- why.zh_TW:   人員以服務帳號登入，即無法辨識為何人。
-- over:        service
-- thresholds:  trail_days
-- controls:    PAR-27
-- text:        Logged in by {used_service} on {used_host} from {origin}, last
--     {used:time}, on {days} days.
-- text.zh_TW:  曾以 {used_service} 登入 {used_host}（來源 {origin}），最後為
--     {used:time}，共 {days} 天。
--
SELECT a.object AS subject, '' AS about, 'hit' AS state,
	-- at a console or with a password, or from a person's workstation: a person
	CASE WHEN max(u.service IN ('login', 'gdm', 'lightdm', 'xrdp', 'sddm')
		OR u.origin IN (SELECT o.origin FROM origin_person o)) THEN 'certain'
		ELSE 'possible' END AS certainty,
	NULL AS severity, '' AS reason,
	u.service AS used_service, u.host AS used_host, u.origin, max(u.last) AS used,
	count(DISTINCT u.day) AS days, reproduce(a.object, 'use owner') AS reproduce
FROM use_day u JOIN account a USING (object)
WHERE a.service AND a.kind IN ('user', 'managed-service') AND u.result = 'success'
	AND (u.day + 1) * :day > :now - :trail_days * :day
	AND (u.service IN ('login', 'gdm', 'lightdm', 'xrdp', 'sddm', 'su')
		OR (u.service = 'sshd' AND (u.key = '' OR u.origin IN (SELECT o.origin FROM origin_person o))))
GROUP BY a.object
UNION ALL
SELECT NULL, '', 'unknown', 'certain', NULL, 'no-trail', NULL, NULL, NULL, NULL, NULL, NULL
FROM judged WHERE NOT trail
