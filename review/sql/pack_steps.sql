-- What a pack of evidence has, from the tables of views.sql and place.sql, and
-- temp.pack_scope, where each row limits it. Parameters: :from and :to (the
-- first second beyond), :zone (s east of UTC), :now, :open, :day, thresholds.
-- The statements of pack.sql ask these tables; they need no parameters.

-- step: pack_is
CREATE TEMP TABLE pack_is AS SELECT :from AS since, :to AS until, :now AS now,
	:zone AS zone, :run AS run,
	EXISTS (SELECT 1 FROM temp.pack_scope) AS limited,
	-- by anything that takes rows out of the midst of a campaign
	EXISTS (SELECT 1 FROM temp.pack_scope WHERE what <> 'campaign') AS apart

-- ---- Accounts ----

-- step: pack_account
-- Every account that ever was, as it last was; there: it still is.
CREATE TEMP TABLE pack_account (account INTEGER PRIMARY KEY, source INTEGER,
	name TEXT, host TEXT, core INTEGER, department TEXT, there INTEGER)

-- step: pack_account_rows
INSERT INTO pack_account
	SELECT o.id, o.source, f.name, f.host, ifnull(p.core, s.core),
		ifnull(w.department, f.department), f.until = :open
	FROM object o CROSS JOIN main.source s ON s.id = o.source
		CROSS JOIN account_fact f ON f.object = o.id AND f.since = (
			SELECT max(since) FROM account_fact WHERE object = o.id)
		LEFT JOIN place p ON p.source = o.source AND p.host = ifnull(f.host, '')
		LEFT JOIN person_of q ON q.object = o.id
		LEFT JOIN person_now w ON w.person = q.person
	WHERE o.kind = 0

-- step: pack_account_system
-- A system is a source or a host.
DELETE FROM pack_account
	WHERE EXISTS (SELECT 1 FROM temp.pack_scope WHERE what = 'system')
		AND NOT EXISTS (SELECT 1 FROM temp.pack_scope x, main.source s
			WHERE x.what = 'system' AND s.id = pack_account.source
				AND x.value IN (s.name, pack_account.host))

-- step: pack_account_person
DELETE FROM pack_account
	WHERE EXISTS (SELECT 1 FROM temp.pack_scope WHERE what = 'person')
		AND account NOT IN (SELECT l.object FROM temp.pack_scope x
			JOIN main.person p ON p.employee = x.value
			JOIN person_account l ON l.person = p.id
			WHERE x.what = 'person' AND l.how <> 'ambiguous')

-- step: pack_account_rule
DELETE FROM pack_account
	WHERE EXISTS (SELECT 1 FROM temp.pack_scope WHERE what = 'rule')
		AND account NOT IN (SELECT f.subject FROM temp.pack_scope x
			JOIN finding f ON f.rule = x.value
			JOIN check_run b ON b.id = f.first_run
			LEFT JOIN check_run z ON z.id = f.closed_run
			WHERE x.what = 'rule' AND f.subject IS NOT NULL
				AND b.at < :to AND ifnull(z.at, :open) >= :from)

-- step: pack_account_campaign
DELETE FROM pack_account
	WHERE EXISTS (SELECT 1 FROM temp.pack_scope WHERE what = 'campaign')
		AND account NOT IN (SELECT i.account FROM temp.pack_scope x
			JOIN campaign c ON c.name = x.value
			JOIN item i ON i.campaign = c.id WHERE x.what = 'campaign')

-- ---- Where they are, and what they hold ----

-- step: pack_source
CREATE TEMP TABLE pack_source (source INTEGER PRIMARY KEY)

-- step: pack_source_rows
INSERT INTO pack_source
	SELECT id FROM main.source WHERE NOT (SELECT limited FROM pack_is)
	UNION SELECT s.id FROM main.source s JOIN temp.pack_scope x
		ON x.what = 'system' AND x.value = s.name
	UNION SELECT source FROM pack_account WHERE (SELECT limited FROM pack_is)

-- step: pack_place
CREATE TEMP TABLE pack_place AS
	SELECT p.source, s.name, p.host, p.core, p.pull, p.at, p.complete,
		p.reason, p.accounts
	FROM place p JOIN main.source s ON s.id = p.source

-- step: pack_place_scope
DELETE FROM pack_place WHERE (SELECT limited FROM pack_is)
	AND NOT EXISTS (SELECT 1 FROM temp.pack_scope x
		WHERE x.what = 'system' AND x.value IN (name, host))
	AND (source, host) NOT IN (SELECT source, ifnull(host, '') FROM pack_account
		WHERE (SELECT limited FROM pack_is))

-- step: pack_right
CREATE TEMP TABLE pack_right ("right" INTEGER PRIMARY KEY)

-- step: pack_right_all
INSERT INTO pack_right SELECT object FROM grp
	WHERE NOT (SELECT limited FROM pack_is)

-- step: pack_right_held
-- Of some accounts: what they hold, and what those are in.
INSERT OR IGNORE INTO pack_right
	WITH RECURSIVE up (object) AS (
		SELECT account FROM pack_account
		WHERE there AND (SELECT limited FROM pack_is)
		UNION SELECT e.grp FROM up JOIN edge e ON e.member = up.object
			WHERE e.until = :open
		UNION SELECT c.grp FROM up JOIN crossed c ON c.member = up.object)
	SELECT g.object FROM up JOIN grp g ON g.object = up.object

-- step: pack_right_rule
-- And what the findings of one rule are about.
INSERT OR IGNORE INTO pack_right
	SELECT g.object FROM temp.pack_scope x CROSS JOIN finding f ON f.rule = x.value
		CROSS JOIN grp g ON g.object = f.subject
		CROSS JOIN check_run b ON b.id = f.first_run
		LEFT JOIN check_run z ON z.id = f.closed_run
	WHERE x.what = 'rule' AND b.at < :to AND ifnull(z.at, :open) >= :from
		AND NOT EXISTS (SELECT 1 FROM temp.pack_scope WHERE what <> 'rule')

-- ---- The registers ----

-- step: pack_registered
CREATE TEMP TABLE pack_registered AS
	SELECT rowid AS row, lower(account) AS account, ifnull(source, '') AS source
	FROM registered_account WHERE until = :open

-- step: pack_registered_index
CREATE INDEX temp.pack_registered_by_account ON pack_registered (account)

-- step: pack_found
-- Lines whose account is there.
CREATE TEMP TABLE pack_found (row INTEGER PRIMARY KEY)

-- step: pack_found_rows
INSERT OR IGNORE INTO pack_found
	SELECT r.row FROM pack_account a CROSS JOIN main.source s ON s.id = a.source
		CROSS JOIN pack_registered r ON r.account = lower(a.name)
	WHERE a.there AND r.source IN ('', s.name)

-- ---- Exceptions ----

-- step: pack_exception
-- Those that were alive in the period: of reviews, of reeve exception, and, act
-- NULL, of the register.
CREATE TEMP TABLE pack_exception AS
	SELECT x.act, x.n, x.account, x."right",
		(SELECT e.holder FROM exempted e WHERE e.act = x.act AND e.n = x.n) AS holder,
		x.rule, x.reason, x.compensation,
		x.owner, x.at AS since, x.ends,
		(SELECT g.name FROM second s JOIN act b ON b.id = s.act
			JOIN signer g ON g.id = b.signer
			WHERE s.of = x.act AND s.verdict = 'approved') AS approver,
		CASE WHEN x.refused THEN 'refused' WHEN x.ended THEN 'ended'
			WHEN x.overtaken THEN 'overtaken' WHEN x.ends <= :now THEN 'expired'
			WHEN x.approved THEN 'counts' ELSE 'waiting' END AS status
	FROM exemption x CROSS JOIN pack_account a ON a.account = x.account
	WHERE x.at < :to AND x.ends >= :from

-- step: pack_line
CREATE TEMP TABLE pack_line AS
	SELECT x.rowid AS row, lower(x.account) AS account,
		ifnull(x.source, '') AS source, x.account AS key, i.at AS since
	FROM exception x JOIN register_import i ON i.id = x.since
	WHERE x.until = :open AND i.at < :to AND x.ends >= :from

-- step: pack_line_index
CREATE INDEX temp.pack_line_by_account ON pack_line (account)

-- step: pack_line_of
CREATE TEMP TABLE pack_line_of (row INTEGER, account INTEGER, since INTEGER,
	PRIMARY KEY (row, account)) WITHOUT ROWID

-- step: pack_line_names
INSERT OR IGNORE INTO pack_line_of
	SELECT x.row, a.account, x.since
	FROM pack_account a CROSS JOIN main.source s ON s.id = a.source
		CROSS JOIN pack_line x ON x.account = lower(a.name)
	WHERE a.there AND x.source IN ('', s.name)

-- step: pack_line_keys
INSERT OR IGNORE INTO pack_line_of
	SELECT x.row, o.id, x.since FROM pack_line x
		CROSS JOIN main.source s ON x.source IN ('', s.name)
		CROSS JOIN object o ON o.source = s.id AND o.kind = 0 AND o.key = x.key
		CROSS JOIN pack_account a ON a.account = o.id

-- step: pack_exception_registered
INSERT INTO pack_exception
	SELECT NULL, l.row, l.account, NULL, NULL, x.rule, x.reason, x.compensation,
		x.approver, l.since, x.ends, x.approver,
		CASE WHEN x.ends <= :now THEN 'expired' ELSE 'counts' END
	FROM pack_line_of l JOIN exception x ON x.rowid = l.row

-- step: pack_exception_index
CREATE INDEX temp.pack_exception_by_account ON pack_exception (account)

-- ---- Remedies and findings ----

-- step: pack_remedy
-- due: as extended with approval. told: what the newest verdict says.
CREATE TEMP TABLE pack_remedy AS
	SELECT m.id AS remedy, m.finding,
		ifnull((SELECT e.due FROM remedy_event e WHERE e.remedy = m.id
			AND e.what = 'extended' AND EXISTS (SELECT 1 FROM second x
				WHERE x.of = e.act AND x.verdict = 'approved')
			ORDER BY e.act DESC LIMIT 1), m.due) AS due,
		(SELECT count(*) FROM remedy_event e WHERE e.remedy = m.id
			AND e.what = 'extended' AND EXISTS (SELECT 1 FROM second x
				WHERE x.of = e.act AND x.verdict = 'approved')) AS extended,
		(SELECT x.verdict FROM second x WHERE x.of = m.act
			ORDER BY x.act LIMIT 1) AS verdict,
		v.what, v.detail, CASE v.what WHEN 'proven' THEN v.pull END AS proof
	FROM remedy m LEFT JOIN remedy_event v ON v.remedy = m.id AND v.act = (
		SELECT max(l.act) FROM remedy_event l WHERE l.remedy = m.id
			AND l.what IN ('proven', 'open', 'back'))

-- step: pack_remedy_index
CREATE INDEX temp.pack_remedy_by_finding ON pack_remedy (finding)

-- step: pack_finding
CREATE TEMP TABLE pack_finding (finding INTEGER PRIMARY KEY, source INTEGER,
	name TEXT, department TEXT, core INTEGER, first INTEGER, closed INTEGER,
	repeated INTEGER, due INTEGER, status TEXT, points REAL)

-- step: pack_finding_rows
-- Those that were alive in the period. Only hits are due, and what is but
-- information never.
INSERT INTO pack_finding
	SELECT f.id, coalesce(o.source, s.id),
		coalesce(a.name, g.name, o.key), a.department,
		coalesce(a.core, s.core, t.core, 0), b.at, z.at,
		EXISTS (SELECT 1 FROM finding e WHERE e.subject IS f.subject
			AND e.rule = f.rule AND e.about = f.about AND e.id < f.id
			AND e.closed_run IS NOT NULL),
		CASE WHEN f.state = 'hit' AND f.severity <> 'info' THEN ifnull((SELECT m.due FROM pack_remedy m
				WHERE m.finding = f.id AND m.verdict IS NOT 'refused'
				ORDER BY m.remedy DESC LIMIT 1),
			b.at + :day * CASE f.severity WHEN 'critical' THEN :remedy_critical_days
				WHEN 'high' THEN :remedy_high_days
				WHEN 'medium' THEN :remedy_medium_days
				ELSE :remedy_low_days END) END,
		NULL, 0
	FROM finding f CROSS JOIN check_run b ON b.id = f.first_run
		LEFT JOIN check_run z ON z.id = f.closed_run
		LEFT JOIN object o ON o.id = f.subject
		LEFT JOIN pack_account a ON a.account = f.subject
		LEFT JOIN pack_right r ON r."right" = f.subject
		LEFT JOIN grp g ON g.object = f.subject
		LEFT JOIN main.source s ON s.id = CASE WHEN f.subject IS NULL THEN (
			SELECT min(n.id) FROM main.source n
			WHERE f.about = 'source:' || n.name
				OR instr(f.about, 'policy:' || n.name || ':') = 1) END
		LEFT JOIN main.source t ON t.id = o.source
	WHERE b.at < :to AND ifnull(z.at, :open) >= :from
		AND (NOT EXISTS (SELECT 1 FROM temp.pack_scope WHERE what = 'rule')
			OR f.rule IN (SELECT value FROM temp.pack_scope WHERE what = 'rule'))
		AND (NOT (SELECT limited FROM pack_is)
			OR a.account IS NOT NULL
			-- of a right they tell of others who hold it
			OR (r."right" IS NOT NULL AND NOT EXISTS (
				SELECT 1 FROM temp.pack_scope WHERE what = 'person'))
			-- what could not be told of a source or at all, of these neither
			OR s.id IN (SELECT source FROM pack_source)
			OR (f.subject IS NULL AND f.about = '' AND f.state = 'unknown')
			-- of one rule all, of rights and sources, too
			OR NOT EXISTS (SELECT 1 FROM temp.pack_scope WHERE what <> 'rule'))

-- step: pack_finding_status
-- An account's exception that was gone before the next check excepts nothing.
UPDATE pack_finding SET status = CASE WHEN pack_finding.closed IS NOT NULL THEN 'closed'
		WHEN f.exception = 1 AND (o.kind IS NOT 0 OR l.at < :from OR l.at >= :to
			OR EXISTS (SELECT 1 FROM pack_exception x
				WHERE x.account = f.subject AND ifnull(x.rule, f.rule) = f.rule
					AND x.status NOT IN ('waiting', 'refused'))) THEN 'excepted'
		WHEN due < :now THEN 'overdue' ELSE 'open' END
	FROM finding f CROSS JOIN check_run l ON l.id = f.last_run
		LEFT JOIN object o ON o.id = f.subject
	WHERE f.id = pack_finding.finding

-- step: pack_finding_points
-- The house's own scoring, formula house-1: the weight of its severity times
-- how it stands, the greater factor of several. What is unknown has none.
UPDATE pack_finding SET points = CASE f.severity WHEN 'critical' THEN 5
			WHEN 'high' THEN 3 WHEN 'medium' THEN 2 WHEN 'low' THEN 1 ELSE 0 END
		* CASE WHEN status = 'excepted' THEN 0.5 WHEN repeated THEN 2.0
			WHEN status = 'overdue' THEN 1.5 ELSE 1.0 END
	FROM finding f WHERE f.id = pack_finding.finding AND f.state = 'hit'
		AND pack_finding.closed IS NULL

-- step: pack_rule_state
-- What stands of each rule in the pack: hits by how they stand, and unknowns.
CREATE TEMP TABLE pack_rule_state AS
	SELECT f.rule, count(*) AS findings,
		sum(f.state = 'unknown' AND p.closed IS NULL) AS unknown,
		sum(f.state = 'hit' AND p.status = 'open') AS open,
		sum(f.state = 'hit' AND p.status = 'overdue') AS overdue,
		sum(f.state = 'hit' AND p.status = 'excepted') AS excepted
	FROM pack_finding p CROSS JOIN finding f ON f.id = p.finding GROUP BY 1

-- ---- Campaigns ----

-- step: pack_campaign
-- Those that lived in the period, or that were asked for.
CREATE TEMP TABLE pack_campaign (campaign INTEGER PRIMARY KEY)

-- step: pack_campaign_rows
INSERT INTO pack_campaign
	SELECT c.id FROM campaign c JOIN act b ON b.id = c.act
		LEFT JOIN campaign_end e ON e.campaign = c.id
		LEFT JOIN act z ON z.id = e.act
	WHERE CASE WHEN EXISTS (SELECT 1 FROM temp.pack_scope WHERE what = 'campaign')
		THEN c.name IN (SELECT value FROM temp.pack_scope WHERE what = 'campaign')
		ELSE b.at < :to AND ifnull(z.at, :open) >= :from END

-- step: pack_campaign_apart
DELETE FROM pack_campaign WHERE (SELECT apart FROM pack_is)
	AND campaign NOT IN (SELECT i.campaign FROM pack_account a
		CROSS JOIN item i ON i.account = a.account
		WHERE (SELECT apart FROM pack_is))

-- step: pack_effect
-- The word with effect on each item.
CREATE TEMP TABLE pack_effect (campaign INTEGER, item INTEGER, act INTEGER,
	decision TEXT, reviewer TEXT, PRIMARY KEY (campaign, item)) WITHOUT ROWID

-- step: pack_effect_rows
INSERT INTO pack_effect
	SELECT d.campaign, d.item, d.act, d.decision, d.reviewer
	FROM pack_campaign c CROSS JOIN item_effect d ON d.campaign = c.campaign
	WHERE EXISTS (SELECT 1 FROM decision x WHERE x.campaign = c.campaign)

-- step: pack_said
CREATE TEMP TABLE pack_said AS
	SELECT campaign, reviewer, sum(decision = 'keep') AS kept,
		sum(decision IN ('revoke', 'disable', 'delete')) AS revoked
	FROM pack_effect GROUP BY 1, 2

-- step: pack_decided
-- Items of the whole campaign that have one.
CREATE TEMP TABLE pack_decided AS SELECT campaign, count(*) AS items
	FROM pack_effect GROUP BY campaign

-- step: pack_waiting
-- Items whose newest word has no effect yet.
CREATE TEMP TABLE pack_waiting AS
	SELECT d.campaign, count(*) AS items
	FROM pack_campaign c CROSS JOIN item_decision d ON d.campaign = c.campaign
	WHERE NOT d.effective AND d.decision <> 'not-mine'
		AND EXISTS (SELECT 1 FROM decision x WHERE x.campaign = c.campaign)
	GROUP BY 1

-- step: pack_asked
CREATE TEMP TABLE pack_asked (campaign INTEGER, question INTEGER, reviewer TEXT,
	PRIMARY KEY (campaign, question)) WITHOUT ROWID

-- step: pack_asked_rows
INSERT OR IGNORE INTO pack_asked
	SELECT a.campaign, a.question, a.reviewer
	FROM pack_campaign c CROSS JOIN assignment a ON a.campaign = c.campaign
	ORDER BY a.campaign, a.question, a.act DESC

-- step: pack_reviewer
-- Apart from its campaign, a pack has who is asked about its accounts.
CREATE TEMP TABLE pack_reviewer (campaign INTEGER, reviewer TEXT,
	PRIMARY KEY (campaign, reviewer)) WITHOUT ROWID

-- step: pack_reviewer_all
INSERT OR IGNORE INTO pack_reviewer
	SELECT campaign, reviewer FROM pack_asked
	WHERE NOT (SELECT apart FROM pack_is)
	UNION SELECT campaign, reviewer FROM pack_said
	WHERE NOT (SELECT apart FROM pack_is)

-- step: pack_reviewer_apart
INSERT OR IGNORE INTO pack_reviewer
	SELECT i.campaign, w.reviewer FROM pack_account a
		CROSS JOIN item i ON i.account = a.account
		CROSS JOIN pack_asked w ON w.campaign = i.campaign AND w.question = i.question
	WHERE (SELECT apart FROM pack_is)
	UNION SELECT i.campaign, d.reviewer FROM pack_account a
		CROSS JOIN item i ON i.account = a.account
		CROSS JOIN pack_effect d ON d.campaign = i.campaign AND d.item = i.n
	WHERE (SELECT apart FROM pack_is)

-- ---- Acts ----

-- step: pack_act
-- The chain is whole in every pack. included: the rows that an act's digests
-- are over are in it, too: of the period; of a limited pack, where none is
-- about anything else; never keys of worksheets that are still out.
CREATE TEMP TABLE pack_act (act INTEGER PRIMARY KEY, included INTEGER,
	withheld TEXT)

-- step: pack_act_rows
-- Who may sign, who was the second, and what became of remedies, is said by
-- acts of any time.
INSERT INTO pack_act SELECT id, (at >= :from AND at < :to)
		OR kind IN ('person', 'person-end', 'second', 'remedy', 'remedy-event'), NULL
	FROM act

-- step: pack_act_campaigns
-- A deputy is nobody's campaign; a sample may be of one account's.
UPDATE pack_act SET included = 0 WHERE included AND (SELECT limited FROM pack_is)
	AND act IN (
		SELECT o.act FROM (SELECT act, id AS campaign FROM campaign
			UNION ALL SELECT act, campaign FROM campaign_freeze
			UNION ALL SELECT act, campaign FROM assignment
			UNION ALL SELECT act, campaign FROM worksheet
			UNION ALL SELECT act, campaign FROM returned
			UNION ALL SELECT act, campaign FROM reminder
			UNION ALL SELECT act, campaign FROM campaign_missing
			UNION ALL SELECT act, campaign FROM campaign_end) o
		WHERE o.campaign NOT IN (SELECT campaign FROM pack_campaign)
			OR (SELECT apart FROM pack_is)
		UNION ALL SELECT act FROM sample
			WHERE campaign NOT IN (SELECT campaign FROM pack_campaign)
		UNION ALL SELECT act FROM deputy)

-- step: pack_act_accounts
UPDATE pack_act SET included = 0 WHERE included AND (SELECT limited FROM pack_is)
	AND act IN (
		SELECT d.act FROM decision d CROSS JOIN item i INDEXED BY item_by_question
				ON i.campaign = d.campaign AND i.question = d.question
					AND d.item IN (0, i.n)
			WHERE i.account NOT IN (SELECT account FROM pack_account)
				OR d.campaign NOT IN (SELECT campaign FROM pack_campaign)
		UNION ALL SELECT act FROM exempted
			WHERE account NOT IN (SELECT account FROM pack_account)
		UNION ALL SELECT e.act FROM exempted_end e WHERE NOT EXISTS (
			SELECT 1 FROM exempted x JOIN pack_account a ON a.account = x.account
			WHERE x.act = e.of AND x.n = e.n)
		UNION ALL SELECT act FROM remedy
			WHERE account NOT IN (SELECT account FROM pack_account)
		UNION ALL SELECT e.act FROM remedy_event e JOIN remedy m ON m.id = e.remedy
			WHERE m.account NOT IN (SELECT account FROM pack_account)
		UNION ALL SELECT act FROM denied
		-- they name persons, cases and hosts that are not in the pack
		UNION ALL SELECT act FROM pack
		UNION ALL SELECT act FROM hold
		UNION ALL SELECT act FROM confirmation
		UNION ALL SELECT act FROM daily WHERE NOT EXISTS (
			SELECT 1 FROM temp.pack_scope x WHERE x.what = 'system'
				AND source IN (x.value, 'source:' || x.value))
		UNION ALL SELECT act FROM daily_sign WHERE NOT EXISTS (
			SELECT 1 FROM temp.pack_scope x WHERE x.what = 'system'
				AND source IN (x.value, 'source:' || x.value)))

-- step: pack_act_codes
UPDATE pack_act SET included = 0, withheld = 'codes'
	WHERE included AND act IN (SELECT w.act FROM worksheet w
		WHERE w.code IS NOT NULL AND NOT EXISTS (SELECT 1 FROM campaign_end e
			WHERE e.campaign = w.campaign))

-- step: pack_act_size
-- What is longer than evidence.xsd lets a row be: bytes are signed as hex.
UPDATE pack_act SET included = 0, withheld = 'size'
	WHERE included AND act IN (
		SELECT act FROM returned WHERE length(bytes) > 4000000
		UNION ALL SELECT act FROM denied WHERE length(text) > 4000000
		UNION ALL SELECT act FROM daily WHERE length(facts) > 4000000)

-- ---- Persons ----

-- step: pack_person
-- Who has one of the accounts, or is named in the pack's rows.
CREATE TEMP TABLE pack_person (employee TEXT PRIMARY KEY) WITHOUT ROWID

-- step: pack_person_holders
INSERT OR IGNORE INTO pack_person
	SELECT p.employee FROM pack_account a
		CROSS JOIN person_account l ON l.object = a.account
		CROSS JOIN main.person p ON p.id = l.person
	WHERE l.how <> 'ambiguous'

-- step: pack_person_named
INSERT OR IGNORE INTO pack_person
	SELECT reviewer FROM pack_reviewer
	UNION SELECT reviewer FROM pack_effect WHERE NOT (SELECT apart FROM pack_is)
	UNION SELECT owner FROM pack_exception WHERE owner IS NOT NULL
	UNION SELECT m.owner FROM remedy m JOIN pack_account a ON a.account = m.account
	UNION SELECT employee FROM signer WHERE employee IS NOT NULL
	UNION SELECT r.owner FROM registered_account r
		WHERE r.until = :open AND r.owner IS NOT NULL
			AND (NOT (SELECT limited FROM pack_is)
				OR r.rowid IN (SELECT row FROM pack_found))

-- ---- Every day ----

-- step: pack_daily
-- The newest version of each record of the period. Once late is late for ever.
CREATE TEMP TABLE pack_daily AS
	SELECT d.day, d.source, d.version, d.due,
		EXISTS (SELECT 1 FROM daily_sign s WHERE s.day = d.day
			AND s.source = d.source AND s.version = d.version) AS signed,
		EXISTS (SELECT 1 FROM daily_sign s WHERE s.day = d.day
			AND s.source = d.source AND s.late = 1) AS late
	FROM daily d
	WHERE d.day >= (:from + :zone) / :day
		AND d.day < (:to + :zone + :day - 1) / :day
		AND d.version = (SELECT max(version) FROM daily n
			WHERE n.day = d.day AND n.source = d.source)
		AND (NOT (SELECT limited FROM pack_is) OR EXISTS (
			SELECT 1 FROM temp.pack_scope x WHERE x.what = 'system'
				AND d.source IN (x.value, 'source:' || x.value)))

-- step: pack_daily_index
CREATE UNIQUE INDEX temp.pack_daily_by_day ON pack_daily (day, source)

-- step: pack_missing
-- Days that should have a record and have none.
CREATE TEMP TABLE pack_missing (day INTEGER, source TEXT, due INTEGER,
	PRIMARY KEY (day, source)) WITHOUT ROWID

-- ---- Quarters ----

-- step: pack_quarter
-- Those of the period and the eight before, by the days of the zone, as far as
-- anything was checked. run: the last check of more than one rule in it.
CREATE TEMP TABLE pack_quarter AS
	WITH RECURSIVE q (day, n) AS (
		SELECT date(:from + :zone, 'unixepoch', 'start of month',
			'-' || ((strftime('%m', :from + :zone, 'unixepoch') - 1) % 3 + 24)
			|| ' months'), 1
		UNION ALL SELECT date(day, '+3 months'), n + 1 FROM q
		WHERE n < 400 AND unixepoch(day, '+3 months') - :zone < min(:to, :now + 1)),
	s AS (SELECT n, day, unixepoch(day) - :zone AS begins,
		unixepoch(day, '+3 months') - :zone AS ends FROM q)
	SELECT n, strftime('%Y', day) || 'Q' || ((strftime('%m', day) + 2) / 3) AS name,
		begins, min(ends, :now) AS ends,
		(SELECT max(c.id) FROM check_run c WHERE c.at >= begins AND c.at < s.ends
			AND (SELECT count(*) FROM rule_run u WHERE u.run = c.id) > 1) AS run,
		NULL AS profile, NULL AS thresholds, NULL AS covered
	FROM s WHERE s.ends > (SELECT min(at) FROM check_run) ORDER BY n

-- step: pack_quarter_covered
-- The sources whose newest pull until then was complete.
UPDATE pack_quarter SET profile = c.profile, thresholds = c.thresholds,
	covered = (SELECT group_concat(name, ' ') FROM (SELECT s.name
		FROM main.source s JOIN pull p ON p.id = (SELECT max(l.id) FROM pull l
			WHERE l.source = s.id AND l.state = 'applied' AND l.id <= c.state)
		WHERE p.complete ORDER BY s.name))
	FROM check_run c WHERE c.id = pack_quarter.run

-- step: pack_life
-- When each hit came and went.
CREATE TEMP TABLE pack_life AS
	SELECT f.rule, b.at AS first, ifnull(z.at, :open) AS closed,
		EXISTS (SELECT 1 FROM finding e WHERE e.subject IS f.subject
			AND e.rule = f.rule AND e.about = f.about AND e.id < f.id
			AND e.closed_run IS NOT NULL) AS repeated
	FROM finding f CROSS JOIN check_run b ON b.id = f.first_run
		LEFT JOIN check_run z ON z.id = f.closed_run
		LEFT JOIN pack_account a ON a.account = f.subject
	WHERE f.state = 'hit' AND (NOT (SELECT limited FROM pack_is)
			OR a.account IS NOT NULL)
		AND (NOT EXISTS (SELECT 1 FROM temp.pack_scope WHERE what = 'rule')
			OR f.rule IN (SELECT value FROM temp.pack_scope WHERE what = 'rule'))

-- step: pack_trend
-- Each rule that ran in a quarter or has findings in it.
CREATE TEMP TABLE pack_trend AS SELECT * FROM (
	SELECT q.n, q.name, q.ends, r.rule,
		(SELECT u.digest FROM rule_run u WHERE u.run = q.run AND u.rule = r.rule
			AND u.error IS NULL) AS digest,
		sum(ifnull(l.first < q.ends AND l.closed >= q.ends, 0)) AS open,
		sum(ifnull(l.first >= q.begins AND l.first < q.ends, 0)) AS new,
		sum(ifnull(l.repeated AND l.first >= q.begins AND l.first < q.ends, 0)) AS repeated,
		sum(ifnull(l.closed >= q.begins AND l.closed < q.ends, 0)) AS closed,
		avg(CASE WHEN l.closed >= q.begins AND l.closed < q.ends
			THEN (l.closed - l.first) * 1.0 / :day END) AS close_days,
		max(CASE WHEN l.first < q.ends AND l.closed >= q.ends
			THEN (q.ends - l.first) / :day END) AS oldest_days
	FROM pack_quarter q
		CROSS JOIN (SELECT DISTINCT rule FROM rule_run UNION SELECT rule FROM pack_life) r
		LEFT JOIN pack_life l ON l.rule = r.rule
	WHERE NOT EXISTS (SELECT 1 FROM temp.pack_scope WHERE what = 'rule')
		OR r.rule IN (SELECT value FROM temp.pack_scope WHERE what = 'rule')
	GROUP BY q.n, r.rule)
	WHERE digest IS NOT NULL OR open OR new OR closed

-- step: pack_trend_index
CREATE UNIQUE INDEX temp.pack_trend_by_quarter ON pack_trend (rule, n)
