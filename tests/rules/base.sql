-- What each rule's facts.sql begins with: four sources, one complete pull of
-- each at ago(0), and tables to write facts into with few words. ago(n) is n
-- days before the check; what is not said is not recorded.
INSERT INTO source (id, name, url, realm, core, product) VALUES
	(1, 'corp', 'ldaps://dc1.example', 'corp', 1, 'ad'),
	(2, 'unix', 'passwd:/srv/etc', 'unix', 1, 'passwd'),
	(3, 'tree', 'ldap://ldap.example', 'tree', 1, 'openldap'),
	(4, 'app', 'csv:/srv/app.csv', 'app', 0, 'csv');
INSERT INTO pull (id, source, started, mode, state, complete, scope, program)
	SELECT id, id, ago(0), 'full', 'applied', 1, '', 'test' FROM source;
-- Descriptors of the domain are readable.
INSERT INTO attribute_seen VALUES (1, 'ldaps://dc1.example', 'rights', 'nTSecurityDescriptor', 2, 1);

CREATE VIEW acct AS SELECT 0 AS id, 0 AS source, '' AS key, f.* FROM account_fact f;
CREATE TRIGGER acct_add INSTEAD OF INSERT ON acct BEGIN
	INSERT INTO object (id, source, kind, key) VALUES (NEW.id,
		ifnull(NEW.source, 1), 0, ifnull(NEW.key, 'name:' || NEW.name));
	INSERT INTO account_fact VALUES (NEW.id, ifnull(NEW.since, ifnull(NEW.source, 1)),
		9223372036854775807, x'00', ifnull(NEW.kind, 'user'),
		NEW.name, NEW.dn, NEW.host, NEW.display, NEW.mail, NEW.phone,
		NEW.employee, NEW.department, NEW.title, NEW.company, NEW.manager,
		NEW.owner, NEW.description, NEW.principal, NEW.sid, NEW.shell,
		NEW.home, NEW.policy, NEW.conditions,
		NEW.uid_number, NEW.gid_number, NEW.primary_rid, NEW.control,
		ifnull(NEW.enabled, 1), NEW.status_reason, NEW.locked,
		NEW.created, NEW.expires, NEW.password_set, NEW.password_expires,
		NEW.password_not_required, NEW.empty_password, NEW.reversible,
		NEW.des, NEW.no_preauth, NEW.password_never_expires,
		NEW.password_must_change, NEW.smartcard_required,
		NEW.unconstrained_delegation, NEW.protocol_transition,
		NEW.not_delegated, NEW.admin_count, NEW.password_locked,
		NEW.login_shell, NEW.has_keys, NEW.mfa, NEW.nis);
END;

CREATE VIEW groups AS SELECT 0 AS id, 0 AS source, '' AS key, f.* FROM group_fact f;
CREATE TRIGGER groups_add INSTEAD OF INSERT ON groups BEGIN
	INSERT INTO object (id, source, kind, key) VALUES (NEW.id,
		ifnull(NEW.source, 1), 1, ifnull(NEW.key, 'name:' || NEW.name));
	INSERT INTO group_fact VALUES (NEW.id, ifnull(NEW.source, 1),
		9223372036854775807, x'00', ifnull(NEW.kind, 'group'), NEW.name,
		NEW.dn, NEW.host, NEW.description, NEW.owner, NEW.mail, NEW.sid,
		NEW.gid_number, NEW.rid, NEW.created, NEW.privileged, NEW.detail,
		ifnull(NEW.members_incomplete, 0));
END;

-- who is in what; how: 0 member, 1 name, 2 primary, 3 SID history, 5 rule
CREATE VIEW holds AS SELECT member, grp, how FROM edge;
CREATE TRIGGER holds_add INSTEAD OF INSERT ON holds BEGIN
	INSERT INTO edge VALUES (NEW.grp, NEW.member, ifnull(NEW.how, 0), 1,
		9223372036854775807, NULL);
END;

CREATE VIEW used AS SELECT object AS id, maximum AS at, attribute, server,
	resolution, maximum_raw AS raw FROM usage;
CREATE TRIGGER used_add INSTEAD OF INSERT ON used BEGIN
	INSERT INTO usage VALUES (NEW.id, ifnull(NEW.attribute, 'lastLogon'),
		ifnull(NEW.server, ''), NEW.at, NEW.raw, 1, NEW.at, NEW.raw, 1,
		ifnull(NEW.resolution, 0));
END;

CREATE VIEW policies AS SELECT f.* FROM policy_fact f;
CREATE TRIGGER policies_add INSTEAD OF INSERT ON policies BEGIN
	INSERT INTO policy_fact VALUES (ifnull(NEW.source, 1), NEW.key, 1,
		9223372036854775807, x'00', NEW.name, ifnull(NEW.form, 'ad-domain'),
		NEW.host, NEW.precedence, ifnull(NEW.is_default, 0),
		NEW.min_length, NEW.history, NEW.max_age, NEW.min_age,
		NEW.lockout_attempts, NEW.lockout_duration, NEW.lockout_window,
		NEW.complexity, NEW.min_classes, NEW.needs_letter, NEW.needs_digit,
		NEW.needs_symbol, NEW.reversible, NEW.first_use_change,
		NEW.blocklist, NEW.idle_disable, NEW.detail);
END;

CREATE VIEW people AS SELECT person AS id, '' AS employee, name, mail, department,
	title, manager, kind, status, hired, left_at, absent_since, contract,
	contract_end FROM person_fact;
CREATE TRIGGER people_add INSTEAD OF INSERT ON people BEGIN
	INSERT OR IGNORE INTO hr_import VALUES (1, ago(0), ago(0), 'hr.csv', x'00', 1, 0);
	INSERT INTO person VALUES (NEW.id, ifnull(NEW.employee, 'E' || NEW.id));
	INSERT INTO person_fact VALUES (NEW.id, 1, 9223372036854775807, NEW.name,
		NEW.mail, NEW.department, NEW.title, NEW.manager,
		ifnull(NEW.kind, 'staff'), ifnull(NEW.status, 'active'), NEW.hired,
		NEW.left_at, NEW.absent_since, NEW.contract, NEW.contract_end);
END;

CREATE VIEW owns AS SELECT person, object, how FROM person_account;
CREATE TRIGGER owns_add INSTEAD OF INSERT ON owns BEGIN
	INSERT INTO person_account VALUES (NEW.object, NEW.person,
		ifnull(NEW.how, 'employee'), '', ago(0));
END;

CREATE VIEW sessions AS SELECT object, name, host, day, service, key, origin,
	result, sessions, hours, overlaps FROM use_day;
CREATE TRIGGER sessions_add INSTEAD OF INSERT ON sessions BEGIN
	INSERT OR IGNORE INTO trail_import (id, at, host, file, form, digest,
		first, last, records, refused, verified, head)
		VALUES (1, ago(0), 'h1', 'auth.log',
		'auth.log', x'00', ago(365), ago(0), 1, 0, NULL, NULL);
	INSERT INTO use_day VALUES (ifnull(NEW.host, 'h1'), ifnull(NEW.name,
		(SELECT name FROM account_fact f WHERE f.object = NEW.object)),
		NEW.day, ifnull(NEW.service, 'sshd'), ifnull(NEW.key, ''),
		ifnull(NEW.origin, ''), ifnull(NEW.result, 'success'),
		ifnull(NEW.sessions, 1), NEW.day * 86400, NEW.day * 86400 + 3600,
		ifnull(NEW.hours, 512), ifnull(NEW.overlaps, 0), NEW.object);
END;

CREATE VIEW registers AS SELECT kind, account, source, owner, purpose, approver,
	ends, confirmed FROM registered_account;
CREATE TRIGGER registers_add INSTEAD OF INSERT ON registers BEGIN
	INSERT OR IGNORE INTO register_import VALUES (1, ago(10), 'register.csv',
		x'00', 'registered_account', 1);
	INSERT INTO registered_account VALUES (NEW.kind, NEW.account, NEW.source,
		NEW.owner, NEW.purpose, NEW.approver, NEW.ends, NEW.confirmed, 1,
		9223372036854775807);
END;

-- A campaign of acts by nobody: what was decided on an account and a right
-- (NULL: the account), so many days before the check.
CREATE VIEW decided AS SELECT n AS id, 0 AS account, 0 AS grp, decision, 0 AS at,
	grade, reviewer, 0 AS privileged, '' AS severity FROM decision;
CREATE TRIGGER decided_add INSTEAD OF INSERT ON decided BEGIN
	INSERT OR IGNORE INTO act VALUES (1, ago(100), 'campaign-open', NULL, '', '', x'00');
	INSERT OR IGNORE INTO campaign VALUES (1, 1, '2026Q3', 'periodic', ago(90), 'E9', NULL, NULL);
	INSERT INTO act VALUES (NEW.id + 100, NEW.at, 'decisions', NULL, '', '', x'00');
	INSERT INTO item VALUES (1, 1, NEW.id, NEW.id, NEW.id, NEW.account, NEW.grp, NULL,
		ifnull(NEW.privileged, 0), ifnull(NEW.severity, ''), 'new', 0, 0, '{}');
	INSERT INTO decision (act, n, campaign, question, item, decision, reason, reviewer, grade, bulk)
		VALUES (NEW.id + 100, 1, 1, NEW.id, 0, NEW.decision, '',
			ifnull(NEW.reviewer, 'E9'), ifnull(NEW.grade, 'signed'), 1);
END;
