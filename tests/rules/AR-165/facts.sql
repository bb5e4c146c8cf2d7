INSERT INTO pull (id, source, started, mode, state, complete, scope, program)
	VALUES (-2, 1, ago(60), 'full', 'applied', 1, '', 'test'), (-1, 1, ago(20), 'full', 'applied', 1, '', 'test');
INSERT INTO acct (id, name, created, password_must_change, password_set) VALUES (11, 'new', ago(14), 1, 9223372036854775807),
	(12, 'old', ago(14) - 1, 1, 9223372036854775807), (13, 'changed', ago(900), 0, ago(3)), (14, 'reset-dated', ago(900), 1, ago(10));
INSERT INTO acct (id, name, created, enabled, password_must_change) VALUES (15, 'off', ago(900), 0, 1);
-- Seen so for 20 days; and seen otherwise 20 days ago.
INSERT INTO acct (id, name, created, since, password_must_change, password_set) VALUES (16, 'seen', ago(900), -1, 1, 9223372036854775807);
