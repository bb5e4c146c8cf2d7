INSERT INTO people (id, name) VALUES (1, 'ann');
INSERT INTO workstation VALUES ('pc-a', '10.0.0.1', 'E1', 0, 1, 9223372036854775807);
INSERT INTO acct (id, name) VALUES (11, 'svc-console'), (12, 'svc-key'), (13, 'svc-from-ann'), (14, 'svc-password'), (15, 'ann'), (16, 'svc-long-ago');
INSERT INTO sessions (object, day, service, key, origin) VALUES (11, day(3), 'login', '', ''), (12, day(3), 'sshd', 'k1', '10.9.9.9'),
	(13, day(3), 'sshd', 'k1', '10.0.0.1'), (14, day(3), 'sshd', '', '10.9.9.9'), (15, day(3), 'login', '', ''), (16, day(91), 'login', '', '');
