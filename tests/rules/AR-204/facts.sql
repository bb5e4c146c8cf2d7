INSERT INTO register_import VALUES (1, ago(10), 'approvals.csv', x'00', 'approvals', 1);
INSERT INTO people (id, name, mail) VALUES (1, 'holder', NULL), (2, 'asker', 'asker@x.tw'), (3, 'boss', NULL), (4, 'other', NULL);
INSERT INTO acct (id, name) VALUES (11, 'own'), (12, 'asked'), (13, 'approved'), (14, 'fine'), (15, 'ended'), (16, 'undecided'), (17, 'as-such'), (18, 'matched'), (19, 'renamed'), (20, 'itself'), (21, 'spelt');
INSERT INTO groups (id, name, dn) VALUES (90, 'dba', 'cn=dba');
INSERT INTO approval VALUES ('T6', 'E2', 'E3', 'renamed', 'wheel', NULL, NULL, 1, 9223372036854775807), ('T7', 'E2', 'E3', 'itself', 'wheel', NULL, NULL, 1, 9223372036854775807);
INSERT INTO right_name VALUES ('wheel', 'All', NULL, NULL, 1, 1, 9223372036854775807);
INSERT INTO approval VALUES ('T1', 'ASKER@x.tw', 'E3', 'Asked', 'dba', NULL, NULL, 1, 9223372036854775807), ('T1b', 'asker@x.tw', 'E3', 'Asked', 'dba', NULL, NULL, 1, 9223372036854775807),
	('T2', 'E2', 'boss', 'approved', 'cn=dba', NULL, NULL, 1, 9223372036854775807), ('T3', 'E2', 'E3', 'fine', 'other', NULL, NULL, 1, 9223372036854775807),
	('T4', 'E2', 'E4', 'ended', 'dba', NULL, NULL, 1, 1), ('T5', 'E4', 'E3', 'as-such', NULL, NULL, NULL, 1, 9223372036854775807),
	('T8', 'E2', '0 e3', 'spelt', 'dba', NULL, NULL, 1, 9223372036854775807);
INSERT INTO check_run VALUES (1, ago(5), ago(5), 0, 1, 'house', 'test', NULL);
INSERT INTO act VALUES (10, ago(5), 'campaign-freeze', NULL, '', '', x'00'), (11, ago(4), 'decisions', NULL, '', '', x'00');
INSERT INTO campaign VALUES (1, 10, 'Q4', 'periodic', ago(-9), 'E9', NULL, NULL);
INSERT INTO campaign_freeze SELECT 10, id, 1, 1, 'house', 1, 0, 1, 1 FROM campaign;
INSERT INTO question SELECT 1, object - 10, 'single', '', '', 1, 1, 0, 0, 1 FROM account_fact;
INSERT INTO item SELECT 10, 1, object - 10, object - 10, 'k' || object, object, CASE WHEN object IN (17, 20) THEN NULL ELSE 90 END, 'E1', object = 19, '', 'new', 1, 1, '{}' FROM account_fact;
INSERT INTO decision SELECT 11, column1, 1, column1, 0, 'keep', '', NULL, NULL, NULL, NULL, column2, 'signed', NULL, 9, 1
	FROM (VALUES (1, 'E1'), (2, 'E2'), (3, 'E3'), (4, 'E3'), (5, 'E4'), (7, 'E4'), (8, 'E4'), (9, 'E3'), (10, 'E3'), (11, 'E3'));
-- matched after the freeze, and not certainly
INSERT INTO person_account VALUES (18, 4, 'ambiguous', '', ago(1));
