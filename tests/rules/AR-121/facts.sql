INSERT INTO people (id, name) VALUES (1, 'ann'), (2, 'bob');
INSERT INTO acct (id, name, kind, enabled, sid) VALUES (11, 'ann', 'user', 1, NULL), (12, 'nobody', 'user', 1, NULL),
	(13, 'either', 'user', 1, NULL), (14, 'svc-print', 'user', 1, NULL), (15, 'gmsa$', 'managed-service', 1, NULL),
	(16, 'off', 'user', 0, NULL), (17, 'Administrator', 'user', 1, 'S-1-5-21-1-2-3-500'), (18, 'till', 'user', 1, NULL);
INSERT INTO acct (id, source, key, name, host, uid_number) VALUES (21, 2, 'host:h1/root', 'root', 'h1', 0),
	(22, 2, 'host:h1/daemon', 'daemon', 'h1', 1), (23, 2, 'host:h1/carl', 'carl', 'h1', 1000);
INSERT INTO owns (person, object) VALUES (1, 11);
INSERT INTO owns (person, object, how) VALUES (1, 13, 'ambiguous'), (2, 13, 'ambiguous');
INSERT INTO registers (kind, account, owner) VALUES ('shared', 'till', 'E2');
