-- A campaign's population, frozen, from the tables of views.sql and place.sql.
-- Parameters: :act, :campaign, :compare (the campaign whose population this one
-- is set beside; 0: none), :only (a person; 0: all), :now, :open, :day,
-- thresholds. Right 0 is the account as such.

-- ---- Which accounts and rights ----

-- step: chosen
CREATE TEMP TABLE chosen (account INTEGER PRIMARY KEY)

-- step: chosen_rows
INSERT INTO chosen
	SELECT a.object FROM account a
		CROSS JOIN source_now s ON s.source = a.source
		CROSS JOIN place p ON p.source = a.source AND p.host = ifnull(a.host, '')
		CROSS JOIN fact f ON f.object = a.object
		LEFT JOIN person_now w ON w.person = a.person
	WHERE (:only = 0 OR a.person = :only)
		AND in_scope('source', s.name)
		AND in_scope('class', CASE WHEN p.core THEN 'core' ELSE 'other' END)
		AND in_scope('department', coalesce(w.department, f.department))
		AND in_scope('person', w.employee)
		AND in_scope('account', a.name, f.dn, s.name || ':' || a.name)

-- step: wide
-- Whether it is of everything: else it is of what it says is in it alone.
CREATE TEMP TABLE wide AS SELECT 1 FROM main.campaign c WHERE c.id = :campaign
	AND (c.type = 'periodic' OR NOT EXISTS (SELECT 1 FROM campaign_scope
		WHERE campaign = c.id AND include))

-- step: dropped
-- What the scope leaves out of what the campaign is of: accounts (grp -1), and
-- what others have.
CREATE TEMP TABLE dropped (account INTEGER, grp INTEGER,
	PRIMARY KEY (account, grp)) WITHOUT ROWID

-- step: dropped_accounts
INSERT INTO dropped
	SELECT a.object, -1 FROM account a
		CROSS JOIN source_now s ON s.source = a.source
		CROSS JOIN place p ON p.source = a.source AND p.host = ifnull(a.host, '')
		CROSS JOIN fact f ON f.object = a.object
		LEFT JOIN person_now w ON w.person = a.person
	WHERE EXISTS (SELECT 1 FROM campaign_scope WHERE campaign = :campaign
			AND NOT include)
		AND a.object NOT IN (SELECT account FROM chosen)
		AND (:only = 0 OR a.person = :only)
		AND included('source', s.name)
		AND included('class', CASE WHEN p.core THEN 'core' ELSE 'other' END)
		AND included('department', coalesce(w.department, f.department))
		AND included('person', w.employee)
		AND included('account', a.name, f.dn, s.name || ':' || a.name)

-- step: held
CREATE TEMP TABLE held (account INTEGER, grp INTEGER, since INTEGER,
	acquired INTEGER, direct INTEGER, PRIMARY KEY (account, grp)) WITHOUT ROWID

-- step: held_direct
INSERT INTO held
	SELECT e.member, e.grp, min(e.since), max(e.acquired), 1
	FROM chosen c CROSS JOIN edge e ON e.member = c.account
		CROSS JOIN grp g ON g.object = e.grp
	WHERE e.until = :open GROUP BY e.member, e.grp

-- step: held_nested
INSERT OR IGNORE INTO held
	SELECT c.account, p.grp, NULL, NULL, 0
	FROM chosen c CROSS JOIN privileged_path p ON p.object = c.account

-- step: dropped_rights
INSERT INTO dropped
	SELECT h.account, h.grp FROM held h CROSS JOIN grp g ON g.object = h.grp
		CROSS JOIN object o ON o.id = h.grp
		LEFT JOIN group_fact f ON f.object = h.grp AND f.until = :open
	WHERE EXISTS (SELECT 1 FROM campaign_scope WHERE campaign = :campaign
			AND what IN ('group', 'privileged'))
		AND NOT (in_scope('group', g.name, f.dn, o.key)
			AND in_scope('privileged', CASE WHEN g.privileged THEN 'yes' ELSE 'no' END))
		AND (EXISTS (SELECT 1 FROM wide) OR (included('group', g.name, f.dn, o.key)
			AND included('privileged', CASE WHEN g.privileged THEN 'yes' ELSE 'no' END)))

-- step: held_scope
DELETE FROM held WHERE (account, grp) IN (
	SELECT h.account, h.grp FROM held h CROSS JOIN grp g ON g.object = h.grp
		CROSS JOIN object o ON o.id = h.grp
		LEFT JOIN group_fact f ON f.object = h.grp AND f.until = :open
	WHERE NOT in_scope('group', g.name, f.dn, o.key)
		OR NOT in_scope('privileged', CASE WHEN g.privileged THEN 'yes' ELSE 'no' END))

-- step: flaw
-- Open findings of accounts and of what they hold; grp -1: of the account.
-- weight counts hits alone, and none that an exception covers; from 2 on
-- (medium) an item is flagged.
CREATE TEMP TABLE flaw (account INTEGER, grp INTEGER, finding INTEGER,
	weight INTEGER, medium INTEGER, first INTEGER,
	PRIMARY KEY (account, grp, finding)) WITHOUT ROWID

-- step: flaw_rows
INSERT INTO flaw
	SELECT c.account,
		ifnull(CASE WHEN f.about LIKE 'right:%' THEN (SELECT h.grp FROM object o
			JOIN held h ON h.account = c.account AND h.grp = o.id
			WHERE o.source = a.source AND o.kind = 1
				AND o.key = substr(f.about, 7)) END, -1),
		f.id,
		CASE WHEN f.state <> 'hit' OR f.exception = 1 THEN 0
			ELSE CASE f.severity WHEN 'critical' THEN 5 WHEN 'high' THEN 3
				WHEN 'medium' THEN 2 WHEN 'low' THEN 1 ELSE 0 END END,
		f.severity IN ('critical', 'high', 'medium'), f.first_run
	FROM chosen c CROSS JOIN account a ON a.object = c.account
		CROSS JOIN finding f ON f.subject = c.account
	WHERE f.closed_run IS NULL

-- step: flaw_sum
CREATE TEMP TABLE flaw_sum (account INTEGER, grp INTEGER, weight INTEGER,
	medium INTEGER, first INTEGER, PRIMARY KEY (account, grp)) WITHOUT ROWID

-- step: flaw_sum_rows
INSERT INTO flaw_sum SELECT account, grp, max(weight), max(medium), max(first)
	FROM flaw GROUP BY account, grp

-- step: held_as_such
-- The account as such is asked about where it has no right, nobody or several
-- answer for it, and where it has findings of its own.
INSERT INTO held
	SELECT c.account, 0, NULL, NULL, 1
	FROM chosen c CROSS JOIN account a ON a.object = c.account
	WHERE (a.person IS NULL OR a.service
			OR ifnull(a.registered, '') = 'shared'
			OR EXISTS (SELECT 1 FROM flaw_sum w WHERE w.account = c.account
				AND w.grp = -1 AND w.weight >= 2)
			OR NOT EXISTS (SELECT 1 FROM held h WHERE h.account = c.account))
		AND in_scope('group', NULL)
		AND in_scope('privileged', CASE WHEN a.privileged = 0 THEN 'no' ELSE 'yes' END)

-- step: dropped_rule
INSERT INTO dropped SELECT account, grp FROM held
	WHERE EXISTS (SELECT 1 FROM campaign_scope
			WHERE campaign = :campaign AND what = 'rule')
		AND (EXISTS (SELECT 1 FROM wide) AND NOT EXISTS (SELECT 1
				FROM flaw w JOIN finding f ON f.id = w.finding
				WHERE w.account = held.account AND w.grp IN (-1, held.grp)
					AND included('rule', f.rule))
				AND EXISTS (SELECT 1 FROM campaign_scope
					WHERE campaign = :campaign AND what = 'rule' AND include)
			OR EXISTS (SELECT 1 FROM flaw w JOIN finding f ON f.id = w.finding
				WHERE w.account = held.account AND w.grp IN (-1, held.grp)
					AND included('rule', f.rule) AND NOT in_scope('rule', f.rule)))

-- step: held_rule
DELETE FROM held WHERE EXISTS (SELECT 1 FROM campaign_scope
		WHERE campaign = :campaign AND what = 'rule' AND include)
	AND NOT EXISTS (SELECT 1 FROM flaw w JOIN finding f ON f.id = w.finding
		WHERE w.account = held.account AND w.grp IN (-1, held.grp)
			AND in_scope('rule', f.rule))

-- step: held_rule_not
DELETE FROM held WHERE EXISTS (SELECT 1 FROM campaign_scope
		WHERE campaign = :campaign AND what = 'rule' AND NOT include)
	AND EXISTS (SELECT 1 FROM flaw w JOIN finding f ON f.id = w.finding
		WHERE w.account = held.account AND w.grp IN (-1, held.grp)
			AND NOT in_scope('rule', f.rule))

-- ---- What was said of them before ----

-- step: earlier
CREATE TEMP TABLE earlier AS
	SELECT f.campaign, f.run FROM campaign_freeze f WHERE f.campaign < :campaign
		AND NOT EXISTS (SELECT 1 FROM campaign_end e
			WHERE e.campaign = f.campaign AND e.how = 'cancelled')

-- step: last
CREATE TEMP TABLE last (account INTEGER, grp INTEGER, campaign INTEGER,
	item INTEGER, run INTEGER, decision TEXT, reviewer TEXT, at INTEGER,
	grade TEXT, effective INTEGER, carried INTEGER,
	PRIMARY KEY (account, grp)) WITHOUT ROWID

-- step: last_rows
INSERT INTO last (account, grp, campaign, item, run)
	SELECT h.account, h.grp, max(e.campaign), i.n, e.run
	FROM held h CROSS JOIN item i
		ON i.account = h.account AND i."right" IS nullif(h.grp, 0)
		CROSS JOIN earlier e ON e.campaign = i.campaign
	WHERE EXISTS (SELECT 1 FROM earlier)
	GROUP BY h.account, h.grp

-- step: last_decision
-- carried: among unchanged ones, at one stroke; that is not done twice in a row.
UPDATE last SET decision = d.decision, reviewer = d.reviewer, at = d.at,
		grade = d.grade, effective = d.effective, carried = d.carried
	FROM (SELECT l.account, l.grp, v.decision, v.reviewer, a.at, v.grade,
			v.effective, v.grouped AND q.kind = 'unchanged' AND q.items > 1 AS carried
		FROM last l CROSS JOIN item_decision v
			ON v.campaign = l.campaign AND v.item = l.item
			JOIN act a ON a.id = v.act
			JOIN question q ON q.campaign = v.campaign AND q.n = v.question) d
	WHERE last.account = d.account AND last.grp = d.grp

-- step: compared
-- Sources that the campaign before had: what they show anew is new.
CREATE TEMP TABLE compared AS
	SELECT DISTINCT s.id AS source FROM campaign_source c
		JOIN main.source s ON s.name = c.source
	WHERE c.campaign = :compare AND c.accounts > 0

-- ---- What they have in common ----

-- step: department
CREATE TEMP TABLE department (id INTEGER PRIMARY KEY, name TEXT UNIQUE)

-- step: department_rows
INSERT INTO department (name) SELECT DISTINCT department FROM person_now
	WHERE department IS NOT NULL ORDER BY 1

-- step: held_right
CREATE TEMP TABLE held_right (grp INTEGER PRIMARY KEY, alike INTEGER,
	leads INTEGER, privileged INTEGER, name_en TEXT, name_zh TEXT, owner TEXT)

-- step: held_right_rows
-- alike: the same right of another host. leads: to a privileged one.
INSERT INTO held_right
	SELECT g.object,
		CASE WHEN g.host IS NULL THEN g.object ELSE min(g.object) OVER (
			PARTITION BY g.source, g.kind, g.name, g.privileged, f.detail) END,
		EXISTS (SELECT 1 FROM privileged_path p WHERE p.object = g.object),
		NULL, NULL, NULL, nullif(g.owner, '')
	FROM (SELECT DISTINCT grp FROM held WHERE grp > 0) h
		CROSS JOIN grp g ON g.object = h.grp
		LEFT JOIN group_fact f ON f.object = g.object AND f.until = :open

-- step: held_right_privileged
UPDATE held_right SET privileged = (
	SELECT CASE WHEN g.privileged OR held_right.leads THEN 1
		WHEN s.privilege_known THEN 0 END
	FROM grp g JOIN source_now s ON s.source = g.source
	WHERE g.object = held_right.grp)

-- step: held_right_names
UPDATE held_right SET name_en = r.name_en, name_zh = r.name_zh,
		owner = ifnull(nullif(r.owner, ''), held_right.owner)
	FROM right_name r JOIN group_fact f ON r."right" IN (f.name, f.dn)
	WHERE r.until = :open AND f.until = :open AND f.object = held_right.grp

-- step: held_right_keys
UPDATE held_right SET name_en = r.name_en, name_zh = r.name_zh,
		owner = ifnull(nullif(r.owner, ''), held_right.owner)
	FROM right_name r JOIN object o ON o.key = r."right" AND o.kind = 1
	WHERE r.until = :open AND o.id = held_right.grp

-- step: share
-- How many settled persons of each department hold a right.
CREATE TEMP TABLE share (grp INTEGER, place INTEGER, holders INTEGER,
	PRIMARY KEY (grp, place)) WITHOUT ROWID

-- step: share_rows
INSERT INTO share
	SELECT r.grp, s.place, count(DISTINCT s.person)
	FROM held_right r CROSS JOIN edge e ON e.grp = r.grp
		CROSS JOIN settled_account s ON s.object = e.member
	WHERE e.until = :open GROUP BY 1, 2

-- step: settled_place_index
CREATE INDEX temp.settled_place_by_department ON settled_place (department, place)

-- step: owned
-- Who answers for an account that is nobody's, or a program's, or shared.
CREATE TEMP TABLE owned (account INTEGER PRIMARY KEY, alike INTEGER, owner TEXT,
	confirmed INTEGER, system TEXT)

-- step: owned_rows
INSERT INTO owned
	SELECT a.object,
		CASE WHEN a.host IS NOT NULL THEN
				min(a.object) OVER (PARTITION BY a.source, a.host IS NULL, a.name)
			WHEN a.kind IN ('machine', 'trust') THEN
				min(a.object) OVER (PARTITION BY a.source, a.host IS NULL, a.kind)
			ELSE a.object END,
		ifnull((SELECT r.owner FROM registered r WHERE r.account = lower(a.name)
				AND ifnull(r.source, '') IN ('', s.name) AND r.owner <> ''
			ORDER BY ifnull(r.confirmed, 0) DESC, r.owner LIMIT 1), nullif(f.owner, '')),
		(SELECT max(r.confirmed) FROM registered r WHERE r.account = lower(a.name)
			AND ifnull(r.source, '') IN ('', s.name) AND r.owner <> ''),
		p.owner
	FROM (SELECT DISTINCT account FROM held) h
		CROSS JOIN account a ON a.object = h.account
		CROSS JOIN source_now s ON s.source = a.source
		CROSS JOIN fact f ON f.object = a.object
		CROSS JOIN place p ON p.source = a.source AND p.host = ifnull(a.host, '')
	WHERE a.person IS NULL OR a.service OR a.registered IS NOT NULL
		OR a.host IS NOT NULL

-- step: owner_text
-- Owners as they are spelt: an employee number, or the DN of an account.
CREATE TEMP TABLE owner_text (id INTEGER PRIMARY KEY, text TEXT UNIQUE,
	low TEXT, employee TEXT)

-- step: owner_text_rows
INSERT INTO owner_text (text, low, employee)
	SELECT t.text, lower(t.text), (SELECT p.employee FROM main.person p
		WHERE p.employee = t.text) FROM (
		SELECT owner AS text FROM owned WHERE owner IS NOT NULL
		UNION SELECT system FROM owned WHERE system IS NOT NULL
		UNION SELECT owner FROM held_right WHERE owner IS NOT NULL) t

-- step: owner_text_index
CREATE INDEX temp.owner_text_by_low ON owner_text (low)

-- step: owner_text_names
UPDATE owner_text SET employee = w.employee
	FROM fact f CROSS JOIN owner_text t ON t.low = lower(f.dn)
		CROSS JOIN person_of o ON o.object = f.object
		CROSS JOIN person_now w ON w.person = o.person
	WHERE owner_text.id = t.id AND owner_text.employee IS NULL
		AND EXISTS (SELECT 1 FROM owner_text WHERE employee IS NULL)

-- ---- The items ----

-- step: picked
-- way, a, b, c: what it is asked together with; next, d, e, f: else with that.
CREATE TEMP TABLE picked (row INTEGER PRIMARY KEY, account INTEGER, grp INTEGER,
	employee TEXT, key TEXT, privileged INTEGER, weight INTEGER,
	flaws INTEGER, novelty INTEGER, low INTEGER, rank INTEGER,
	peers INTEGER, holding INTEGER, fresh INTEGER,
	way TEXT, a INTEGER, b INTEGER, c INTEGER,
	next TEXT, d INTEGER, e INTEGER, f INTEGER)

-- step: picked_rows
INSERT INTO picked (account, grp, employee, key, privileged, weight, flaws,
		novelty, low, peers, holding, fresh, way, a, b, c, next, d, e, f)
	SELECT h.account, h.grp, w.employee,
		s.name || char(9) || o.key || ifnull(char(9) || ro.key, ''),
		CASE WHEN h.grp = 0 THEN a.privileged ELSE r.privileged END,
		max(ifnull(x.weight, 0), ifnull(y.weight, 0)),
		x.weight IS NOT NULL OR y.weight IS NOT NULL,
		-- The account as such is asked about anew where it has new findings.
		CASE WHEN l.campaign IS NULL THEN CASE WHEN h.grp = 0 AND EXISTS (
				SELECT 1 FROM last k WHERE k.account = h.account) THEN 2 ELSE 3 END
			WHEN max(ifnull(x.first, 0), ifnull(y.first, 0)) > l.run THEN 2
			ELSE 1 END,
		ifnull(r.privileged = 0 AND NOT max(ifnull(x.medium, 0), ifnull(y.medium, 0))
			AND a.enabled = 1
			AND b.persons - (t.person IS NOT NULL) >= :peer_minimum
			AND q.holders - (t.person IS NOT NULL)
				>= :review_low_share * (b.persons - (t.person IS NOT NULL))
			AND :now - a.seen <= :review_low_used_days * :day, 0),
		b.persons - (t.person IS NOT NULL), q.holders - (t.person IS NOT NULL),
		l.campaign IS NULL AND a.source IN (SELECT source FROM compared)
			AND (h.grp > 0 OR NOT EXISTS (
				SELECT 1 FROM last k WHERE k.account = h.account)),
		CASE WHEN l.carried THEN 'single'
			WHEN x.weight >= 2 THEN 'account'
			WHEN h.grp > 0 AND a.person IS NOT NULL THEN 'template' END,
		CASE WHEN x.weight >= 2 THEN h.account ELSE ifnull(m.id, 0) END,
		CASE WHEN x.weight >= 2 THEN 0 ELSE ifnull(n.id, 0) END,
		CASE WHEN x.weight >= 2 THEN 0 ELSE r.alike END,
		CASE WHEN u.alike IS NOT NULL THEN 'template' END,
		CASE WHEN a.person IS NULL OR a.service THEN -ifnull(z.id, 0) ELSE a.person END,
		u.alike, ifnull(r.alike, 0)
	FROM held h CROSS JOIN account a ON a.object = h.account
		CROSS JOIN source_now s ON s.source = a.source
		CROSS JOIN object o ON o.id = h.account
		LEFT JOIN object ro ON ro.id = h.grp AND h.grp > 0
		LEFT JOIN held_right r ON r.grp = h.grp
		LEFT JOIN flaw_sum x ON x.account = h.account AND x.grp = -1
		LEFT JOIN flaw_sum y ON y.account = h.account AND y.grp = h.grp
		LEFT JOIN last l ON l.account = h.account AND l.grp = h.grp
		LEFT JOIN person_now w ON w.person = a.person
		LEFT JOIN main.person m ON m.employee = w.manager
		LEFT JOIN department n ON n.name = w.department
		LEFT JOIN peers b ON b.department = w.department
		LEFT JOIN settled_place k ON k.department = w.department
		LEFT JOIN share q ON q.grp = h.grp AND q.place = k.place
		LEFT JOIN settled t ON t.person = a.person AND t.department = w.department
		LEFT JOIN owned u ON u.account = h.account
		LEFT JOIN owner_text z ON z.text = ifnull(u.owner, u.system)

-- step: picked_deviations
-- Of many alike, what is flagged or new is asked by itself.
UPDATE picked SET
	rank = (weight + CASE WHEN privileged = 1 THEN 5 ELSE 0 END) * novelty,
	way = CASE WHEN fresh THEN 'single'
		WHEN way = 'account' AND (grp = 0 OR (ifnull(privileged, 1) = 0
			AND NOT EXISTS (SELECT 1 FROM flaw_sum y WHERE y.account = picked.account
				AND y.grp = picked.grp AND y.weight >= 2))) THEN 'account'
		WHEN weight >= 2 OR way = 'account' THEN 'single'
		ELSE way END

-- step: picked_next
UPDATE picked SET next = NULL WHERE way IN ('single', 'account')

-- step: picked_unchanged
-- Of low risk and kept last time: one stroke, one right, one who answers.
UPDATE picked SET way = 'unchanged', b = 0
	FROM last l WHERE l.account = picked.account AND l.grp = picked.grp
		AND picked.low AND picked.novelty = 1 AND picked.way = 'template'
		AND l.decision = 'keep' AND l.effective

-- step: bunch
CREATE TEMP TABLE bunch (way TEXT, a INTEGER, b INTEGER, c INTEGER,
	PRIMARY KEY (way, a, b, c)) WITHOUT ROWID

-- step: bunch_rows
INSERT INTO bunch
	SELECT way, a, b, c FROM picked WHERE way <> 'single'
		AND (way <> 'template' OR a > 0 OR b > 0)
	GROUP BY way, a, b, c
	HAVING count(*) >= CASE way WHEN 'template' THEN :review_template_items ELSE 2 END

-- step: bunched
CREATE TEMP TABLE bunched (row INTEGER PRIMARY KEY, way TEXT, a INTEGER,
	b INTEGER, c INTEGER)

-- step: bunched_first
INSERT INTO bunched
	SELECT p.row, p.way, p.a, p.b, p.c FROM picked p
		CROSS JOIN bunch b ON b.way = p.way AND b.a = p.a AND b.b = p.b AND b.c = p.c

-- step: bunch_next
INSERT INTO bunch
	SELECT 'hosts', d, e, f FROM picked WHERE next IS NOT NULL
		AND row NOT IN (SELECT row FROM bunched)
	GROUP BY d, e, f HAVING count(*) >= :review_template_items

-- step: bunched_next
INSERT OR IGNORE INTO bunched
	SELECT p.row, 'hosts', p.d, p.e, p.f FROM picked p
		CROSS JOIN bunch b ON b.way = 'hosts' AND b.a = p.d AND b.b = p.e AND b.c = p.f
	WHERE p.next IS NOT NULL

-- step: bunched_single
INSERT OR IGNORE INTO bunched SELECT row, 'single', row, 0, 0 FROM picked

-- step: asked
CREATE TEMP TABLE asked (n INTEGER PRIMARY KEY, way TEXT, a INTEGER, b INTEGER,
	c INTEGER, first INTEGER, items INTEGER, rank INTEGER, novelty INTEGER,
	key TEXT, privileged INTEGER, flagged INTEGER, low INTEGER)

-- step: asked_rows
-- In the order of asking: risk times novelty, then the key.
INSERT INTO asked (way, a, b, c, first, items, rank, novelty, key, privileged,
		flagged, low)
	SELECT b.way, b.a, b.b, b.c, min(b.row), count(*), max(p.rank) AS rank,
		max(p.novelty) AS novelty, min(p.key) AS key,
		max(ifnull(p.privileged, 1)), max(p.weight >= 2), min(p.low)
	FROM bunched b CROSS JOIN picked p ON p.row = b.row
	GROUP BY b.way, b.a, b.b, b.c ORDER BY rank DESC, novelty DESC, key

-- step: asked_index
CREATE UNIQUE INDEX temp.asked_by_way ON asked (way, a, b, c, n)

-- step: ordered
CREATE TEMP TABLE ordered (n INTEGER PRIMARY KEY, row INTEGER, question INTEGER)

-- step: ordered_rows
INSERT INTO ordered (row, question)
	SELECT b.row, q.n FROM bunched b
		CROSS JOIN asked q ON q.way = b.way AND q.a = b.a AND q.b = b.b AND q.c = b.c
		CROSS JOIN picked p ON p.row = b.row
	ORDER BY q.n, p.key

-- step: right_text
-- A right in words, with what its source calls it.
CREATE TEMP TABLE right_text (grp INTEGER PRIMARY KEY, en TEXT, zh TEXT)

-- step: right_text_rows
INSERT INTO right_text
	SELECT r.grp, 'the right ' || ifnull(coalesce(r.name_en, r.name_zh)
			|| ' (' || g.name || ')', g.name),
		'存取權限「' || ifnull(coalesce(r.name_zh, r.name_en)
			|| ' (' || g.name || ')', g.name) || '」'
	FROM held_right r JOIN grp g ON g.object = r.grp
	UNION ALL SELECT 0, 'the account itself', '帳號本身'

-- step: question
-- Of several the title says what they have in common, for those who do not
-- know how directories name things; and how many accounts or items they are.
INSERT INTO question (campaign, n, kind, title, title_zh, items, rank,
		privileged, flagged, low)
	SELECT :campaign, q.n, CASE q.way WHEN 'hosts' THEN 'template' ELSE q.way END,
		CASE q.way WHEN 'single' THEN ''
			WHEN 'account' THEN 'account ' || ifnull(a.name, '?') || ', '
				|| q.items || ' items of it'
			WHEN 'unchanged' THEN q.items || ' accounts with ' || t.en
				|| ', kept last time'
			WHEN 'template' THEN q.items || ' accounts of '
				|| ifnull('department ' || d.name, 'people under ' || ifnull(m.name, '?'))
				|| ' with ' || t.en
			ELSE CASE WHEN a.kind IN ('machine', 'trust')
				THEN q.items || ' accounts of machines: '
				ELSE 'account ' || ifnull(a.name, '?') || ' on ' || q.items
					|| ' hosts: ' END || t.en END,
		CASE q.way WHEN 'single' THEN ''
			WHEN 'account' THEN '帳號 ' || ifnull(a.name, '?') || ' 之 '
				|| q.items || ' 項'
			WHEN 'unchanged' THEN '前次審查保留之 ' || q.items || ' 個帳號，均具'
				|| t.zh
			WHEN 'template' THEN ifnull(d.name, ifnull(m.name, '?') || ' 所屬')
				|| ' 人員之 ' || q.items || ' 個帳號，均具' || t.zh
			ELSE CASE WHEN a.kind IN ('machine', 'trust')
				THEN q.items || ' 個電腦帳號：'
				ELSE q.items || ' 台主機上之帳號 ' || ifnull(a.name, '?') || '：' END
				|| t.zh END,
		q.items, q.rank, q.privileged, q.flagged, q.low
	FROM asked q CROSS JOIN picked p ON p.row = q.first
		CROSS JOIN account a ON a.object = p.account
		LEFT JOIN right_text t ON t.grp = p.grp
		LEFT JOIN department d ON d.id = q.b AND q.way = 'template'
		LEFT JOIN person_now m ON m.person = q.a AND q.way = 'template'
	ORDER BY q.n

-- step: first_pull
CREATE TEMP TABLE first_pull AS
	SELECT source, min(id) AS pull FROM pull WHERE state = 'applied' GROUP BY source

-- step: granted
-- The newest approval of each right that is in the campaign.
CREATE TEMP TABLE granted (account INTEGER, grp INTEGER, ticket TEXT,
	at INTEGER, PRIMARY KEY (account, grp)) WITHOUT ROWID

-- step: granted_rows
INSERT OR REPLACE INTO granted
	SELECT h.account, h.grp, v.ticket, v.not_before
	FROM approval v CROSS JOIN account a ON lower(a.name) = lower(v.account)
		CROSS JOIN held h ON h.account = a.object
		CROSS JOIN object o ON o.id = h.grp
		LEFT JOIN group_fact f ON f.object = h.grp AND f.until = :open
	WHERE v.until = :open AND v."right" IN (o.key, f.name, f.dn)
	ORDER BY ifnull(v.not_before, 0), v.ticket

-- step: item
INSERT INTO item (act, campaign, n, question, key, account, "right", person,
		privileged, severity, novelty, low, rank, facts)
	SELECT :act, :campaign, d.n, d.question, p.key, p.account, nullif(p.grp, 0),
		p.employee, p.privileged,
		CASE p.weight WHEN 5 THEN 'critical' WHEN 3 THEN 'high'
			WHEN 2 THEN 'medium' WHEN 1 THEN 'low' ELSE '' END,
		CASE p.novelty WHEN 3 THEN 'new' WHEN 2 THEN 'finding' ELSE 'unchanged' END,
		p.low, p.rank,
		facts_json(
			'source', s.name,
			'class', CASE WHEN e.core THEN 'core' ELSE 'other' END,
			'host', a.host, 'account', a.name, 'display', f.display,
			'=enabled', CASE a.enabled WHEN 1 THEN 'true' WHEN 0 THEN 'false' END,
			'person', w.name, 'employee', w.employee,
			'department', coalesce(w.department, CASE WHEN w.person IS NULL THEN f.department END),
			'title', w.title, 'status', w.status,
			'owner', ifnull(t.employee, u.owner),
			'=owner_confirmed', CASE WHEN u.owner IS NULL THEN NULL
				WHEN :now - u.confirmed <= :owner_confirmed_days * :day THEN 'true'
				ELSE 'false' END,
			'system_owner', ifnull(y.employee, u.system),
			'right', g.name, 'right_en', r.name_en, 'right_zh', r.name_zh,
			'right_kind', g.kind, 'right_owner', ifnull(z.employee, r.owner),
			'description', CASE WHEN p.grp > 0 THEN gf.description ELSE f.description END,
			'=path', CASE WHEN p.grp > 0 THEN ifnull(
				CASE WHEN g.privileged THEN path_json(p.account, p.grp) END,
				json_array(g.name)) END,
			'ways', CASE WHEN p.grp > 0 AND g.privileged THEN
				(SELECT count(DISTINCT x.grp) FROM edge x WHERE x.member = p.account
					AND x.until = :open AND (x.grp = p.grp OR EXISTS (
						SELECT 1 FROM holder v WHERE v.grp = p.grp AND v.member = x.grp)))
				WHEN p.grp > 0 THEN 1 END,
			'acquired', when_text(coalesce(h.acquired, v.at,
				CASE WHEN h.since > i.pull THEN l.started END)),
			'acquired_how', CASE WHEN v.ticket IS NOT NULL THEN 'approval'
				WHEN h.acquired IS NOT NULL THEN 'directory'
				WHEN h.since > i.pull THEN 'pull' END,
			'ticket', v.ticket,
			'used', when_text(n.seen), 'used_attribute', CASE WHEN n.seen IS NOT NULL THEN n.attribute END,
			'used_resolution', CASE WHEN n.seen IS NOT NULL THEN n.resolution END,
			'=used_certain', CASE WHEN n.seen IS NULL THEN NULL
				WHEN n.resolution = 0 THEN 'true' ELSE 'false' END,
			'peers', CASE WHEN p.grp > 0 THEN p.peers END,
			'peers_holding', CASE WHEN p.grp > 0 AND p.peers IS NOT NULL THEN ifnull(p.holding, 0) END,
			'=findings', CASE WHEN p.flaws THEN (
				SELECT '[' || group_concat(finding_json(o.id, o.rule, o.state,
					o.severity, o.exception, o.evidence)) || ']'
				FROM flaw x CROSS JOIN finding o ON o.id = x.finding
				WHERE x.account = p.account AND x.grp IN (-1, p.grp)) END,
			'=last', CASE WHEN b.decision IS NOT NULL THEN facts_json(
				'decision', b.decision, 'by', b.reviewer, 'at', when_text(b.at),
				'campaign', (SELECT c.name FROM campaign c WHERE c.id = b.campaign),
				'grade', b.grade) END)
	FROM ordered d CROSS JOIN picked p ON p.row = d.row
		CROSS JOIN account a ON a.object = p.account
		CROSS JOIN fact f ON f.object = p.account
		CROSS JOIN source_now s ON s.source = a.source
		CROSS JOIN place e ON e.source = a.source AND e.host = ifnull(a.host, '')
		CROSS JOIN held h ON h.account = p.account AND h.grp = p.grp
		LEFT JOIN first_pull i ON i.source = a.source
		LEFT JOIN pull l ON l.id = h.since
		LEFT JOIN person_now w ON w.person = a.person
		LEFT JOIN owned u ON u.account = p.account
		LEFT JOIN owner_text t ON t.text = u.owner
		LEFT JOIN owner_text y ON y.text = u.system
		LEFT JOIN grp g ON g.object = p.grp
		LEFT JOIN group_fact gf ON gf.object = p.grp AND gf.until = :open
		LEFT JOIN held_right r ON r.grp = p.grp
		LEFT JOIN owner_text z ON z.text = r.owner
		LEFT JOIN granted v ON v.account = p.account AND v.grp = p.grp
		LEFT JOIN seen n ON n.object = p.account
		LEFT JOIN last b ON b.account = p.account AND b.grp = p.grp
	ORDER BY d.n

-- ---- What they come from ----

-- step: reviewed
CREATE TEMP TABLE reviewed (source INTEGER, host TEXT, accounts INTEGER,
	rights INTEGER, PRIMARY KEY (source, host)) WITHOUT ROWID

-- step: reviewed_rows
INSERT INTO reviewed
	SELECT a.source, ifnull(a.host, ''), count(DISTINCT p.account),
		count(DISTINCT nullif(p.grp, 0))
	FROM picked p CROSS JOIN account a ON a.object = p.account GROUP BY 1, 2

-- step: dropped_place
CREATE TEMP TABLE dropped_place (source INTEGER, host TEXT, accounts INTEGER,
	rights INTEGER, PRIMARY KEY (source, host)) WITHOUT ROWID

-- step: dropped_place_rows
INSERT INTO dropped_place
	SELECT a.source, ifnull(a.host, ''), sum(d.grp = -1), sum(d.grp >= 0)
	FROM dropped d CROSS JOIN account a ON a.object = d.account GROUP BY 1, 2

-- step: campaign_source
-- 'excluded': accounts or rights of a core place are left out, which two
-- persons sign.
INSERT INTO campaign_source (act, campaign, source, host, core, pull, at,
		complete, reason, accounts, rights, excluded, excluded_rights, novelty)
	SELECT :act, :campaign, s.name, p.host, p.core, p.pull, p.at, p.complete,
		CASE WHEN p.core AND (p.complete AND d.source IS NOT NULL
				OR EXISTS (SELECT 1 FROM wide)
				AND EXISTS (SELECT 1 FROM campaign_scope WHERE campaign = :campaign)
				AND (NOT in_scope('source', s.name) OR NOT in_scope('class', 'core')
					OR p.complete AND p.accounts > ifnull(r.accounts, 0)))
			THEN 'excluded'
			WHEN NOT in_scope('source', s.name) OR NOT in_scope('class',
			CASE WHEN p.core THEN 'core' ELSE 'other' END) THEN 'out-of-scope'
			ELSE p.reason END,
		ifnull(r.accounts, 0), ifnull(r.rights, 0),
		p.accounts - ifnull(r.accounts, 0), ifnull(d.rights, 0),
		CASE WHEN :compare = 0 OR EXISTS (SELECT 1 FROM campaign_source c
			WHERE c.campaign = :compare AND c.source = s.name AND c.host = p.host)
			THEN '' ELSE 'new' END
	FROM place p JOIN main.source s ON s.id = p.source
		LEFT JOIN reviewed r ON r.source = p.source AND r.host = p.host
		LEFT JOIN dropped_place d ON d.source = p.source AND d.host = p.host
	ORDER BY s.name, p.host

-- step: campaign_source_gone
-- A host that was said to be retired is gone, and nothing is missing: one that
-- is not read though it should be is among the places.
INSERT OR IGNORE INTO campaign_source (act, campaign, source, host, core, pull,
		at, complete, reason, accounts, rights, excluded, excluded_rights, novelty)
	SELECT :act, :campaign, c.source, c.host, c.core, NULL, NULL,
		ifnull((SELECT n.complete FROM source_now n WHERE n.name = c.source), 0),
		'gone', 0, 0, 0, 0, 'gone'
	FROM campaign_source c WHERE c.campaign = :compare AND c.novelty <> 'gone'
	ORDER BY c.source, c.host

-- step: campaign_freeze
INSERT INTO campaign_freeze (act, campaign, state, run, profile, accounts,
		excluded, items, questions)
	SELECT :act, :campaign, r.state, r.id, r.profile,
		(SELECT count(DISTINCT account) FROM picked),
		(SELECT count(*) FROM account) - (SELECT count(DISTINCT account) FROM picked),
		(SELECT count(*) FROM picked), (SELECT count(*) FROM asked)
	FROM check_run r WHERE r.id = :run
