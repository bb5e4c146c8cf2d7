INSERT INTO register_import VALUES (1, ago(10), 'approvals.csv', x'00', 'approvals', 1);
INSERT INTO people (id, name, department) VALUES (1, 'moved', 'Risk'), (2, 'approved', 'Risk'), (3, 'at-7', 'Risk'), (4, 'stayed', 'Risk');
INSERT INTO acct (id, name) SELECT 100 + id, name FROM people;
INSERT INTO owns (person, object) SELECT id, 100 + id FROM people;
INSERT INTO person_event SELECT id, CASE id WHEN 3 THEN ago(7) ELSE ago(7) - 1 END, 'transferred', 'Sales', 'Risk', 1 FROM people WHERE id < 4;
INSERT INTO approval VALUES ('T1', 'E2', 'E1', 'approved', 'x', ago(3), NULL, 1, 9223372036854775807);
-- What was put to review after the move, and all decided, is as good.
INSERT INTO people (id, name, department) VALUES (5, 'reviewed', 'Risk'), (6, 'half', 'Risk'), (7, 'before', 'Risk');
INSERT INTO acct (id, name) SELECT 100 + id, name FROM people WHERE id > 4;
INSERT INTO owns (person, object) SELECT id, 100 + id FROM people WHERE id > 4;
INSERT INTO person_event SELECT id, CASE id WHEN 7 THEN ago(19) ELSE ago(30) END, 'transferred', 'Sales', 'Risk', 1 FROM people WHERE id > 4;
INSERT INTO check_run VALUES (1, ago(20), ago(20), 0, 1, 'house', 'test', NULL);
INSERT INTO act VALUES (10, ago(20), 'campaign-freeze', NULL, '', '', x'00'), (11, ago(18), 'decisions', NULL, '', '', x'00');
INSERT INTO campaign VALUES (1, 10, 'M1', 'event', ago(-9), 'E9', NULL, 'transferred:E5');
INSERT INTO campaign_freeze SELECT 10, id, 1, 1, 'house', 1, 0, 1, 1 FROM campaign;
INSERT INTO question SELECT 1, column1, 'single', '', '', 1, 1, 0, 0, 1 FROM (VALUES (1), (2), (3), (4), (5));
INSERT INTO item SELECT 10, 1, column1, column1, 'k' || column1, column2, NULL, NULL, 0, '', 'new', 1, 1, '{}' FROM (VALUES (1, 105), (2, 105), (3, 106), (4, 106), (5, 107));
INSERT INTO decision SELECT 11, column1, 1, column1, 0, 'keep', '', NULL, NULL, NULL, NULL, 'E9', 'signed', NULL, 9, 1 FROM (VALUES (1), (2), (3), (5));
