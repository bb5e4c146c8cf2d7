-- id:          AR-123
-- severity:    low
-- title:       Member that nobody answers to
-- title.zh_TW: 群組成員無法對應
-- why:         Who makes an account of that name or number gets the right with
--     it.
-- why.zh_TW:   日後若有人建立同名或同識別碼之帳號，將一併取得該權限。
-- over:        group
-- controls:    PAR-11 PAR-02
-- text:        Names {reference} as a member, and nothing that was read answers
--     to it.
-- text.zh_TW:  成員 {reference} 於已讀取之資料中查無對應。
--
SELECT d.grp AS subject, d.reference AS about,
	CASE WHEN s.complete THEN 'hit' ELSE 'unknown' END AS state,
	'possible' AS certainty,
	CASE WHEN g.privileged THEN 'medium' END AS severity,
	CASE WHEN s.complete THEN '' ELSE 'incomplete' END AS reason,
	d.reference, reproduce(d.grp, 'members') AS reproduce
FROM dangling d JOIN grp g ON g.object = d.grp
	JOIN source_now s ON s.source = g.source
WHERE d.until = :open
	AND NOT EXISTS (SELECT 1 FROM everyone e WHERE e.grp = d.grp AND e.reference = d.reference)
	-- a directory of the same realm answers
	AND NOT EXISTS (SELECT 1 FROM crossed c WHERE c.grp = d.grp AND c.form = d.form AND c.reference = d.reference)
	-- well-known principals are nobody's account: Everyone, Authenticated Users
	AND (d.reference NOT GLOB 'S-1-*' OR d.reference GLOB 'S-1-5-21-*')
UNION ALL
SELECT a.object, '', CASE WHEN s.complete THEN 'hit' ELSE 'unknown' END,
	'possible', NULL, CASE WHEN s.complete THEN '' ELSE 'incomplete' END,
	ifnull(f.sid, a.name), reproduce(a.object, 'privilege')
FROM account a JOIN fact f USING (object) JOIN source_now s USING (source)
WHERE a.kind = 'foreign' AND f.sid GLOB 'S-1-5-21-*'
	AND NOT EXISTS (SELECT 1 FROM fact o WHERE o.sid = f.sid AND o.object <> a.object)
