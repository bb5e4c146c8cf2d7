INSERT INTO approval VALUES ('T1', 'E1', 'E2', 'anew', 'dba', ago(5), ago(-30), 1, 9223372036854775807),
	('T0', 'E1', 'E2', 'back', 'dba', ago(400), ago(300), 1, 9223372036854775807);
INSERT INTO register_import VALUES (1, ago(5), 'approvals.csv', x'00', 'approvals', 2);
INSERT INTO acct (id, name) VALUES (11, 'back'), (12, 'anew'), (13, 'never-left'), (14, 'stays-away'), (15, 'proven-back'), (16, 'enabled-again');
INSERT INTO groups (id, name) VALUES (90, 'dba'), (91, 'inner');
INSERT INTO holds (member, grp) VALUES (11, 90), (12, 90), (13, 90), (15, 91), (91, 90);
-- As the pulls saw it: gone at ago(20), there again at ago(10).
INSERT INTO pull (id, source, started, mode, state, complete, scope, program) VALUES
	(50, 1, ago(20), 'full', 'applied', 1, '', 'test'), (51, 1, ago(10), 'full', 'applied', 1, '', 'test');
UPDATE edge SET since = 51 WHERE member IN (11, 12);
INSERT INTO edge VALUES (90, 11, 0, 1, 50, NULL), (90, 12, 0, 1, 50, NULL), (90, 14, 0, 1, 50, NULL);
INSERT INTO decided (id, account, grp, decision, at) VALUES (1, 11, 90, 'revoke', ago(31)), (2, 12, 90, 'revoke', ago(31)),
	(3, 13, 90, 'revoke', ago(31)), (4, 14, 90, 'revoke', ago(31)), (5, 15, 90, 'revoke', ago(31)), (6, 16, NULL, 'disable', ago(31));
INSERT INTO act VALUES (200, ago(30), 'remedy', NULL, '', '', x'00'), (201, ago(15), 'remedy-event', NULL, '', '', x'00');
INSERT INTO remedy VALUES (200, 1, 15, 90, '', 'remove-right', 'medium', ago(1), '', '{}', 1, 5, NULL),
	(200, 2, 16, NULL, '', 'disable', 'medium', ago(1), '', '{}', 1, 6, NULL);
INSERT INTO remedy_event VALUES (201, 1, 'proven', 50, NULL, ''), (201, 2, 'proven', 50, NULL, '');
