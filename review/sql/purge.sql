-- What is erased when its period has passed (review/purge.c). For each kind
-- "purge_count_KIND" counts what its "purge_KIND_TABLE" statements delete, by
-- the same conditions; "purge_oldest_KIND" tells how far back there is any.
-- :before: what ended before that, s since 1970.
--
-- Nothing here touches acts, nor rows that an act signed. Facts that held in a
-- state that a campaign froze stay, and so do the last ones of what signed rows
-- and findings are about: without them nobody could say what was signed.

-- ---- Logins ----

-- name: purge_count_logins
-- The newest day that an account was used stays: it is its last use.
SELECT sum(n), min(oldest) FROM (
	SELECT count(*) AS n, min(first) AS oldest FROM use_day
	WHERE (day + 1) * 86400 <= :before AND NOT (result = 'success'
		AND NOT EXISTS (SELECT 1 FROM use_day n WHERE n.name = use_day.name
			AND n.host = use_day.host AND n.result = 'success'
			AND n.day > use_day.day))
	UNION ALL SELECT count(*), min(first) FROM use_part WHERE last < :before
	UNION ALL SELECT count(*), min(first) FROM trail_span WHERE last < :before)

-- name: purge_logins_use_day
DELETE FROM use_day
WHERE (day + 1) * 86400 <= :before AND NOT (result = 'success'
	AND NOT EXISTS (SELECT 1 FROM use_day n WHERE n.name = use_day.name
		AND n.host = use_day.host AND n.result = 'success'
		AND n.day > use_day.day))

-- name: purge_logins_use_part
DELETE FROM use_part WHERE last < :before

-- name: purge_logins_trail_span
DELETE FROM trail_span WHERE last < :before

-- name: purge_oldest_logins
SELECT min(first) FROM (SELECT min(first) AS first FROM trail_span
	UNION ALL SELECT min(first) FROM use_part)

-- ---- Alerts ----

-- name: purge_count_alerts
SELECT count(*), min(at) FROM daily_alert WHERE at < :before

-- name: purge_alerts_daily_alert
DELETE FROM daily_alert WHERE at < :before

-- name: purge_oldest_alerts
SELECT min(at) FROM daily_alert

-- ---- Accounts, rights, memberships, policies: what holds no more ----

-- name: purge_count_accounts
WITH p(pull) AS (SELECT max(id) FROM pull WHERE started < :before),
kept(object) AS MATERIALIZED (SELECT object FROM told_of),
gone(until) AS MATERIALIZED (
	SELECT until FROM account_fact f, p WHERE until <= p.pull
		AND NOT EXISTS (SELECT 1 FROM campaign_freeze z
			WHERE f.since <= z.state AND z.state < f.until)
		AND NOT (object IN kept AND since = (SELECT max(n.since)
			FROM account_fact n WHERE n.object = f.object))
	UNION ALL SELECT until FROM account_value f, p WHERE until <= p.pull
		AND NOT EXISTS (SELECT 1 FROM campaign_freeze z
			WHERE f.since <= z.state AND z.state < f.until)
	UNION ALL SELECT until FROM group_fact f, p WHERE until <= p.pull
		AND NOT EXISTS (SELECT 1 FROM campaign_freeze z
			WHERE f.since <= z.state AND z.state < f.until)
		AND NOT (object IN kept AND since = (SELECT max(n.since)
			FROM group_fact n WHERE n.object = f.object))
	UNION ALL SELECT until FROM edge f, p WHERE until <= p.pull
		AND NOT EXISTS (SELECT 1 FROM campaign_freeze z
			WHERE f.since <= z.state AND z.state < f.until)
	UNION ALL SELECT until FROM dangling f, p WHERE until <= p.pull
		AND NOT EXISTS (SELECT 1 FROM campaign_freeze z
			WHERE f.since <= z.state AND z.state < f.until)
	UNION ALL SELECT until FROM policy_target f, p WHERE until <= p.pull
		AND NOT EXISTS (SELECT 1 FROM campaign_freeze z
			WHERE f.since <= z.state AND z.state < f.until)
	UNION ALL SELECT until FROM policy_fact f, p WHERE until <= p.pull
		AND NOT EXISTS (SELECT 1 FROM campaign_freeze z
			WHERE f.since <= z.state AND z.state < f.until))
SELECT (SELECT count(*) FROM gone),
	(SELECT started FROM pull WHERE id = (SELECT min(until) FROM gone))

-- name: purge_accounts_account_fact
DELETE FROM account_fact
WHERE until <= (SELECT max(id) FROM pull WHERE started < :before)
	AND NOT EXISTS (SELECT 1 FROM campaign_freeze z
		WHERE account_fact.since <= z.state AND z.state < account_fact.until)
	AND NOT (object IN (SELECT object FROM told_of)
		AND since = (SELECT max(n.since) FROM account_fact n
			WHERE n.object = account_fact.object))

-- name: purge_accounts_account_value
DELETE FROM account_value
WHERE until <= (SELECT max(id) FROM pull WHERE started < :before)
	AND NOT EXISTS (SELECT 1 FROM campaign_freeze z
		WHERE account_value.since <= z.state AND z.state < account_value.until)

-- name: purge_accounts_group_fact
DELETE FROM group_fact
WHERE until <= (SELECT max(id) FROM pull WHERE started < :before)
	AND NOT EXISTS (SELECT 1 FROM campaign_freeze z
		WHERE group_fact.since <= z.state AND z.state < group_fact.until)
	AND NOT (object IN (SELECT object FROM told_of)
		AND since = (SELECT max(n.since) FROM group_fact n
			WHERE n.object = group_fact.object))

-- name: purge_accounts_edge
DELETE FROM edge
WHERE until <= (SELECT max(id) FROM pull WHERE started < :before)
	AND NOT EXISTS (SELECT 1 FROM campaign_freeze z
		WHERE edge.since <= z.state AND z.state < edge.until)

-- name: purge_accounts_dangling
DELETE FROM dangling
WHERE until <= (SELECT max(id) FROM pull WHERE started < :before)
	AND NOT EXISTS (SELECT 1 FROM campaign_freeze z
		WHERE dangling.since <= z.state AND z.state < dangling.until)

-- name: purge_accounts_policy_target
DELETE FROM policy_target
WHERE until <= (SELECT max(id) FROM pull WHERE started < :before)
	AND NOT EXISTS (SELECT 1 FROM campaign_freeze z
		WHERE policy_target.since <= z.state AND z.state < policy_target.until)

-- name: purge_accounts_policy_fact
DELETE FROM policy_fact
WHERE until <= (SELECT max(id) FROM pull WHERE started < :before)
	AND NOT EXISTS (SELECT 1 FROM campaign_freeze z
		WHERE policy_fact.since <= z.state AND z.state < policy_fact.until)

-- name: purge_oldest_accounts
-- When the first thing ended of which it is still told.
SELECT (SELECT started FROM pull WHERE id = (SELECT min(until) FROM (
	SELECT min(until) AS until FROM account_fact
	UNION ALL SELECT min(until) FROM group_fact
	UNION ALL SELECT min(until) FROM edge)))

-- ---- Personnel ----

-- name: purge_count_personnel
-- A person's newest entry stays.
SELECT sum(n), min(oldest) FROM (
	SELECT count(*) AS n, min(i.at) AS oldest
	FROM person_fact f JOIN hr_import i ON i.id = f.until
	WHERE f.until <= (SELECT max(id) FROM hr_import WHERE at < :before)
		AND f.since < (SELECT max(n.since) FROM person_fact n
			WHERE n.person = f.person)
	UNION ALL SELECT count(*), min(at) FROM person_event
	WHERE at < :before
		AND import <= (SELECT max(id) FROM hr_import WHERE at < :before))

-- name: purge_personnel_person_fact
DELETE FROM person_fact
WHERE until <= (SELECT max(id) FROM hr_import WHERE at < :before)
	AND since < (SELECT max(n.since) FROM person_fact n
		WHERE n.person = person_fact.person)

-- name: purge_personnel_person_event
DELETE FROM person_event
WHERE at < :before
	AND import <= (SELECT max(id) FROM hr_import WHERE at < :before)

-- name: purge_oldest_personnel
SELECT min(at) FROM (SELECT min(at) AS at FROM person_event
	UNION ALL SELECT at FROM hr_import
	WHERE id = (SELECT min(until) FROM person_fact))

-- ---- The acts ----

-- name: purge_last
-- Before when that kind was erased.
SELECT max("before") FROM purged WHERE kind = :kind

-- name: purge_add
INSERT INTO purge (act, kind, "before", rows, oldest)
VALUES (:act, :kind, :before, :rows, :oldest)

-- name: purge_of
SELECT kind, "before", rows, oldest FROM purge WHERE act = :act ORDER BY kind

-- name: purge_done
-- The act that carried that one out.
SELECT act FROM purged WHERE of = :act LIMIT 1

-- name: purge_refused
SELECT 1 FROM second WHERE of = :act AND verdict = 'refused'

-- name: purge_hold_since
-- A word on a legal hold that came after the second person's on the purge.
SELECT h.act FROM hold h JOIN second t ON t.of = :act
	AND t.verdict = 'approved' AND h.act > t.act ORDER BY h.act LIMIT 1

-- name: purged_add
INSERT INTO purged (act, of, kind, "before", rows)
VALUES (:act, :of, :kind, :before, :rows)

-- name: purge_open
-- Proposed, and neither carried out nor refused.
SELECT a.id, a.at, s.name,
	EXISTS (SELECT 1 FROM second t WHERE t.of = a.id AND t.verdict = 'approved')
FROM act a LEFT JOIN signer s ON s.id = a.signer
WHERE a.kind = 'purge'
	AND NOT EXISTS (SELECT 1 FROM purged p WHERE p.of = a.id)
	AND NOT EXISTS (SELECT 1 FROM second t
		WHERE t.of = a.id AND t.verdict = 'refused')
ORDER BY a.id

-- ---- Holds ----

-- name: holds
-- The newest word on each name, where that is that it is held.
SELECT h.name, h.reason, a.at, s.name, h.act
FROM hold h JOIN act a ON a.id = h.act LEFT JOIN signer s ON s.id = a.signer
WHERE h.held = 1 AND h.act = (SELECT max(n.act) FROM hold n WHERE n.name = h.name)
ORDER BY h.name

-- name: hold_find
SELECT held FROM hold WHERE name = :name ORDER BY act DESC LIMIT 1

-- name: hold_add
INSERT INTO hold (act, name, held, reason) VALUES (:act, :name, :held, :reason)
