-- id:          AR-131
-- severity:    high
-- title:       Used by several persons
-- title.zh_TW: 疑為多人共用之帳號（具體證據）
-- why:         What an account did is no one person's deed if several use it.
--     These are facts, and no verdict.
-- why.zh_TW:   帳號若由多人使用，其操作即無法歸責於個人。以下為事實，而非判定。
-- over:        account
-- thresholds:  shared_persons shared_day_share host_owner_share shared_keys
--     shared_key_days trail_days
-- controls:    PAR-10
-- text:        {because} {detail}; in {days} days of use.
-- text.zh_TW:  {because_zh}{detail}；使用天數 {days} 天。
--
WITH used (object, days) AS (
	SELECT object, count(DISTINCT day) FROM use_day
	WHERE object IS NOT NULL AND result = 'success' AND service NOT IN ('sudo', 'su')
		AND (day + 1) * :day > :now - :trail_days * :day
	GROUP BY object
), others (object, person, days) AS (
	-- days on which it was used from the workstation of another person
	SELECT u.object, o.person, count(DISTINCT u.day)
	FROM use_day u JOIN origin_person o ON o.origin = u.origin
		JOIN account a ON a.object = u.object
	WHERE u.result = 'success' AND u.service NOT IN ('sudo', 'su')
		AND (u.day + 1) * :day > :now - :trail_days * :day
		AND o.person IS NOT a.person AND NOT a.service
	GROUP BY u.object, o.person
), visits AS (
	SELECT s.object, count(*) AS persons, min(s.days) AS least, u.days,
		group_concat(p.employee, ' ') AS who
	FROM others s JOIN used u USING (object) JOIN person_now p ON p.person = s.person
	WHERE s.days >= :shared_day_share * u.days
	GROUP BY s.object HAVING count(*) >= :shared_persons
), interleaved AS (
	-- keys whose spans of use overlap with those of enough others
	SELECT object, count(*) AS keys, group_concat(key, ' ') AS which FROM (
		SELECT k.object, k.key FROM key_use k JOIN key_use o
			ON o.object = k.object AND o.key <> k.key
		WHERE min(k.last, o.last) - max(k.first, o.first) > :shared_key_days * :day
		GROUP BY k.object, k.key HAVING count(*) >= :shared_keys - 1)
	GROUP BY object HAVING count(*) >= :shared_keys
), keyed (object, value, person, name, service, builtin) AS (
	SELECT v.object, v.value, a.person, lower(a.name), a.service, a.builtin
	FROM account_value v JOIN account a ON a.object = v.object
	WHERE v.attribute = 'ssh-key' AND v.until = :open AND ifnull(a.enabled, 1)
), reused AS (
	SELECT value, count(DISTINCT name) AS names, group_concat(DISTINCT name) AS which
	FROM keyed WHERE NOT service AND builtin IS NULL
	GROUP BY value HAVING count(DISTINCT name) > 1
		AND NOT (count(person) = count(*) AND count(DISTINCT person) = 1)
), opened AS (
	-- one account that keys of several persons open
	SELECT k.object, count(DISTINCT o.person) AS persons,
		group_concat(DISTINCT o.name) AS who
	FROM keyed k JOIN keyed o ON o.value = k.value AND o.object <> k.object
	WHERE o.person IS NOT NULL AND k.person IS NULL AND NOT k.service
	GROUP BY k.object HAVING count(DISTINCT o.person) >= :shared_persons
)
SELECT object AS subject, 'S1' AS about, 'hit' AS state, 'certain' AS certainty,
	NULL AS severity, '' AS reason,
	'Used from the workstations of other persons:' AS because,
	'曾自他人工作站使用，工作站所屬員編：' AS because_zh,
	who AS detail, persons AS count, days, least AS least_days,
	reproduce(object, 'identity') AS reproduce
FROM visits
UNION ALL
SELECT i.object, 'S2', 'hit', 'certain', NULL, '',
	'Several SSH keys in use at the same time:', '同期間交錯使用多把 SSH 金鑰：',
	i.which, i.keys, ifnull(u.days, 0), NULL, reproduce(i.object, 'identity')
FROM interleaved i LEFT JOIN used u USING (object) JOIN account a USING (object)
WHERE NOT a.service
UNION ALL
SELECT k.object, 'S3:' || k.value, 'hit', 'certain', NULL, '',
	'One SSH key opens several accounts:', '同一 SSH 金鑰可登入多個帳號：',
	r.which, r.names, 0, NULL, reproduce(k.object, 'identity')
FROM reused r JOIN keyed k ON k.value = r.value
WHERE NOT k.service AND k.builtin IS NULL
UNION ALL
SELECT object, 'S3', 'hit', 'certain', NULL, '',
	'Keys of several persons open it; they are also of:', '多人之金鑰均可登入，該等金鑰亦屬於：',
	who, persons, 0, NULL, reproduce(object, 'identity')
FROM opened
UNION ALL
SELECT NULL, '', 'unknown', 'certain', NULL, 'no-trail', NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM judged WHERE NOT trail
