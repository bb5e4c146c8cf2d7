-- Trails: what was imported, and signs of use; see review/use_import.h.

-- name: trail_seen
SELECT 1 FROM trail_import WHERE digest = :digest AND form = :form LIMIT 1

-- name: trail_import_add
INSERT INTO trail_import (at, host, file, form, digest, first, last, at_last,
	records, refused, verified, head)
VALUES (:at, :host, :file, :form, :digest, :first, :last, :at_last,
	:records, :refused, :verified, :head)

-- name: trail_spans
-- What of that host was imported from files of that form.
SELECT first, last, at_last FROM trail_import
WHERE host = :host AND form = :form AND first IS NOT NULL
ORDER BY first

-- name: trail_span_add
INSERT INTO trail_span (import, host, first, last, broken)
VALUES (:import, :host, :first, :last, :broken)
ON CONFLICT DO UPDATE SET last = max(last, excluded.last)

-- name: use_key
SELECT key FROM use_key

-- name: use_key_add
INSERT INTO use_key (id, key) VALUES (1, :key)

-- name: use_part_add
INSERT INTO use_part (host, at, class, name, mask, service, key, origin, form,
	elsewhere, count, first, last)
VALUES (:host, :at, :class, :name, :mask, :service, :key, :origin, :form,
	:elsewhere, :count, :first, :last)
ON CONFLICT (host, at, class, name, mask, service, key, origin, form)
DO UPDATE SET
	elsewhere = max(elsewhere, excluded.elsewhere),
	count = count + excluded.count,
	first = min(first, excluded.first),
	last = max(last, excluded.last)

-- name: use_day_add
INSERT INTO use_day (host, name, day, service, key, origin, result, sessions,
	first, last, hours, overlaps)
VALUES (:host, :name, :day, :service, :key, :origin, :result, :sessions,
	:first, :last, :hours, :overlaps)
ON CONFLICT (name, host, day, service, key, origin, result) DO UPDATE SET
	sessions = sessions + excluded.sessions,
	first = min(first, excluded.first),
	last = max(last, excluded.last),
	hours = hours | excluded.hours,
	overlaps = overlaps + excluded.overlaps

-- name: use_day_has_name
SELECT 1 FROM use_day WHERE name = :name AND result = 'success' LIMIT 1

-- name: account_names
SELECT DISTINCT name FROM account_fact WHERE name IS NOT NULL ORDER BY name

-- name: use_day_unmatched
SELECT 1 FROM use_day WHERE object IS NULL AND name <> '' LIMIT 1

-- name: use_day_match
-- Whose a name on a host is: the account of that host; else the one account
-- of that name in directories of the host's realm; else in all directories.
-- Two of the same rank are nobody's. "alice@corp.example" is also "alice".
WITH names AS MATERIALIZED (
	SELECT DISTINCT host, name, lower(name) AS low FROM use_day
	WHERE object IS NULL AND name <> ''
	UNION
	SELECT DISTINCT host, name, lower(substr(name, 1, instr(name, '@') - 1))
	FROM use_day WHERE object IS NULL AND instr(name, '@') > 1
), realms AS MATERIALIZED (
	SELECT DISTINCT lower(f.host) AS host, s.realm AS realm
	FROM account_fact f JOIN object o ON o.id = f.object
	JOIN source s ON s.id = o.source
	WHERE f.host IS NOT NULL AND f.until = 9223372036854775807
), candidates AS MATERIALIZED (
	SELECT n.host AS host, n.name AS name, f.object AS object,
		CASE WHEN f.host IS NOT NULL THEN 0
		WHEN EXISTS (SELECT 1 FROM realms r
			WHERE r.host = lower(n.host) AND r.realm = s.realm)
		THEN 1 ELSE 2 END AS rank
	FROM account_fact f CROSS JOIN names n ON n.low = lower(f.name)
	JOIN object o ON o.id = f.object
	JOIN source s ON s.id = o.source
	WHERE f.until = 9223372036854775807 AND f.kind = 'user'
	AND CASE WHEN f.host IS NULL THEN s.url LIKE 'ld%'
		ELSE lower(f.host) = lower(n.host) AND f.name = n.name END
), ranked AS (
	SELECT host, name, rank, min(object) AS object,
		count(DISTINCT object) AS many
	FROM candidates GROUP BY host, name, rank
), best AS (
	SELECT host, name, object, many, min(rank) FROM ranked
	GROUP BY host, name
)
UPDATE use_day SET object = best.object FROM best
WHERE use_day.object IS NULL AND use_day.name = best.name
	AND use_day.host = best.host AND best.many = 1

-- name: host_pin
SELECT key, size, root FROM host_pin WHERE host = :host

-- name: host_pin_confirm
UPDATE host_pin SET confirmed = :by WHERE host = :host

-- name: host_pin_forget
DELETE FROM host_pin WHERE host = :host

-- name: host_pin_set
INSERT INTO host_pin (host, key, pinned, size, root)
VALUES (:host, :key, :at, :size, :root)
ON CONFLICT (host) DO UPDATE SET size = excluded.size, root = excluded.root
