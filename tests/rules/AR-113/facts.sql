INSERT INTO people (id, name, status, absent_since) VALUES (1, 'at-30', 'absent', ago(30)), (2, 'under-30', 'absent', ago(30) + 1),
	(3, 'dateless', 'absent', NULL), (4, 'back', 'active', ago(90));
INSERT INTO acct (id, name) VALUES (11, 'at-30'), (12, 'under-30'), (13, 'dateless'), (14, 'back');
INSERT INTO acct (id, name, enabled) VALUES (15, 'off', 0);
INSERT INTO owns (person, object) VALUES (1, 11), (2, 12), (3, 13), (4, 14), (1, 15);
