INSERT INTO people (id, name) VALUES (1, 'ann'), (2, 'bob'), (3, 'carl'), (4, 'dan');
INSERT INTO acct (id, name) VALUES (11, 'ann'), (12, 'bob'), (13, 'carl'), (20, 'till'), (21, 'once'), (22, 'desk'), (23, 'rotated'),
	(24, 'three-keys'), (25, 'svc-fan'), (26, 'twin'), (27, 'ann-adm');
INSERT INTO owns (person, object) VALUES (1, 11), (2, 12), (3, 13), (1, 27);
-- Everybody's own workstation by use; pc-a is ann's.
WITH RECURSIVE d(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM d WHERE n < 30)
INSERT INTO sessions (object, day, origin, sessions) SELECT 11, day(n), 'pc-a', 10 FROM d
	UNION ALL SELECT 12, day(n), 'pc-b', 10 FROM d UNION ALL SELECT 13, day(n), 'pc-c', 10 FROM d;
-- till: 10 days, one from ann's and one from bob's: 10 % each. once: 9 %.
WITH RECURSIVE d(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM d WHERE n < 11)
INSERT INTO sessions (object, day, origin) SELECT 20, day(n), CASE n WHEN 1 THEN 'pc-a' WHEN 2 THEN 'pc-b' ELSE 'pc-t' END FROM d WHERE n <= 10
	UNION ALL SELECT 21, day(n), CASE n WHEN 1 THEN 'pc-a' WHEN 2 THEN 'pc-b' ELSE 'pc-o' END FROM d
	UNION ALL SELECT 25, day(n), CASE n % 2 WHEN 1 THEN 'pc-a' ELSE 'pc-b' END FROM d;
-- desk: from a hot desk of all, and by sudo of both: no evidence.
INSERT INTO workstation VALUES ('hot-1', NULL, NULL, 1, 1, 9223372036854775807);
INSERT INTO sessions (object, day, origin) VALUES (22, day(1), 'hot-1'), (22, day(2), 'hot-1');
INSERT INTO sessions (object, day, origin, service) VALUES (22, day(3), 'pc-a', 'sudo'), (22, day(4), 'pc-b', 'sudo');
-- Three keys one after another are a rotation; three for 21 days together are not.
INSERT INTO sessions (object, day, key) VALUES (23, day(60), 'k1'), (23, day(40), 'k1'), (23, day(39), 'k2'), (23, day(20), 'k2'), (23, day(19), 'k3'), (23, day(1), 'k3'),
	(24, day(30), 'k4'), (24, day(9), 'k4'), (24, day(30), 'k5'), (24, day(9), 'k5'), (24, day(30), 'k6'), (24, day(9), 'k6');
-- One key on accounts of different persons; on two of one person; on the same name of many hosts.
INSERT INTO acct (id, source, key, name, host, uid_number) VALUES (31, 2, 'host:h1/eve', 'eve', 'h1', 1001), (32, 2, 'host:h2/eve', 'eve', 'h2', 1001),
	(33, 2, 'host:h1/fay', 'fay', 'h1', 1002), (34, 2, 'host:h1/root', 'root', 'h1', 0), (35, 2, 'host:h2/root', 'root', 'h2', 0);
INSERT INTO account_value VALUES (31, 'ssh-key', 'SHA256:e', 1, 9223372036854775807), (32, 'ssh-key', 'SHA256:e', 1, 9223372036854775807),
	(31, 'ssh-key', 'SHA256:ef', 1, 9223372036854775807), (33, 'ssh-key', 'SHA256:ef', 1, 9223372036854775807),
	(11, 'ssh-key', 'SHA256:a', 1, 9223372036854775807), (27, 'ssh-key', 'SHA256:a', 1, 9223372036854775807),
	(12, 'ssh-key', 'SHA256:b', 1, 9223372036854775807),
	(34, 'ssh-key', 'SHA256:a', 1, 9223372036854775807), (34, 'ssh-key', 'SHA256:b', 1, 9223372036854775807), (35, 'ssh-key', 'SHA256:a', 1, 9223372036854775807);
