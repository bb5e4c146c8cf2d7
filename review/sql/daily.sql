-- Every day: what a daily record is made of, the records, who signed them.
-- Two trails may tell of the same login, so each count is the greatest that one
-- form of trail gives: it may be less than happened, never more.

-- name: daily_sources
-- What is to have a record, and since when it is known. Hosts: of trails, of
-- the register, of local accounts; core directories as "source:NAME".
SELECT source, min(since) FROM (
	SELECT host AS source, first AS since FROM trail_span
	UNION ALL SELECT host, at FROM trail_import
	WHERE form NOT IN ('lanl', 'cert')
	UNION ALL SELECT s.host, i.at FROM system s
	JOIN register_import i ON i.id = s.since
	WHERE s.until = 9223372036854775807
	UNION ALL SELECT f.host, p.started FROM account_fact f
	JOIN pull p ON p.id = f.since WHERE f.until = 9223372036854775807
	UNION ALL SELECT 'source:' || s.name, p.started FROM source s
	JOIN pull p ON p.source = s.id AND p.state = 'applied'
	WHERE s.core = 1 AND s.url NOT LIKE 'passwd:%')
WHERE source IS NOT NULL AND source <> ''
GROUP BY source ORDER BY source

-- name: daily_spans
SELECT first, last, broken FROM trail_span
WHERE host = :host AND first <= :to AND last >= :from
ORDER BY first, last

-- name: daily_unverified
-- Whether the newest look at Reeve's own trail found it altered or cut.
SELECT verified = 0 FROM trail_import
WHERE host = :host AND form = 'reeve' AND verified IS NOT NULL
ORDER BY id DESC LIMIT 1

-- name: daily_import
-- The newest import that tells of that time.
SELECT max(ifnull((SELECT max(s.import) FROM trail_span s WHERE s.host = :host
		AND s.first <= :to AND s.last >= :from), 0),
	ifnull((SELECT max(t.id) FROM trail_import t WHERE t.host = :host AND (
		(t.first <= :to AND t.last >= :from)
		OR (t.form = 'reeve' AND t.verified = 0 AND t.at >= :from))), 0))

-- name: daily_core
-- Of a host: as the register has it; what is not in it is core.
SELECT ifnull(max(class = 'core'), 1) FROM system
WHERE host = :host AND until = 9223372036854775807

-- name: daily_classes
SELECT class, max(n) FROM (
	SELECT class, form, sum(count) AS n FROM use_part
	WHERE host = :host AND at >= :from AND at < :to GROUP BY class, form)
GROUP BY class

-- name: daily_elsewhere
SELECT max(n) FROM (
	SELECT sum(count) AS n FROM use_part
	WHERE host = :host AND at >= :from AND at < :to AND class = 'unknown'
		AND elsewhere = 1
	GROUP BY form)

-- name: daily_distinct
SELECT count(DISTINCT origin), count(DISTINCT name || char(31) || mask)
FROM use_part
WHERE host = :host AND at >= :from AND at < :to
	AND class NOT IN ('success', 'directory')

-- name: daily_top_origins
SELECT origin, max(n) AS n, max(names) FROM (
	SELECT origin, form, sum(count) AS n,
		count(DISTINCT name || char(31) || mask) AS names
	FROM use_part
	WHERE host = :host AND at >= :from AND at < :to
		AND class NOT IN ('success', 'directory')
	GROUP BY origin, form)
GROUP BY origin ORDER BY n DESC, origin LIMIT :limit

-- name: daily_top_names
SELECT name, mask, max(n) AS n FROM (
	SELECT name, mask, form, sum(count) AS n FROM use_part
	WHERE host = :host AND at >= :from AND at < :to
		AND class NOT IN ('success', 'directory')
	GROUP BY name, mask, form)
GROUP BY name, mask ORDER BY n DESC, name, mask LIMIT :limit

-- name: daily_origins
-- All addresses, for the lists.
SELECT origin, max(failed), max(came) FROM (
	SELECT origin, form, sum(count * (class <> 'success')) AS failed,
		sum(count * (class = 'success')) AS came
	FROM use_part WHERE host = :host AND at >= :from AND at < :to
		AND origin <> ''
	GROUP BY origin, form)
GROUP BY origin ORDER BY origin

-- name: daily_logins
SELECT name, service, origin, key, max(n), min(first), max(last) FROM (
	SELECT name, service, origin, key, form, sum(count) AS n,
		min(first) AS first, max(last) AS last
	FROM use_part
	WHERE host = :host AND at >= :from AND at < :to AND class = 'success'
	GROUP BY name, service, origin, key, form)
GROUP BY name, service, origin, key ORDER BY name, service, origin, key

-- name: daily_off_hours
-- :works 0: all day.
SELECT name, service, origin, max(n), min(first), max(last) FROM (
	SELECT name, service, origin, form, sum(count) AS n,
		min(first) AS first, max(last) AS last
	FROM use_part
	WHERE host = :host AND at >= :from AND at < :to AND class = 'success'
		AND (:works = 0 OR at < :opens OR at >= :closes)
	GROUP BY name, service, origin, form)
GROUP BY name, service, origin ORDER BY name, service, origin

-- name: daily_object
SELECT object FROM use_day
WHERE name = :name AND host = :host AND object IS NOT NULL LIMIT 1

-- name: daily_account_get
SELECT privileged, service FROM daily_account WHERE object = :object

-- name: daily_last_use
-- Before that time, of the account anywhere or of that name there.
SELECT max(min(last, :from - 1)) FROM use_day
WHERE result = 'success' AND first < :from
	AND (object = :object OR (name = :name AND host = :host))

-- name: daily_source_known
SELECT 1 FROM use_day
WHERE origin = :origin AND result = 'success' AND first < :from
	AND last >= :since
	AND (object = :object OR (name = :name AND host = :host)) LIMIT 1

-- name: daily_employees
SELECT DISTINCT p.employee FROM person_account a JOIN person p ON p.id = a.person
WHERE a.object = :object ORDER BY 1

-- name: daily_ticket
-- An approval that covers the use: of the account that is used, or of who uses it.
SELECT ticket FROM approval
WHERE until = 9223372036854775807
	AND lower(account) IN (lower(:account), nullif(lower(:by), ''))
	AND ifnull(not_before, :first) <= :first
	AND ifnull(not_after, :last) >= :last
ORDER BY ticket LIMIT 1

-- ---- Attempts that belong together ----

-- name: daily_attempts_by_origin
SELECT form, origin, name, mask, class, count, first, last FROM use_part
WHERE at >= :from AND at < :to AND class <> 'success' AND class <> 'directory'
	AND origin <> ''
ORDER BY form, origin, first, last

-- name: daily_attempts_by_name
-- On accounts: of names of nobody there is no account to break into.
SELECT form, name, mask, count, first, last FROM use_part
WHERE at >= :from AND at < :to AND class <> 'success' AND class <> 'directory'
	AND class <> 'unknown' AND (name <> '' OR mask NOT IN ('', '+'))
ORDER BY form, name, mask, first, last

-- name: daily_burst_origin
-- :class NULL: of all.
SELECT host, sum(count), count(DISTINCT name || char(31) || mask)
FROM use_part
WHERE origin = :origin AND class <> 'success' AND class <> 'directory'
	AND (:class IS NULL OR class = :class)
	AND form = :form AND first >= :first AND last <= :last
	AND at > :first - 60 AND at <= :last
GROUP BY host ORDER BY host

-- name: daily_burst_origin_names
SELECT count(DISTINCT name || char(31) || mask) FROM use_part
WHERE origin = :origin AND class <> 'success' AND class <> 'directory'
	AND (:class IS NULL OR class = :class)
	AND form = :form AND first >= :first AND last <= :last
	AND at > :first - 60 AND at <= :last

-- name: daily_burst_name
SELECT host, sum(count), count(DISTINCT origin) FROM use_part
WHERE name = :name AND mask = :mask AND class <> 'success'
	AND class NOT IN ('directory', 'unknown')
	AND form = :form AND first >= :first AND last <= :last
	AND at > :first - 60 AND at <= :last
GROUP BY host ORDER BY host

-- ---- Records ----

-- name: daily_newest
SELECT version, state, reason, due, json_extract(facts, '$.import')
FROM daily WHERE day = :day AND source = :source
ORDER BY version DESC LIMIT 1

-- name: daily_same
-- Whether the newest says just that.
SELECT 1 FROM daily d WHERE d.day = :day AND d.source = :source
	AND d.version = (SELECT max(version) FROM daily
		WHERE day = :day AND source = :source)
	AND d.state = :state AND d.reason = :reason
	AND json_remove(d.facts, '$.import') = json_remove(:facts, '$.import')

-- name: daily_signed_in_time
SELECT 1 FROM daily_sign WHERE day = :day AND source = :source AND late = 0
LIMIT 1

-- name: daily_add
INSERT INTO daily (act, day, source, version, state, reason, due, facts)
VALUES (:act, :day, :source, :version, :state, :reason, :due, :facts)

-- name: daily_first
-- The first day that is to have records.
SELECT min(day) FROM daily

-- name: daily_of_day
-- The newest version of each source.
SELECT d.source, d.version, d.state, d.reason, d.due, d.facts,
	(SELECT max(s.version) FROM daily_sign s
		WHERE s.day = d.day AND s.source = d.source) AS signed,
	(SELECT min(s.late) FROM daily_sign s WHERE s.day = d.day
		AND s.source = d.source AND s.version = d.version) AS late
FROM daily d WHERE d.day = :day
	AND (:source IS NULL OR d.source = :source)
	AND d.version = (SELECT max(version) FROM daily n
		WHERE n.day = d.day AND n.source = d.source)
ORDER BY d.source

-- name: daily_open
-- What waits for a signature.
SELECT d.day, d.source, d.version, d.state, d.reason, d.due, d.facts
FROM daily d
WHERE d.version = (SELECT max(version) FROM daily n
		WHERE n.day = d.day AND n.source = d.source)
	AND NOT EXISTS (SELECT 1 FROM daily_sign s WHERE s.day = d.day
		AND s.source = d.source AND s.version = d.version)
ORDER BY d.day, d.source

-- name: daily_calendar
-- Each record of a span of days: its newest version, and its best signature.
-- Once late is late for ever: of its first version no signature came in time.
SELECT d.day, d.source, d.version, d.state, d.due,
	EXISTS (SELECT 1 FROM daily_sign s WHERE s.day = d.day
		AND s.source = d.source AND s.version = d.version) AS signed,
	EXISTS (SELECT 1 FROM daily_sign s WHERE s.day = d.day
		AND s.source = d.source AND s.late = 1) AS late
FROM daily d WHERE d.day >= :from AND d.day <= :to
	AND d.version = (SELECT max(version) FROM daily n
		WHERE n.day = d.day AND n.source = d.source)
ORDER BY d.day, d.source

-- name: daily_sign_add
INSERT INTO daily_sign (act, day, source, version, disposition, late)
VALUES (:act, :day, :source, :version, :disposition, :late)

-- name: daily_user
-- Whether that person, by employee number, key or name, used anything in it. As
-- personnel's, numbers are compared without leading zeros and without case.
SELECT x.value ->> '$.account' AS account
FROM daily d, json_each(d.facts, '$.sessions') x
WHERE d.day = :day AND d.source = :source AND d.version = :version
	AND ((x.value ->> '$.key') = :key
		OR lower(x.value ->> '$.account') = lower(:name)
		OR lower(x.value ->> '$.by') = lower(:name)
		OR EXISTS (SELECT 1 FROM json_each(x.value, '$.employees') y
			WHERE :employee <> ''
			AND lower(ltrim(y.value, '0')) = lower(ltrim(:employee, '0'))))
LIMIT 1

-- name: daily_sign_wrong
-- Signatures of an act that the program would not have let pass: found by
-- reeve verify, since whoever signs may have made the rows another way.
SELECT x.day, x.source, x.why FROM (
	SELECT s.day, s.source, CASE
		WHEN d.act > s.act THEN 'no-record' -- it came later
		WHEN s.late <> (a.at > d.due) THEN 'late'
		WHEN EXISTS (SELECT 1 FROM daily n WHERE n.day = s.day
			AND n.source = s.source AND n.version > s.version
			AND n.act < s.act) THEN 'older'
		WHEN EXISTS (SELECT 1 FROM json_each(d.facts, '$.sessions') y
			WHERE (y.value ->> '$.key') = p.fingerprint
			OR lower(y.value ->> '$.account') = lower(p.name)
			OR lower(y.value ->> '$.by') = lower(p.name)
			OR EXISTS (SELECT 1
				FROM json_each(y.value, '$.employees') z
				WHERE p.employee <> '' AND lower(ltrim(z.value, '0'))
				= lower(ltrim(p.employee, '0'))))
			THEN 'user' END AS why
	FROM daily_sign s JOIN act a ON a.id = s.act
	LEFT JOIN signer p ON p.id = a.signer
	LEFT JOIN daily d ON d.day = s.day AND d.source = s.source
		AND d.version = s.version
	WHERE s.act = :act) x
WHERE x.why IS NOT NULL ORDER BY x.day, x.source

-- name: daily_facts_list
-- One array of the facts, for people.
SELECT x.value ->> '$.rule', x.value ->> '$.subject', x.value ->> '$.account',
	x.value ->> '$.service', x.value ->> '$.origin', x.value ->> '$.by',
	x.value ->> '$.count', x.value ->> '$.first', x.value ->> '$.last',
	x.value ->> '$.list', x.value ->> '$.here', x.value ->> '$.names',
	x.value ->> '$.days', x.value ->> '$.name', x.value ->> '$.attempts',
	x.value ->> '$.ticket'
FROM daily d, json_each(d.facts, :path) x
WHERE d.day = :day AND d.source = :source AND d.version = :version

-- name: daily_fact
SELECT d.facts ->> :path FROM daily d
WHERE d.day = :day AND d.source = :source AND d.version = :version

-- name: daily_signatures
SELECT s.version, s.disposition, s.late, a.at, p.name
FROM daily_sign s JOIN act a ON a.id = s.act
LEFT JOIN signer p ON p.id = a.signer
WHERE s.day = :day AND s.source = :source ORDER BY s.act

-- name: daily_alert_add
INSERT INTO daily_alert (rule, subject, at, told, facts)
VALUES (:rule, :subject, :at, :told, :facts)
ON CONFLICT DO NOTHING RETURNING 1
