INSERT INTO register_import VALUES (1, ago(10), 'approvals.csv', x'00', 'approvals', 1);
INSERT INTO people (id, name, department) VALUES (1, 'moved', 'Risk'), (2, 'approved', 'Risk'), (3, 'at-7', 'Risk'), (4, 'stayed', 'Risk');
INSERT INTO acct (id, name) SELECT 100 + id, name FROM people;
INSERT INTO owns (person, object) SELECT id, 100 + id FROM people;
INSERT INTO person_event SELECT id, CASE id WHEN 3 THEN ago(7) ELSE ago(7) - 1 END, 'transferred', 'Sales', 'Risk', 1 FROM people WHERE id < 4;
INSERT INTO approval VALUES ('T1', 'E2', 'E1', 'approved', 'x', ago(3), NULL, 1, 9223372036854775807);
