-- id:          AR-125
-- severity:    high
-- title:       Temporary account past its end
-- title.zh_TW: 臨時帳號逾期
-- why:         A temporary or emergency account is to be gone when the work is
--     done.
-- why.zh_TW:   臨時或緊急帳號應於作業結束後刪除或停用。
-- over:        enabled
-- thresholds:  temporary_days
-- controls:    PAR-07
-- text:        {because}: made {created:time}, ends {ends:time}; the limit is
--     {limit_days} days.
-- text.zh_TW:  {because_zh}：建立於 {created:time}，期限 {ends:time}；最長
--     {limit_days} 天。
--
SELECT object AS subject, about, 'hit' AS state,
	CASE about WHEN 'unregistered' THEN 'hint' ELSE 'certain' END AS certainty,
	CASE about WHEN 'unregistered' THEN 'low' WHEN 'too-long' THEN 'medium' END AS severity,
	'' AS reason,
	CASE about WHEN 'ended' THEN 'Its registered end is past'
		WHEN 'too-long' THEN 'It lasts longer than such an account may'
		ELSE 'Its name says temporary, and the register does not know it' END AS because,
	CASE about WHEN 'ended' THEN '已逾登記之期限' WHEN 'too-long' THEN '效期超過上限'
		ELSE '名稱顯示為臨時帳號，但未列冊' END AS because_zh,
	created, ends, :temporary_days AS limit_days,
	reproduce(object, 'created enabled') AS reproduce
FROM (
	SELECT a.object, a.created, r.ends,
		CASE WHEN r.account IS NULL THEN CASE WHEN a.generic IN ('temp', 'temporary', '臨時')
				AND a.registered IS NULL THEN 'unregistered' END
			WHEN r.ends < :now THEN 'ended'
			WHEN a.at - ifnull(a.created, i.at) > :temporary_days * :day OR r.ends IS NULL
				THEN 'too-long' END AS about
	FROM account a JOIN source_now s USING (source)
		LEFT JOIN registered r ON r.account = lower(a.name) AND r.kind = 'temporary'
			AND (r.source IS NULL OR r.source IN ('', s.name))
		LEFT JOIN register_import i ON i.id = r.since
	WHERE a.enabled
) WHERE about IS NOT NULL
