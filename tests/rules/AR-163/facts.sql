INSERT INTO acct (id, name, control, password_not_required, reversible, des, no_preauth, unconstrained_delegation) VALUES
	(11, 'plain', 512, 0, 0, 0, 0, 0), (12, 'notreqd', 544, 1, 0, 0, 0, 0), (13, 'reversible', 640, 0, 1, 0, 0, 0),
	(14, 'des', 2097664, 0, 0, 1, 0, 0), (15, 'asrep', 4194816, 0, 0, 0, 1, 0), (16, 'delegates', 524800, 0, 0, 0, 0, 1);
INSERT INTO acct (id, name, kind, unconstrained_delegation) VALUES (17, 'dc1$', 'machine', 1);
INSERT INTO acct (id, name, enabled, no_preauth) VALUES (18, 'off', 0, 1);
INSERT INTO acct (id, name) VALUES (19, 'not-told');
INSERT INTO acct (id, source, key, name, host, uid_number, empty_password) VALUES (21, 2, 'host:h1/open', 'open', 'h1', 1001, 1);
