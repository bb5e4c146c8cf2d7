-- The review database: SQLite 3, WAL, one file, mode 0600.
--
-- Facts hold from one applied pull to another: since <= P AND P < until, with
-- until = 9223372036854775807 while they hold. Every applied pull has a number
-- that grows over all sources, so one number names a state of everything.
-- Times are seconds since 1970-01-01T00:00:00Z. NULL is "not recorded";
-- 9223372036854775807 in a time is "never" (review/fact.h). Yes and no are 1
-- and 0. Secrets and password hashes are nowhere.
--
-- The version is PRAGMA user_version; store.c migrates one step at a time.

-- What holds of the whole database: "rehearsal" is "yes" where --now may set
-- the time, so that nothing of it is taken for evidence.
CREATE TABLE setting (
	name  TEXT PRIMARY KEY,
	value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE source (
	id     INTEGER PRIMARY KEY,
	name   TEXT NOT NULL UNIQUE, -- of review.conf, or the URL
	url    TEXT NOT NULL,        -- without secrets
	realm  TEXT NOT NULL,        -- accounts of one realm are compared
	core   INTEGER NOT NULL,     -- 1: a campaign can't close without it
	product TEXT NOT NULL DEFAULT '' -- "openldap", "ad", "389ds", ... as told
) STRICT;

-- One run of one source. Only applied pulls are states of the facts.
CREATE TABLE pull (
	id        INTEGER PRIMARY KEY,
	source    INTEGER NOT NULL REFERENCES source,
	started   INTEGER NOT NULL,
	ended     INTEGER,
	mode      TEXT NOT NULL,    -- "full", "changes"
	state     TEXT NOT NULL,    -- "running", "applied", "held", "refused", "failed"
	complete  INTEGER NOT NULL, -- every query was
	incomplete TEXT,            -- the first reason why not
	scope     TEXT NOT NULL,    -- digests of what is asked for: as configured, as asked
	now_given INTEGER NOT NULL DEFAULT 0, -- 1: --now set the time
	program   TEXT NOT NULL,    -- "reeve 0.1.0"
	accounts  INTEGER, groups INTEGER, members INTEGER, -- the source's, after it
	accounts_new INTEGER, accounts_gone INTEGER, accounts_changed INTEGER,
	members_new INTEGER, members_gone INTEGER,
	members_lost INTEGER,       -- members_gone without those of accounts gone
	held      TEXT,             -- why the circuit breaker stopped it
	confirmed INTEGER,          -- a held one: when it was let through
	confirmed_by TEXT,          -- by whom, as they named themselves
	let_through INTEGER,        -- the held pull whose confirmation this one used
	digest    BLOB,             -- SHA-256 over its queries' digests, in order
	error     TEXT
) STRICT;
CREATE INDEX pull_by_source ON pull (source, id);

CREATE TABLE query (
	pull INTEGER NOT NULL REFERENCES pull,
	n    INTEGER NOT NULL,
	what TEXT NOT NULL, server TEXT NOT NULL, base TEXT, filter TEXT,
	attributes TEXT, identity TEXT, tls TEXT,
	result INTEGER NOT NULL, diagnostic TEXT,
	entries INTEGER NOT NULL, "values" INTEGER NOT NULL, pages INTEGER NOT NULL,
	ranges INTEGER NOT NULL, ranges_open INTEGER NOT NULL,
	referrals INTEGER NOT NULL, skipped INTEGER NOT NULL,
	invalid INTEGER NOT NULL, milliseconds INTEGER NOT NULL,
	digest BLOB NOT NULL,
	complete INTEGER NOT NULL, incomplete TEXT,
	PRIMARY KEY (pull, n)
) STRICT, WITHOUT ROWID;

-- Where values came from, per pull, server and attribute.
CREATE TABLE attribute_seen (
	pull INTEGER NOT NULL REFERENCES pull,
	server TEXT NOT NULL, what TEXT NOT NULL, attribute TEXT NOT NULL,
	entries INTEGER NOT NULL,
	recorded INTEGER, -- NULL: not known; 0: the source never records it
	PRIMARY KEY (pull, server, what, attribute)
) STRICT, WITHOUT ROWID;

-- What a source wants back at its next pull.
CREATE TABLE cookie (
	source INTEGER NOT NULL REFERENCES source,
	name   TEXT NOT NULL,
	value  TEXT NOT NULL,
	PRIMARY KEY (source, name)
) STRICT, WITHOUT ROWID;

-- Accounts (kind 0) and rights (kind 1): what facts are about. Never deleted.
CREATE TABLE object (
	id     INTEGER PRIMARY KEY,
	source INTEGER NOT NULL REFERENCES source,
	kind   INTEGER NOT NULL,
	key    TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX object_by_key ON object (source, kind, key);

CREATE TABLE account_fact (
	object INTEGER NOT NULL REFERENCES object,
	since  INTEGER NOT NULL,
	until  INTEGER NOT NULL,
	digest BLOB NOT NULL, -- of all that follows, to see a change
	kind   TEXT NOT NULL, -- "user", "machine", "managed-service", "trust", "foreign"
	name TEXT, dn TEXT, host TEXT, display TEXT, mail TEXT, phone TEXT,
	employee TEXT, department TEXT, title TEXT, company TEXT, manager TEXT,
	owner TEXT, description TEXT, principal TEXT, sid TEXT, shell TEXT,
	home TEXT, policy TEXT, conditions TEXT,
	uid_number INTEGER, gid_number INTEGER, primary_rid INTEGER,
	control INTEGER, -- userAccountControl as read
	enabled INTEGER, status_reason TEXT, locked INTEGER,
	created INTEGER, expires INTEGER,
	password_set INTEGER, password_expires INTEGER,
	password_not_required INTEGER, empty_password INTEGER,
	reversible INTEGER, des INTEGER, no_preauth INTEGER,
	password_never_expires INTEGER, password_must_change INTEGER,
	smartcard_required INTEGER, unconstrained_delegation INTEGER,
	protocol_transition INTEGER, not_delegated INTEGER,
	admin_count INTEGER, password_locked INTEGER, login_shell INTEGER,
	has_keys INTEGER, mfa INTEGER, nis INTEGER,
	PRIMARY KEY (object, since)
) STRICT, WITHOUT ROWID;

-- What an account has several of; also "raw:ATTRIBUTE".
CREATE TABLE account_value (
	object INTEGER NOT NULL REFERENCES object,
	attribute TEXT NOT NULL,
	value TEXT NOT NULL,
	since INTEGER NOT NULL,
	until INTEGER NOT NULL,
	PRIMARY KEY (object, attribute, value, since)
) STRICT, WITHOUT ROWID;
CREATE INDEX account_value_by_value ON account_value (attribute, value);

CREATE TABLE group_fact (
	object INTEGER NOT NULL REFERENCES object,
	since  INTEGER NOT NULL,
	until  INTEGER NOT NULL,
	digest BLOB NOT NULL,
	kind   TEXT NOT NULL, -- "group", "role", "sudo", "access", "control"
	name TEXT, dn TEXT, host TEXT, description TEXT, owner TEXT, mail TEXT,
	sid TEXT, gid_number INTEGER, rid INTEGER, created INTEGER,
	privileged INTEGER, detail TEXT, members_incomplete INTEGER NOT NULL,
	PRIMARY KEY (object, since)
) STRICT, WITHOUT ROWID;

-- member holds grp. how: 0 member, 1 name, 2 primary, 3 sid-history,
-- 4 dynamic, 5 rule, 6 foreign (enum edge_how).
CREATE TABLE edge (
	grp    INTEGER NOT NULL REFERENCES object,
	member INTEGER NOT NULL REFERENCES object,
	how    INTEGER NOT NULL,
	since  INTEGER NOT NULL,
	until  INTEGER NOT NULL,
	acquired INTEGER, -- where the directory says it
	PRIMARY KEY (grp, member, how, since)
) STRICT, WITHOUT ROWID;
CREATE INDEX edge_by_member ON edge (member, grp, until);

-- Members that no object answers to, and ALL.
CREATE TABLE dangling (
	grp   INTEGER NOT NULL REFERENCES object,
	form  INTEGER NOT NULL, -- enum reference_form
	reference TEXT NOT NULL,
	how   INTEGER NOT NULL, -- enum edge_how
	since INTEGER NOT NULL,
	until INTEGER NOT NULL,
	PRIMARY KEY (grp, form, reference, since)
) STRICT, WITHOUT ROWID;

-- Signs of use: no history but the latest and the highest ever seen, so that
-- an administrator's reset, which erases some, does not erase them here.
CREATE TABLE usage (
	object INTEGER NOT NULL REFERENCES object,
	attribute TEXT NOT NULL,
	server TEXT NOT NULL,
	latest INTEGER, latest_raw TEXT, latest_pull INTEGER NOT NULL,
	maximum INTEGER, maximum_raw TEXT, maximum_pull INTEGER NOT NULL,
	resolution INTEGER NOT NULL, -- s it may lag behind the truth
	PRIMARY KEY (object, attribute, server)
) STRICT, WITHOUT ROWID;

CREATE TABLE policy_fact (
	source INTEGER NOT NULL REFERENCES source,
	key    TEXT NOT NULL,
	since  INTEGER NOT NULL,
	until  INTEGER NOT NULL,
	digest BLOB NOT NULL,
	name TEXT, form TEXT NOT NULL, host TEXT, precedence INTEGER,
	is_default INTEGER NOT NULL,
	min_length INTEGER, history INTEGER, max_age INTEGER, min_age INTEGER,
	lockout_attempts INTEGER, lockout_duration INTEGER, lockout_window INTEGER,
	complexity INTEGER, min_classes INTEGER, needs_letter INTEGER,
	needs_digit INTEGER, needs_symbol INTEGER, reversible INTEGER,
	first_use_change INTEGER, blocklist INTEGER, idle_disable INTEGER,
	detail TEXT,
	PRIMARY KEY (source, key, since)
) STRICT, WITHOUT ROWID;

-- Whom a policy names: accounts and groups.
CREATE TABLE policy_target (
	source INTEGER NOT NULL, key TEXT NOT NULL,
	object INTEGER NOT NULL REFERENCES object,
	since INTEGER NOT NULL, until INTEGER NOT NULL,
	PRIMARY KEY (source, key, object, since)
) STRICT, WITHOUT ROWID;

-- ---- Persons (reeve hr) ----

-- One import of personnel data. as_of is the day the file speaks of.
CREATE TABLE hr_import (
	id INTEGER PRIMARY KEY,
	at INTEGER NOT NULL, as_of INTEGER NOT NULL,
	file TEXT NOT NULL, digest BLOB NOT NULL,
	rows INTEGER NOT NULL, refused INTEGER NOT NULL
) STRICT;

CREATE TABLE person (
	id INTEGER PRIMARY KEY,
	employee TEXT NOT NULL UNIQUE -- number; vendors' persons have one too
) STRICT;

CREATE TABLE person_fact (
	person INTEGER NOT NULL REFERENCES person,
	since INTEGER NOT NULL, until INTEGER NOT NULL, -- hr_import ids
	name TEXT, mail TEXT, department TEXT, title TEXT,
	manager TEXT,     -- employee number
	kind TEXT NOT NULL,   -- "staff", "vendor"
	status TEXT NOT NULL, -- "active", "absent", "left"
	hired INTEGER, left_at INTEGER, -- effective times
	absent_since INTEGER,
	contract TEXT, contract_end INTEGER,
	PRIMARY KEY (person, since)
) STRICT, WITHOUT ROWID;

-- What happened to a person, from effective dates or from two imports.
CREATE TABLE person_event (
	person INTEGER NOT NULL REFERENCES person,
	at INTEGER NOT NULL,
	what TEXT NOT NULL, -- "joined", "transferred", "left", "absent", "returned"
	before TEXT, after TEXT, -- departments or titles
	import INTEGER NOT NULL REFERENCES hr_import,
	PRIMARY KEY (person, at, what)
) STRICT, WITHOUT ROWID;

-- Whose an account is. how: "employee", "mail", "name", "confirmed", "ambiguous".
-- Ambiguity is one row for each candidate, and never used as an answer.
CREATE TABLE person_account (
	object INTEGER NOT NULL REFERENCES object,
	person INTEGER NOT NULL REFERENCES person,
	how TEXT NOT NULL,
	evidence TEXT NOT NULL,
	at INTEGER NOT NULL,
	PRIMARY KEY (object, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX person_account_by_person ON person_account (person);

-- ---- What no directory knows (reeve register) ----

CREATE TABLE register_import (
	id INTEGER PRIMARY KEY,
	at INTEGER NOT NULL, file TEXT NOT NULL, digest BLOB NOT NULL,
	kind TEXT NOT NULL, rows INTEGER NOT NULL
) STRICT;

-- since and until are register_import ids.
CREATE TABLE approval (
	ticket TEXT NOT NULL, requester TEXT, approver TEXT,
	account TEXT, "right" TEXT, not_before INTEGER, not_after INTEGER,
	since INTEGER NOT NULL, until INTEGER NOT NULL
) STRICT;
CREATE TABLE system (
	name TEXT NOT NULL, class TEXT NOT NULL, -- "core", "other"
	owner TEXT, tags TEXT, source TEXT, host TEXT,
	since INTEGER NOT NULL, until INTEGER NOT NULL
) STRICT;
CREATE TABLE right_name (
	"right" TEXT NOT NULL, -- a group's name, DN or key
	name_en TEXT, name_zh TEXT, owner TEXT, privileged INTEGER,
	since INTEGER NOT NULL, until INTEGER NOT NULL
) STRICT;
CREATE TABLE workstation (
	host TEXT NOT NULL, address TEXT, person TEXT, -- employee number
	shared INTEGER NOT NULL DEFAULT 0, -- hot-desk, helpdesk, bastion
	since INTEGER NOT NULL, until INTEGER NOT NULL
) STRICT;
CREATE TABLE contract (
	contract TEXT NOT NULL, vendor TEXT, sponsor TEXT, ends INTEGER,
	since INTEGER NOT NULL, until INTEGER NOT NULL
) STRICT;
CREATE TABLE sod_pair (
	name TEXT NOT NULL, first TEXT NOT NULL, second TEXT NOT NULL,
	reason TEXT, since INTEGER NOT NULL, until INTEGER NOT NULL
) STRICT;
-- The register of privileged accounts, of shared and of service accounts.
CREATE TABLE registered_account (
	kind TEXT NOT NULL, -- "privileged", "shared", "service", "temporary"
	account TEXT NOT NULL, source TEXT, owner TEXT, purpose TEXT,
	approver TEXT, ends INTEGER, confirmed INTEGER, -- owner confirmed at
	since INTEGER NOT NULL, until INTEGER NOT NULL
) STRICT;
-- Approved exceptions from rules; at most 180 days.
CREATE TABLE exception (
	rule TEXT NOT NULL, account TEXT NOT NULL, source TEXT, reason TEXT NOT NULL,
	compensation TEXT, approver TEXT NOT NULL, ends INTEGER NOT NULL,
	since INTEGER NOT NULL, until INTEGER NOT NULL
) STRICT;

-- ---- Trails (reeve trail) ----

CREATE TABLE trail_import (
	id INTEGER PRIMARY KEY,
	at INTEGER NOT NULL, host TEXT NOT NULL, file TEXT NOT NULL,
	form TEXT NOT NULL, -- "reeve", "auth.log", "journal", "wtmp"
	digest BLOB NOT NULL,
	first INTEGER, last INTEGER, -- what it covers
	records INTEGER NOT NULL, refused INTEGER NOT NULL,
	verified INTEGER, -- Reeve's own: 1 verified, 0 not; else NULL
	head TEXT         -- its checkpoint: tree size and root; or why not verified
) STRICT;

-- One account, one day (UTC), one host, one key, one origin: reduced facts.
CREATE TABLE use_day (
	host TEXT NOT NULL, name TEXT NOT NULL, -- the account's on that host
	day INTEGER NOT NULL,    -- days since 1970
	service TEXT NOT NULL,   -- "sshd", "sudo", "login"
	key TEXT NOT NULL,       -- SHA256:... or ""
	origin TEXT NOT NULL,    -- address, or the invoking account of sudo, or ""
	result TEXT NOT NULL,    -- "success", "failure"
	sessions INTEGER NOT NULL,
	first INTEGER NOT NULL, last INTEGER NOT NULL, -- times of that day
	hours INTEGER NOT NULL,  -- bit h: used in that hour
	overlaps INTEGER NOT NULL, -- sessions while one of another key and origin ran
	object INTEGER REFERENCES object, -- the account, once matched
	PRIMARY KEY (name, host, day, service, key, origin, result)
) STRICT, WITHOUT ROWID;
CREATE INDEX use_day_by_object ON use_day (object, day);

CREATE TABLE host_pin (
	host TEXT PRIMARY KEY, key TEXT NOT NULL, -- the trail's first key
	pinned INTEGER NOT NULL, size INTEGER NOT NULL, root BLOB NOT NULL,
	confirmed TEXT -- by whom; NULL: first use
) STRICT, WITHOUT ROWID;

-- ---- Findings (reeve check) ----

CREATE TABLE check_run (
	id INTEGER PRIMARY KEY,
	at INTEGER NOT NULL, now INTEGER NOT NULL, now_given INTEGER NOT NULL,
	state INTEGER NOT NULL, -- the newest applied pull: the state judged
	profile TEXT NOT NULL, program TEXT NOT NULL
) STRICT;

CREATE TABLE rule_run (
	run INTEGER NOT NULL REFERENCES check_run,
	rule TEXT NOT NULL, digest BLOB NOT NULL, -- of the rule's text
	population INTEGER NOT NULL,
	hits INTEGER NOT NULL, unknowns INTEGER NOT NULL, excepted INTEGER NOT NULL,
	error TEXT,
	PRIMARY KEY (run, rule)
) STRICT, WITHOUT ROWID;

-- One finding has one life: first and last seen, closed when a complete pull
-- no longer shows it. id is what reports quote.
CREATE TABLE finding (
	id INTEGER PRIMARY KEY,
	rule TEXT NOT NULL,
	subject INTEGER,        -- object; NULL: about a source, a policy, a host
	about TEXT NOT NULL,    -- what beside the subject tells it apart: a right
	state TEXT NOT NULL,    -- "hit", "unknown"
	certainty TEXT NOT NULL, -- "certain", "possible", "hint"
	severity TEXT NOT NULL, -- "critical", "high", "medium", "low", "info"
	reason TEXT NOT NULL,   -- of unknown; else ""
	evidence TEXT NOT NULL, -- JSON object: names and values
	first_run INTEGER NOT NULL REFERENCES check_run,
	last_run INTEGER NOT NULL REFERENCES check_run,
	closed_run INTEGER REFERENCES check_run,
	exception INTEGER -- 1: an approved exception covers it
) STRICT;
CREATE UNIQUE INDEX finding_open ON finding (rule, ifnull(subject, 0), about)
	WHERE closed_run IS NULL;
CREATE INDEX finding_by_subject ON finding (subject);

-- One verdict a policy, requirement and profile, per run.
CREATE TABLE verdict (
	run INTEGER NOT NULL REFERENCES check_run,
	profile TEXT NOT NULL, requirement TEXT NOT NULL, -- "password.min_length"
	source INTEGER NOT NULL, policy TEXT NOT NULL,
	verdict TEXT NOT NULL, -- "conforming", "partly", "not", "needs-reading",
	                       -- "unavailable", "not-applicable"; "conflict" of
	                       -- two enforced profiles: "a+b"
	wanted TEXT NOT NULL, found TEXT NOT NULL, clause TEXT NOT NULL,
	PRIMARY KEY (run, profile, requirement, source, policy)
) STRICT, WITHOUT ROWID;
