INSERT INTO people (id, name, kind, contract, contract_end) VALUES (1, 'good', 'vendor', 'C1', ago(-30)), (2, 'none', 'vendor', NULL, NULL),
	(3, 'ended', 'vendor', 'C2', ago(0) - 1), (4, 'today', 'vendor', 'C3', ago(0)), (5, 'long', 'vendor', 'C4', ago(-365) + 1),
	(6, 'year', 'vendor', 'C5', ago(-365)), (7, 'staff', 'staff', NULL, NULL), (8, 'renewed', 'vendor', 'C6', ago(5));
INSERT INTO contract VALUES ('C6', 'V', 'E1', ago(-100), 1, 9223372036854775807);
INSERT INTO acct (id, name, expires) VALUES (11, 'good', ago(-30)), (12, 'none', ago(-30)), (13, 'ended', ago(-30)), (14, 'today', ago(-1)),
	(15, 'long', ago(-30)), (16, 'year', ago(-30)), (17, 'staff', NULL), (18, 'renewed', 9223372036854775807), (19, 'good-2', NULL);
INSERT INTO owns (person, object) VALUES (1, 11), (2, 12), (3, 13), (4, 14), (5, 15), (6, 16), (7, 17), (8, 18), (1, 19);
