INSERT INTO groups (id, name, sid, rid) VALUES (90, 'Domain Admins', 'S-1-5-21-1-2-3-512', 512);

INSERT INTO people (id, name) VALUES (1, 'ann'), (2, 'bob'), (3, 'carl'), (4, 'dan');
INSERT INTO acct (id, name, mail) VALUES (11, 'ann', 'a@x'), (12, 'bob', 'b@x'), (13, 'adm-bob', NULL), (14, 'carl', NULL),
	(15, 'adm-dan', 'd@x'), (16, 'dan', 'd@x'), (17, 'whose', NULL), (18, 'second', NULL);
INSERT INTO owns (person, object) VALUES (1, 11), (2, 12), (2, 13), (3, 14), (4, 15), (4, 16), (2, 18);
INSERT INTO holds (member, grp) VALUES (11, 90), (13, 90), (14, 90), (15, 90), (17, 90), (18, 90);
