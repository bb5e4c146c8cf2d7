-- id:          AR-203
-- severity:    medium
-- title:       Not reviewed, or reviewed without reading
-- title.zh_TW: 未完成審查或形式審查
-- why:         A review that nobody reads protects nobody, and an examiner sees
--     it by its times.
-- why.zh_TW:   未經閱讀之審查不生保護作用；由決定之時間與結果即可看出。
-- over:        review
-- thresholds:  rubber_stamp_decisions rubber_stamp_seconds
-- controls:    PAR-32
-- text:        {campaign}, {reviewer} {reviewer_name}: {because}.
-- text.zh_TW:  {campaign}，{reviewer} {reviewer_name}：{because_zh}。
--
SELECT NULL AS subject, 'review:' || r.name || ':undecided:' || w.reviewer AS about,
	'hit' AS state, 'certain' AS certainty,
	CASE WHEN w.undecided_privileged > 0 THEN 'high' END AS severity, '' AS reason,
	r.name AS campaign, w.reviewer, ifnull(p.name, '') AS reviewer_name,
	w.undecided || ' of ' || w.items || ' items are not decided, though it was due on '
		|| when_text(r.due) AS because,
	w.items || ' 項中有 ' || w.undecided || ' 項逾期未決定，期限為 ' || when_text(r.due) AS because_zh,
	w.undecided, NULL AS decisions, NULL AS keeps, NULL AS median
FROM review r JOIN review_answer w USING (campaign)
	LEFT JOIN person_now p ON p.employee = w.reviewer
WHERE r.is_due AND w.undecided > 0
UNION ALL
SELECT NULL, 'review:' || r.name || ':stamped:' || w.reviewer, 'hit',
	CASE WHEN w.keeps = w.decisions THEN 'certain' ELSE 'possible' END, NULL, '',
	r.name, w.reviewer, ifnull(p.name, ''),
	CASE WHEN w.keeps = w.decisions THEN 'all ' || w.decisions || ' decisions are keep'
		ELSE 'of ' || w.decisions || ' decisions, half took less than '
			|| :rubber_stamp_seconds || ' seconds an item' END,
	CASE WHEN w.keeps = w.decisions THEN w.decisions || ' 項決定全部為保留'
		ELSE w.decisions || ' 項決定中，半數每項不到 ' || :rubber_stamp_seconds || ' 秒' END,
	NULL, w.decisions, w.keeps, w.median
FROM review r JOIN review_pace w USING (campaign)
	LEFT JOIN person_now p ON p.employee = w.reviewer
WHERE w.decisions >= :rubber_stamp_decisions
	AND (w.keeps = w.decisions OR w.median < :rubber_stamp_seconds)
UNION ALL
-- how long it took is the reviewer's own word; some give none
SELECT NULL, 'review:' || r.name || ':stamped:' || w.reviewer, 'unknown', 'certain', NULL,
	'not-recorded', r.name, w.reviewer, NULL, NULL, NULL, NULL, w.decisions, w.keeps, NULL
FROM review r JOIN review_pace w USING (campaign)
WHERE w.decisions >= :rubber_stamp_decisions AND w.keeps < w.decisions AND w.timed = 0
UNION ALL
SELECT NULL, '', 'unknown', 'certain', NULL, 'no-review', NULL, NULL, NULL, NULL, NULL,
	NULL, NULL, NULL, NULL
FROM judged WHERE NOT reviews
