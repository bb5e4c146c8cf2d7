-- corp's full pull found what had been missed; tree's found nothing; unix never
-- had increments. app's had some once, and its next full pull had not.
INSERT INTO acct (id, name) VALUES (10, 'ann'), (11, 'bob');
INSERT INTO groups (id, name) VALUES (20, 'Admins');
INSERT INTO object VALUES (12, 1, 0, 'guid:gone');
UPDATE pull SET drift = 3 WHERE id = 1;
INSERT INTO drift VALUES (1, 0, 10, 'changed'), (1, 20, 11, 'member'), (1, 0, 12, 'gone');
UPDATE pull SET drift = 0 WHERE id = 3;
UPDATE pull SET drift = 2 WHERE id = 4;
INSERT INTO pull (id, source, started, mode, state, complete, scope, program, drift)
	VALUES (5, 4, ago(0), 'full', 'applied', 1, '', 'test', 0);
INSERT INTO pull (id, source, started, mode, state, complete, scope, program)
	VALUES (6, 1, ago(0), 'changes', 'applied', 1, '', 'test');
