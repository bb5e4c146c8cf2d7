-- What becomes of the results of a check. These steps run after the rules,
-- in this order, in one transaction; :run is the check's number.

-- step: exceptions
-- An approved exception covers a hit while it lasts, and never for longer
-- than a profile lets one last.
UPDATE temp.result SET exception = 1 WHERE rowid IN (
	SELECT r.rowid FROM exception x
		CROSS JOIN register_import i ON i.id = x.since
		CROSS JOIN temp.result r ON r.rule = x.rule
		CROSS JOIN object o ON o.id = r.subject
		CROSS JOIN source s ON s.id = o.source
		LEFT JOIN temp.account a ON a.object = o.id
	WHERE x.until = :open
		AND x.ends > :now AND x.ends - i.at <= :exception_days * :day
		AND (x.source IS NULL OR x.source IN ('', s.name))
		AND (x.account = o.key OR lower(x.account) = lower(a.name)))

-- step: exemptions
-- So does one that two persons signed, by what the account and the right are,
-- not by their names. Of a right: what is found about that right.
UPDATE temp.result SET exception = 1 WHERE rowid IN (
	SELECT r.rowid FROM exemption x
		CROSS JOIN temp.result r ON r.rule = x.rule AND r.subject = x.account
		LEFT JOIN object o ON o.id = x."right"
	WHERE x.approved AND x.ended = 0 AND x.overtaken = 0
		AND x.ends > :now AND x.ends - x.at <= :exception_days * :day
		AND (x."right" IS NULL OR r.about = 'right:' || o.key))

-- step: exemptions_decided
-- One that was decided in a review covers the findings that it showed: of a
-- right, those about that right; of the account, those about the account.
UPDATE temp.result SET exception = 1 WHERE rowid IN (
	SELECT r.rowid FROM exemption x
		CROSS JOIN item i ON i.campaign = x.campaign AND i.n = x.item
		CROSS JOIN json_each(i.facts, '$.findings') j
		CROSS JOIN finding f ON f.id = j.value ->> 'id'
		CROSS JOIN temp.result r ON r.rule = f.rule
			AND r.subject = ifnull(f.subject, 0) AND r.about = f.about
		LEFT JOIN object o ON o.id = x."right"
	WHERE (x."right" IS NULL OR r.about = 'right:' || o.key)
		AND x.rule IS NULL AND x.approved AND x.ended = 0 AND x.overtaken = 0
		AND x.ends > :now AND x.ends - x.at <= :exception_days * :day)

-- step: blocked
-- Where a rule could not tell this time, it can't tell that a finding is over.
CREATE TEMP TABLE blocked AS
	SELECT r.rule, n.source FROM temp.result r
		LEFT JOIN temp.source_now n ON r.about = 'source:' || n.name
	WHERE r.subject = 0 AND r.state = 'unknown'
		AND (n.source IS NOT NULL OR r.about NOT LIKE 'source:%')

-- step: seen_again
UPDATE finding SET last_run = :run, state = r.state, certainty = r.certainty,
		severity = r.severity, reason = r.reason, evidence = r.evidence,
		exception = r.exception
	FROM temp.result r
	WHERE finding.rule = r.rule AND ifnull(finding.subject, 0) = r.subject
		AND finding.about = r.about AND finding.closed_run IS NULL
		AND NOT (finding.state = 'hit' AND r.state = 'unknown')

-- step: fresh
-- The index is on an expression, which has no affinity: with +, neither has what
-- it is set beside, else all findings of a rule are read for each of them.
INSERT INTO finding (rule, subject, about, state, certainty, severity, reason,
		evidence, first_run, last_run, exception)
	SELECT r.rule, nullif(r.subject, 0), r.about, r.state, r.certainty,
		r.severity, r.reason, r.evidence, :run, :run, r.exception
	FROM temp.result r WHERE NOT EXISTS (
		SELECT 1 FROM finding f WHERE f.rule = r.rule
			AND ifnull(f.subject, 0) = +r.subject AND f.about = r.about
			AND f.closed_run IS NULL)
	ORDER BY r.rule, r.subject, r.about

-- step: closed
-- Only a complete pull closes, and only of rules that ran and could tell.
UPDATE finding SET closed_run = :run
	WHERE closed_run IS NULL AND last_run < :run
		-- a look by another profile ends nothing; a change of profile does
		AND EXISTS (SELECT 1 FROM check_run l JOIN check_run n ON n.id = :run
			JOIN check_run f ON f.id = finding.first_run
			WHERE l.id = finding.last_run AND (n.profile IN (l.profile, f.profile)
				OR n.now - l.now > :profile_settled_days * :day))
		AND rule IN (SELECT rule FROM rule_run WHERE run = :run AND error IS NULL)
		AND NOT EXISTS (SELECT 1 FROM temp.result r WHERE r.rule = finding.rule
			AND r.subject = ifnull(finding.subject, 0) AND r.about = finding.about)
		-- what is unknown of a subject at large is unknown of all about it
		AND NOT EXISTS (SELECT 1 FROM temp.result r WHERE r.rule = finding.rule
			AND r.subject = finding.subject AND r.about = '' AND r.state = 'unknown')
		AND NOT EXISTS (SELECT 1 FROM temp.blocked b WHERE b.rule = finding.rule
			AND (b.source IS NULL OR finding.subject IS NULL OR b.source = (
				SELECT o.source FROM object o WHERE o.id = finding.subject)))
		AND CASE WHEN subject IS NULL
			THEN NOT EXISTS (SELECT 1 FROM temp.source_now WHERE complete = 0)
			ELSE EXISTS (SELECT 1 FROM temp.source_now n JOIN object o ON o.source = n.source
				WHERE o.id = finding.subject AND n.complete) END

-- step: counts
UPDATE rule_run SET
		hits = ifnull((SELECT count(*) FROM temp.result r WHERE r.rule = rule_run.rule
			AND r.state = 'hit'), 0),
		unknowns = ifnull((SELECT sum(r.stands_for) FROM temp.result r
			WHERE r.rule = rule_run.rule AND r.state = 'unknown'), 0),
		excepted = ifnull((SELECT count(*) FROM temp.result r WHERE r.rule = rule_run.rule
			AND r.state = 'hit' AND r.exception = 1), 0)
	WHERE run = :run

-- name: check_run_add
INSERT INTO check_run (at, now, now_given, state, profile, program, thresholds)
	VALUES (:now, :now, :now_given, :state, :profile, :program, :thresholds)

-- name: check_state
-- The newest applied pull, and the time of what was stored last.
SELECT ifnull(max(id), 0), max(ifnull(max(started), 0),
	ifnull((SELECT max(at) FROM check_run), 0))
	FROM pull WHERE state = 'applied'

-- name: rule_run_add
INSERT INTO rule_run (run, rule, digest, population, hits, unknowns, excepted, error)
	VALUES (:run, :rule, :digest, :population, 0, 0, 0, :error)

-- name: check_totals
SELECT sum(hits), sum(unknowns), sum(excepted),
	sum(error IS NOT NULL) AS failed,
	(SELECT count(*) FROM finding WHERE first_run = :run) AS fresh,
	(SELECT count(*) FROM finding WHERE closed_run = :run) AS closed
	FROM rule_run WHERE run = :run

-- name: verdict_add
INSERT INTO verdict (run, profile, requirement, source, policy, verdict,
		wanted, found, clause)
	VALUES (:run, :profile, :requirement, :source, :policy, :verdict,
		:wanted, :found, :clause)

-- name: verdict_forget
-- They are made anew of facts that stay, so that only the newest are kept.
DELETE FROM verdict WHERE run < :run
