INSERT INTO acct (id, source, key, name, host, uid_number, password_set) VALUES (21, 2, 'host:h1/root', 'root', 'h1', 0, ago(90)),
	(22, 2, 'host:h2/root', 'root', 'h2', 0, ago(1)), (23, 2, 'host:h3/root', 'root', 'h3', 0, ago(90)), (24, 2, 'host:h4/root', 'root', 'h4', 0, NULL),
	(25, 2, 'host:h5/toor', 'toor', 'h5', 0, ago(90)), (26, 2, 'host:h6/ann', 'ann', 'h6', 1001, ago(90)), (27, 2, 'host:h7/root', 'root', 'h7', 0, ago(90));
INSERT INTO registers (kind, account, owner) VALUES ('shared', 'toor', 'E1');
INSERT INTO sessions (object, host, day, service) VALUES (21, 'h1', day(3), 'login'), (22, 'h2', day(3), 'login'), (23, 'h3', day(3), 'sudo'),
	(24, 'h4', day(3), 'login'), (25, 'h5', day(3), 'sshd'), (26, 'h6', day(3), 'login'), (27, 'h7', day(1), 'login');
