INSERT INTO acct (id, name) VALUES (11, 'direct'), (12, 'nested'), (13, 'rid'), (14, 'early'), (15, 'kept'), (16, 'proven'), (17, 'transcribed'), (18, 'extended');
INSERT INTO acct (id, name, enabled) VALUES (21, 'alive', 1), (22, 'off', 0), (23, 'undeleted', 0), (24, 'whoknows', -1);
UPDATE account_fact SET enabled = NULL WHERE object = 24;
INSERT INTO groups (id, name) VALUES (90, 'dba'), (91, 'inner'), (92, 'primary');
INSERT INTO holds (member, grp) VALUES (11, 90), (12, 91), (91, 90), (14, 90), (15, 90), (17, 90), (18, 90);
-- A primary group gives it just as well.
INSERT INTO holds (member, grp, how) VALUES (13, 92, 2), (92, 90, 0);
INSERT INTO decided (id, account, grp, decision, at) VALUES (1, 11, 90, 'revoke', ago(31)), (2, 12, 90, 'revoke', ago(31)),
	(3, 13, 90, 'revoke', ago(31)), (4, 14, 90, 'revoke', ago(29)), (6, 16, 90, 'revoke', ago(31)),
	(11, 21, NULL, 'disable', ago(31)), (12, 22, NULL, 'disable', ago(31)), (13, 23, NULL, 'delete', ago(31)), (14, 24, NULL, 'disable', ago(31)),
	(8, 18, 90, 'revoke', ago(31));
-- The newer word stands; what counts for nothing, has no consequences.
INSERT INTO decided (id, account, grp, decision, at) VALUES (5, 15, 90, 'revoke', ago(31)), (15, 15, 90, 'keep', ago(20));
INSERT INTO decided (id, account, grp, decision, at, grade, severity) VALUES (7, 17, 90, 'revoke', ago(31), 'transcribed', 'high');
-- Extended, and somebody approved that.
INSERT INTO act VALUES (200, ago(30), 'remedy', NULL, '', '', x'00'), (201, ago(30), 'remedy-event', NULL, '', '', x'00'), (202, ago(30), 'second', NULL, '', '', x'00');
INSERT INTO remedy VALUES (200, 1, 18, 90, '', 'remove-right', 'medium', ago(1), '', '{}', 1, 8, NULL);
INSERT INTO remedy_event VALUES (201, 1, 'extended', NULL, ago(-10), '');
INSERT INTO second VALUES (202, 201, 'approved', '');
