INSERT INTO acct (id, source, key, name, host, uid_number, password_locked, has_keys, login_shell, expires) VALUES
	(21, 2, 'k1', 'keyed', 'h1', 1001, 1, 1, 1, 9223372036854775807), (22, 2, 'k2', 'no-keys', 'h1', 1002, 1, 0, 1, NULL),
	(23, 2, 'k3', 'keys-unread', 'h1', 1003, 1, NULL, 1, NULL), (24, 2, 'k4', 'ended', 'h1', 1004, 1, 1, 1, 86400),
	(25, 2, 'k5', 'nologin', 'h1', 99, 1, NULL, 0, NULL), (26, 2, 'k6', 'open', 'h1', 1005, 0, 1, 1, NULL),
	(27, 2, 'k7', 'root', 'h1', 0, 1, 1, 1, NULL), (28, 2, 'k8', 'nologin-keyed', 'h1', 1006, 1, 1, 0, NULL);
INSERT INTO acct (id, name, password_locked, has_keys) VALUES (11, 'of-a-directory', 1, 1);
