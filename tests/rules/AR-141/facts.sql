-- Eleven settled persons in each of two departments; some moved from one to the other.
WITH RECURSIVE d(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM d WHERE n < 11)
INSERT INTO people (id, name, department) SELECT n, 'sales' || n, 'Sales' FROM d
	UNION ALL SELECT 11 + n, 'risk' || n, 'Risk' FROM d;
INSERT INTO people (id, name, department) VALUES (31, 'mover', 'Risk'), (32, 'fresh', 'Risk'), (33, 'long-ago', 'Risk'), (34, 'alone', 'Tiny'), (35, 'friday', 'Risk');
INSERT INTO acct (id, name) SELECT 100 + id, name FROM people;
INSERT INTO owns (person, object) SELECT id, 100 + id FROM people;
INSERT INTO groups (id, name) VALUES (90, 'sales-app'), (91, 'all-staff'), (92, 'reapproved'), (93, 'new-right'), (95, 'rare');
INSERT INTO groups (id, name, sid, rid) VALUES (94, 'Domain Admins', 'S-1-5-21-1-2-3-512', 512);
INSERT INTO holds (member, grp) SELECT 100 + id, 90 FROM people WHERE department = 'Sales' AND id < 6
	UNION ALL SELECT 100 + id, 91 FROM people UNION ALL SELECT 100 + id, 92 FROM people WHERE department = 'Sales'
	UNION ALL SELECT 100 + id, 93 FROM people WHERE department = 'Sales' UNION ALL SELECT 100 + id, 94 FROM people WHERE department = 'Sales';
INSERT INTO holds (member, grp) VALUES (131, 90), (131, 92), (131, 94), (132, 90), (133, 90), (134, 90), (135, 90), (101, 95), (131, 95);
INSERT INTO edge VALUES (93, 131, 0, 1, 9223372036854775807, ago(50));
INSERT INTO person_event VALUES (31, ago(60), 'transferred', 'Sales', 'Risk', 1), (32, ago(8), 'transferred', 'Sales', 'Risk', 1),
	(33, ago(400), 'transferred', 'Sales', 'Risk', 1), (34, ago(60), 'transferred', 'Sales', 'Tiny', 1),
	-- on a Wednesday, the three working days after it not yet over
	(35, ago(5), 'transferred', 'Sales', 'Risk', 1);
INSERT INTO approval VALUES ('T1', 'E31', 'E1', 'mover', 'reapproved', ago(40), NULL, 1, 9223372036854775807);
-- Of one membership in two ways there is one finding.
INSERT INTO holds (member, grp, how) VALUES (131, 90, 2);
