INSERT INTO groups (id, name, sid, rid) VALUES (90, 'Domain Admins', 'S-1-5-21-1-2-3-512', 512);

WITH RECURSIVE d(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM d WHERE n < 31)
INSERT INTO people (id, name, department) SELECT n, 'clerk' || n, 'Branch' FROM d
	UNION ALL SELECT 100 + n, 'admin' || n, 'IT' FROM d WHERE n <= 8;
INSERT INTO people (id, name, department) VALUES (201, 'lone', 'Tiny');
INSERT INTO acct (id, name) SELECT 1000 + id, name FROM people;
INSERT INTO owns (person, object) SELECT id, 1000 + id FROM people;
INSERT INTO holds (member, grp) SELECT 1000 + id, 90 FROM people WHERE department = 'IT';
INSERT INTO holds (member, grp) VALUES (1007, 90), (1201, 90);
