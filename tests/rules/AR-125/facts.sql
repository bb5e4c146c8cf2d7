INSERT INTO registers (kind, account, ends) VALUES ('temporary', 'ended', ago(0) - 1), ('temporary', 'today', ago(0)),
	('temporary', 'old', ago(-1)), ('temporary', 'endless', NULL), ('temporary', 'off', ago(3));
INSERT INTO acct (id, name, created) VALUES (11, 'ended', ago(3)), (12, 'today', ago(7)), (13, 'old', ago(7) - 1), (14, 'endless', ago(1)),
	(15, 'temp01', ago(1)), (16, 'ann', ago(900));
INSERT INTO acct (id, name, enabled) VALUES (17, 'off', 0);
