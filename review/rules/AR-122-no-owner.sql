-- id:          AR-122
-- severity:    medium
-- title:       No owner
-- title.zh_TW: 服務或共用帳號無負責人
-- why:         A service's or shared account without an owner is changed and
--     removed by nobody.
-- why.zh_TW:   服務帳號或共用帳號若無負責人，將無人變更其密碼，也無人於停用時處
--     理。
-- over:        service
-- thresholds:  owner_confirmed_days
-- controls:    PAR-27 PAR-03
-- text:        {because}: owner {owner}, confirmed {confirmed:time}.
-- text.zh_TW:  {because_zh}：負責人 {owner}，最近確認 {confirmed:time}。
--
SELECT subject, '' AS about, 'hit' AS state, 'certain' AS certainty,
	CASE WHEN because = 'Its owner did not confirm for too long' THEN 'low' END AS severity,
	'' AS reason, because,
	CASE because WHEN 'It has no owner' THEN '無負責人'
		WHEN 'Its owner has left' THEN '負責人已離職' ELSE '負責人逾期未確認' END AS because_zh,
	owner, confirmed, generic, reproduce(subject, 'owner') AS reproduce
FROM (
	SELECT a.object AS subject, ifnull(r.owner, f.owner) AS owner, r.confirmed,
		a.generic,
		CASE WHEN ifnull(r.owner, f.owner) IS NULL THEN 'It has no owner'
			WHEN EXISTS (SELECT 1 FROM person_now p WHERE p.status = 'left'
				AND (p.employee = ifnull(r.owner, f.owner) OR p.name = ifnull(r.owner, f.owner)
				OR p.person IN (SELECT w.person FROM account w JOIN fact d USING (object)
					WHERE d.dn = f.owner))) THEN 'Its owner has left'
			WHEN r.account IS NOT NULL AND (r.confirmed IS NULL
				OR :now - r.confirmed > :owner_confirmed_days * :day)
				THEN 'Its owner did not confirm for too long' END AS because
	FROM account a JOIN fact f USING (object) JOIN source_now s USING (source)
		LEFT JOIN registered r ON r.account = lower(a.name) AND r.kind <> 'privileged'
			AND (r.source IS NULL OR r.source IN ('', s.name))
	WHERE a.enabled AND a.kind IN ('user', 'managed-service') AND a.builtin IS NULL
		AND (a.service OR a.registered IS NOT NULL OR (a.generic IS NOT NULL AND a.person IS NULL))
		AND a.login_shell IS NOT 0
) WHERE because IS NOT NULL
