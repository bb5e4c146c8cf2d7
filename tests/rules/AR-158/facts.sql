INSERT INTO groups (id, name, sid, rid) VALUES (90, 'Domain Admins', 'S-1-5-21-1-2-3-512', 512);

INSERT INTO groups (id, name, sid, rid) VALUES (91, 'Schema Admins', 'S-1-5-21-1-2-3-518', 518), (92, 'nested', NULL, NULL);
INSERT INTO groups (id, source, name, sid, rid, members_incomplete) VALUES (93, 3, 'Other Domain Admins', 'S-1-5-21-9-9-9-512', 512, 1);
INSERT INTO acct (id, name) VALUES (11, 'a'), (12, 'b'), (13, 'c'), (14, 'd'), (15, 'e');
INSERT INTO acct (id, name, enabled) VALUES (16, 'off', 0);
INSERT INTO holds (member, grp) VALUES (11, 90), (12, 90), (13, 90), (14, 90), (15, 90), (16, 90), (92, 91), (11, 92);
