-- id:          AR-153
-- severity:    medium
-- title:       Too many privileged accounts
-- title.zh_TW: 特權帳號過多
-- why:         Each privileged account is one more way to lose everything.
-- why.zh_TW:   每多一個特權帳號，即多一條失守途徑。
-- over:        realm
-- thresholds:  privileged_count privileged_share
-- controls:    PAR-12
-- text:        {privileged} privileged of {enabled} enabled accounts in
--     {realm}; the limit is {limit}.
-- text.zh_TW:  {realm} 之 {enabled} 個啟用帳號中有 {privileged} 個特權帳號；上限
--     為 {limit}。
--
SELECT NULL AS subject, 'realm:' || realm AS about,
	CASE WHEN privileged > greatest THEN 'hit' ELSE 'unknown' END AS state,
	'certain' AS certainty, NULL AS severity,
	CASE WHEN privileged > greatest THEN '' ELSE 'privilege' END AS reason,
	realm, privileged, enabled, greatest AS "limit"
FROM (
	SELECT s.realm_name AS realm, sum(ifnull(a.privileged, 0)) AS privileged,
		count(*) AS enabled, min(s.privilege_known) AS known,
		max(:privileged_count, :privileged_share * count(*)) AS greatest
	FROM account a JOIN source_now s ON s.source = a.source
	WHERE a.enabled AND a.kind IN ('user', 'managed-service') GROUP BY s.realm
) WHERE privileged > greatest OR NOT known
