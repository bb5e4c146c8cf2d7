-- Who is to decide the questions of a campaign. Parameters: :act, :campaign,
-- :now, :open, :mode (0: what nobody has; 1: all that is undecided; 2: what is
-- undecided and with somebody who may not decide it; 3: what is undecided, to
-- whoever is above). temp.assign_rule has the given list. In each step whoever
-- comes first stays.

-- step: settled_question
CREATE TEMP TABLE settled_question (question INTEGER PRIMARY KEY)

-- step: settled_question_rows
INSERT INTO settled_question
	SELECT d.question FROM item_decision d
		JOIN question q ON q.campaign = d.campaign AND q.n = d.question
	WHERE d.campaign = :campaign AND d.decision <> 'not-mine'
		AND EXISTS (SELECT 1 FROM decision WHERE campaign = :campaign)
	GROUP BY d.question HAVING count(*) = max(q.items)

-- step: current
CREATE TEMP TABLE current (question INTEGER PRIMARY KEY, reviewer TEXT, at INTEGER)

-- step: current_rows
INSERT OR IGNORE INTO current
	SELECT s.question, s.reviewer, ifnull(a.at, :now)
	FROM assignment s LEFT JOIN act a ON a.id = s.act
	WHERE s.campaign = :campaign ORDER BY s.question, s.act DESC

-- step: todo
-- A question, and its first item, which has what all of its items share.
CREATE TEMP TABLE todo (question INTEGER PRIMARY KEY, holder TEXT, account TEXT,
	source TEXT, "right" TEXT, department TEXT, owner TEXT, confirmed INTEGER,
	system TEXT, right_owner TEXT, current TEXT)

-- step: todo_rows
INSERT INTO todo
	SELECT q.n, i.person, i.facts ->> 'account', i.facts ->> 'source',
		i.facts ->> 'right', i.facts ->> 'department', i.facts ->> 'owner',
		i.facts ->> 'owner_confirmed', i.facts ->> 'system_owner',
		i.facts ->> 'right_owner', ifnull(c.reviewer, '')
	FROM question q CROSS JOIN item i ON i.campaign = q.campaign AND i.n = (
			SELECT min(f.n) FROM item f INDEXED BY item_by_question
				WHERE f.campaign = q.campaign
				AND f.question = q.n)
		LEFT JOIN current c ON c.question = q.n
	WHERE q.campaign = :campaign
		AND q.n NOT IN (SELECT question FROM settled_question)
		AND CASE :mode WHEN 0 THEN ifnull(c.reviewer, '') = '' WHEN 1 THEN 1
			WHEN 2 THEN ifnull(c.reviewer, '') <> ''
			-- whoever it went up to has some days as well
			ELSE c.reviewer <> '' AND :now - c.at >= :review_overdue_days * :day END

-- step: declined
-- What its reviewer said is not theirs, and whose they think it is.
CREATE TEMP TABLE declined (question INTEGER PRIMARY KEY, proposal TEXT)

-- step: declined_rows
INSERT OR IGNORE INTO declined
	SELECT t.question, d.proposal FROM todo t
		CROSS JOIN decision d ON d.campaign = :campaign AND d.question = t.question
		JOIN item_decision v ON v.campaign = d.campaign AND v.act = d.act AND v.n = d.n
			AND v.question = d.question
	WHERE :mode > 0 AND d.decision = 'not-mine' AND d.reviewer = t.current
	ORDER BY t.question, d.act DESC, d.n DESC

-- step: ready
-- Who may be asked at all: who works here, or has no place in personnel data
-- and is enrolled.
CREATE TEMP TABLE ready (employee TEXT PRIMARY KEY, manager TEXT) WITHOUT ROWID

-- step: ready_rows
INSERT INTO ready
	SELECT p.employee, f.manager FROM person p
		JOIN person_fact f ON f.person = p.id
	WHERE f.until = :open AND f.status = 'active'
		AND (f.left_at IS NULL OR f.left_at > :now)

-- step: ready_enrolled
INSERT OR IGNORE INTO ready
	SELECT s.employee, NULL FROM signer s WHERE s.employee <> ''
		AND NOT EXISTS (SELECT 1 FROM person p WHERE p.employee = s.employee)
		AND NOT EXISTS (SELECT 1 FROM signer_end n WHERE n.signer = s.id)

-- step: taken
-- Who may not: holders, and who asked for a grant or approved it.
CREATE TEMP TABLE taken (question INTEGER, employee TEXT,
	PRIMARY KEY (question, employee)) WITHOUT ROWID

-- step: taken_holders
INSERT OR IGNORE INTO taken
	SELECT t.question, i.person FROM todo t
		CROSS JOIN item i INDEXED BY item_by_question
			ON i.campaign = :campaign AND i.question = t.question
	WHERE i.person IS NOT NULL

-- step: taken_matched
-- As accounts are matched now: one may be since the freeze.
INSERT OR IGNORE INTO taken
	SELECT t.question, p.employee FROM todo t
		CROSS JOIN item i INDEXED BY item_by_question
			ON i.campaign = :campaign AND i.question = t.question
		CROSS JOIN person_account l ON l.object = i.account
		CROSS JOIN person p ON p.id = l.person

-- step: spelt
-- As requesters and approvers are spelt.
CREATE TEMP TABLE spelt (called TEXT, employee TEXT,
	PRIMARY KEY (called, employee)) WITHOUT ROWID

-- step: spelt_rows
INSERT OR IGNORE INTO spelt SELECT called, employee FROM main.called

-- step: taken_grants
INSERT OR IGNORE INTO taken
	SELECT t.question, c.employee FROM todo t
		CROSS JOIN item i INDEXED BY item_by_question
			ON i.campaign = :campaign AND i.question = t.question
		CROSS JOIN granted v ON v.object = i.account
		CROSS JOIN spelt c ON c.called IN (v.requester, v.approver)
	WHERE EXISTS (SELECT 1 FROM approval WHERE until = :open)
		AND (CASE WHEN i."right" IS NULL THEN v."right" IS NULL
			ELSE EXISTS (SELECT 1 FROM object o LEFT JOIN group_fact g
				ON g.object = o.id WHERE o.id = i."right"
				AND v."right" IN (o.key, g.name, g.dn)) END
			OR ((i."right" IS NULL OR i.privileged IS NOT 0) AND v.privileged))

-- step: taken_asked
-- Nothing goes up to who was silent on it before: managers may be in a loop.
INSERT OR IGNORE INTO taken
	SELECT t.question, a.reviewer FROM todo t
		CROSS JOIN assignment a ON a.campaign = :campaign AND a.question = t.question
	WHERE :mode = 3 AND a.reviewer <> ''

-- step: taken_declined
INSERT OR IGNORE INTO taken
	SELECT t.question, t.current FROM todo t JOIN declined d ON d.question = t.question

-- step: todo_fit
-- Whoever may decide it keeps it.
DELETE FROM todo WHERE :mode = 2 AND current IN (SELECT employee FROM ready)
	AND NOT EXISTS (SELECT 1 FROM taken x WHERE x.question = todo.question
		AND x.employee = todo.current)

-- step: assigned
CREATE TEMP TABLE assigned (question INTEGER PRIMARY KEY, reviewer TEXT, why TEXT)

-- step: assigned_list
INSERT OR IGNORE INTO assigned
	SELECT t.question, r.employee, 'list' FROM todo t
		CROSS JOIN temp.assign_rule r ON CASE r.what
			WHEN 'right' THEN t."right" = r.value
			WHEN 'department' THEN t.department = r.value
			WHEN 'person' THEN t.holder = r.value
			WHEN 'source' THEN t.source = r.value
			WHEN 'account' THEN t.account = r.value END
		JOIN ready y ON y.employee = r.employee
	WHERE :mode < 3 AND NOT EXISTS (SELECT 1 FROM taken x
		WHERE x.question = t.question AND x.employee = r.employee)
	ORDER BY t.question, r.n

-- step: assigned_proposed
INSERT OR IGNORE INTO assigned
	SELECT t.question, y.employee, 'proposed:' || t.current FROM todo t
		CROSS JOIN declined d ON d.question = t.question
		JOIN ready y ON y.employee = d.proposal
	WHERE NOT EXISTS (SELECT 1 FROM taken x
		WHERE x.question = t.question AND x.employee = y.employee)

-- step: assigned_manager
INSERT OR IGNORE INTO assigned
	SELECT t.question, y.employee, 'manager' FROM todo t
		CROSS JOIN person p ON p.employee = t.holder
		CROSS JOIN person_fact f ON f.person = p.id AND f.until = :open
		CROSS JOIN ready y ON y.employee = f.manager
	WHERE :mode < 3 AND NOT EXISTS (SELECT 1 FROM taken x
		WHERE x.question = t.question AND x.employee = y.employee)

-- step: assigned_owner
-- An owner answers for an account who has confirmed to be that.
INSERT OR IGNORE INTO assigned
	SELECT t.question, y.employee, 'owner' FROM todo t
		CROSS JOIN ready y ON y.employee = t.owner
	WHERE :mode < 3 AND t.confirmed AND NOT EXISTS (SELECT 1 FROM taken x
		WHERE x.question = t.question AND x.employee = y.employee)

-- step: assigned_system
INSERT OR IGNORE INTO assigned
	SELECT t.question, y.employee, 'system-owner' FROM todo t
		CROSS JOIN ready y ON y.employee = t.system
	WHERE :mode < 3 AND NOT EXISTS (SELECT 1 FROM taken x
		WHERE x.question = t.question AND x.employee = y.employee)

-- step: assigned_right
INSERT OR IGNORE INTO assigned
	SELECT t.question, y.employee, 'right-owner' FROM todo t
		CROSS JOIN ready y ON y.employee = t.right_owner
	WHERE :mode < 3 AND NOT EXISTS (SELECT 1 FROM taken x
		WHERE x.question = t.question AND x.employee = y.employee)

-- step: left_over
-- What has nobody yet: the most have somebody.
CREATE TEMP TABLE left_over AS SELECT question, holder, owner, current FROM todo
	WHERE question NOT IN (SELECT question FROM assigned)

-- step: above
-- Managers' managers, ten steps up; a loop ends where it began.
CREATE TEMP TABLE above (employee TEXT, level INTEGER, manager TEXT,
	PRIMARY KEY (employee, level)) WITHOUT ROWID

-- step: above_rows
INSERT OR IGNORE INTO above
	WITH RECURSIVE up (employee, level, manager) AS (
		SELECT p.employee, 1, f.manager FROM person p
			JOIN person_fact f ON f.person = p.id
			WHERE f.until = :open AND f.manager IS NOT NULL
				AND (p.employee IN (SELECT holder FROM left_over)
					OR p.employee IN (SELECT owner FROM left_over)
					OR p.employee IN (SELECT current FROM left_over))
		UNION SELECT u.employee, u.level + 1, f.manager FROM up u
			JOIN person p ON p.employee = u.manager
			JOIN person_fact f ON f.person = p.id
			WHERE f.until = :open AND f.manager IS NOT NULL AND u.level < 10
				AND f.manager <> u.employee)
	SELECT employee, level, manager FROM up

-- step: assigned_above
INSERT OR IGNORE INTO assigned
	SELECT t.question, y.employee,
		CASE :mode WHEN 3 THEN 'escalated:' || t.current ELSE 'manager-above' END
	FROM left_over t CROSS JOIN above u ON u.employee = CASE :mode WHEN 3 THEN t.current
			ELSE ifnull(t.holder, t.owner) END
		CROSS JOIN ready y ON y.employee = u.manager
	WHERE NOT EXISTS (SELECT 1 FROM taken x
		WHERE x.question = t.question AND x.employee = y.employee)
	ORDER BY t.question, u.level

-- step: assigned_fallback
INSERT OR IGNORE INTO assigned
	SELECT t.question, y.employee,
		CASE :mode WHEN 3 THEN 'escalated:' || t.current ELSE 'fallback' END
	FROM left_over t CROSS JOIN campaign c ON c.id = :campaign
		CROSS JOIN ready y ON y.employee = c.fallback
	WHERE NOT EXISTS (SELECT 1 FROM taken x
		WHERE x.question = t.question AND x.employee = y.employee)

-- step: assigned_nobody
-- Said, so that it is seen; what goes up and has nobody above stays.
INSERT OR IGNORE INTO assigned
	SELECT question, '', 'nobody' FROM todo WHERE :mode < 3

-- step: assignment
INSERT INTO assignment (act, campaign, question, reviewer, why)
	SELECT :act, :campaign, a.question, a.reviewer,
		CASE WHEN :mode = 2 AND t.current <> '' THEN 'instead-of:' || t.current || '; '
			ELSE '' END || a.why
		|| CASE WHEN t.owner IS NOT NULL AND NOT ifnull(t.confirmed, 0)
			AND a.why NOT IN ('list', 'manager', 'owner')
			THEN '; unconfirmed:' || t.owner ELSE '' END
	FROM assigned a JOIN todo t ON t.question = a.question
	WHERE a.reviewer <> '' OR NOT EXISTS (SELECT 1 FROM current c
		WHERE c.question = a.question AND c.reviewer = '')
	ORDER BY a.question
