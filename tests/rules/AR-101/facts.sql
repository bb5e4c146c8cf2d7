INSERT INTO acct (id, name, created, dn) VALUES
	(11, 'at-90', ago(400), NULL), (12, 'over-90', ago(400), 'CN=O''Neil,DC=x'),
	(13, 'lag-90', ago(400), NULL), (14, 'lag-104', ago(400), NULL), (15, 'lag-105', ago(400), NULL),
	(16, 'young', ago(60), NULL), (17, 'unborn', NULL, NULL);
INSERT INTO acct (id, name, created, enabled) VALUES (18, 'off', ago(400), 0);
INSERT INTO acct (id, name, created, kind) VALUES (19, 'gmsa$', ago(400), 'managed-service'), (20, 'pc$', ago(400), 'machine');
INSERT INTO acct (id, name, created) VALUES (21, 'chief-45', ago(400)), (22, 'chief-46', ago(400)),
	(23, 'two-signs', ago(400)), (24, 'never', ago(400)), (25, 'trailed', ago(400));
INSERT INTO groups (id, name, sid, rid) VALUES (90, 'Domain Admins', 'S-1-5-21-1-2-3-512', 512);
INSERT INTO holds (member, grp) VALUES (21, 90), (22, 90);
INSERT INTO used (id, at, attribute, resolution, raw) VALUES
	(11, ago(90), 'lastLogon', 0, '1'), (12, ago(90) - 1, 'lastLogon', 0, '2'),
	(13, ago(90) - 1, 'lastLogonTimestamp', 14 * 86400, '3'),
	(14, ago(104), 'lastLogonTimestamp', 14 * 86400, '4'),
	(15, ago(104) - 1, 'lastLogonTimestamp', 14 * 86400, '5'),
	(16, ago(300), 'lastLogon', 0, '6'), (17, ago(300), 'lastLogon', 0, '7'),
	(18, ago(300), 'lastLogon', 0, '8'), (19, ago(300), 'lastLogon', 0, '9'),
	(20, ago(300), 'lastLogon', 0, '10'),
	(21, ago(45), 'lastLogon', 0, '11'), (22, ago(45) - 1, 'lastLogon', 0, '12'),
	(23, ago(300), 'lastLogonTimestamp', 14 * 86400, '13'), (23, ago(2), 'lastLogon', 0, '14'),
	(24, 9223372036854775807, 'lastLogon', 0, '0'), (25, ago(300), 'lastLogon', 0, '15');
INSERT INTO sessions (object, day) VALUES (25, day(3));
-- A directory whose groups were not all read: between both limits who knows.
UPDATE pull SET complete = 0 WHERE id = 3;
INSERT INTO acct (id, source, name) VALUES (31, 3, 'between'), (32, 3, 'beyond');
INSERT INTO used (id, at) VALUES (31, ago(60)), (32, ago(91));
-- One that records nothing.
INSERT INTO acct (id, source, name) VALUES (41, 4, 'app1'), (42, 4, 'app2');
