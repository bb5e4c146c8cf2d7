INSERT INTO people (id, name, status, left_at) VALUES (1, 'gone', 'left', ago(0) - 1), (2, 'leaving', 'left', ago(0)),
	(3, 'dateless', 'left', NULL), (4, 'here', 'active', NULL), (5, 'future', 'active', ago(-10)), (6, 'late-status', 'active', ago(3));
INSERT INTO acct (id, name) VALUES (11, 'gone'), (12, 'leaving'), (13, 'dateless'), (14, 'here'), (16, 'twin1'),
	(17, 'future'), (18, 'late-status');
INSERT INTO acct (id, name, enabled) VALUES (15, 'gone-off', 0);
INSERT INTO owns (person, object) VALUES (1, 11), (2, 12), (3, 13), (4, 14), (1, 15),
	(5, 17), (6, 18);
-- Who of two it is, is not known, so nothing is said.
INSERT INTO owns (person, object, how) VALUES (1, 16, 'ambiguous'), (4, 16, 'ambiguous');
