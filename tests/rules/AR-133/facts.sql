INSERT INTO people (id, name) VALUES (1, 'ann'), (2, 'bob'), (3, 'carl');
INSERT INTO acct (id, name, enabled) VALUES (11, 'ann', 1), (12, 'ann2', 1), (13, 'bob', 1), (14, 'adm-bob', 1), (15, 'bob-off', 0), (16, 'carl', 1);
-- The same person on two hosts is not two accounts of one realm.
INSERT INTO acct (id, source, key, name, host, uid_number) VALUES (31, 2, 'host:h1/carl', 'carl', 'h1', 1001), (32, 2, 'host:h2/carl', 'carl', 'h2', 1001);
INSERT INTO owns (person, object) VALUES (1, 11), (1, 12), (2, 13), (2, 14), (2, 15), (3, 16), (3, 31), (3, 32);
