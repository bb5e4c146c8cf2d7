-- Acts: the chain, and the rows that each act's digests are over. Statements by
-- name; see review/store.h and review/act.h.

-- name: act_newest
-- The head, and the newest time that is in the database.
SELECT (SELECT max(id) FROM act) AS id,
	(SELECT digest FROM act ORDER BY id DESC LIMIT 1) AS digest,
	max(ifnull((SELECT max(at) FROM act), 0),
		ifnull((SELECT max(max(started, ifnull(ended, 0))) FROM pull), 0)
	) AS at

-- name: act_add
INSERT INTO act (id, at, kind, signer, text, signature, digest)
VALUES (:id, :at, :kind, :signer, :text, :signature, :digest)

-- name: act_get
SELECT a.id, a.at, a.kind, a.signer, a.text, a.signature, a.digest,
	s.name, s.employee, s.fingerprint
FROM act a LEFT JOIN signer s ON s.id = a.signer
WHERE a.id = :id

-- name: act_aid_add
INSERT INTO act_aid (act, "table", part, sums)
VALUES (:act, :table, :part, :sums)

-- name: act_verdict
SELECT verdict FROM second WHERE of = :of ORDER BY act LIMIT 1

-- name: second_add
INSERT INTO second (act, of, verdict, reason)
VALUES (:act, :of, :verdict, :reason)

-- ---- Persons ----

-- name: signer_count
SELECT count(*) FROM signer

-- name: signer_twin
-- Whose a key or a name is; the key first.
SELECT name, fingerprint = :fingerprint FROM signer
WHERE name = :name OR fingerprint = :fingerprint ORDER BY 2 DESC LIMIT 1

-- name: signer_named
SELECT id FROM signer WHERE name = :name

-- name: signer_add
INSERT INTO signer (id, act, name, employee, role, key, fingerprint, grounds)
VALUES ((SELECT count(*) + 1 FROM signer), :act, :name, :employee, :role, :key,
	:fingerprint, :grounds)

-- name: signer_spare
-- How many can approve an enrolment, and the fewest keys that one of them has.
SELECT count(*), min(keys) FROM (SELECT count(*) AS keys
	FROM signer s JOIN act a ON a.id = s.act
	WHERE s.role IN ('officer', 'auditor')
		AND (a.signer = s.id OR EXISTS (SELECT 1 FROM second t
			WHERE t.of = s.act AND t.verdict = 'approved'))
		AND NOT EXISTS (SELECT 1 FROM signer_end n
			JOIN second t ON t.of = n.act AND t.verdict = 'approved'
			WHERE n.signer = s.id)
	GROUP BY ifnull(s.employee, s.fingerprint))

-- name: signer_officers_beside
-- Who could still approve: officers, neither waiting nor ended nor being ended.
-- Two keys of one person are one.
SELECT count(DISTINCT ifnull(s.employee, s.fingerprint)) FROM signer s JOIN act a ON a.id = s.act
WHERE s.name <> :name AND s.role = 'officer'
	AND (a.signer = s.id OR EXISTS (SELECT 1 FROM second t
		WHERE t.of = s.act AND t.verdict = 'approved'))
	AND NOT EXISTS (SELECT 1 FROM signer_end n WHERE n.signer = s.id
		AND NOT EXISTS (SELECT 1 FROM second t WHERE t.of = n.act
			AND t.verdict = 'refused'))

-- name: signer_end_add
INSERT INTO signer_end (act, signer, reason) VALUES (:act, :signer, :reason)

-- name: signer_valid
-- Enrolled before that act: by themselves, or with a second person's approval;
-- and not ended with one.
SELECT s.id, s.name, s.employee, s.role, s.fingerprint, s.key
FROM signer s JOIN act a ON a.id = s.act
WHERE s.fingerprint = :fingerprint AND s.act < :act
	AND (a.signer = s.id OR EXISTS (SELECT 1 FROM second t
		WHERE t.of = s.act AND t.verdict = 'approved'
			AND t.act < :act))
	AND NOT EXISTS (SELECT 1 FROM signer_end n
		JOIN second t ON t.of = n.act AND t.verdict = 'approved'
		WHERE n.signer = s.id AND t.act < :act)

-- name: signer_any
-- Whoever has that key, and why they may not sign.
SELECT s.name, s.act, EXISTS (SELECT 1 FROM signer_end n
		JOIN second t ON t.of = n.act AND t.verdict = 'approved'
		WHERE n.signer = s.id) AS ended,
	EXISTS (SELECT 1 FROM second t
		WHERE t.of = s.act AND t.verdict = 'refused') AS refused
FROM signer s WHERE s.fingerprint = :fingerprint

-- ---- Whom an act's rows are about: employee numbers ----

-- name: act_employees
SELECT employee FROM person

-- name: act_about_signer
SELECT 1 FROM signer WHERE act = :act AND employee = :employee

-- name: act_about_signer_end
-- :employee is the key's fingerprint of whoever has no employee number.
SELECT 1 FROM signer_end n JOIN signer s ON s.id = n.signer
WHERE n.act = :act AND :employee IN (s.employee, s.fingerprint)

-- name: act_about_decisions
SELECT 1 FROM decision d JOIN item i INDEXED BY item_by_question
	ON i.campaign = d.campaign
	AND i.question = d.question AND d.item IN (0, i.n)
WHERE d.act = :act AND i.person = :employee LIMIT 1

-- name: act_about_exempted
SELECT 1 FROM exempted WHERE act = :act
	AND instr(',' || holder || ',', ',' || :employee || ',') LIMIT 1

-- name: act_about_remedy
SELECT 1 FROM remedy WHERE act = :act
	AND instr(',' || holder || ',', ',' || :employee || ',') LIMIT 1

-- name: act_about_remedy_event
SELECT 1 FROM remedy_event e JOIN remedy r ON r.id = e.remedy
WHERE e.act = :act
	AND instr(',' || r.holder || ',', ',' || :employee || ',') LIMIT 1

-- name: act_about_matched
-- Of any kind, as accounts are matched now: asked when a second person signs,
-- and never of what is signed.
SELECT 1 FROM (
	SELECT i.account FROM decision d JOIN item i INDEXED BY item_by_question
		ON i.campaign = d.campaign
		AND i.question = d.question AND d.item IN (0, i.n)
		WHERE d.act = :act
	UNION ALL SELECT account FROM exempted WHERE act = :act
	UNION ALL SELECT account FROM remedy WHERE act = :act
	UNION ALL SELECT r.account FROM remedy_event e
		JOIN remedy r ON r.id = e.remedy WHERE e.act = :act) x
	CROSS JOIN person_account l ON l.object = x.account
	CROSS JOIN person p ON p.id = l.person
WHERE p.employee = :employee LIMIT 1

-- ---- Rows: every column of the table, in its order; blobs as hex() ----

-- name: act_rows_signer
SELECT json_array(id, act, name, employee, role, key, fingerprint, grounds)
FROM signer WHERE act = :act ORDER BY id

-- name: act_rows_signer_end
SELECT json_array(act, signer, reason)
FROM signer_end WHERE act = :act ORDER BY signer

-- name: act_rows_second
SELECT json_array(act, of, verdict, reason)
FROM second WHERE act = :act ORDER BY act

-- name: act_rows_campaign
SELECT json_array(id, act, name, type, due, fallback, previous, cause)
FROM campaign WHERE act = :act ORDER BY id

-- name: act_rows_campaign_scope
SELECT json_array(act, campaign, n, include, what, value, reason)
FROM campaign_scope
WHERE campaign IN (SELECT id FROM campaign WHERE act = :act) AND act = :act
ORDER BY campaign, n

-- name: act_rows_campaign_freeze
SELECT json_array(act, campaign, state, run, profile, accounts, excluded, items,
	questions)
FROM campaign_freeze WHERE act = :act ORDER BY campaign

-- name: act_rows_campaign_source
SELECT json_array(act, campaign, source, host, core, pull, at, complete, reason,
	accounts, rights, excluded, excluded_rights, novelty)
FROM campaign_source
WHERE campaign IN (SELECT campaign FROM campaign_freeze WHERE act = :act)
	AND act = :act
ORDER BY campaign, source, host

-- name: act_rows_question
SELECT json_array(campaign, n, kind, title, title_zh, items, rank, privileged, flagged,
	low)
FROM question
WHERE campaign IN (SELECT campaign FROM campaign_freeze WHERE act = :act)
ORDER BY campaign, n

-- name: act_rows_item
SELECT json_array(act, campaign, n, question, key, account, "right", person,
	privileged, severity, novelty, low, rank, facts)
FROM item
WHERE campaign IN (SELECT campaign FROM campaign_freeze WHERE act = :act)
	AND act = :act
ORDER BY campaign, n

-- name: act_rows_assignment
SELECT json_array(act, campaign, question, reviewer, why)
FROM assignment WHERE act = :act ORDER BY campaign, question

-- name: act_rows_deputy
SELECT json_array(act, reviewer, deputy, not_before, not_after, questions)
FROM deputy WHERE act = :act ORDER BY reviewer

-- name: act_rows_worksheet
SELECT json_array(act, campaign, reviewer, hex(digest),
	CASE WHEN code IS NOT NULL THEN hex(code) END)
FROM worksheet WHERE act = :act ORDER BY campaign, reviewer

-- name: act_rows_returned
SELECT json_array(act, n, campaign, reviewer, exported, file, form, hex(digest),
	grade, signer, signature, CASE WHEN bytes IS NOT NULL THEN hex(bytes) END,
	decisions, refused)
FROM returned WHERE act = :act ORDER BY n

-- name: act_rows_decision
SELECT json_array(act, n, campaign, question, item, decision, reason, change,
	compensation, ends, proposal, reviewer, grade, decided, seconds, bulk)
FROM decision WHERE act = :act ORDER BY n

-- name: act_rows_campaign_missing
SELECT json_array(act, campaign, source, host, reason)
FROM campaign_missing WHERE act = :act ORDER BY source, host

-- name: act_rows_campaign_end
SELECT json_array(act, campaign, how, reason, decided, excepted, revoked)
FROM campaign_end WHERE act = :act ORDER BY campaign

-- name: act_rows_reminder
SELECT json_array(act, campaign, reviewer, step, mail, questions)
FROM reminder WHERE act = :act ORDER BY campaign, reviewer

-- name: act_rows_exempted
SELECT json_array(act, n, account, "right", holder, rule, reason, compensation,
	ends, owner, renews, renews_n, campaign, item)
FROM exempted WHERE act = :act ORDER BY n

-- name: act_rows_exempted_end
SELECT json_array(act, of, n, reason)
FROM exempted_end WHERE act = :act ORDER BY of, n

-- name: act_rows_remedy
SELECT json_array(act, id, account, "right", holder, action, severity, due, owner,
	plan, campaign, item, finding)
FROM remedy WHERE act = :act ORDER BY id

-- name: act_rows_remedy_event
SELECT json_array(act, remedy, what, pull, due, detail)
FROM remedy_event WHERE act = :act ORDER BY remedy

-- name: act_rows_denied
SELECT json_array(act, counter, scope, text)
FROM denied WHERE act = :act ORDER BY counter

-- name: act_rows_daily
SELECT json_array(act, day, source, version, state, reason, due, facts)
FROM daily WHERE act = :act ORDER BY day, source, version

-- name: act_rows_daily_sign
SELECT json_array(act, day, source, version, disposition, late)
FROM daily_sign WHERE act = :act ORDER BY day, source

-- name: act_rows_sample
SELECT json_array(act, campaign, seed, size, stratum)
FROM sample WHERE act = :act ORDER BY act

-- name: act_rows_pack
SELECT json_array(act, sequence, kind, "from", "to", scope, folder, hex(manifest))
FROM pack WHERE act = :act ORDER BY sequence

-- name: act_rows_purge
SELECT json_array(act, kind, "before", rows, oldest)
FROM purge WHERE act = :act ORDER BY kind

-- name: act_rows_purged
SELECT json_array(act, of, kind, "before", rows)
FROM purged WHERE act = :act ORDER BY kind

-- name: act_rows_hold
SELECT json_array(act, name, held, reason)
FROM hold WHERE act = :act ORDER BY name

-- name: act_rows_confirmation
SELECT json_array(act, what, subject, hex(digest))
FROM confirmation WHERE act = :act ORDER BY act

-- ---- What waits for a second person; lists ----

-- name: act_wants_decisions
-- Decisions that have no effect until somebody approves them.
SELECT 1 FROM decision d JOIN item i INDEXED BY item_by_question
	ON i.campaign = d.campaign
	AND i.question = d.question AND d.item IN (0, i.n)
WHERE d.act = :act AND d.decision <> 'not-mine'
	AND (d.decision = 'exception' OR (d.grade <> 'signed'
		AND (d.grade NOT IN ('coded', 'transcribed') OR i.privileged IS NOT 0
			OR i.severity NOT IN ('', 'low', 'info'))))
LIMIT 1

-- name: act_wants_extension
SELECT 1 FROM remedy_event WHERE act = :act AND what = 'extended' LIMIT 1

-- name: act_list
-- self: the first two enrolled themselves.
SELECT a.id, a.at, a.kind, s.name,
	(SELECT verdict FROM second t WHERE t.of = a.id
		ORDER BY t.act LIMIT 1) AS verdict,
	(SELECT z.name FROM second t JOIN act b ON b.id = t.act
		LEFT JOIN signer z ON z.id = b.signer WHERE t.of = a.id
		ORDER BY t.act LIMIT 1) AS seconded,
	a.kind = 'person' AND EXISTS (SELECT 1 FROM signer n
		WHERE n.act = a.id AND n.id = a.signer) AS self
FROM act a LEFT JOIN signer s ON s.id = a.signer
WHERE a.id >= :first ORDER BY a.id

-- name: signer_list
SELECT s.name, s.employee, s.role, s.fingerprint, s.key, a.at, s.act,
	a.signer = s.id AS self,
	(SELECT verdict FROM second t WHERE t.of = s.act LIMIT 1) AS verdict,
	(SELECT max(t.act) FROM signer_end n JOIN second t ON t.of = n.act
		WHERE n.signer = s.id AND t.verdict = 'approved') AS ended,
	(SELECT max(n.act) FROM signer_end n WHERE n.signer = s.id AND NOT
		EXISTS (SELECT 1 FROM second t WHERE t.of = n.act)) AS ending
FROM signer s JOIN act a ON a.id = s.act ORDER BY s.id

-- ---- Rows that no act has ----

-- name: act_all
SELECT a.id, a.at, a.kind, a.text, a.signature, a.digest, a.signer, s.fingerprint
FROM act a LEFT JOIN signer s ON s.id = a.signer ORDER BY a.id

-- name: act_with_seconds
-- The acts of a kind, or one of them, and those that speak of them.
SELECT a.id, a.at, a.kind, a.text, a.signature, a.digest, a.signer,
	s.fingerprint, (SELECT b.digest FROM act b WHERE b.id = a.id - 1)
FROM act a LEFT JOIN signer s ON s.id = a.signer
WHERE a.id IN (SELECT id FROM act WHERE kind = :kind AND :act IN (0, id)
	UNION ALL SELECT t.act FROM second t JOIN act f ON f.id = t.of
		WHERE f.kind = :kind AND :act IN (0, f.id))
ORDER BY a.id

-- name: act_head
-- The newest one.
SELECT a.id, a.at, a.kind, a.text, a.signature, a.digest, a.signer,
	s.fingerprint, (SELECT b.digest FROM act b WHERE b.id = a.id - 1)
FROM act a LEFT JOIN signer s ON s.id = a.signer
ORDER BY a.id DESC LIMIT 1

-- name: act_enrolled
-- How many rows of persons an act has.
SELECT (SELECT count(*) FROM signer WHERE act = :act)
	+ (SELECT count(*) FROM signer_end WHERE act = :act)

-- name: act_count
SELECT count(*), (SELECT max(id) FROM act WHERE signer IS NOT NULL),
	(SELECT count(*) FROM act
		WHERE id > (SELECT max(id) FROM act WHERE signer IS NOT NULL)),
	(SELECT count(*) FROM signer WHERE employee IS NULL)
FROM act

-- name: act_aid_get
SELECT part, sums FROM act_aid WHERE act = :act AND "table" = :table ORDER BY part

-- name: act_aid_count
SELECT count(*) FROM act_aid

-- name: act_said_by_program
-- Decisions in an act of the program's own that are not its proposals.
SELECT n FROM decision WHERE act = :act AND grade <> 'silent' ORDER BY n LIMIT 1

-- name: act_returned
-- Worksheets that their reviewers signed.
SELECT r.n, r.reviewer, r.signature, r.bytes, r.digest, s.fingerprint,
	s.employee
FROM returned r LEFT JOIN signer s ON s.id = r.signer
WHERE r.act = :act AND r.grade = 'signed' ORDER BY r.n

-- name: act_returned_again
-- A file that an earlier act has, with that grade or a better one: once more it
-- would pass for its reviewer's newest word.
WITH file(act, campaign, reviewer, digest, rank) AS (
	SELECT act, campaign, reviewer, digest,
		CASE grade WHEN 'signed' THEN 3 WHEN 'coded' THEN 2 ELSE 1 END
	FROM returned)
SELECT r.act, min(b.act) FROM file r JOIN file b ON b.digest = r.digest
	AND b.campaign = r.campaign AND b.reviewer = r.reviewer
	AND b.act < r.act AND b.rank >= r.rank
GROUP BY r.act ORDER BY r.act

-- name: act_signed_by_nobody
-- A decision that says it is its reviewer's, who signed neither the act nor a
-- worksheet in it.
SELECT d.n, d.reviewer
FROM decision d JOIN act a ON a.id = d.act LEFT JOIN signer s ON s.id = a.signer
WHERE d.act = :act AND d.grade = 'signed' AND d.reviewer IS NOT s.employee
	AND NOT EXISTS (SELECT 1 FROM returned r WHERE r.act = d.act
		AND r.campaign = d.campaign AND r.reviewer = d.reviewer
		AND r.grade = 'signed')
ORDER BY d.n LIMIT 1

-- name: act_self
-- The row by which one of the first two enrolled themselves.
SELECT (SELECT count(*) FROM signer WHERE act < :act)
FROM signer WHERE act = :act AND fingerprint = :fingerprint

-- name: act_second_get
SELECT t.of, a.kind, a.signer, s.employee,
	(SELECT count(*) FROM second o WHERE o.of = t.of AND o.act < :act),
	a.kind = 'person' AND EXISTS (SELECT 1 FROM signer n
		WHERE n.act = a.id AND n.id = a.signer)
FROM second t JOIN act a ON a.id = t.of LEFT JOIN signer s ON s.id = a.signer
WHERE t.act = :act AND t.of < t.act

-- name: act_stray_signer
SELECT DISTINCT act FROM signer r WHERE NOT EXISTS (SELECT 1
	FROM act a WHERE a.id = r.act AND a.kind = 'person')

-- name: act_stray_signer_end
SELECT DISTINCT act FROM signer_end r WHERE NOT EXISTS (SELECT 1
	FROM act a WHERE a.id = r.act AND a.kind = 'person-end')

-- name: act_stray_second
SELECT DISTINCT act FROM second r WHERE NOT EXISTS (SELECT 1
	FROM act a WHERE a.id = r.act AND a.kind = 'second')

-- name: act_stray_campaign
SELECT DISTINCT act FROM campaign r WHERE NOT EXISTS (SELECT 1
	FROM act a WHERE a.id = r.act AND a.kind = 'campaign-open')

-- name: act_stray_campaign_scope
SELECT DISTINCT act FROM campaign_scope r WHERE NOT EXISTS (SELECT 1
	FROM act a JOIN campaign c ON c.act = a.id
	WHERE a.id = r.act AND a.kind = 'campaign-open' AND c.id = r.campaign)

-- name: act_stray_campaign_freeze
SELECT DISTINCT act FROM campaign_freeze r WHERE NOT EXISTS (SELECT 1
	FROM act a WHERE a.id = r.act AND a.kind = 'campaign-freeze')

-- name: act_stray_campaign_source
SELECT DISTINCT act FROM campaign_source r WHERE NOT EXISTS (SELECT 1
	FROM act a JOIN campaign_freeze f ON f.act = a.id
	WHERE a.id = r.act AND a.kind = 'campaign-freeze'
		AND f.campaign = r.campaign)

-- name: act_stray_question
-- By campaign: it has no column of acts.
SELECT DISTINCT campaign FROM question q WHERE NOT EXISTS (SELECT 1
	FROM campaign_freeze f JOIN act a ON a.id = f.act
	WHERE f.campaign = q.campaign AND a.kind = 'campaign-freeze')

-- name: act_stray_item
SELECT DISTINCT act FROM item r WHERE NOT EXISTS (SELECT 1
	FROM act a JOIN campaign_freeze f ON f.act = a.id
	WHERE a.id = r.act AND a.kind = 'campaign-freeze'
		AND f.campaign = r.campaign)

-- name: act_stray_assignment
SELECT DISTINCT act FROM assignment r WHERE NOT EXISTS (SELECT 1
	FROM act a WHERE a.id = r.act AND a.kind = 'assign')

-- name: act_stray_deputy
SELECT DISTINCT act FROM deputy r WHERE NOT EXISTS (SELECT 1
	FROM act a WHERE a.id = r.act AND a.kind = 'deputy')

-- name: act_stray_worksheet
SELECT DISTINCT act FROM worksheet r WHERE NOT EXISTS (SELECT 1
	FROM act a WHERE a.id = r.act AND a.kind = 'worksheets')

-- name: act_stray_returned
SELECT DISTINCT act FROM returned r WHERE NOT EXISTS (SELECT 1
	FROM act a WHERE a.id = r.act AND a.kind = 'decisions')

-- name: act_stray_decision
SELECT DISTINCT act FROM decision r WHERE NOT EXISTS (SELECT 1
	FROM act a WHERE a.id = r.act AND a.kind = 'decisions')

-- name: act_stray_reminder
SELECT DISTINCT act FROM reminder r WHERE NOT EXISTS (SELECT 1
	FROM act a WHERE a.id = r.act AND a.kind = 'remind')

-- name: act_stray_campaign_missing
SELECT DISTINCT act FROM campaign_missing r WHERE NOT EXISTS (SELECT 1
	FROM act a WHERE a.id = r.act AND a.kind = 'missing')

-- name: act_stray_campaign_end
SELECT DISTINCT act FROM campaign_end r WHERE NOT EXISTS (SELECT 1
	FROM act a WHERE a.id = r.act AND a.kind = 'campaign-end')

-- name: act_stray_exempted
SELECT DISTINCT act FROM exempted r WHERE NOT EXISTS (SELECT 1
	FROM act a WHERE a.id = r.act AND a.kind = 'exception')

-- name: act_stray_exempted_end
SELECT DISTINCT act FROM exempted_end r WHERE NOT EXISTS (SELECT 1
	FROM act a WHERE a.id = r.act AND a.kind = 'exception-end')

-- name: act_stray_remedy
SELECT DISTINCT act FROM remedy r WHERE NOT EXISTS (SELECT 1
	FROM act a WHERE a.id = r.act AND a.kind = 'remedy')

-- name: act_stray_remedy_event
SELECT DISTINCT act FROM remedy_event r WHERE NOT EXISTS (SELECT 1
	FROM act a WHERE a.id = r.act AND a.kind = 'remedy-event')

-- name: act_stray_denied
SELECT DISTINCT act FROM denied r WHERE NOT EXISTS (SELECT 1
	FROM act a WHERE a.id = r.act AND a.kind = 'denylist')

-- name: act_stray_daily
SELECT DISTINCT act FROM daily r WHERE NOT EXISTS (SELECT 1
	FROM act a WHERE a.id = r.act AND a.kind = 'daily')

-- name: act_stray_daily_sign
SELECT DISTINCT act FROM daily_sign r WHERE NOT EXISTS (SELECT 1
	FROM act a WHERE a.id = r.act AND a.kind = 'daily-sign')

-- name: act_stray_sample
SELECT DISTINCT act FROM sample r WHERE NOT EXISTS (SELECT 1
	FROM act a WHERE a.id = r.act AND a.kind = 'sample')

-- name: act_stray_pack
SELECT DISTINCT act FROM pack r WHERE NOT EXISTS (SELECT 1
	FROM act a WHERE a.id = r.act AND a.kind = 'pack')

-- name: act_stray_purge
SELECT DISTINCT act FROM purge r WHERE NOT EXISTS (SELECT 1
	FROM act a WHERE a.id = r.act AND a.kind = 'purge')

-- name: act_stray_purged
SELECT DISTINCT act FROM purged r WHERE NOT EXISTS (SELECT 1
	FROM act a WHERE a.id = r.act AND a.kind = 'purged')

-- name: act_stray_hold
SELECT DISTINCT act FROM hold r WHERE NOT EXISTS (SELECT 1
	FROM act a WHERE a.id = r.act AND a.kind = 'hold')

-- name: act_stray_confirmation
SELECT DISTINCT act FROM confirmation r WHERE NOT EXISTS (SELECT 1
	FROM act a WHERE a.id = r.act AND a.kind = 'confirmation')

-- ---- Confirmations ----

-- name: confirmation_add
INSERT INTO confirmation (act, what, subject, digest)
VALUES (:act, :what, :subject, :digest)

-- name: confirmation_find
SELECT c.act, s.name, t.act, z.name
FROM confirmation c JOIN act a ON a.id = c.act
	LEFT JOIN signer s ON s.id = a.signer
	LEFT JOIN second t ON t.of = c.act
	LEFT JOIN act b ON b.id = t.act LEFT JOIN signer z ON z.id = b.signer
WHERE c.what = :what AND c.subject = :subject AND c.digest = :digest
	AND ifnull(t.verdict, '') <> 'refused'
ORDER BY c.act DESC LIMIT 1

-- name: confirmation_get
SELECT what, subject FROM confirmation WHERE act = :act

-- name: act_unconfirmed_pull
-- Pulls that used a confirmation which two persons did not give.
SELECT p.id FROM pull p WHERE p.let_through IS NOT NULL
	AND NOT EXISTS (SELECT 1 FROM confirmation c JOIN second t ON t.of = c.act
		WHERE c.what = 'pull' AND c.subject = CAST(p.let_through AS TEXT)
			AND t.verdict = 'approved')
ORDER BY p.id

-- name: act_confirmed_hosts
-- Keys of hosts that are said to be confirmed, and what two persons confirmed.
SELECT h.host, h.key, (SELECT c.digest FROM confirmation c
		JOIN second t ON t.of = c.act
		WHERE c.what = 'host' AND c.subject = h.host
			AND t.verdict = 'approved' ORDER BY c.act DESC LIMIT 1)
FROM host_pin h WHERE h.confirmed IS NOT NULL ORDER BY h.host
