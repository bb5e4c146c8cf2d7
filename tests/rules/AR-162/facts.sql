INSERT INTO policies (source, key, name, form, is_default, max_age) VALUES
	(1, 'DC=x', 'domain', 'ad-domain', 1, 90 * 86400),
	(2, 'h1/login.defs', 'login.defs', 'local', 1, 9223372036854775807),
	(3, 'cn=default,dc=x', 'default', 'ppolicy', 1, 90 * 86400);
INSERT INTO acct (id, name, password_never_expires, password_set) VALUES (11, 'exempt', 1, ago(10)),
	(12, 'ordinary', 0, ago(10)), (13, 'exempt-chief', 1, ago(10));
INSERT INTO acct (id, name, password_never_expires, kind) VALUES (14, 'gmsa$', 1, 'managed-service');
INSERT INTO acct (id, name, password_never_expires, enabled) VALUES (15, 'off', 1, 0);
INSERT INTO groups (id, name, sid, rid) VALUES (90, 'Domain Admins', 'S-1-5-21-1-2-3-512', 512);
INSERT INTO holds (member, grp) VALUES (13, 90);
-- The policy itself has no maximum: one finding, and one for each privileged account.
INSERT INTO acct (id, source, key, name, host, uid_number) VALUES (21, 2, 'host:h1/u', 'u', 'h1', 1001),
	(22, 2, 'host:h1/root', 'root', 'h1', 0);
-- OpenLDAP never lets a password expire whose time of change it does not know.
INSERT INTO acct (id, source, name, password_set) VALUES (31, 3, 'seeded', NULL), (32, 3, 'changed', ago(3));
INSERT INTO attribute_seen VALUES (3, '', 'accounts', 'pwdChangedTime', 1, 1);
INSERT INTO acct (id, source, name) VALUES (41, 4, 'nobody-knows');
