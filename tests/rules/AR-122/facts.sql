INSERT INTO people (id, name, status) VALUES (1, 'ann', 'active'), (2, 'bob', 'left');
INSERT INTO acct (id, name, owner, kind, enabled) VALUES (11, 'svc-none', NULL, 'user', 1), (12, 'svc-ann', 'E1', 'user', 1),
	(13, 'svc-bob', 'E2', 'user', 1), (14, 'svc-off', NULL, 'user', 0), (15, 'pc$', NULL, 'machine', 1),
	(16, 'kiosk1', NULL, 'user', 1), (17, 'ann', NULL, 'user', 1), (18, 'till', NULL, 'user', 1),
	(19, 'till2', NULL, 'user', 1), (20, 'till3', NULL, 'user', 1), (21, 'by-dn', 'CN=bob', 'user', 1);
INSERT INTO acct (id, name, dn) VALUES (22, 'bob', 'CN=bob');
INSERT INTO owns (person, object) VALUES (2, 22);
INSERT INTO registers (kind, account, owner, confirmed) VALUES ('shared', 'till', 'E1', ago(365)),
	('shared', 'till2', 'E1', ago(365) - 1), ('shared', 'till3', 'E1', NULL), ('service', 'by-dn', NULL, ago(1));
