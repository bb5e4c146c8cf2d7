-- Statements by name; see review/store.h. Those of pulls: what the store has,
-- and how it is brought to what a source delivered. 9223372036854775807 is
-- "until" of what still holds.

-- name: source_by_name
SELECT id, url, realm, core, product FROM source WHERE name = :name

-- name: source_add
INSERT INTO source (name, url, realm, core) VALUES (:name, :url, :realm, :core)

-- name: source_change
UPDATE source SET url = :url, realm = :realm, core = :core,
	product = ifnull(:product, product)
WHERE id = :source

-- name: cookies
SELECT name, value FROM cookie WHERE source = :source

-- name: cookies_forget
DELETE FROM cookie WHERE source = :source

-- name: cookie_keep
INSERT INTO cookie (source, name, value) VALUES (:source, :name, :value)
ON CONFLICT (source, name) DO UPDATE SET value = excluded.value

-- name: pull_next
SELECT ifnull(max(id), 0) + 1, ifnull(max(started), 0) FROM pull

-- name: pull_last_applied
SELECT id, started, mode, scope, accounts, groups, members FROM pull
WHERE source = :source AND state = 'applied'
ORDER BY id DESC LIMIT 1

-- name: pull_lost_since
-- What applied pulls lost since then, and since two persons let one through.
SELECT ifnull(sum(accounts_gone), 0), ifnull(sum(members_lost), 0) FROM pull
WHERE source = :source AND state = 'applied' AND started > :since
AND id > ifnull((SELECT max(id) FROM pull WHERE source = :source
	AND state = 'applied' AND let_through IS NOT NULL), 0)

-- name: pull_last_full
SELECT id, started, scope FROM pull
WHERE source = :source AND state = 'applied' AND mode = 'full' AND complete
ORDER BY id DESC LIMIT 1

-- The confirmation that a pull may use: of the newest pulls of its source,
-- nothing having been applied since; what two persons signed.
-- name: pull_confirmation
SELECT p.id, p.scope, c.digest FROM pull AS p JOIN confirmation AS c
	ON c.what = 'pull' AND c.subject = CAST(p.id AS TEXT)
JOIN second AS t ON t.of = c.act AND t.verdict = 'approved'
WHERE p.source = :source AND p.state = 'held'
AND NOT EXISTS (SELECT 1 FROM pull WHERE source = :source AND id > p.id
	AND state = 'applied')
ORDER BY p.id DESC, c.act DESC LIMIT 1

-- Whether changes were applied that no full pull has verified yet.
-- name: drift_wanted
SELECT EXISTS (SELECT 1 FROM pull WHERE source = :source
	AND state = 'applied' AND mode = 'changes'
	AND id > (SELECT max(id) FROM pull WHERE source = :source
		AND state = 'applied' AND mode = 'full' AND complete))

-- name: drift_add
INSERT INTO drift (pull, grp, member, what)
VALUES (:pull, :group, :member, :what) ON CONFLICT DO NOTHING

-- name: drift_count
UPDATE pull SET drift = :count WHERE id = :pull

-- name: loss_add
INSERT INTO loss (pull, grp, member) VALUES (:pull, :group, :member)

-- name: loss_covers
SELECT 1 FROM loss WHERE pull = :pull AND grp = :group AND member = :member

-- name: loss_head
SELECT s.name, p.scope FROM pull AS p JOIN source AS s ON s.id = p.source
WHERE p.id = :pull

-- name: loss_rows
SELECT l.grp <> 0, m.kind, m.key, g.key,
	(SELECT name FROM (SELECT object, since, name FROM account_fact
		UNION ALL SELECT object, since, name FROM group_fact)
		WHERE object = m.id ORDER BY since DESC LIMIT 1),
	(SELECT name FROM group_fact WHERE object = g.id
		ORDER BY since DESC LIMIT 1)
FROM loss AS l
JOIN object AS m ON m.id = l.member LEFT JOIN object AS g ON g.id = l.grp
WHERE l.pull = :pull
ORDER BY l.grp <> 0, g.key, m.kind, m.key

-- name: loss_set
UPDATE pull SET loss = :digest WHERE id = :pull

-- The first held pull of its source that would lose just that.
-- name: loss_first
SELECT min(p.id) FROM pull AS q JOIN pull AS p ON p.source = q.source
AND p.state = 'held' AND p.loss = q.loss AND p.id <= q.id
AND NOT EXISTS (SELECT 1 FROM pull WHERE source = q.source
	AND state = 'applied' AND id BETWEEN p.id AND q.id)
WHERE q.id = :pull

-- name: loss_forget
DELETE FROM loss WHERE pull = :pull

-- name: loss_overtaken
DELETE FROM loss WHERE pull IN (SELECT id FROM pull
	WHERE source = :source AND state = 'held' AND id <> :kept
	AND id > ifnull((SELECT max(id) FROM pull WHERE source = :source
		AND state = 'applied' AND id < :pull), 0))

-- name: pull_state
SELECT p.state, p.source, s.name, NULL, p.held,
	EXISTS (SELECT 1 FROM pull AS q WHERE q.source = p.source
		AND q.id > p.id AND q.state = 'applied')
FROM pull AS p JOIN source AS s ON s.id = p.source WHERE p.id = :pull

-- name: pull_add
INSERT INTO pull (
	id, source, started, ended, mode, state, complete, incomplete, scope,
	now_given, program, accounts, groups, members, accounts_new,
	accounts_gone, accounts_changed, members_new, members_gone,
	members_lost, held, let_through, digest, error
) VALUES (
	:id, :source, :started, :ended, :mode, :state, :complete, :incomplete,
	:scope, :now_given, :program, :accounts, :groups, :members,
	:accounts_new, :accounts_gone, :accounts_changed, :members_new,
	:members_gone, :members_lost, :held, :let_through, :digest, :error
)

-- name: query_add
INSERT INTO query (
	pull, n, what, server, base, filter, attributes, identity, tls, result,
	diagnostic, entries, "values", pages, ranges, ranges_open, referrals,
	skipped, invalid, milliseconds, digest, complete, incomplete
) VALUES (
	:pull, :n, :what, :server, :base, :filter, :attributes, :identity,
	:tls, :result, :diagnostic, :entries, :values, :pages, :ranges,
	:ranges_open, :referrals, :skipped, :invalid, :milliseconds, :digest,
	:complete, :incomplete
)

-- name: seen_add
INSERT INTO attribute_seen (pull, server, what, attribute, entries, recorded)
VALUES (:pull, :server, :what, :attribute, :entries, :recorded)
ON CONFLICT (pull, server, what, attribute) DO UPDATE SET
	entries = entries + excluded.entries,
	recorded = max(ifnull(recorded, excluded.recorded),
		ifnull(excluded.recorded, recorded))

-- name: begins_add
INSERT INTO use_begins (pull, host, attribute, begins)
VALUES (:pull, :host, :attribute, :begins) ON CONFLICT DO NOTHING

-- The state of each source: its newest applied pull, and its newest of all.
-- name: source_list
SELECT s.name, s.product, s.core, p.id, p.started, p.mode, p.complete,
	p.incomplete, p.accounts, p.groups, p.members, l.id, l.state, l.started,
	ifnull(l.held, l.error),
	(SELECT count(*) FROM pull WHERE source = s.id AND state = 'applied')
FROM source AS s
LEFT JOIN pull AS p ON p.id = (SELECT max(id) FROM pull
	WHERE source = s.id AND state = 'applied')
LEFT JOIN pull AS l ON l.id = (SELECT max(id) FROM pull WHERE source = s.id)
ORDER BY s.name

-- ---- What the store has ----

-- name: last_object
SELECT ifnull(max(id), 0) FROM object

-- name: stored_objects
SELECT o.id, ifnull(a.since, g.since), ifnull(a.digest, g.digest), o.kind,
	o.key
FROM object AS o NOT INDEXED
LEFT JOIN account_fact AS a ON o.kind = 0 AND a.object = o.id
	AND a.until = 9223372036854775807
LEFT JOIN group_fact AS g ON o.kind = 1 AND g.object = o.id
	AND g.until = 9223372036854775807
WHERE o.source = :source
ORDER BY o.id

-- name: stored_object
SELECT o.id, ifnull(a.since, g.since), ifnull(a.digest, g.digest)
FROM object AS o
LEFT JOIN account_fact AS a ON o.kind = 0 AND a.object = o.id
	AND a.until = 9223372036854775807
LEFT JOIN group_fact AS g ON o.kind = 1 AND g.object = o.id
	AND g.until = 9223372036854775807
WHERE o.source = :source AND o.kind = :kind AND o.key = :key

-- name: stored_name
SELECT dn, name FROM account_fact
WHERE object = :object AND until = 9223372036854775807
UNION ALL
SELECT dn, name FROM group_fact
WHERE object = :object AND until = 9223372036854775807

-- name: stored_values
SELECT v.object, v.attribute, v.value
FROM object AS o NOT INDEXED CROSS JOIN account_value AS v ON v.object = o.id
WHERE o.source = :source AND v.until = 9223372036854775807
ORDER BY o.id, v.attribute, v.value

-- name: stored_usages
SELECT u.object, u.attribute, u.server, u.latest, u.latest_raw, u.resolution
FROM object AS o NOT INDEXED CROSS JOIN usage AS u ON u.object = o.id
WHERE o.source = :source
ORDER BY o.id, u.attribute, u.server

-- name: stored_names
SELECT o.kind, o.key, ifnull(a.dn, g.dn), ifnull(a.name, g.name),
	ifnull(a.host, g.host), ifnull(a.sid, g.sid),
	ifnull(a.uid_number, g.gid_number)
FROM object AS o NOT INDEXED
LEFT JOIN account_fact AS a ON o.kind = 0 AND a.object = o.id
	AND a.until = 9223372036854775807
LEFT JOIN group_fact AS g ON o.kind = 1 AND g.object = o.id
	AND g.until = 9223372036854775807
WHERE o.source = :source AND (a.object IS NOT NULL OR g.object IS NOT NULL)
ORDER BY o.id

-- name: stored_primaries
SELECT o.key, a.gid_number, a.primary_rid
FROM object AS o NOT INDEXED CROSS JOIN account_fact AS a ON a.object = o.id
WHERE o.source = :source AND o.kind = 0 AND a.until = 9223372036854775807
AND (a.gid_number IS NOT NULL OR a.primary_rid IS NOT NULL) AND a.host IS NULL

-- name: stored_domain_sid
SELECT g.sid FROM object AS o NOT INDEXED CROSS JOIN group_fact AS g ON g.object = o.id
WHERE o.source = :source AND o.kind = 1 AND g.until = 9223372036854775807
AND g.sid >= 'S-1-5-21-' AND g.sid < 'S-1-5-21.'
LIMIT 1

-- name: stored_edges
SELECT x.grp, x.member, x.how, x.since
FROM object AS o NOT INDEXED CROSS JOIN edge AS x ON x.grp = o.id
WHERE o.source = :source AND x.until = 9223372036854775807
ORDER BY o.id, x.member, x.how

-- name: stored_edge
SELECT since FROM edge
WHERE grp = :group AND member = :member AND how = :how
AND until = 9223372036854775807

-- name: edges_of_group
SELECT x.grp, x.member, x.how, x.since, g.kind, g.key, m.kind, m.key
FROM edge AS x JOIN object AS g ON g.id = x.grp
JOIN object AS m ON m.id = x.member
WHERE x.grp = :object AND x.until = 9223372036854775807
ORDER BY x.member, x.how

-- What the group states itself: not primary groups (2), SID history (3) and
-- what its URL finds (4).
-- name: edges_stated_by_group
SELECT x.grp, x.member, x.how, x.since, g.kind, g.key, m.kind, m.key
FROM edge AS x JOIN object AS g ON g.id = x.grp
JOIN object AS m ON m.id = x.member
WHERE x.grp = :object AND x.until = 9223372036854775807
AND x.how NOT IN (2, 3, 4)
ORDER BY x.member, x.how

-- name: edges_of_member
SELECT x.grp, x.member, x.how, x.since, g.kind, g.key, m.kind, m.key
FROM edge AS x JOIN object AS g ON g.id = x.grp
JOIN object AS m ON m.id = x.member
WHERE x.member = :object AND x.until = 9223372036854775807
ORDER BY x.grp, x.how

-- name: stored_dangling
SELECT d.grp, d.form, d.reference, d.since, d.how, o.key, g.host
FROM object AS o NOT INDEXED CROSS JOIN dangling AS d ON d.grp = o.id
LEFT JOIN group_fact AS g ON g.object = o.id
	AND g.until = 9223372036854775807
WHERE o.source = :source AND d.until = 9223372036854775807
ORDER BY o.id, d.form, d.reference

-- name: stored_policies
SELECT key, since, digest FROM policy_fact
WHERE source = :source AND until = 9223372036854775807
ORDER BY key

-- name: stored_targets
SELECT object, since FROM policy_target
WHERE source = :source AND key = :key AND until = 9223372036854775807
ORDER BY object

-- name: stored_values_of
SELECT attribute, value, since FROM account_value
WHERE object = :object AND until = 9223372036854775807
ORDER BY attribute, value

-- ---- Writing ----

-- name: object_add
INSERT INTO object (id, source, kind, key) VALUES (:id, :source, :kind, :key)

-- name: account_fact_add
INSERT INTO account_fact (
	object, since, until, digest, kind, name, dn, host, display, mail,
	phone, employee, department, title, company, manager, owner,
	description, principal, sid, shell, home, policy, conditions,
	uid_number, gid_number, primary_rid, control, enabled, status_reason,
	locked, created, expires, password_set, password_expires,
	password_not_required, empty_password, reversible, des, no_preauth,
	password_never_expires, password_must_change, smartcard_required,
	unconstrained_delegation, protocol_transition, not_delegated,
	admin_count, password_locked, login_shell, has_keys, mfa, nis
) VALUES (
	:object, :pull, 9223372036854775807, :digest, :kind, :name, :dn,
	:host, :display, :mail, :phone, :employee, :department, :title,
	:company, :manager, :owner, :description, :principal, :sid, :shell,
	:home, :policy, :conditions, :uid_number, :gid_number, :primary_rid,
	:control, :enabled, :status_reason, :locked, :created, :expires,
	:password_set, :password_expires, :password_not_required,
	:empty_password, :reversible, :des, :no_preauth,
	:password_never_expires, :password_must_change, :smartcard_required,
	:unconstrained_delegation, :protocol_transition, :not_delegated,
	:admin_count, :password_locked, :login_shell, :has_keys, :mfa, :nis
)

-- name: account_fact_end
UPDATE account_fact SET until = :pull WHERE object = :object AND since = :since

-- name: group_fact_add
INSERT INTO group_fact (
	object, since, until, digest, kind, name, dn, host, description,
	owner, mail, sid, gid_number, rid, created, privileged, detail,
	members_incomplete
) VALUES (
	:object, :pull, 9223372036854775807, :digest, :kind, :name, :dn,
	:host, :description, :owner, :mail, :sid, :gid_number, :rid, :created,
	:privileged, :detail, :members_incomplete
)

-- name: group_fact_end
UPDATE group_fact SET until = :pull WHERE object = :object AND since = :since

-- name: value_add
INSERT INTO account_value (object, attribute, value, since, until)
VALUES (:object, :attribute, :value, :pull, 9223372036854775807)

-- name: value_end
UPDATE account_value SET until = :pull
WHERE object = :object AND attribute = :attribute AND value = :value
AND since = :since

-- name: values_end
UPDATE account_value SET until = :pull
WHERE object = :object AND until = 9223372036854775807

-- What an administrator's reset erases stays as the maximum.
-- name: usage_put
INSERT INTO usage (
	object, attribute, server, latest, latest_raw, latest_pull,
	maximum, maximum_raw, maximum_pull, resolution
) VALUES (
	:object, :attribute, :server, :latest, :raw, :pull,
	:maximum, :maximum_raw, :pull, :resolution
)
ON CONFLICT (object, attribute, server) DO UPDATE SET
	latest = excluded.latest,
	latest_raw = excluded.latest_raw,
	latest_pull = excluded.latest_pull,
	maximum = iif(maximum IS NULL OR excluded.maximum > maximum,
		excluded.maximum, maximum),
	maximum_raw = iif(maximum IS NULL OR excluded.maximum > maximum,
		excluded.maximum_raw, maximum_raw),
	maximum_pull = iif(maximum IS NULL OR excluded.maximum > maximum,
		excluded.maximum_pull, maximum_pull),
	resolution = excluded.resolution
WHERE latest IS NOT excluded.latest OR latest_raw IS NOT excluded.latest_raw
OR resolution <> excluded.resolution

-- name: edge_add
INSERT INTO edge (grp, member, how, since, until, acquired)
VALUES (:group, :member, :how, :pull, 9223372036854775807, :acquired)

-- name: edge_end
UPDATE edge SET until = :pull
WHERE grp = :group AND member = :member AND how = :how AND since = :since

-- name: dangling_add
INSERT INTO dangling (grp, form, reference, how, since, until)
VALUES (:group, :form, :reference, :how, :pull, 9223372036854775807)
ON CONFLICT DO NOTHING

-- name: dangling_end
UPDATE dangling SET until = :pull
WHERE grp = :group AND form = :form AND reference = :reference
AND since = :since

-- Who was renamed or is gone, and whose old name the group still has: by DN
-- (1) where how is 0, else by name (2).
-- name: dangling_unnamed
INSERT INTO dangling (grp, form, reference, how, since, until)
SELECT :group, iif(:how = 0, 1, 2), iif(:how = 0, dn, name), :how, :pull,
	9223372036854775807
FROM (SELECT object, until, dn, name FROM account_fact
	UNION ALL SELECT object, until, dn, name FROM group_fact)
WHERE object = :member AND until = 9223372036854775807
AND iif(:how = 0, dn, name) IS NOT NULL
ON CONFLICT DO NOTHING

-- name: policy_fact_add
INSERT INTO policy_fact (
	source, key, since, until, digest, name, form, host, precedence,
	is_default, min_length, history, max_age, min_age, lockout_attempts,
	lockout_duration, lockout_window, complexity, min_classes,
	needs_letter, needs_digit, needs_symbol, reversible, first_use_change,
	blocklist, idle_disable, detail
) VALUES (
	:source, :key, :pull, 9223372036854775807, :digest, :name, :form,
	:host, :precedence, :is_default, :min_length, :history, :max_age,
	:min_age, :lockout_attempts, :lockout_duration, :lockout_window,
	:complexity, :min_classes, :needs_letter, :needs_digit, :needs_symbol,
	:reversible, :first_use_change, :blocklist, :idle_disable, :detail
)

-- name: policy_fact_end
UPDATE policy_fact SET until = :pull
WHERE source = :source AND key = :key AND since = :since

-- name: target_add
INSERT INTO policy_target (source, key, object, since, until)
VALUES (:source, :key, :object, :pull, 9223372036854775807)

-- name: target_end
UPDATE policy_target SET until = :pull
WHERE source = :source AND key = :key AND object = :object AND since = :since

-- ---- Indexes, made anew after so much was added that it pays ----

-- name: object_rows
SELECT count(*) FROM (SELECT 1 FROM object LIMIT :limit)

-- name: edge_rows
SELECT count(*) FROM (SELECT 1 FROM edge LIMIT :limit)

-- name: object_index_drop
DROP INDEX IF EXISTS object_by_key

-- name: object_index_make
CREATE UNIQUE INDEX IF NOT EXISTS object_by_key ON object (source, kind, key)

-- name: value_index_drop
DROP INDEX IF EXISTS account_value_by_value

-- name: value_index_make
CREATE INDEX IF NOT EXISTS account_value_by_value
ON account_value (attribute, value)

-- name: edge_index_drop
DROP INDEX IF EXISTS edge_by_member

-- name: edge_index_make
CREATE INDEX IF NOT EXISTS edge_by_member ON edge (member, grp, until)
