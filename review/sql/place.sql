-- Where accounts are: sources and hosts, from the tables of views.sql, and
-- whether each was read as it should have been.

-- step: place
CREATE TEMP TABLE place (source INTEGER, host TEXT, pull INTEGER, at INTEGER,
	complete INTEGER, reason TEXT, core INTEGER, owner TEXT, accounts INTEGER,
	PRIMARY KEY (source, host)) WITHOUT ROWID

-- step: place_hosts
-- Hosts that the newest pull read, or should have read.
INSERT INTO place
	SELECT s.source, q.base, s.pull, s.at, min(q.complete),
		ifnull(max(q.incomplete), ''), s.core, NULL, 0
	FROM source_now s CROSS JOIN query q ON q.pull = s.pull
	WHERE q.what = 'host' GROUP BY s.source, q.base

-- step: place_accounts
INSERT INTO place
	SELECT s.source, ifnull(a.host, ''), s.pull, s.at, s.complete,
		CASE WHEN s.complete THEN '' ELSE ifnull(p.incomplete, '') END,
		s.core, NULL, count(*)
	FROM account a CROSS JOIN source_now s ON s.source = a.source
		CROSS JOIN pull p ON p.id = s.pull
	GROUP BY 1, 2
	ON CONFLICT DO UPDATE SET accounts = excluded.accounts

-- step: place_empty
-- A source without any account or host is a place as well.
INSERT INTO place
	SELECT s.source, '', s.pull, s.at, s.complete,
		CASE WHEN s.complete THEN '' ELSE ifnull(p.incomplete, '') END,
		s.core, NULL, 0
	FROM source_now s JOIN pull p ON p.id = s.pull
	WHERE s.source NOT IN (SELECT source FROM place)

-- step: place_never
INSERT INTO place
	SELECT s.id, '', NULL, NULL, 0, 'never-pulled', s.core, NULL, 0
	FROM main.source s WHERE s.id NOT IN (SELECT source FROM source_now)

-- step: place_registered
-- A host of the register of systems that no pull has read.
INSERT OR IGNORE INTO place
	SELECT s.id, y.host, NULL, NULL, 0, 'not-read', s.core, NULL, 0
	FROM main.system y JOIN main.source s ON s.name = y.source
	WHERE y.until = :open AND ifnull(y.host, '') <> ''
		AND EXISTS (SELECT 1 FROM place p WHERE p.source = s.id AND p.host <> '')
	GROUP BY s.id, y.host

-- step: place_late
-- Tried since, and not applied: what is here is older than it looks.
UPDATE place SET complete = 0, reason = (
		SELECT l.state FROM pull l WHERE l.source = place.source
			AND l.state <> 'running' ORDER BY l.id DESC LIMIT 1)
	WHERE complete AND (SELECT l.state FROM pull l WHERE l.source = place.source
		AND l.state <> 'running' ORDER BY l.id DESC LIMIT 1) <> 'applied'

-- step: place_old
UPDATE place SET complete = 0, reason = 'old'
	WHERE complete AND :now - at > :review_pull_days * :day

-- step: system_now
CREATE TEMP TABLE system_now AS
	SELECT ifnull(host, '') AS host, ifnull(source, '') AS source, class, owner
	FROM main.system WHERE until = :open

-- step: system_now_index
CREATE INDEX temp.system_now_by_host ON system_now (host, source)

-- step: place_system
-- What the register says of a host stands over what it says of the source.
UPDATE place SET core = ifnull((SELECT y.class = 'core' FROM system_now y, source_now s
		WHERE s.source = place.source AND y.host IN ('', place.host)
			AND y.source IN ('', s.name) AND y.host || y.source <> ''
		ORDER BY y.host <> '' DESC, y.source <> '' DESC, y.class LIMIT 1), core),
	owner = (SELECT y.owner FROM system_now y, source_now s
		WHERE s.source = place.source AND y.host IN ('', place.host)
			AND y.source IN ('', s.name) AND y.host || y.source <> ''
			AND y.owner <> ''
		ORDER BY y.host <> '' DESC, y.source <> '' DESC, y.owner LIMIT 1)
	WHERE EXISTS (SELECT 1 FROM system_now)
