INSERT INTO groups (id, name, sid, rid) VALUES (90, 'Domain Admins', 'S-1-5-21-1-2-3-512', 512);

INSERT INTO acct (id, name, password_set, kind, enabled, sid) VALUES (11, 'at-90', ago(90), 'user', 1, NULL), (12, 'over-90', ago(90) - 1, 'user', 1, NULL),
	(13, 'chief', ago(91), 'user', 1, NULL), (14, 'gmsa$', ago(900), 'managed-service', 1, NULL), (15, 'off', ago(900), 'user', 0, NULL),
	(16, 'must-change', 9223372036854775807, 'user', 1, NULL), (17, 'svc-old', ago(300), 'user', 1, NULL),
	(18, 'krbtgt', ago(367), 'user', 0, 'S-1-5-21-1-2-3-502');
INSERT INTO holds (member, grp) VALUES (13, 90);
INSERT INTO acct (id, source, key, name, host, uid_number, password_set, password_locked) VALUES (21, 2, 'host:h1/keyed', 'keyed', 'h1', 1001, ago(900), 1);
INSERT INTO acct (id, source, name) VALUES (31, 3, 'a'), (41, 4, 'b');
INSERT INTO attribute_seen VALUES (3, '', 'accounts', 'pwdChangedTime', 0, 1);
INSERT INTO acct (id, name, password_set) VALUES (51, 'tomorrow', ago(-1)), (52, 'next-year', ago(-300));
