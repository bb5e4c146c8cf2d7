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
	loss      BLOB,             -- a held one: digest of what is lost (review/loss.h)
	let_through INTEGER,        -- the held pull whose confirmation this one used
	drift     INTEGER,          -- a full one: how much the pulls of changes before
	                            -- it had missed; NULL: that was not looked at
	digest    BLOB,             -- SHA-256 over its queries' digests, in order
	error     TEXT
) STRICT;
CREATE INDEX pull_by_source ON pull (source, id);

-- What a verifying full pull found and pulls of changes had missed, the first
-- 50 of it: an object (grp 0) "new", "gone", "changed", or its membership in
-- grp, "member", "no-member".
CREATE TABLE drift (
	pull   INTEGER NOT NULL REFERENCES pull,
	grp    INTEGER NOT NULL,
	member INTEGER NOT NULL REFERENCES object,
	what   TEXT NOT NULL,
	PRIMARY KEY (pull, grp, member, what)
) STRICT, WITHOUT ROWID;

-- What a held pull would take away: an object (grp 0), or its membership in
-- grp. Of several with the same digest only the first has rows; they go when a
-- pull is applied, but for those it used the confirmation of.
CREATE TABLE loss (
	pull   INTEGER NOT NULL REFERENCES pull,
	grp    INTEGER NOT NULL,
	member INTEGER NOT NULL REFERENCES object,
	PRIMARY KEY (pull, grp, member)
) STRICT, WITHOUT ROWID;

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

-- Where a host's only record of use begins, older ones being rotated away.
CREATE TABLE use_begins (
	pull INTEGER NOT NULL REFERENCES pull,
	host TEXT NOT NULL, attribute TEXT NOT NULL, begins INTEGER NOT NULL,
	PRIMARY KEY (pull, host, attribute)
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
CREATE INDEX approval_by_account ON approval (lower(account));
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
	at_last INTEGER NOT NULL DEFAULT 0, -- records at that last second
	records INTEGER NOT NULL, refused INTEGER NOT NULL,
	verified INTEGER, -- Reeve's own: 1 verified, 0 not; else NULL
	head TEXT         -- its checkpoint: tree size and root; or why not verified
) STRICT;

CREATE INDEX trail_import_by_host ON trail_import (host);

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

-- The same in parts of a day, for reeve daily: successes by the quarter of an
-- hour, failures by the minute. Names that are no account's are never here:
-- people type passwords there.
CREATE TABLE use_part (
	host TEXT NOT NULL,
	at INTEGER NOT NULL,   -- when its part of the day begins
	class TEXT NOT NULL,   -- "success"; "secret", "unknown", "locked",
	                       -- "disabled", "password" (expired), "refused";
	                       -- "directory": nobody's failure
	name TEXT NOT NULL,    -- the account's on that host, or ''
	mask TEXT NOT NULL,    -- then: "HASH LENGTH FIRST", keyed; "+" further
	                       -- names of the same minute and origin
	service TEXT NOT NULL, key TEXT NOT NULL, origin TEXT NOT NULL, -- use_day
	form TEXT NOT NULL,    -- of the trail: two may tell of the same login
	elsewhere INTEGER NOT NULL, -- the masked name is an account's elsewhere
	count INTEGER NOT NULL,
	first INTEGER NOT NULL, last INTEGER NOT NULL,
	PRIMARY KEY (host, at, class, name, mask, service, key, origin, form)
) STRICT, WITHOUT ROWID;
CREATE INDEX use_part_failed ON use_part (at) WHERE class <> 'success';
CREATE INDEX use_part_by_origin ON use_part (origin, at)
	WHERE class <> 'success';
CREATE INDEX use_part_by_name ON use_part (name, mask, at)
	WHERE class <> 'success';

-- The key of masks.
CREATE TABLE use_key (
	id INTEGER PRIMARY KEY, key BLOB NOT NULL
) STRICT;

-- Where lines of whatever followed each other within a quarter of an hour, so
-- that a quiet day is told from a silent trail.
CREATE TABLE trail_span (
	import INTEGER NOT NULL REFERENCES trail_import,
	host TEXT NOT NULL,
	first INTEGER NOT NULL, last INTEGER NOT NULL,
	broken INTEGER NOT NULL, -- the trail says that records before are missing
	PRIMARY KEY (host, first, import)
) STRICT, WITHOUT ROWID;

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
	profile TEXT NOT NULL, program TEXT NOT NULL,
	thresholds BLOB -- SHA-256 over all as they were in force: "NAME=VALUE" lines
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

-- ---- Acts: what enrolled persons said, in one chain ----

-- Every decision, approval, opening and closing is an act. text is one line of
-- JSON: it names the act before by its digest, and holds the digest of the rows
-- that carry this act's number (review/act.h says which, in which order). It
-- is what the person signed. Acts and their rows are never changed or deleted:
-- a later act supersedes.
CREATE TABLE act (
	id     INTEGER PRIMARY KEY, -- 1, 2, 3: no gaps
	at     INTEGER NOT NULL,    -- never before the act before
	kind   TEXT NOT NULL,       -- of the table in review/act.c
	signer INTEGER REFERENCES signer DEFERRABLE INITIALLY DEFERRED,
	                            -- NULL: by the program itself, unsigned
	text   TEXT NOT NULL,
	signature TEXT NOT NULL,    -- armoured sshsig of text; '' without a signer
	digest BLOB NOT NULL        -- SHA-256 over text, LF, signature
) STRICT;
-- Four bytes of each row's own digest, rows in parts of 1024: it can't prove
-- anything, but lets the check name the row that was changed.
CREATE TABLE act_aid (
	act  INTEGER NOT NULL REFERENCES act DEFERRABLE INITIALLY DEFERRED,
	"table" TEXT NOT NULL, part INTEGER NOT NULL,
	sums BLOB NOT NULL,
	PRIMARY KEY (act, "table", part)
) STRICT, WITHOUT ROWID;

-- A person is an enrolled public key. The first two enrol themselves; later
-- ones, and every ending, count once a second person has approved the act.
CREATE TABLE signer (
	id   INTEGER PRIMARY KEY,
	act  INTEGER NOT NULL REFERENCES act DEFERRABLE INITIALLY DEFERRED,
	name TEXT NOT NULL UNIQUE,
	employee TEXT,          -- employee number; NULL: not in personnel data
	role TEXT NOT NULL,     -- "officer", "reviewer", "auditor"
	key  TEXT NOT NULL UNIQUE,        -- "ssh-ed25519 AAAA...", no comment
	fingerprint TEXT NOT NULL UNIQUE, -- SHA256:...
	grounds TEXT NOT NULL DEFAULT ''  -- how the key was brought
) STRICT;
CREATE TABLE signer_end (
	act    INTEGER NOT NULL REFERENCES act DEFERRABLE INITIALLY DEFERRED,
	signer INTEGER NOT NULL REFERENCES signer,
	reason TEXT NOT NULL,
	PRIMARY KEY (act, signer)
) STRICT, WITHOUT ROWID;

-- What a second person said of an act: another key, and another employee.
CREATE TABLE second (
	act INTEGER PRIMARY KEY REFERENCES act DEFERRABLE INITIALLY DEFERRED,
	of  INTEGER NOT NULL REFERENCES act,
	verdict TEXT NOT NULL, -- "approved", "refused"
	reason  TEXT NOT NULL
) STRICT;
CREATE INDEX second_by_of ON second (of);

-- ---- Campaigns (reeve campaign, decide) ----

CREATE TABLE campaign (
	id   INTEGER PRIMARY KEY,
	act  INTEGER NOT NULL REFERENCES act DEFERRABLE INITIALLY DEFERRED,
	name TEXT NOT NULL UNIQUE, -- "2026Q4"
	type TEXT NOT NULL,        -- "periodic", "privileged", "event", "ad-hoc"
	due  INTEGER NOT NULL,     -- decisions are late from then on
	fallback TEXT NOT NULL,    -- employee number: decides where nobody else may
	previous INTEGER REFERENCES campaign, -- whose scope was copied
	cause TEXT                 -- of an event: "left:E1001", "transferred:E1002"
) STRICT;
CREATE INDEX campaign_by_act ON campaign (act);

-- What is in it. A row without include takes out; everything of "what" that
-- has no row is in. Taking customers out is a rule that somebody signs.
CREATE TABLE campaign_scope (
	act INTEGER NOT NULL REFERENCES act DEFERRABLE INITIALLY DEFERRED,
	campaign INTEGER NOT NULL REFERENCES campaign,
	n INTEGER NOT NULL,
	include INTEGER NOT NULL,
	what  TEXT NOT NULL, -- "source", "class", "group", "privileged", "rule",
	                     -- "department", "person", "account"
	value TEXT NOT NULL, -- a name, a glob; of "privileged" "yes"
	reason TEXT NOT NULL,
	PRIMARY KEY (campaign, n)
) STRICT, WITHOUT ROWID;

-- The population, frozen: one act, and its rows campaign_source and item.
CREATE TABLE campaign_freeze (
	act INTEGER NOT NULL REFERENCES act DEFERRABLE INITIALLY DEFERRED,
	campaign INTEGER PRIMARY KEY REFERENCES campaign,
	state INTEGER NOT NULL REFERENCES pull, -- the newest applied pull
	run   INTEGER NOT NULL REFERENCES check_run, -- whose findings it shows
	profile TEXT NOT NULL,
	accounts INTEGER NOT NULL, excluded INTEGER NOT NULL, -- accounts
	items INTEGER NOT NULL, questions INTEGER NOT NULL
) STRICT;
CREATE INDEX campaign_freeze_by_act ON campaign_freeze (act);
CREATE TABLE campaign_source (
	act INTEGER NOT NULL REFERENCES act DEFERRABLE INITIALLY DEFERRED,
	campaign INTEGER NOT NULL REFERENCES campaign,
	source TEXT NOT NULL,
	host TEXT NOT NULL,  -- '' of a directory; else each expected host
	core INTEGER NOT NULL,
	pull INTEGER,        -- NULL: never pulled
	at INTEGER, complete INTEGER NOT NULL, reason TEXT NOT NULL,
	accounts INTEGER NOT NULL, rights INTEGER NOT NULL,
	excluded INTEGER NOT NULL, -- accounts out of scope
	excluded_rights INTEGER NOT NULL, -- that other accounts have, likewise
	novelty TEXT NOT NULL, -- "", "new", "gone" beside the campaign before
	PRIMARY KEY (campaign, source, host)
) STRICT, WITHOUT ROWID;

-- What somebody is asked: an item, or several that are alike.
CREATE TABLE question (
	campaign INTEGER NOT NULL REFERENCES campaign,
	n INTEGER NOT NULL,  -- in the order of asking: risk times novelty, then key
	kind TEXT NOT NULL,  -- "single"; "unchanged": low risk, kept last time;
	                     -- "template": one right of many alike
	title TEXT NOT NULL, -- of several: what they have in common, and how many
	                     -- they are, in words; else ''
	title_zh TEXT NOT NULL, -- the same in Chinese
	items INTEGER NOT NULL,
	rank INTEGER NOT NULL, -- the highest of its items
	privileged INTEGER NOT NULL, flagged INTEGER NOT NULL, low INTEGER NOT NULL,
	PRIMARY KEY (campaign, n)
) STRICT, WITHOUT ROWID;

-- A person's right, an account's right, or an account as such.
CREATE TABLE item (
	act INTEGER NOT NULL REFERENCES act DEFERRABLE INITIALLY DEFERRED,
	campaign INTEGER NOT NULL REFERENCES campaign,
	n INTEGER NOT NULL,
	question INTEGER NOT NULL,
	key TEXT NOT NULL,    -- SOURCE TAB account's key [TAB right's key]
	account INTEGER NOT NULL REFERENCES object,
	"right" INTEGER REFERENCES object, -- NULL: the account as such
	person TEXT,          -- employee number of the holder, if it is known
	privileged INTEGER,   -- NULL: can't be told
	severity TEXT NOT NULL, -- worst of its findings; '' none
	novelty TEXT NOT NULL,  -- "new", "finding", "unchanged"
	low INTEGER NOT NULL,   -- low risk, as review.md section 4 has it
	rank INTEGER NOT NULL,
	facts TEXT NOT NULL,  -- JSON: what the reviewer is shown (campaign.h)
	PRIMARY KEY (campaign, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX item_by_question ON item (campaign, question);
CREATE INDEX item_by_account ON item (account, "right");
-- An act comes after its rows, so SQLite looks for those of each act.
CREATE INDEX item_by_act ON item (act);

-- Who is to decide. The newest act's row of a question holds.
CREATE TABLE assignment (
	act INTEGER NOT NULL REFERENCES act DEFERRABLE INITIALLY DEFERRED,
	campaign INTEGER NOT NULL REFERENCES campaign,
	question INTEGER NOT NULL,
	reviewer TEXT NOT NULL, -- employee number; '' nobody could be found
	why TEXT NOT NULL,      -- "manager", "right-owner", "escalated:E1001", ...
	PRIMARY KEY (campaign, question, act)
) STRICT, WITHOUT ROWID;
CREATE INDEX assignment_by_act ON assignment (act);
CREATE INDEX assignment_by_reviewer ON assignment (campaign, reviewer);

CREATE TABLE deputy (
	act INTEGER NOT NULL REFERENCES act DEFERRABLE INITIALLY DEFERRED,
	reviewer TEXT NOT NULL, deputy TEXT NOT NULL, -- employee numbers
	not_before INTEGER NOT NULL, not_after INTEGER NOT NULL,
	questions INTEGER NOT NULL, -- at most so many a campaign
	PRIMARY KEY (act, reviewer)
) STRICT, WITHOUT ROWID;

-- What was handed out: "coded" worksheets have a key that only their code gives.
CREATE TABLE worksheet (
	act INTEGER NOT NULL REFERENCES act DEFERRABLE INITIALLY DEFERRED,
	campaign INTEGER NOT NULL REFERENCES campaign,
	reviewer TEXT NOT NULL,
	digest BLOB NOT NULL,  -- SHA-256 over this act, its questions and items
	code BLOB,             -- the key of its HMAC
	PRIMARY KEY (act, campaign, reviewer)
) STRICT, WITHOUT ROWID;

-- What came back. bytes: the file, where a signature or HMAC is over it.
CREATE TABLE returned (
	act INTEGER NOT NULL REFERENCES act DEFERRABLE INITIALLY DEFERRED,
	n INTEGER NOT NULL,
	campaign INTEGER NOT NULL REFERENCES campaign,
	reviewer TEXT NOT NULL,
	exported INTEGER NOT NULL REFERENCES act, -- which handed it out
	file TEXT NOT NULL, form TEXT NOT NULL, -- "json", "xlsx", "csv"
	digest BLOB NOT NULL, -- SHA-256 of the file
	grade TEXT NOT NULL,  -- as decision.grade
	signer INTEGER REFERENCES signer, signature TEXT NOT NULL,
	bytes BLOB,
	decisions INTEGER NOT NULL, refused INTEGER NOT NULL,
	PRIMARY KEY (act, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE decision (
	act INTEGER NOT NULL REFERENCES act DEFERRABLE INITIALLY DEFERRED,
	n INTEGER NOT NULL,
	campaign INTEGER NOT NULL REFERENCES campaign,
	question INTEGER NOT NULL,
	item INTEGER NOT NULL,  -- 0: all of the question's; the newest word holds
	decision TEXT NOT NULL, -- "keep", "modify", "revoke", "disable", "delete",
	                        -- "exception", "not-mine"
	reason TEXT NOT NULL,
	change TEXT,            -- of modify: what it should become
	compensation TEXT, ends INTEGER, -- of an exception
	proposal TEXT,          -- of not-mine: whose it is, an employee number
	reviewer TEXT NOT NULL, -- employee number
	grade TEXT NOT NULL,    -- "signed", "coded", "transcribed"; "silent": the
	                        -- program's proposal, because nobody answered
	decided INTEGER,        -- when, as the reviewer's own page says
	seconds INTEGER,        -- how long, likewise
	bulk INTEGER NOT NULL,  -- how many were decided at one stroke; 1: by itself
	PRIMARY KEY (act, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX decision_by_question ON decision (campaign, question, item, act);
CREATE INDEX decision_by_reviewer ON decision (campaign, reviewer, question);
CREATE INDEX decision_exception ON decision (campaign, question)
	WHERE decision = 'exception';

-- Of a source or host that is missing: two persons let the campaign close.
CREATE TABLE campaign_missing (
	act INTEGER NOT NULL REFERENCES act DEFERRABLE INITIALLY DEFERRED,
	campaign INTEGER NOT NULL REFERENCES campaign,
	source TEXT NOT NULL, host TEXT NOT NULL, reason TEXT NOT NULL,
	PRIMARY KEY (act, source, host)
) STRICT, WITHOUT ROWID;
CREATE TABLE campaign_end (
	act INTEGER NOT NULL REFERENCES act DEFERRABLE INITIALLY DEFERRED,
	campaign INTEGER PRIMARY KEY REFERENCES campaign,
	how TEXT NOT NULL, -- "closed", "cancelled"
	reason TEXT NOT NULL,
	decided INTEGER NOT NULL, excepted INTEGER NOT NULL, revoked INTEGER NOT NULL
) STRICT;
CREATE INDEX campaign_end_by_act ON campaign_end (act);
-- What reviewers were told, and when.
CREATE TABLE reminder (
	act INTEGER NOT NULL REFERENCES act DEFERRABLE INITIALLY DEFERRED,
	campaign INTEGER NOT NULL REFERENCES campaign,
	reviewer TEXT NOT NULL, step TEXT NOT NULL, -- "opened", "reminder", "overdue"
	mail TEXT NOT NULL, questions INTEGER NOT NULL,
	PRIMARY KEY (act, campaign, reviewer)
) STRICT, WITHOUT ROWID;

-- ---- Effect (reeve exception, remedy, denylist) ----

-- holder, here and in remedy: whom the account was matched with when it was
-- signed: employee numbers of all whose it might be, sorted, with commas
-- between; '' nobody. They may not be the second person. (Accounts are matched
-- anew with each pull, and what was approved must not change with it.)

-- Counts once a second person approved the act; at most 180 days.
CREATE TABLE exempted (
	act INTEGER NOT NULL REFERENCES act DEFERRABLE INITIALLY DEFERRED,
	n INTEGER NOT NULL,
	account INTEGER NOT NULL REFERENCES object,
	"right" INTEGER REFERENCES object,
	holder TEXT NOT NULL,
	rule TEXT,          -- NULL: the right is kept though it should go
	reason TEXT NOT NULL, compensation TEXT NOT NULL, ends INTEGER NOT NULL,
	owner TEXT NOT NULL, -- employee number
	renews INTEGER, renews_n INTEGER, -- act and n of the one it follows
	campaign INTEGER REFERENCES campaign, item INTEGER, -- whose decision it was
	PRIMARY KEY (act, n)
) STRICT, WITHOUT ROWID;
CREATE TABLE exempted_end (
	act INTEGER NOT NULL REFERENCES act DEFERRABLE INITIALLY DEFERRED,
	of INTEGER NOT NULL, n INTEGER NOT NULL, -- the exempted's act and n
	reason TEXT NOT NULL,
	PRIMARY KEY (act, of, n)
) STRICT, WITHOUT ROWID;

-- What is to be done; by whom and until when.
CREATE TABLE remedy (
	act INTEGER NOT NULL REFERENCES act DEFERRABLE INITIALLY DEFERRED,
	id INTEGER PRIMARY KEY,
	account INTEGER NOT NULL REFERENCES object,
	"right" INTEGER REFERENCES object,
	holder TEXT NOT NULL,
	action TEXT NOT NULL, -- "deny-login", "disable", "remove-right", "modify",
	                      -- "delete"
	severity TEXT NOT NULL, due INTEGER NOT NULL,
	owner TEXT NOT NULL, plan TEXT NOT NULL,
	campaign INTEGER REFERENCES campaign, item INTEGER, -- whose decision
	finding INTEGER REFERENCES finding                  -- or which finding
) STRICT;
CREATE INDEX remedy_by_act ON remedy (act);
CREATE INDEX remedy_by_account ON remedy (account, "right");
-- What became of it. Closed only by "proven": the pull that shows it.
CREATE TABLE remedy_event (
	act INTEGER NOT NULL REFERENCES act DEFERRABLE INITIALLY DEFERRED,
	remedy INTEGER NOT NULL REFERENCES remedy,
	what TEXT NOT NULL, -- "ticket", "extended", "proven", "open", "back"
	pull INTEGER REFERENCES pull, due INTEGER, detail TEXT NOT NULL,
	PRIMARY KEY (act, remedy)
) STRICT, WITHOUT ROWID;

-- A deny list as it was proposed; released by a second person.
CREATE TABLE denied (
	act INTEGER NOT NULL REFERENCES act DEFERRABLE INITIALLY DEFERRED,
	counter INTEGER PRIMARY KEY, scope TEXT NOT NULL,
	text TEXT NOT NULL -- of the note, without signatures: denylist(5)
) STRICT;
CREATE INDEX denied_by_act ON denied (act);

-- ---- Every day (reeve daily) ----

-- Days nobody works though they are weekdays, and the other way round. since
-- and until are register_import ids, as in all registers.
CREATE TABLE calendar (
	day INTEGER NOT NULL, -- days since 1970, local
	works INTEGER NOT NULL, name TEXT,
	since INTEGER NOT NULL, until INTEGER NOT NULL
) STRICT;
CREATE INDEX calendar_by_day ON calendar (day)
	WHERE until = 9223372036854775807;

-- Addresses that others warn of, F-ISAC for one.
CREATE TABLE listed_network (
	list TEXT NOT NULL,
	network BLOB NOT NULL, bits INTEGER NOT NULL, -- IPv4 mapped into IPv6
	note TEXT NOT NULL,
	since INTEGER NOT NULL, until INTEGER NOT NULL,
	PRIMARY KEY (list, network, bits, since)
) STRICT, WITHOUT ROWID;

-- What daily records must know of accounts; made anew by each run.
CREATE TABLE daily_account (
	object INTEGER PRIMARY KEY,
	privileged INTEGER NOT NULL, service INTEGER NOT NULL
) STRICT;

-- Alerts that were told, each once.
CREATE TABLE daily_alert (
	rule TEXT NOT NULL,    -- "stuffing", "spray", ... (reeve-daily(1))
	subject TEXT NOT NULL, -- an address, an account, or both
	at INTEGER NOT NULL,   -- when it began
	told INTEGER NOT NULL, facts TEXT NOT NULL,
	PRIMARY KEY (rule, subject, at)
) STRICT, WITHOUT ROWID;

-- One a local day and host or source. Later facts make a further version.
CREATE TABLE daily (
	act INTEGER NOT NULL REFERENCES act DEFERRABLE INITIALLY DEFERRED,
	day INTEGER NOT NULL,   -- days since 1970, local
	source TEXT NOT NULL,   -- a host, or "source:NAME"
	version INTEGER NOT NULL,
	state TEXT NOT NULL,    -- "complete", "incomplete"
	reason TEXT NOT NULL,   -- why incomplete
	due INTEGER NOT NULL,   -- noon of the next working day
	facts TEXT NOT NULL,    -- JSON: counts, classes, sessions to examine
	PRIMARY KEY (day, source, version)
) STRICT, WITHOUT ROWID;
CREATE INDEX daily_by_act ON daily (act);
-- Who examined it; late ones stay late.
CREATE TABLE daily_sign (
	act INTEGER NOT NULL REFERENCES act DEFERRABLE INITIALLY DEFERRED,
	day INTEGER NOT NULL, source TEXT NOT NULL, version INTEGER NOT NULL,
	disposition TEXT NOT NULL, late INTEGER NOT NULL,
	PRIMARY KEY (act, day, source)
) STRICT, WITHOUT ROWID;

-- A sample that an auditor drew: all that repeats the draw.
CREATE TABLE sample (
	act INTEGER PRIMARY KEY REFERENCES act DEFERRABLE INITIALLY DEFERRED,
	campaign INTEGER NOT NULL REFERENCES campaign,
	seed TEXT NOT NULL, size INTEGER NOT NULL, stratum TEXT NOT NULL
) STRICT;

-- A pack of evidence that was exported (reeve evidence).
CREATE TABLE pack (
	act INTEGER NOT NULL REFERENCES act DEFERRABLE INITIALLY DEFERRED,
	sequence INTEGER PRIMARY KEY, -- 1, 2, 3
	kind TEXT NOT NULL,           -- "periodic", "annual", "case", "topic"
	"from" INTEGER NOT NULL, "to" INTEGER NOT NULL,
	scope TEXT NOT NULL,          -- JSON: what it is limited to
	folder TEXT NOT NULL,         -- as it was given
	manifest BLOB NOT NULL        -- SHA-256 of manifest.xml
) STRICT;
CREATE INDEX pack_by_act ON pack (act);

-- What may be erased because its period has passed (reeve purge): counts once
-- a second person approved it. What was erased then.
CREATE TABLE purge (
	act INTEGER NOT NULL REFERENCES act DEFERRABLE INITIALLY DEFERRED,
	kind TEXT NOT NULL,      -- of the table in purge.c: "logins", ...
	"before" INTEGER NOT NULL, -- older than that
	rows INTEGER NOT NULL, oldest INTEGER,
	PRIMARY KEY (act, kind)
) STRICT, WITHOUT ROWID;
CREATE TABLE purged (
	act INTEGER NOT NULL REFERENCES act DEFERRABLE INITIALLY DEFERRED,
	of INTEGER NOT NULL REFERENCES act, -- the purge
	kind TEXT NOT NULL, "before" INTEGER NOT NULL, rows INTEGER NOT NULL,
	PRIMARY KEY (act, kind)
) STRICT, WITHOUT ROWID;
-- What may not be erased, whatever its period: a case is open. The newest act's
-- row of a name holds.
CREATE TABLE hold (
	act INTEGER NOT NULL REFERENCES act DEFERRABLE INITIALLY DEFERRED,
	name TEXT NOT NULL, held INTEGER NOT NULL, reason TEXT NOT NULL,
	PRIMARY KEY (act, name)
) STRICT, WITHOUT ROWID;

-- Two persons' confirmation of a held pull, of a host's first key, or that its
-- trail was begun anew.
CREATE TABLE confirmation (
	act INTEGER PRIMARY KEY REFERENCES act DEFERRABLE INITIALLY DEFERRED,
	what TEXT NOT NULL, -- "pull", "host", "anew"
	subject TEXT NOT NULL, -- its number, or the host
	digest BLOB NOT NULL   -- of what was shown: its loss (review/loss.h); the key
) STRICT;

-- What was said of each item, of it alone or of its whole question. effective:
-- it may have consequences. An exception, what is privileged or has findings
-- and is not signed, and what nobody decided ("silent"), need a second person's
-- approval of the act that brought them; what a second person refused has no
-- effect, whoever signed it. From items to their decisions: the other way round
-- each would pass all items of a campaign.
CREATE VIEW item_word AS
SELECT i.campaign, i.n AS item, i.question, i.account, i."right", i.person,
	i.privileged, i.severity, i.rank, d.act, d.n, d.decision, d.reason,
	d.change, d.compensation, d.ends, d.proposal, d.reviewer, d.grade,
	d.decided, d.seconds, d.bulk, d.item = 0 AS grouped,
	(d.grade <> 'signed' OR d.decision = 'exception') AND EXISTS (
		SELECT 1 FROM second s WHERE s.of = d.act
			AND s.verdict = 'refused') AS refused,
	d.decision <> 'not-mine'
		AND NOT ((d.grade <> 'signed' OR d.decision = 'exception')
			AND EXISTS (SELECT 1 FROM second s WHERE s.of = d.act
				AND s.verdict = 'refused'))
		AND ((d.decision <> 'exception' AND (d.grade = 'signed'
			OR (d.grade IN ('coded', 'transcribed') AND i.privileged IS 0
				AND i.severity IN ('', 'low', 'info'))))
		OR EXISTS (SELECT 1 FROM second s WHERE s.of = d.act
			AND s.verdict = 'approved')) AS effective
FROM item i CROSS JOIN decision d ON d.campaign = i.campaign
	AND d.question = i.question AND d.item IN (0, i.n);

-- The newest word on each item, with effect or waiting for it: how far it is.
-- What was refused is as if it had not been said; but what its reviewer signed
-- waits for nobody, so no second person takes it back.
CREATE VIEW item_decision AS
SELECT * FROM item_word w
WHERE NOT w.refused AND NOT EXISTS (SELECT 1 FROM decision l
	WHERE l.campaign = w.campaign AND l.question = w.question
		AND l.item IN (0, w.item) AND (l.act, l.n) > (w.act, w.n)
		AND NOT ((l.grade <> 'signed' OR l.decision = 'exception')
			AND EXISTS (SELECT 1 FROM second s WHERE s.of = l.act
				AND s.verdict = 'refused')));

-- The newest word with effect: a later one that waits takes nothing from it.
CREATE VIEW item_effect AS
SELECT * FROM item_word w
WHERE w.effective AND NOT EXISTS (SELECT 1 FROM item_word l
	WHERE l.campaign = w.campaign AND l.item = w.item AND l.effective
		AND (l.act, l.n) > (w.act, w.n));

-- The newest effective word on each right of an account, and ("right" NULL) on
-- the account as such, over all campaigns; of cancelled ones only what takes
-- away, for one person cancels. A decision to disable or delete is one on the
-- account, whatever right it was asked about; of one campaign the hardest such
-- word stands.
CREATE VIEW standing_decision AS
SELECT account, target AS "right", decision, reason, change, reviewer,
	campaign, item, act, n, severity, privileged
FROM (SELECT *, row_number() OVER (PARTITION BY account, target
		ORDER BY campaign DESC, CASE decision WHEN 'delete' THEN 0
			WHEN 'disable' THEN 1 ELSE 2 END, act DESC, n DESC) AS last
	FROM (SELECT *, CASE WHEN decision NOT IN ('disable', 'delete')
				THEN "right" END AS target
		FROM (SELECT d.*, row_number() OVER (PARTITION BY d.account, d."right"
				ORDER BY d.act DESC, d.n DESC) AS place
			FROM item_effect d
			WHERE d.decision IN ('revoke', 'disable', 'delete')
				OR NOT EXISTS (SELECT 1 FROM campaign_end e
				WHERE e.campaign = d.campaign AND e.how = 'cancelled'))
		WHERE place = 1))
WHERE last = 1;

-- How registers may call a person: by number, name or mail. Registers are typed,
-- so here and in granted they are without case, blanks and leading zeros: "e7"
-- is E7, and 7 is 007. Whoever is enrolled and not in personnel data is a
-- person as well.
CREATE VIEW called AS
SELECT called, employee FROM (
	SELECT lower(ltrim(replace(employee, ' ', ''), '0')) AS called, employee
	FROM person
	UNION ALL
	SELECT lower(ltrim(replace(f.name, ' ', ''), '0')), p.employee
	FROM person p JOIN person_fact f ON f.person = p.id
	WHERE f.until = 9223372036854775807
	UNION ALL
	SELECT lower(ltrim(replace(f.mail, ' ', ''), '0')), p.employee
	FROM person p JOIN person_fact f ON f.person = p.id
	WHERE f.until = 9223372036854775807
	UNION ALL
	SELECT lower(ltrim(replace(employee, ' ', ''), '0')), employee FROM signer)
WHERE called <> '' AND employee IS NOT NULL;

-- Who asked for and who approved what an account has, under every name that it
-- ever had, spelt as in called. privileged: what they gave is, by the register
-- or by a review.
CREATE VIEW granted AS
SELECT a.object, lower(ltrim(replace(v.requester, ' ', ''), '0')) AS requester,
	lower(ltrim(replace(v.approver, ' ', ''), '0')) AS approver, v."right",
	v."right" IS NOT NULL AND (EXISTS (SELECT 1
			FROM item s INDEXED BY item_by_account JOIN object o ON o.id = s."right"
			LEFT JOIN group_fact g ON g.object = o.id
			WHERE s.account = a.object AND s.privileged IS NOT 0
				AND v."right" IN (o.key, g.name, g.dn))
		OR EXISTS (SELECT 1 FROM right_name r WHERE r."right" = v."right"
			AND r.privileged = 1 AND r.until = 9223372036854775807)) AS privileged
FROM account_fact a JOIN approval v ON lower(v.account) = lower(a.name)
WHERE v.until = 9223372036854775807;

-- Who may not decide an item, and why: its holder ("holder"), at the freeze or
-- as accounts are matched now, certainly or not; who asked for the grant
-- ("requester") or approved it ("approver"). Ask for an employee or an item; a
-- row may be there twice. Names are those that account and right ever had. An
-- approval that names no right is of the account as such; one of a privileged
-- right is of all that is privileged of the account, which may have more names
-- than one, and of the account as such.
CREATE VIEW item_conflict AS
SELECT i.campaign, i.n AS item, i.person AS employee, 'holder' AS why
FROM item i WHERE i.person IS NOT NULL
UNION ALL
SELECT i.campaign, i.n, p.employee, 'holder'
FROM item i JOIN person_account l ON l.object = i.account
	JOIN person p ON p.id = l.person
UNION ALL
SELECT i.campaign, i.n, c.employee,
	CASE WHEN c.called = v.approver THEN 'approver' ELSE 'requester' END
FROM item i JOIN granted v ON v.object = i.account
	JOIN called c ON c.called IN (v.requester, v.approver)
WHERE (CASE WHEN i."right" IS NULL THEN v."right" IS NULL
		ELSE EXISTS (SELECT 1 FROM object o LEFT JOIN group_fact g
			ON g.object = o.id WHERE o.id = i."right"
			AND v."right" IN (o.key, g.name, g.dn)) END
		OR ((i."right" IS NULL OR i.privileged IS NOT 0) AND v.privileged));

-- Exceptions, from `reeve exception` and as decided in a review. One counts when
-- approved, not ended, not overtaken by a later decision that takes away or
-- by its own approved renewal, until it ends. One that was decided again, with
-- effect, is none.
CREATE VIEW exemption AS
SELECT x.*, a.at,
	EXISTS (SELECT 1 FROM second s WHERE s.of = x.act
		AND s.verdict = 'approved') AS approved,
	EXISTS (SELECT 1 FROM second s WHERE s.of = x.act
		AND s.verdict = 'refused') AS refused,
	EXISTS (SELECT 1 FROM exempted_end e WHERE e.of = x.act AND e.n = x.n) AS ended,
	EXISTS (SELECT 1 FROM exempted r JOIN second s ON s.of = r.act
			WHERE r.renews = x.act AND r.renews_n = x.n
				AND s.verdict = 'approved')
		OR EXISTS (SELECT 1 FROM item i JOIN item_effect d
				ON d.campaign = i.campaign AND d.item = i.n
			WHERE i.account = x.account AND i."right" IS x."right"
				AND d.act > x.act AND d.decision IN ('modify', 'revoke', 'disable', 'delete'))
		AS overtaken
FROM (SELECT act, n, account, "right", rule, reason, compensation, ends, owner,
		renews, renews_n, campaign, item FROM exempted
	UNION ALL
	SELECT d.act, d.n, i.account, i."right", NULL, d.reason, d.compensation,
		d.ends, d.reviewer, NULL, NULL, d.campaign, i.n
	FROM decision d CROSS JOIN item i INDEXED BY item_by_question
		ON i.campaign = d.campaign AND i.question = d.question
			AND d.item IN (0, i.n)
	WHERE d.decision = 'exception' AND NOT EXISTS (SELECT 1 FROM item_word l
		WHERE l.campaign = d.campaign AND l.item = i.n AND l.effective
			AND (l.act, l.n) > (d.act, d.n))) x
	JOIN act a ON a.id = x.act;

-- ---- What acts and findings are about ----

-- The objects that signed rows and findings name: of them the last facts stay
-- when older ones are erased (review/sql/purge.sql). None is NULL, so that
-- "not among them" is not unknown.
CREATE VIEW told_of(object) AS
	SELECT account FROM item
	UNION SELECT "right" FROM item WHERE "right" IS NOT NULL
	UNION SELECT account FROM exempted
	UNION SELECT "right" FROM exempted WHERE "right" IS NOT NULL
	UNION SELECT account FROM remedy
	UNION SELECT "right" FROM remedy WHERE "right" IS NOT NULL
	UNION SELECT subject FROM finding WHERE subject IS NOT NULL;

-- ---- What is signed stays ----

-- Once its act is there, no row is changed or deleted. It keeps mistakes from
-- happening; reeve verify is what finds those who go round it.
CREATE TRIGGER act_fixed BEFORE UPDATE ON act
BEGIN SELECT raise(ABORT, 'an act is never changed'); END;
CREATE TRIGGER act_kept BEFORE DELETE ON act
BEGIN SELECT raise(ABORT, 'an act is never deleted'); END;
CREATE TRIGGER act_aid_fixed BEFORE UPDATE ON act_aid
BEGIN SELECT raise(ABORT, 'an act is never changed'); END;
CREATE TRIGGER act_aid_kept BEFORE DELETE ON act_aid
BEGIN SELECT raise(ABORT, 'an act is never deleted'); END;
CREATE TRIGGER signer_fixed BEFORE UPDATE ON signer
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never changed'); END;
CREATE TRIGGER signer_kept BEFORE DELETE ON signer
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never deleted'); END;
CREATE TRIGGER signer_end_fixed BEFORE UPDATE ON signer_end
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never changed'); END;
CREATE TRIGGER signer_end_kept BEFORE DELETE ON signer_end
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never deleted'); END;
CREATE TRIGGER second_fixed BEFORE UPDATE ON second
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never changed'); END;
CREATE TRIGGER second_kept BEFORE DELETE ON second
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never deleted'); END;
CREATE TRIGGER campaign_fixed BEFORE UPDATE ON campaign
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never changed'); END;
CREATE TRIGGER campaign_kept BEFORE DELETE ON campaign
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never deleted'); END;
CREATE TRIGGER campaign_scope_fixed BEFORE UPDATE ON campaign_scope
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never changed'); END;
CREATE TRIGGER campaign_scope_kept BEFORE DELETE ON campaign_scope
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never deleted'); END;
CREATE TRIGGER campaign_freeze_fixed BEFORE UPDATE ON campaign_freeze
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never changed'); END;
CREATE TRIGGER campaign_freeze_kept BEFORE DELETE ON campaign_freeze
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never deleted'); END;
CREATE TRIGGER campaign_source_fixed BEFORE UPDATE ON campaign_source
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never changed'); END;
CREATE TRIGGER campaign_source_kept BEFORE DELETE ON campaign_source
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never deleted'); END;
CREATE TRIGGER question_fixed BEFORE UPDATE ON question
WHEN EXISTS (SELECT 1
	FROM campaign_freeze f JOIN act a ON a.id = f.act
	WHERE f.campaign = old.campaign)
BEGIN SELECT raise(ABORT, 'what was signed is never changed'); END;
CREATE TRIGGER question_kept BEFORE DELETE ON question
WHEN EXISTS (SELECT 1
	FROM campaign_freeze f JOIN act a ON a.id = f.act
	WHERE f.campaign = old.campaign)
BEGIN SELECT raise(ABORT, 'what was signed is never deleted'); END;
CREATE TRIGGER item_fixed BEFORE UPDATE ON item
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never changed'); END;
CREATE TRIGGER item_kept BEFORE DELETE ON item
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never deleted'); END;
CREATE TRIGGER assignment_fixed BEFORE UPDATE ON assignment
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never changed'); END;
CREATE TRIGGER assignment_kept BEFORE DELETE ON assignment
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never deleted'); END;
CREATE TRIGGER deputy_fixed BEFORE UPDATE ON deputy
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never changed'); END;
CREATE TRIGGER deputy_kept BEFORE DELETE ON deputy
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never deleted'); END;
CREATE TRIGGER worksheet_fixed BEFORE UPDATE ON worksheet
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never changed'); END;
CREATE TRIGGER worksheet_kept BEFORE DELETE ON worksheet
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never deleted'); END;
CREATE TRIGGER returned_fixed BEFORE UPDATE ON returned
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never changed'); END;
CREATE TRIGGER returned_kept BEFORE DELETE ON returned
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never deleted'); END;
CREATE TRIGGER decision_fixed BEFORE UPDATE ON decision
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never changed'); END;
CREATE TRIGGER decision_kept BEFORE DELETE ON decision
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never deleted'); END;
CREATE TRIGGER reminder_fixed BEFORE UPDATE ON reminder
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never changed'); END;
CREATE TRIGGER reminder_kept BEFORE DELETE ON reminder
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never deleted'); END;
CREATE TRIGGER campaign_missing_fixed BEFORE UPDATE ON campaign_missing
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never changed'); END;
CREATE TRIGGER campaign_missing_kept BEFORE DELETE ON campaign_missing
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never deleted'); END;
CREATE TRIGGER campaign_end_fixed BEFORE UPDATE ON campaign_end
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never changed'); END;
CREATE TRIGGER campaign_end_kept BEFORE DELETE ON campaign_end
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never deleted'); END;
CREATE TRIGGER exempted_fixed BEFORE UPDATE ON exempted
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never changed'); END;
CREATE TRIGGER exempted_kept BEFORE DELETE ON exempted
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never deleted'); END;
CREATE TRIGGER exempted_end_fixed BEFORE UPDATE ON exempted_end
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never changed'); END;
CREATE TRIGGER exempted_end_kept BEFORE DELETE ON exempted_end
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never deleted'); END;
CREATE TRIGGER remedy_fixed BEFORE UPDATE ON remedy
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never changed'); END;
CREATE TRIGGER remedy_kept BEFORE DELETE ON remedy
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never deleted'); END;
CREATE TRIGGER remedy_event_fixed BEFORE UPDATE ON remedy_event
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never changed'); END;
CREATE TRIGGER remedy_event_kept BEFORE DELETE ON remedy_event
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never deleted'); END;
CREATE TRIGGER denied_fixed BEFORE UPDATE ON denied
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never changed'); END;
CREATE TRIGGER denied_kept BEFORE DELETE ON denied
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never deleted'); END;
CREATE TRIGGER daily_fixed BEFORE UPDATE ON daily
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never changed'); END;
CREATE TRIGGER daily_kept BEFORE DELETE ON daily
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never deleted'); END;
CREATE TRIGGER daily_sign_fixed BEFORE UPDATE ON daily_sign
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never changed'); END;
CREATE TRIGGER daily_sign_kept BEFORE DELETE ON daily_sign
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never deleted'); END;
CREATE TRIGGER sample_fixed BEFORE UPDATE ON sample
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never changed'); END;
CREATE TRIGGER sample_kept BEFORE DELETE ON sample
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never deleted'); END;
CREATE TRIGGER pack_fixed BEFORE UPDATE ON pack
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never changed'); END;
CREATE TRIGGER pack_kept BEFORE DELETE ON pack
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never deleted'); END;
CREATE TRIGGER purge_fixed BEFORE UPDATE ON purge
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never changed'); END;
CREATE TRIGGER purge_kept BEFORE DELETE ON purge
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never deleted'); END;
CREATE TRIGGER purged_fixed BEFORE UPDATE ON purged
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never changed'); END;
CREATE TRIGGER purged_kept BEFORE DELETE ON purged
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never deleted'); END;
CREATE TRIGGER hold_fixed BEFORE UPDATE ON hold
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never changed'); END;
CREATE TRIGGER hold_kept BEFORE DELETE ON hold
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never deleted'); END;
CREATE TRIGGER confirmation_fixed BEFORE UPDATE ON confirmation
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never changed'); END;
CREATE TRIGGER confirmation_kept BEFORE DELETE ON confirmation
WHEN EXISTS (SELECT 1 FROM act WHERE id = old.act)
BEGIN SELECT raise(ABORT, 'what was signed is never deleted'); END;
