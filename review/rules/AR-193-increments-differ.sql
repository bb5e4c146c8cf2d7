-- id:          AR-193
-- severity:    medium
-- title:       Increments missed changes
-- title.zh_TW: 增量蒐集有遺漏
-- why:         What only a full pull found had been missing from every check
--     since the change: a directory that does not tell of all its changes, or
--     hides some from the reader.
-- why.zh_TW:   僅於完整蒐集時發現之差異，表示自異動以來之各次檢查均未涵蓋；可能為目錄服務
--     未回報全部異動，或讀取帳號之權限不足。
-- over:        source
-- controls:    PAR-03
-- text:        The full pull {pull} of {source}, at {at:time}, found {count}
--     differences that no pull of changes had brought: {examples}.
-- text.zh_TW:  來源 {source} 於 {at:time} 之完整蒐集（第 {pull} 次）發現 {count} 項差異，先前各次
--     增量蒐集均未取得：{examples}。
--
SELECT NULL AS subject, 'drift:' || s.name AS about, 'hit' AS state,
	'certain' AS certainty, NULL AS severity, '' AS reason,
	s.name AS source, p.id AS pull, p.started AS at, p.drift AS count,
	(SELECT group_concat(d.what || ' ' || coalesce(a.name, g.name, o.key)
			|| ifnull(' < ' || h.name, ''), '; ')
		FROM drift d JOIN object o ON o.id = d.member
			LEFT JOIN account a ON a.object = d.member
			LEFT JOIN grp g ON g.object = d.member
			LEFT JOIN grp h ON h.object = d.grp
		WHERE d.pull = p.id) AS examples
FROM source_now s JOIN pull p ON p.id = (SELECT max(f.id) FROM pull f
	WHERE f.source = s.source AND f.state = 'applied' AND f.mode = 'full'
		AND f.drift IS NOT NULL)
WHERE p.drift > 0
