INSERT INTO groups (id, name, sid, rid) VALUES (90, 'Domain Admins', 'S-1-5-21-1-2-3-512', 512);

INSERT INTO acct (id, name, admin_count) VALUES (11, 'stale', 1), (12, 'held', 1), (13, 'plain', 0), (14, 'unread', NULL);
INSERT INTO acct (id, name, admin_count, sid) VALUES (15, 'krbtgt', 1, 'S-1-5-21-1-2-3-502');
INSERT INTO holds (member, grp) VALUES (12, 90);
UPDATE pull SET complete = 0 WHERE id = 3;
INSERT INTO acct (id, source, name, admin_count) VALUES (16, 3, 'unsure', 1);
