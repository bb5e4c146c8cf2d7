-- A bank that never was, for test and bench of campaigns; every number is a
-- multiple of temp.bank's. hosts: each has six privileged entitlements of
-- accounts that are nobody's, and local ones that are not; systems own hosts.
-- people: twenty to a department and manager, each with twelve privileged rights
-- that their department shares, and plain ones.

INSERT INTO source (id, name, url, realm, core, product) VALUES
	(1, 'corp', 'ldap://ldap.example', 'corp', 1, 'openldap'),
	(2, 'servers', 'passwd:/srv/hosts', 'servers', 1, 'passwd');
INSERT INTO pull (id, source, started, mode, state, complete, scope, program)
	SELECT id, id, 1796083200, 'full', 'applied', 1, '', 'test' FROM source;
INSERT INTO hr_import VALUES (1, 1796083200, 1796083200, 'hr.csv', x'00', 1, 0);
INSERT INTO register_import VALUES (1, 1796083200, 'systems.csv', x'00', 'systems', 1);

CREATE TEMP TABLE host AS WITH RECURSIVE n (n) AS (SELECT 0 UNION ALL
	SELECT n + 1 FROM n WHERE n + 1 < (SELECT hosts FROM bank)) SELECT n FROM n;
CREATE TEMP TABLE human AS WITH RECURSIVE n (n) AS (SELECT 0 UNION ALL
	SELECT n + 1 FROM n WHERE n + 1 < (SELECT people FROM bank)) SELECT n FROM n;
CREATE TEMP TABLE twelve AS WITH RECURSIVE n (n) AS (SELECT 0 UNION ALL
	SELECT n + 1 FROM n WHERE n < 11) SELECT n FROM n;
CREATE TEMP TABLE local AS WITH RECURSIVE n (n) AS (SELECT 0 UNION ALL
	SELECT n + 1 FROM n WHERE n + 1 < (SELECT locals FROM bank)) SELECT n FROM n
	WHERE (SELECT locals FROM bank) > 0;
CREATE TEMP TABLE plain AS WITH RECURSIVE n (n) AS (SELECT 0 UNION ALL
	SELECT n + 1 FROM n WHERE n + 1 < (SELECT plains FROM bank)) SELECT n FROM n
	WHERE (SELECT plains FROM bank) > 0;

-- Persons: id n + 1; the first of each twenty is the manager of the others,
-- and person 1 of them.
INSERT INTO person SELECT n + 1, 'E' || (n + 1) FROM human;
INSERT INTO person_fact (person, since, until, name, department, manager, kind,
		status, hired)
	SELECT n + 1, 1, 9223372036854775807, 'Person ' || n, 'D' || (n / 20),
		CASE WHEN n = 0 THEN NULL WHEN n % 20 = 0 THEN 'E1'
			ELSE 'E' || (n / 20 * 20 + 1) END, 'staff', 'active', 1500000000
	FROM human;
-- Their accounts: id n + 1.
INSERT INTO object SELECT n + 1, 1, 0, 'name:p' || n FROM human;
INSERT INTO account_fact (object, since, until, digest, kind, name, dn, enabled,
		created)
	SELECT n + 1, 1, 9223372036854775807, x'00', 'user', 'p' || n,
		'uid=p' || n || ',ou=people,dc=bank', 1, 1600000000 FROM human;
INSERT INTO person_account SELECT n + 1, n + 1, 'employee', '', 1796083200 FROM human;
INSERT INTO usage SELECT n + 1, 'authTimestamp', '', 1796000000, NULL, 1,
	1796000000, NULL, 1, 0 FROM human;
-- Twelve privileged rights of each department's own, ids from 50,000,001; the
-- plain ones, from 60,000,001, are each for five departments.
INSERT INTO object SELECT 50000001 + h.n / 20 * 12 + t.n, 1, 1,
	'name:r' || (h.n / 20) || '-' || t.n FROM human h, twelve t WHERE h.n % 20 = 0;
INSERT INTO group_fact (object, since, until, digest, kind, name, privileged,
		members_incomplete)
	SELECT id, 1, 9223372036854775807, x'00', 'group', substr(key, 6), 1, 0
	FROM object WHERE kind = 1;
INSERT INTO edge SELECT 50000001 + h.n / 20 * 12 + t.n, h.n + 1, 0, 1,
	9223372036854775807, NULL FROM human h, twelve t WHERE h.n < (
		SELECT privileged FROM bank);
INSERT INTO object SELECT 60000001 + h.n / 100 * 100 + p.n, 1, 1,
	'name:g' || (h.n / 100) || '-' || p.n FROM human h, plain p WHERE h.n % 100 = 0;
INSERT INTO group_fact (object, since, until, digest, kind, name,
		members_incomplete)
	SELECT id, 1, 9223372036854775807, x'00', 'group', substr(key, 6), 0
	FROM object WHERE id > 60000000;
INSERT INTO edge SELECT 60000001 + h.n / 100 * 100 + p.n, h.n + 1, 0, 1,
	9223372036854775807, NULL FROM human h, plain p;
-- One in twenty has a right of the next department, which nobody there shares.
INSERT OR IGNORE INTO edge SELECT 50000001 + (h.n / 20 + 1) * 12, h.n + 1, 0, 1,
	9223372036854775807, NULL FROM human h WHERE h.n % 20 = 7
		AND h.n < (SELECT privileged FROM bank)
		AND h.n / 20 + 1 < (SELECT people / 20 FROM bank);

-- Hosts: accounts root, emergency, backup, watch and local ones, from
-- 10,000,001 on, a hundred ids each; rights of sudo from 80,000,001.
INSERT INTO system SELECT 'system ' || (n / 25), 'core', 'E' || (1 + n / 25 * 20 % (
	SELECT people FROM bank)), NULL, 'servers', 'h' || n, 1, 9223372036854775807 FROM host;
INSERT INTO query SELECT 2, n, 'host', '', 'h' || n, NULL, NULL, NULL, NULL, 0,
	NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0, x'00', 1, NULL FROM host;
CREATE TEMP TABLE user (n INTEGER, name TEXT, uid INTEGER);
INSERT INTO user VALUES (0, 'root', 0), (1, 'emergency', 0), (2, 'backup', 990), (3, 'watch', 991);
INSERT INTO user SELECT 4 + n, 'local' || n, 2000 + n FROM local;
INSERT INTO object SELECT 10000001 + h.n * 100 + u.n, 2, 0,
	'h' || h.n || '/' || u.name FROM host h, user u;
INSERT INTO account_fact (object, since, until, digest, kind, name, host,
		uid_number, enabled)
	SELECT 10000001 + h.n * 100 + u.n, 2, 9223372036854775807, x'00', 'user',
		u.name, 'h' || h.n, u.uid, 1 FROM host h, user u;
INSERT INTO object SELECT 80000001 + h.n * 2 + u.n - 2, 2, 1,
	'sudo:h' || h.n || '/' || u.n FROM host h, user u WHERE u.n IN (2, 3);
INSERT INTO group_fact (object, since, until, digest, kind, name, host, detail,
		privileged, members_incomplete)
	SELECT 80000001 + h.n * 2 + u.n - 2, 2, 9223372036854775807, x'00', 'sudo',
		'(root) NOPASSWD: /opt/' || u.name, 'h' || h.n, 'etc/sudoers: ' || u.name, 1, 0
	FROM host h, user u WHERE u.n IN (2, 3);
INSERT INTO edge SELECT 80000001 + h.n * 2 + u.n - 2, 10000001 + h.n * 100 + u.n,
	5, 2, 9223372036854775807, NULL FROM host h, user u WHERE u.n IN (2, 3);

-- A check, and what it found: one in fifty persons, one in a hundred roots.
INSERT INTO check_run VALUES (1, 1796083200, 1796083200, 0, 2, 'house', 'test', NULL);
INSERT INTO rule_run VALUES (1, 'AR-161', x'00', 0, 0, 0, 0, NULL),
	(1, 'AR-166', x'00', 0, 0, 0, 0, NULL);
INSERT INTO finding (rule, subject, about, state, certainty, severity, reason,
		evidence, first_run, last_run)
	SELECT 'AR-161', n + 1, '', 'hit', 'certain', 'medium', '', '{}', 1, 1
	FROM human WHERE n % 50 = 3
	UNION ALL SELECT 'AR-166', 10000001 + n * 100, '', 'hit', 'certain', 'high', '',
	'{}', 1, 1 FROM host WHERE n % 100 = 5;
DROP TABLE user;
DROP TABLE plain;
DROP TABLE local;
DROP TABLE twelve;
DROP TABLE human;
DROP TABLE host;
