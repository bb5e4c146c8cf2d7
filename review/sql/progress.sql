-- How far a campaign is. Parameters: :campaign, :open. See campaign.sql for
-- what is told of these tables.

-- step: stands
-- The newest word on each item; looked for once, since of millions it takes long.
CREATE TEMP TABLE stands AS
	SELECT question, act, decision, grade, effective, grouped FROM item_decision
	WHERE campaign = :campaign
		AND EXISTS (SELECT 1 FROM decision WHERE campaign = :campaign)

-- step: answered
-- What stands on each question. settled: on every item, whoever said it.
-- told: by a person. valid: it may have consequences.
CREATE TEMP TABLE answered (question INTEGER PRIMARY KEY, settled INTEGER,
	told INTEGER, valid INTEGER, silent INTEGER)

-- step: answered_rows
INSERT INTO answered
	SELECT d.question, count(*),
		sum(d.grade <> 'silent' OR d.effective), sum(d.effective),
		sum(d.grade = 'silent')
	FROM stands d WHERE d.decision <> 'not-mine'
	GROUP BY d.question

-- step: asking
CREATE TEMP TABLE asking (question INTEGER PRIMARY KEY, reviewer TEXT)

-- step: asking_rows
INSERT OR IGNORE INTO asking
	SELECT question, reviewer FROM assignment WHERE campaign = :campaign
	ORDER BY question, act DESC

-- step: progress
-- state: 0 undecided, 1 decided but without effect yet, 2 decided.
CREATE TEMP TABLE progress (question INTEGER PRIMARY KEY, reviewer TEXT,
	items INTEGER, privileged INTEGER, silent INTEGER, state INTEGER)

-- step: progress_rows
INSERT INTO progress
	SELECT q.n, ifnull(a.reviewer, ''), q.items, q.privileged, ifnull(d.silent, 0),
		CASE WHEN ifnull(d.settled, 0) < q.items THEN 0
			WHEN d.valid < q.items THEN 1 ELSE 2 END
	FROM question q LEFT JOIN answered d ON d.question = q.n
		LEFT JOIN asking a ON a.question = q.n
	WHERE q.campaign = :campaign

-- step: progress_index
CREATE INDEX temp.progress_by_reviewer ON progress (reviewer, state)

-- step: stroke
-- Each decision of a person that stands, and the seconds that an item took.
CREATE TEMP TABLE stroke AS
	SELECT d.reviewer, d.decision, d.seconds * 1.0 / d.bulk AS seconds
	FROM decision d WHERE d.campaign = :campaign AND d.grade <> 'silent'
		AND d.decision <> 'not-mine'
		AND NOT EXISTS (SELECT 1 FROM decision l WHERE l.campaign = d.campaign
			AND l.question = d.question AND l.item = d.item
			AND (l.act, l.n) > (d.act, d.n))

-- step: pace
CREATE TEMP TABLE pace (reviewer TEXT PRIMARY KEY, decisions INTEGER,
	keeps INTEGER, median REAL)

-- step: pace_rows
INSERT INTO pace
	SELECT reviewer, count(*), sum(decision = 'keep'),
		avg(CASE WHEN place IN ((timed + 1) / 2, (timed + 2) / 2) THEN seconds END)
	FROM (SELECT *, CASE WHEN seconds IS NOT NULL THEN
			row_number() OVER (PARTITION BY reviewer, seconds IS NULL
				ORDER BY seconds) END AS place,
			count(seconds) OVER (PARTITION BY reviewer) AS timed
		FROM stroke)
	GROUP BY reviewer
