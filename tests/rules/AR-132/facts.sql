INSERT INTO people (id, name) VALUES (1, 'ann'), (2, 'bob');
INSERT INTO acct (id, name, mail, phone, employee) VALUES (11, 'ann', 'A@x', NULL, NULL), (12, 'ann2', 'a@x', NULL, NULL),
	(13, 'bob', 'b@x', NULL, NULL), (14, 'other', 'b@x', NULL, NULL), (15, 'adm-bob', 'b@x', NULL, NULL),
	(16, 'p1', NULL, '8123', NULL), (17, 'p2', NULL, '8123', NULL), (18, 'e1', NULL, NULL, 'E9'), (19, 'e2', NULL, NULL, 'E9'),
	(20, 'Test-01', NULL, NULL, NULL), (21, 'svc-test', NULL, NULL, NULL), (22, '測試帳號', NULL, NULL, NULL), (23, 'tester', NULL, NULL, NULL),
	(24, 'busy', NULL, NULL, NULL), (25, 'two-days', NULL, NULL, NULL), (26, 'attest', NULL, NULL, NULL);
INSERT INTO owns (person, object) VALUES (1, 11), (1, 12), (2, 13);
INSERT INTO registers (kind, account, owner) VALUES ('shared', 'tester', 'E1');
-- 18 hours of the day and three days of overlap; and a day less.
INSERT INTO sessions (object, day, hours, overlaps) VALUES (24, day(1), 262143, 1), (24, day(2), 1, 1), (24, day(3), 1, 1),
	(25, day(1), 16777215, 1), (25, day(2), 1, 1), (25, day(3), 1, 0);
