-- The tables that rules see, made for each check from the newest applied
-- state. Steps run in this order; "repeat" ones until they change nothing.
-- Parameters are the check's: :now, and :open for what still holds.
--
-- In them 9223372036854775807 in a time is "never", NULL "not recorded".

-- step: judged
-- What was ever imported: without it, rules say "unknown".
CREATE TEMP TABLE judged AS SELECT
	:now AS now,
	EXISTS (SELECT 1 FROM hr_import) AS personnel,
	EXISTS (SELECT 1 FROM trail_import
		WHERE ifnull(last, at) > :now - :trail_days * :day) AS trail,
	EXISTS (SELECT 1 FROM register_import WHERE kind LIKE 'approval%') AS approvals,
	EXISTS (SELECT 1 FROM registered_account WHERE kind = 'privileged' AND until = :open) AS privileged_register,
	EXISTS (SELECT 1 FROM registered_account WHERE kind = 'temporary' AND until = :open) AS temporary_register,
	EXISTS (SELECT 1 FROM registered_account WHERE kind = 'shared' AND until = :open) AS shared_register,
	EXISTS (SELECT 1 FROM contract WHERE until = :open) AS contracts,
	EXISTS (SELECT 1 FROM sod_pair WHERE until = :open) AS pairs,
	EXISTS (SELECT 1 FROM campaign_freeze) AS reviews

-- step: seen_attribute
-- How many entries carried each attribute, in the newest full pull and after.
CREATE TEMP TABLE attribute_now AS
	SELECT p.source, a.server, a.what, a.attribute, max(a.entries) AS entries,
		max(a.recorded) AS recorded
	FROM pull p JOIN attribute_seen a ON a.pull = p.id
	WHERE p.state = 'applied' AND p.id >= ifnull((
		SELECT max(f.id) FROM pull f WHERE f.source = p.source
		AND f.state = 'applied' AND f.mode = 'full'), 0)
	GROUP BY 1, 2, 3, 4

-- step: source
-- One row a source: the state that is judged, and what it can tell.
CREATE TEMP TABLE source_now (
	source INTEGER PRIMARY KEY, name TEXT, url TEXT, realm INTEGER,
	realm_name TEXT, core INTEGER, product TEXT,
	pull INTEGER, at INTEGER, -- the pull, and when it began
	complete INTEGER,
	privilege_known INTEGER, privilege_reason TEXT,
	policies INTEGER,  -- how many it told of
	conditions INTEGER) -- whether any account of it has some

-- step: source_rows
INSERT INTO source_now
	SELECT s.id, s.name, s.url,
		(SELECT min(r.id) FROM main.source r WHERE r.realm = s.realm),
		s.realm, s.core,
		CASE WHEN s.url LIKE 'passwd:%' THEN 'local' ELSE s.product END,
		p.id, p.started, p.complete, p.complete,
		CASE WHEN p.complete THEN '' ELSE 'incomplete' END,
		(SELECT count(*) FROM policy_fact f WHERE f.source = s.id AND f.until = :open),
		s.product = 'ad'
	FROM main.source s JOIN pull p ON p.id = (
		SELECT max(l.id) FROM pull l WHERE l.source = s.id AND l.state = 'applied')

-- step: source_descriptors
-- Without the domain's security descriptors, an account may hold DCSync unseen.
-- A descriptor that was read is there as the control over what it guards.
UPDATE source_now SET privilege_known = 0, privilege_reason = 'not-readable'
	WHERE product = 'ad' AND privilege_known AND NOT EXISTS (
		SELECT 1 FROM attribute_now a WHERE a.source = source_now.source
		AND a.attribute LIKE 'nTSecurityDescriptor%' AND a.entries > 0)
	AND ifnull((SELECT min(f.privileged IS 1) FROM object o
		JOIN group_fact f ON f.object = o.id
		WHERE o.source = source_now.source AND o.kind = 1
			AND f.kind = 'control' AND f.until = :open), 0) = 0

-- step: grp
CREATE TEMP TABLE grp (
	object INTEGER PRIMARY KEY, source INTEGER, kind TEXT, name TEXT,
	host TEXT, sid TEXT, rid INTEGER, owner TEXT, created INTEGER,
	top TEXT, -- 'domain-admins', 'schema-admins': of these, how many
	privileged INTEGER, members_incomplete INTEGER)

-- step: grp_rows
INSERT INTO grp
	SELECT o.id, o.source, f.kind, f.name, f.host, f.sid, f.rid, f.owner,
		f.created,
		CASE WHEN f.sid GLOB 'S-1-5-21-*-512' THEN 'domain-admins'
			WHEN f.sid GLOB 'S-1-5-21-*-518' THEN 'schema-admins' END,
		CASE
			WHEN listed('privileged_not', f.name) OR listed('privileged_not', f.dn)
				OR listed('privileged_not', f.sid) THEN 0
			WHEN f.privileged = 1 THEN 1
			-- Domain, Schema, Enterprise Admins, Policy Creators, Key Admins
			WHEN f.sid GLOB 'S-1-5-21-*' AND f.rid IN (512, 518, 519, 520, 526, 527) THEN 1
			-- Administrators, Account, Server, Print, Backup Operators
			WHEN f.sid IN ('S-1-5-32-544', 'S-1-5-32-548', 'S-1-5-32-549',
				'S-1-5-32-550', 'S-1-5-32-551') THEN 1
			WHEN s.product = 'ad' AND lower(f.name) = 'dnsadmins' THEN 1
			WHEN s.product = 'freeipa' AND f.name IN ('admins', 'trust admins') THEN 1
			WHEN s.product = '389ds' AND f.name = 'Directory Administrators' THEN 1
			WHEN s.product = 'local' AND f.name IN ('root', 'wheel', 'sudo',
				'admin', 'docker', 'lxd', 'disk', 'shadow') THEN 1
			WHEN listed('privileged_groups', f.name) OR listed('privileged_groups', f.dn)
				OR listed('privileged_groups', f.sid) THEN 1
			ELSE 0
		END, f.members_incomplete
	FROM object o JOIN group_fact f ON f.object = o.id
		JOIN source_now s ON s.source = o.source
	WHERE f.until = :open

-- step: grp_registered
UPDATE grp SET privileged = 1
	WHERE privileged = 0 AND object IN (
		SELECT f.object FROM right_name r JOIN group_fact f
			ON r."right" IN (f.name, f.dn)
		WHERE r.privileged = 1 AND r.until = :open AND f.until = :open)
	AND NOT listed('privileged_not', name)

-- step: grp_incomplete
UPDATE source_now SET privilege_known = 0, privilege_reason = 'incomplete'
	WHERE source IN (SELECT source FROM grp WHERE privileged AND members_incomplete)

-- step: everyone
-- Rights that are held by ALL, or by all who can log in (form: REF_EVERY).
CREATE TEMP TABLE everyone AS
	SELECT grp, reference FROM dangling WHERE until = :open AND form = 8

-- step: pair
CREATE TEMP TABLE pair AS
	SELECT p.rowid AS pair, p.name, a.object AS first, b.object AS second,
		p.first AS first_name, p.second AS second_name, p.reason
	FROM sod_pair p JOIN grp a ON a.name = p.first JOIN grp b ON b.name = p.second
	WHERE p.until = :open

-- step: revoked
-- What the newest effective decision takes away from an account: a right, or
-- (grp NULL) the account. due: as last extended with approval.
CREATE TEMP TABLE revoked (account INTEGER, grp INTEGER, decision TEXT,
	reviewer TEXT, campaign TEXT, decided INTEGER, due INTEGER, remedy INTEGER,
	ended INTEGER, -- when it was seen to be gone since
	approved INTEGER) -- whether somebody approved it anew

-- step: revoked_rows
INSERT INTO revoked
	SELECT d.account, d."right", d.decision, d.reviewer, c.name, a.at,
		a.at + :day * CASE d.severity WHEN 'critical' THEN :remedy_critical_days
			WHEN 'high' THEN :remedy_high_days WHEN 'low' THEN :remedy_low_days
			WHEN 'info' THEN :remedy_low_days WHEN 'medium' THEN :remedy_medium_days
			ELSE CASE WHEN d.privileged = 0 THEN :remedy_medium_days
				ELSE :remedy_high_days END END,
		NULL, NULL, 0
	FROM standing_decision d JOIN act a ON a.id = d.act
		JOIN campaign c ON c.id = d.campaign
	WHERE d.decision IN ('disable', 'delete')
		OR (d.decision = 'revoke' AND d."right" IS NOT NULL)

-- step: revoked_remedy
UPDATE revoked SET remedy = (SELECT max(m.id) FROM remedy m JOIN act a ON a.id = m.act
	WHERE m.account = revoked.account AND m."right" IS revoked.grp
		AND m.action = CASE decision WHEN 'revoke' THEN 'remove-right' ELSE decision END
		AND a.at >= revoked.decided
		AND NOT EXISTS (SELECT 1 FROM second s WHERE s.of = m.act AND s.verdict = 'refused'))

-- step: revoked_due
UPDATE revoked SET due = ifnull((SELECT e.due FROM remedy_event e
		WHERE e.remedy = revoked.remedy AND e.what = 'extended' AND EXISTS (
			SELECT 1 FROM second s WHERE s.of = e.act AND s.verdict = 'approved')
		ORDER BY e.act DESC LIMIT 1),
	(SELECT m.due FROM remedy m WHERE m.id = revoked.remedy))
	WHERE remedy IS NOT NULL

-- step: revoked_ended
-- By proof; or, of a right that was held directly, as pulls saw it.
UPDATE revoked SET ended = coalesce((SELECT max(p.started) FROM remedy_event e
		JOIN pull p ON p.id = e.pull
		WHERE e.remedy = revoked.remedy AND e.what = 'proven'),
	(SELECT max(p.started) FROM edge e JOIN pull p ON p.id = e.until
		WHERE e.member = revoked.account AND e.grp = revoked.grp
			AND e.until < :open AND p.started > revoked.decided
			AND NOT EXISTS (SELECT 1 FROM edge o WHERE o.member = e.member
				AND o.grp = e.grp AND o.since <= e.until AND o.until > e.until)))

-- step: revoked_approved
UPDATE revoked SET approved = 1 WHERE EXISTS (
	SELECT 1 FROM account_fact f JOIN approval v ON lower(v.account) = lower(f.name)
		JOIN register_import i ON i.id = v.since
		LEFT JOIN object o ON o.id = revoked.grp
		LEFT JOIN group_fact g ON g.object = revoked.grp AND g.until = :open
	WHERE f.object = revoked.account AND f.until = :open AND v.until = :open
		AND ifnull(v.not_before, i.at) > revoked.decided
		AND ifnull(v.not_before, :now) <= :now AND ifnull(v.not_after, :open) > :now
		AND CASE WHEN revoked.grp IS NULL THEN v."right" IS NULL
			ELSE v."right" IN (o.key, g.name, g.dn) END)

-- step: crossed_wanted
-- Members of hosts' groups and sudo rules that no local account answers to,
-- where a directory is of the same realm: its accounts and groups may be meant.
CREATE TEMP TABLE crossed_wanted (realm INTEGER, form INTEGER, name TEXT,
	PRIMARY KEY (realm, form, name)) WITHOUT ROWID

-- step: crossed_wanted_rows
INSERT INTO crossed_wanted
	SELECT DISTINCT s.realm, d.form, lower(d.reference)
	FROM dangling d JOIN object g ON g.id = d.grp
		JOIN source_now s ON s.source = g.source
	WHERE d.until = :open AND d.form IN (2, 3) AND s.product = 'local'
		AND EXISTS (SELECT 1 FROM source_now t WHERE t.realm = s.realm
			AND t.product IN ('openldap', 'ad', '389ds', 'freeipa'))

-- step: crossed_found
-- Names that exactly one object of the realm's directories bears.
CREATE TEMP TABLE crossed_found AS
	SELECT w.realm, w.form, w.name, max(f.object) AS member FROM (
		SELECT object, 2 AS form, lower(name) AS name FROM account_fact WHERE until = :open
		UNION ALL SELECT object, 3, lower(name) FROM group_fact WHERE until = :open) f
		CROSS JOIN object o ON o.id = f.object
		CROSS JOIN source_now t ON t.source = o.source
		CROSS JOIN crossed_wanted w ON w.realm = t.realm AND w.form = f.form AND w.name = f.name
	WHERE EXISTS (SELECT 1 FROM crossed_wanted)
		AND t.product IN ('openldap', 'ad', '389ds', 'freeipa')
	GROUP BY 1, 2, 3 HAVING count(*) = 1

-- step: crossed
CREATE TEMP TABLE crossed (grp INTEGER, member INTEGER, how INTEGER,
	form INTEGER, reference TEXT, PRIMARY KEY (grp, member, reference)) WITHOUT ROWID

-- step: crossed_rows
INSERT INTO crossed
	SELECT d.grp, c.member, d.how, d.form, d.reference
	FROM crossed_found c CROSS JOIN dangling d ON d.form = c.form AND lower(d.reference) = c.name
		CROSS JOIN object g ON g.id = d.grp
		CROSS JOIN source_now s ON s.source = g.source
	WHERE d.until = :open AND s.product = 'local' AND s.realm = c.realm

-- step: holder
-- Who holds a privileged, declared or revoked right, closed over nesting. plain: by
-- named memberships alone, so that a list of members shows every step.
CREATE TEMP TABLE holder (
	grp INTEGER, member INTEGER, plain INTEGER, depth INTEGER, how INTEGER,
	via INTEGER, via_plain INTEGER, PRIMARY KEY (grp, member, plain)) WITHOUT ROWID

-- step: holder_frontier
CREATE TEMP TABLE frontier (grp INTEGER, member INTEGER, plain INTEGER, depth INTEGER)

-- step: holder_trigger
-- A new holder is the next frontier.
CREATE TEMP TRIGGER holder_found AFTER INSERT ON holder BEGIN
	INSERT INTO frontier VALUES (NEW.grp, NEW.member, NEW.plain, NEW.depth);
END

-- step: holder_roots
INSERT INTO frontier
	SELECT object, object, 1, 0 FROM grp WHERE privileged
	UNION SELECT first, first, 1, 0 FROM pair
	UNION SELECT second, second, 1, 0 FROM pair
	UNION SELECT grp, grp, 1, 0 FROM revoked WHERE grp IS NOT NULL

-- repeat: holder_step
INSERT OR IGNORE INTO holder
	SELECT f.grp, e.member, f.plain AND e.how NOT IN (2, 3), f.depth + 1,
		e.how, f.member, f.plain
	FROM frontier f JOIN edge e ON e.grp = f.member
	WHERE e.until = :open AND e.member <> f.grp
		AND f.depth = (SELECT max(depth) FROM frontier)
	UNION ALL
	SELECT f.grp, c.member, f.plain, f.depth + 1, c.how, f.member, f.plain
	FROM frontier f JOIN crossed c ON c.grp = f.member
	WHERE c.member <> f.grp AND f.depth = (SELECT max(depth) FROM frontier)
	ORDER BY 1, 2

-- step: holder_done
DROP TABLE frontier

-- step: holder_index
CREATE INDEX temp.holder_by_member ON holder (member, grp)

-- step: privileged_path
-- The shortest way to each privileged right; plain_depth NULL: no plain one.
CREATE TEMP TABLE privileged_path AS
	SELECT h.member AS object, h.grp, min(h.depth) AS depth,
		min(CASE WHEN h.plain THEN h.depth END) AS plain_depth,
		max(h.how IN (2, 3)) AS last_hidden
	FROM holder h JOIN grp g ON g.object = h.grp
	WHERE g.privileged GROUP BY h.member, h.grp

-- step: privileged_path_index
CREATE INDEX temp.privileged_path_by_object ON privileged_path (object)

-- step: seen
-- The latest sign of use that was ever recorded, and how far it may lag.
CREATE TEMP TABLE seen (object INTEGER PRIMARY KEY, seen INTEGER,
	attribute TEXT, server TEXT, resolution INTEGER, raw TEXT)

-- step: seen_rows
INSERT INTO seen
	SELECT object, max(nullif(maximum, :open)), attribute, server, resolution, maximum_raw
	FROM usage GROUP BY object

-- step: seen_trail
INSERT INTO seen
	SELECT object, max(last), 'trail', host, 0, NULL FROM use_day
	WHERE object IS NOT NULL AND result = 'success' GROUP BY object
	ON CONFLICT (object) DO UPDATE SET seen = excluded.seen,
		attribute = excluded.attribute, server = excluded.server,
		resolution = 0, raw = NULL
	WHERE seen.seen IS NULL OR excluded.seen > seen.seen

-- step: person
CREATE TEMP TABLE person_now (
	person INTEGER PRIMARY KEY, employee TEXT, name TEXT, mail TEXT,
	department TEXT, title TEXT, manager TEXT, kind TEXT, status TEXT,
	hired INTEGER, left_at INTEGER, absent_since INTEGER, contract TEXT,
	contract_end INTEGER,
	transferred INTEGER, old_department TEXT) -- the newest transfer

-- step: person_rows
INSERT INTO person_now
	SELECT p.id, p.employee, f.name, f.mail, f.department, f.title, f.manager,
		f.kind, f.status, f.hired, f.left_at, f.absent_since, f.contract,
		f.contract_end,
		(SELECT max(v.at) FROM person_event v WHERE v.person = p.id AND v.what = 'transferred' AND v.at <= :now),
		NULL
	FROM main.person p JOIN person_fact f ON f.person = p.id
	WHERE f.until = :open

-- step: person_moved
UPDATE person_now SET old_department = (
	SELECT v.before FROM person_event v WHERE v.person = person_now.person
		AND v.what = 'transferred' AND v.at = person_now.transferred)
	WHERE transferred IS NOT NULL

-- step: person_of
-- Whose an account is, where that is not ambiguous.
CREATE TEMP TABLE person_of (object INTEGER PRIMARY KEY, person INTEGER,
	how TEXT, candidates INTEGER)

-- step: person_of_rows
INSERT INTO person_of
	SELECT object, CASE WHEN count(*) = 1 AND max(how) <> 'ambiguous' THEN max(person) END,
		max(how), count(*)
	FROM person_account GROUP BY object

-- step: policy
CREATE TEMP TABLE policy_now (
	policy INTEGER PRIMARY KEY, source INTEGER, key TEXT, match TEXT,
	name TEXT, form TEXT, host TEXT, is_default INTEGER, precedence INTEGER,
	min_length INTEGER, history INTEGER, max_age INTEGER, min_age INTEGER,
	lockout_attempts INTEGER, lockout_duration INTEGER, lockout_window INTEGER,
	complexity INTEGER, min_classes INTEGER, needs_letter INTEGER,
	needs_digit INTEGER, needs_symbol INTEGER, reversible INTEGER,
	first_use_change INTEGER, blocklist INTEGER, idle_disable INTEGER,
	detail TEXT, accounts INTEGER, privileged_accounts INTEGER)

-- step: policy_rows
INSERT INTO policy_now
	SELECT NULL, f.source, f.key, lower(f.key), f.name, f.form, f.host,
		f.is_default, f.precedence, f.min_length, f.history, f.max_age,
		f.min_age, f.lockout_attempts, f.lockout_duration, f.lockout_window,
		f.complexity, f.min_classes, f.needs_letter, f.needs_digit,
		f.needs_symbol, f.reversible, f.first_use_change, f.blocklist,
		f.idle_disable, f.detail, 0, 0
	FROM policy_fact f JOIN source_now s ON s.source = f.source
	WHERE f.until = :open

-- step: policy_index
CREATE INDEX temp.policy_now_match ON policy_now (source, match)

-- step: policy_of
-- Whom a policy names. An account that it names itself comes before groups,
-- then the lowest precedence, then the key.
CREATE TEMP TABLE policy_of (object INTEGER PRIMARY KEY, policy INTEGER)

-- step: policy_of_rows
INSERT INTO policy_of
	WITH RECURSIVE reached (policy, rank, object) AS (
		SELECT p.policy, ifnull(p.precedence, 1000000) + CASE o.kind WHEN 0 THEN 0 ELSE 10000000 END, t.object
		FROM policy_now p
			JOIN policy_target t ON t.source = p.source AND t.key = p.key
			JOIN object o ON o.id = t.object
		WHERE t.until = :open
		UNION
		SELECT r.policy, r.rank, e.member FROM reached r
			JOIN edge e ON e.grp = r.object WHERE e.until = :open)
	SELECT object, policy FROM (
		SELECT r.object, r.policy, min(r.rank * 100000 + r.policy)
		FROM reached r GROUP BY r.object)

-- step: policy_default
CREATE TEMP TABLE policy_default (source INTEGER, host TEXT, policy INTEGER,
	PRIMARY KEY (source, host)) WITHOUT ROWID

-- step: policy_default_rows
INSERT INTO policy_default
	SELECT source, ifnull(host, ''), min(policy) FROM policy_now
	WHERE is_default = 1 GROUP BY 1, 2

-- step: registered
CREATE TEMP TABLE registered AS
	SELECT kind, lower(account) AS account, source, owner, purpose, approver,
		ends, confirmed, since
	FROM registered_account WHERE until = :open

-- step: registered_index
CREATE INDEX temp.registered_by_account ON registered (account)

-- step: registered_of
-- What an account of a source is registered as: a line may name its source.
CREATE TEMP TABLE registered_of (account TEXT, source INTEGER, kind TEXT,
	PRIMARY KEY (account, source)) WITHOUT ROWID

-- step: registered_of_rows
INSERT INTO registered_of
	SELECT r.account, s.source, min(r.kind)
	FROM registered r JOIN source_now s ON r.source IS NULL OR r.source IN ('', s.name)
	WHERE r.kind <> 'privileged' GROUP BY 1, 2

-- step: account
-- Every account that is there. service: of a program, not a person's (gMSA,
-- machine, name pattern, register, a host's own); builtin: made by the product.
CREATE TEMP TABLE account (
	object INTEGER PRIMARY KEY, source INTEGER, kind TEXT, enabled INTEGER,
	service INTEGER, builtin TEXT, privileged INTEGER,
	seen INTEGER, seen_resolution INTEGER, created INTEGER,
	password_set INTEGER, password_never_expires INTEGER,
	dangerous INTEGER, -- any of the flags that AR-163 names
	must_change INTEGER, expires INTEGER, admin_count INTEGER, mfa INTEGER,
	password_locked INTEGER, has_keys INTEGER, login_shell INTEGER,
	uid_number INTEGER, person INTEGER, candidates INTEGER,
	records_use INTEGER, at INTEGER, realm INTEGER,
	policy INTEGER, policy_named INTEGER, -- it names one that is not there: 0
	has_owner INTEGER, has_mail INTEGER, has_conditions INTEGER,
	admin_name INTEGER, registered TEXT,
	generic TEXT, name TEXT, host TEXT)

-- step: account_rows
INSERT INTO account
	SELECT f.object, o.source, f.kind, f.enabled,
		f.kind IN ('machine', 'managed-service', 'trust')
			OR ifnull(s.product = 'local' AND f.uid_number > 0 AND f.uid_number < 1000, 0)
			OR ifnull(r.kind = 'service', 0) OR listed('service', f.name),
		CASE WHEN s.product = 'local' AND f.uid_number = 0 AND f.name = 'root' THEN 'root'
			WHEN f.sid GLOB 'S-1-5-21-*-500' THEN 'administrator'
			WHEN f.sid GLOB 'S-1-5-21-*-501' THEN 'guest'
			WHEN f.sid GLOB 'S-1-5-21-*-502' THEN 'krbtgt'
			-- Domain controllers replicate by design: the bit of one, in their groups.
			WHEN f.kind = 'machine' AND f.control & 8192
				AND f.primary_rid IN (516, 521) THEN 'controller' END,
		CASE WHEN p.object IS NOT NULL OR (s.product = 'local' AND f.uid_number = 0) THEN 1
			WHEN s.privilege_known THEN 0 END,
		n.seen, n.resolution, f.created, f.password_set, f.password_never_expires,
		f.password_not_required = 1 OR f.empty_password = 1 OR f.reversible = 1
			OR f.des = 1 OR f.no_preauth = 1 OR f.unconstrained_delegation = 1
			OR f.nis = 1,
		f.password_must_change, f.expires, f.admin_count,
		CASE WHEN f.smartcard_required = 1 THEN 1 ELSE f.mfa END,
		f.password_locked, f.has_keys, f.login_shell, f.uid_number,
		w.person, w.candidates,
		CASE WHEN n.object IS NOT NULL THEN 1 END, s.at, s.realm,
		CASE WHEN s.policies = 0 THEN NULL
			WHEN f.policy IS NOT NULL THEN (SELECT q.policy FROM policy_now q
				WHERE q.source = o.source AND q.match = lower(f.policy))
			ELSE ifnull((SELECT t.policy FROM policy_of t WHERE t.object = f.object),
				(SELECT d.policy FROM policy_default d WHERE d.source = o.source
					AND d.host IN (ifnull(f.host, ''), '') ORDER BY d.host DESC LIMIT 1)) END,
		CASE WHEN f.policy IS NOT NULL THEN EXISTS (SELECT 1 FROM policy_now q
			WHERE q.source = o.source AND q.match = lower(f.policy)) END,
		f.owner IS NOT NULL, f.mail IS NOT NULL, f.conditions IS NOT NULL,
		listed('admin', f.name), r.kind,
		generic_name(f.name), f.name, f.host
	FROM account_fact f
		CROSS JOIN object o ON o.id = f.object
		JOIN source_now s ON s.source = o.source
		LEFT JOIN seen n ON n.object = f.object
		LEFT JOIN person_of w ON w.object = f.object
		LEFT JOIN registered_of r ON r.account = lower(f.name) AND r.source = o.source
		LEFT JOIN (SELECT DISTINCT object FROM privileged_path) p ON p.object = f.object
	WHERE f.until = :open

-- step: policy_counts
UPDATE policy_now SET (accounts, privileged_accounts) = (
	SELECT count(*), count(*) FILTER (WHERE a.privileged) FROM account a WHERE a.policy = policy_now.policy AND a.enabled)

-- step: use_now
-- Whether a source (and host) records use at all, and why not.
CREATE TEMP TABLE use_now (source INTEGER, host TEXT, records INTEGER,
	reason TEXT, accounts INTEGER, enabled INTEGER,
	PRIMARY KEY (source, host)) WITHOUT ROWID

-- step: use_now_rows
INSERT INTO use_now
	SELECT a.source, ifnull(a.host, ''), max(a.records_use), NULL, count(*),
		sum(a.enabled)
	FROM account a WHERE a.kind IN ('user', 'managed-service')
	GROUP BY a.source, a.host

-- step: use_now_reason
UPDATE use_now SET records = CASE WHEN records THEN 1 ELSE 0 END,
	reason = CASE WHEN records THEN ''
		WHEN EXISTS (SELECT 1 FROM source_now s WHERE s.source = use_now.source AND s.complete = 0)
			THEN 'incomplete'
		WHEN EXISTS (SELECT 1 FROM attribute_now a WHERE a.source = use_now.source
			AND a.recorded = 1 AND a.entries = 0 AND a.attribute IN ('lastLogon',
			'lastLogonTimestamp', 'authTimestamp', 'pwdLastSuccess', 'lastLoginTime',
			'krbLastSuccessfulAuth')) THEN 'not-readable'
		ELSE 'not-recorded' END

-- step: account_records
UPDATE account SET records_use = 1 WHERE records_use IS NULL
	AND source IN (SELECT source FROM use_now WHERE records)
	AND EXISTS (SELECT 1 FROM use_now u WHERE u.source = account.source
		AND u.host = ifnull(account.host, '') AND u.records)

-- step: enabled_unknown
-- Where nobody can say who is enabled.
CREATE TEMP TABLE enabled_unknown AS
	SELECT source, count(*) AS accounts FROM account
	WHERE enabled IS NULL AND kind IN ('user', 'managed-service') GROUP BY source

-- step: account_person_index
CREATE INDEX temp.account_by_person ON account (person) WHERE person IS NOT NULL

-- step: source_conditions
UPDATE source_now SET conditions = 1 WHERE source IN (
	SELECT DISTINCT source FROM account WHERE has_conditions)

-- step: account_privileged_index
CREATE INDEX temp.account_privileged ON account (source) WHERE privileged

-- step: settled
-- Persons to compare with: active, with an account, and not moved lately.
CREATE TEMP TABLE settled AS
	SELECT p.person, p.department FROM person_now p
	WHERE p.status = 'active' AND p.department IS NOT NULL
		AND (p.transferred IS NULL OR :now - p.transferred >= :peer_settled_days * :day)
		AND (p.hired IS NULL OR :now - p.hired >= :peer_settled_days * :day)
		AND EXISTS (SELECT 1 FROM account a WHERE a.person = p.person AND a.enabled)

-- step: settled_index
CREATE UNIQUE INDEX temp.settled_by_person ON settled (person, department)

-- step: peers
CREATE TEMP TABLE peers (department TEXT PRIMARY KEY, persons INTEGER) WITHOUT ROWID

-- step: peers_rows
INSERT INTO peers SELECT department, count(*) FROM settled GROUP BY department

-- step: mover
-- What those hold directly who moved lately. acquired: as the directory says,
-- else the pull that first showed it, if it was not our first look.
CREATE TEMP TABLE mover AS
	SELECT p.person, a.object, e.grp, p.transferred, p.old_department,
		p.department,
		ifnull(e.acquired, CASE WHEN e.since > (SELECT min(l.id) FROM pull l
			WHERE l.source = a.source AND l.state = 'applied')
			THEN (SELECT l.started FROM pull l WHERE l.id = e.since) END) AS acquired
	FROM person_now p CROSS JOIN account a ON a.person = p.person
		CROSS JOIN edge e ON e.member = a.object AND e.until = :open
	WHERE p.status = 'active' AND a.enabled AND p.transferred IS NOT NULL
		AND :now - p.transferred <= :mover_lookback_days * :day

-- step: peer_share
-- How many settled persons of each department hold what a mover holds.
CREATE TEMP TABLE peer_share (grp INTEGER, department TEXT, holders INTEGER,
	PRIMARY KEY (grp, department)) WITHOUT ROWID

-- step: settled_account
CREATE TEMP TABLE settled_account (object INTEGER PRIMARY KEY, person INTEGER,
	place INTEGER)

-- step: settled_account_rows
INSERT INTO settled_account
	SELECT a.object, t.person, dense_rank() OVER (ORDER BY t.department)
	FROM settled t CROSS JOIN account a ON a.person = t.person WHERE a.enabled

-- step: settled_place
CREATE TEMP TABLE settled_place AS
	SELECT DISTINCT s.place, t.department FROM settled_account s
		CROSS JOIN settled t ON t.person = s.person

-- step: peer_share_rows
INSERT INTO peer_share
	SELECT c.grp, p.department, c.holders FROM (
		SELECT m.grp, s.place, count(DISTINCT s.person) AS holders
		FROM (SELECT DISTINCT grp FROM mover) m
			CROSS JOIN edge e ON e.grp = m.grp
			CROSS JOIN settled_account s ON s.object = e.member
		WHERE e.until = :open GROUP BY 1, 2) c
	JOIN settled_place p ON p.place = c.place

-- step: privileged_share
CREATE TEMP TABLE privileged_share (grp INTEGER, department TEXT, holders INTEGER,
	PRIMARY KEY (grp, department)) WITHOUT ROWID

-- step: privileged_share_rows
INSERT INTO privileged_share
	SELECT p.grp, t.department, count(DISTINCT t.person)
	FROM privileged_path p JOIN account a ON a.object = p.object
		JOIN settled t ON t.person = a.person GROUP BY 1, 2

-- step: origin_shared
-- Where many log in, by register or configuration: it is nobody's workstation.
CREATE TEMP TABLE origin_shared AS
	SELECT host AS origin FROM workstation WHERE shared = 1 AND until = :open
	UNION SELECT address FROM workstation WHERE shared = 1 AND until = :open
		AND address IS NOT NULL
	UNION SELECT DISTINCT origin FROM use_day WHERE listed('shared_hosts', origin)

-- step: origin_use
CREATE TEMP TABLE origin_use AS
	SELECT u.origin, a.person, sum(u.sessions) AS sessions
	FROM use_day u LEFT JOIN account a ON a.object = u.object
	WHERE u.result = 'success' AND u.origin <> '' AND u.service NOT IN ('sudo', 'su')
		AND (u.day + 1) * :day > :now - :trail_days * :day
		AND u.origin NOT IN (SELECT origin FROM origin_shared)
	GROUP BY 1, 2

-- step: origin_use_index
CREATE INDEX temp.origin_use_by_origin ON origin_use (origin)

-- step: origin_person
-- Whose workstation an origin is: by the register, else who uses it most.
CREATE TEMP TABLE origin_person (origin TEXT PRIMARY KEY, person INTEGER, how TEXT)

-- step: origin_person_registered
INSERT OR IGNORE INTO origin_person
	SELECT w.host, p.person, 'register' FROM workstation w
		JOIN person_now p ON p.employee = w.person
		WHERE w.shared = 0 AND w.until = :open
	UNION SELECT w.address, p.person, 'register' FROM workstation w
		JOIN person_now p ON p.employee = w.person
		WHERE w.shared = 0 AND w.until = :open AND w.address IS NOT NULL

-- step: origin_person_dominant
INSERT OR IGNORE INTO origin_person
	SELECT o.origin, o.person, 'use' FROM origin_use o
	WHERE o.person IS NOT NULL AND o.sessions >= :host_owner_share * (
		SELECT sum(t.sessions) FROM origin_use t WHERE t.origin = o.origin)

-- step: key_use
-- Each key that an account was used with, from its first to its last day.
CREATE TEMP TABLE key_use AS
	SELECT object, key, min(first) AS first, max(last) AS last,
		count(DISTINCT day) AS days
	FROM use_day WHERE object IS NOT NULL AND key <> '' AND result = 'success'
		AND (day + 1) * :day > :now - :trail_days * :day
	GROUP BY object, key

-- step: review
-- Reviews that are not cancelled, of late or not over.
CREATE TEMP TABLE review AS
	SELECT c.id AS campaign, c.name, c.type, c.due, a.at AS frozen,
		c.due < :now AS is_due, e.how IS NOT NULL AS closed
	FROM main.campaign c JOIN campaign_freeze f ON f.campaign = c.id
		JOIN act a ON a.id = f.act
		LEFT JOIN campaign_end e ON e.campaign = c.id
	WHERE ifnull(e.how, 'closed') = 'closed'
		AND (e.how IS NULL OR c.due > :now - :review_lookback_days * :day)

-- step: review_question
-- Who is asked: what the newest assignment says.
CREATE TEMP TABLE review_question (campaign INTEGER, question INTEGER,
	reviewer TEXT, PRIMARY KEY (campaign, question)) WITHOUT ROWID

-- step: review_question_rows
INSERT INTO review_question
	SELECT q.campaign, q.n, ifnull((SELECT a.reviewer FROM assignment a
		WHERE a.campaign = q.campaign AND a.question = q.n
		ORDER BY a.act DESC LIMIT 1), '')
	FROM review r JOIN main.question q ON q.campaign = r.campaign

-- step: review_item
-- Each item of a review, who is asked, and the decision that stands. decided:
-- by a person: of what nobody answered, by who approved the proposal.
CREATE TEMP TABLE review_item (campaign INTEGER, item INTEGER,
	question INTEGER, object INTEGER, grp INTEGER, privileged INTEGER,
	asked TEXT, decision TEXT, reviewer TEXT, act INTEGER, n INTEGER,
	seconds INTEGER, bulk INTEGER, decided INTEGER, conflict TEXT,
	PRIMARY KEY (campaign, item)) WITHOUT ROWID

-- step: review_item_rows
INSERT INTO review_item
	SELECT i.campaign, i.n, i.question, i.account, i."right", i.privileged,
		q.reviewer, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL
	FROM review r CROSS JOIN item i ON i.campaign = r.campaign
		JOIN review_question q ON q.campaign = i.campaign AND q.question = i.question

-- step: review_item_decided
UPDATE review_item SET decision = d.decision, reviewer = d.reviewer,
		act = d.act, n = d.n, seconds = d.seconds, bulk = d.bulk,
		decided = d.decision <> 'not-mine'
			AND (d.grade <> 'silent' OR d.effective)
	FROM item_decision d WHERE d.campaign = review_item.campaign
		AND d.item = review_item.item

-- step: review_item_held
UPDATE review_item SET conflict = 'holder'
	FROM item i WHERE i.campaign = review_item.campaign AND i.n = review_item.item
		AND i.person = review_item.reviewer

-- step: review_item_matched
-- As accounts are matched now, certainly or not (item_conflict).
UPDATE review_item SET conflict = 'holder'
	WHERE conflict IS NULL AND EXISTS (SELECT 1 FROM person_account l
		JOIN person p ON p.id = l.person WHERE l.object = review_item.object
			AND p.employee = review_item.reviewer)

-- step: called
CREATE TEMP TABLE called (called TEXT, employee TEXT,
	PRIMARY KEY (called, employee)) WITHOUT ROWID

-- step: called_rows
INSERT OR IGNORE INTO called SELECT called, employee FROM main.called

-- step: review_grant
-- Who asked for what an account has, and who approved it (item_conflict).
CREATE TEMP TABLE review_grant (object INTEGER, employee TEXT, why TEXT,
	"right" TEXT, privileged INTEGER)

-- step: review_grant_rows
INSERT INTO review_grant
	SELECT DISTINCT v.object, c.employee,
		CASE WHEN c.called = v.approver THEN 'approver' ELSE 'requester' END,
		v."right", v.privileged
	FROM (SELECT DISTINCT object FROM review_item) i
		CROSS JOIN granted v ON v.object = i.object
		CROSS JOIN called c ON c.called IN (v.requester, v.approver)

-- step: review_grant_index
CREATE INDEX temp.review_grant_by_object ON review_grant (object, employee)

-- step: review_item_granted
UPDATE review_item SET conflict = g.why
	FROM review_grant g WHERE review_item.conflict IS NULL
		AND g.object = review_item.object AND g.employee = review_item.reviewer
		AND (CASE WHEN review_item.grp IS NULL THEN g."right" IS NULL
			ELSE EXISTS (SELECT 1 FROM object o LEFT JOIN group_fact f
				ON f.object = o.id WHERE o.id = review_item.grp
				AND g."right" IN (o.key, f.name, f.dn)) END
			OR (g.privileged AND (review_item.grp IS NULL
				OR review_item.privileged IS NOT 0)))

-- step: review_answer
-- What each reviewer left undecided.
CREATE TEMP TABLE review_answer AS
	SELECT campaign, asked AS reviewer, count(*) AS items,
		sum(decided = 0) AS undecided,
		sum(decided = 0 AND ifnull(privileged, 1)) AS undecided_privileged
	FROM review_item GROUP BY campaign, asked

-- step: review_stroke
-- Each decision that stands, and the seconds that an item of it took.
CREATE TEMP TABLE review_stroke AS
	SELECT campaign, reviewer, act, n, min(decision) AS decision,
		max(seconds) * 1.0 / max(bulk) AS seconds
	FROM review_item WHERE decided AND reviewer <> ''
	GROUP BY campaign, act, n

-- step: review_pace
CREATE TEMP TABLE review_pace AS
	SELECT campaign, reviewer, count(*) AS decisions,
		sum(decision = 'keep') AS keeps, count(seconds) AS timed,
		avg(CASE WHEN place IN ((timed + 1) / 2, (timed + 2) / 2)
			THEN seconds END) AS median
	FROM (SELECT *, CASE WHEN seconds IS NOT NULL THEN
			row_number() OVER (PARTITION BY campaign, reviewer, seconds IS NULL
				ORDER BY seconds) END AS place,
			count(seconds) OVER (PARTITION BY campaign, reviewer) AS timed
		FROM review_stroke)
	GROUP BY campaign, reviewer

-- step: mover_review
-- Those who moved, and when all they held was last put to review and decided.
CREATE TEMP TABLE mover_review AS
	SELECT person, max(frozen) AS frozen FROM (
		SELECT p.person, i.campaign, f.at AS frozen
		FROM person_now p CROSS JOIN account a ON a.person = p.person
			CROSS JOIN item i ON i.account = a.object
			JOIN campaign_freeze c ON c.campaign = i.campaign
			JOIN act f ON f.id = c.act
		WHERE p.transferred IS NOT NULL AND f.at >= p.transferred
			AND :now - p.transferred <= :mover_lookback_days * :day
		GROUP BY p.person, i.campaign
		HAVING min(EXISTS (SELECT 1 FROM item_decision d
			WHERE d.campaign = i.campaign AND d.item = i.n
				AND d.decision <> 'not-mine' AND d.grade <> 'silent')))
	GROUP BY person

-- step: account_fact_now
CREATE TEMP VIEW fact AS SELECT * FROM main.account_fact
	WHERE until = 9223372036854775807

-- step: result
CREATE TEMP TABLE result (
	rule TEXT NOT NULL, subject INTEGER, about TEXT NOT NULL,
	state TEXT NOT NULL, certainty TEXT NOT NULL, severity TEXT NOT NULL,
	reason TEXT NOT NULL, evidence TEXT NOT NULL, stands_for INTEGER NOT NULL,
	exception INTEGER, PRIMARY KEY (rule, subject, about))

-- over: account
SELECT count(*) FROM account

-- over: enabled
SELECT count(*) FROM account WHERE enabled

-- over: privileged
SELECT count(*) FROM account WHERE privileged

-- over: service
SELECT count(*) FROM account WHERE service

-- over: group
SELECT count(*) FROM grp

-- over: source
SELECT count(*) FROM source_now

-- over: realm
SELECT count(DISTINCT realm) FROM source_now

-- over: person
SELECT count(*) FROM person_now

-- over: policy
SELECT count(*) FROM policy_now

-- over: pair
SELECT count(*) FROM pair

-- over: revoked
SELECT count(*) FROM revoked

-- over: trail
SELECT count(DISTINCT host) FROM trail_import WHERE form = 'reeve'

-- over: review
SELECT count(*) FROM review_item

-- over: policy rows
-- Each policy; and each source without one, key NULL.
SELECT source, key, min_length, history, max_age, min_age, lockout_attempts,
	lockout_duration, complexity, min_classes, needs_letter, needs_digit,
	needs_symbol, reversible, first_use_change, blocklist, idle_disable,
	privileged_accounts
	FROM policy_now
UNION ALL SELECT source, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
	NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
	FROM source_now WHERE policies = 0
