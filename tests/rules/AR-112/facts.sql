INSERT INTO people (id, name, status, left_at) VALUES (1, 'gone', 'left', ago(20)), (2, 'here', 'active', NULL);
INSERT INTO acct (id, name) VALUES (11, 'after'), (12, 'before'), (13, 'lag'), (14, 'lag-exact'), (15, 'here');
INSERT INTO acct (id, name, enabled) VALUES (16, 'off-after', 0), (17, 'off-lag', 0);
INSERT INTO owns (person, object) VALUES (1, 11), (1, 12), (1, 13), (1, 14), (1, 16), (1, 17), (2, 15);
INSERT INTO used (id, at, resolution) VALUES (11, ago(20) + 1, 0), (12, ago(20), 0),
	(13, ago(34) + 1, 14 * 86400), (14, ago(34), 14 * 86400), (15, ago(1), 0), (16, ago(3), 14 * 86400),
	(17, ago(30), 14 * 86400);
