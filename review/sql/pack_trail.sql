-- Sessions that a pack quotes (review/pack_trail.c).

-- name: pack_trail_host
SELECT host, key, size, root FROM host_pin WHERE key = :key

-- name: pack_trail_asked
-- Whether a daily record asks to examine what that account did then.
SELECT 1 FROM daily d, json_each(d.facts, '$.sessions') s
WHERE d.source = :host AND d.day BETWEEN :day - 1 AND :day + 1
	AND s.value ->> '$.account' = :user
	AND :at BETWEEN unixepoch(s.value ->> '$.first')
		AND unixepoch(s.value ->> '$.last')
LIMIT 1
