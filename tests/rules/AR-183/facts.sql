INSERT INTO acct (id, source, key, name, host, uid_number) VALUES (21, 2, 'k1', 'root', 'h1', 0), (22, 2, 'k2', 'toor', 'h1', 0),
	(23, 2, 'k3', 'ann', 'h1', 1001), (24, 2, 'k4', 'ann2', 'h1', 1001), (25, 2, 'k5', 'bob', 'h2', 1001);
INSERT INTO acct (id, name, sid) VALUES (11, 'one', 'S-1-5-21-1-2-3-1001'), (12, 'twin', 'S-1-5-21-1-2-3-1001'), (13, 'other', 'S-1-5-21-1-2-3-1002');
