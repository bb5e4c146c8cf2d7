INSERT INTO acct (id, name, created) VALUES (11, 'at-30', ago(30)), (12, 'over-30', ago(30) - 1),
	(13, 'used', ago(300)), (14, 'recorded-never', ago(300)), (15, 'unborn', NULL), (16, 'chief', ago(300));
INSERT INTO acct (id, name, created, enabled) VALUES (17, 'off', ago(400), 0);
INSERT INTO groups (id, name, sid, rid) VALUES (90, 'Domain Admins', 'S-1-5-21-1-2-3-512', 512);
INSERT INTO holds (member, grp) VALUES (16, 90);
INSERT INTO used (id, at) VALUES (13, ago(3)), (14, 9223372036854775807);
-- Not recorded when it was made, but first seen 31 days ago.
INSERT INTO pull (id, source, started, mode, state, complete, scope, program)
	VALUES (-1, 1, ago(31), 'full', 'applied', 1, '', 'test');
INSERT INTO acct (id, name, since) VALUES (18, 'seen-before', -1);
-- A host's last logins are known, another's not.
INSERT INTO acct (id, source, key, name, host, uid_number, created) VALUES
	(21, 2, 'host:h1/a', 'h1a', 'h1', 1001, ago(90)), (22, 2, 'host:h1/b', 'h1b', 'h1', 1002, ago(90)),
	(23, 2, 'host:h2/a', 'h2a', 'h2', 1001, ago(90));
INSERT INTO used (id, at, attribute, server) VALUES (21, ago(1), 'wtmp', 'h1');
-- A third host's wtmp is all there is: of 10 days, and a fourth's of 100.
INSERT INTO acct (id, source, key, name, host, uid_number, created) VALUES
	(24, 2, 'host:h3/a', 'h3a', 'h3', 1001, ago(900)), (25, 2, 'host:h3/b', 'h3b', 'h3', 1002, ago(900)),
	(26, 2, 'host:h4/a', 'h4a', 'h4', 1001, ago(900)), (27, 2, 'host:h4/b', 'h4b', 'h4', 1002, ago(900));
INSERT INTO used (id, at, attribute, server) VALUES (24, ago(1), 'wtmp', 'h3'), (26, ago(1), 'wtmp', 'h4');
INSERT INTO use_begins VALUES (2, 'h3', 'wtmp', ago(10)), (2, 'h4', 'wtmp', ago(100));
