INSERT INTO groups (id, name, sid, rid) VALUES (90, 'Domain Admins', 'S-1-5-21-1-2-3-512', 512);

INSERT INTO groups (id, name) VALUES (91, 'Protected Users');
INSERT INTO acct (id, name, mail, not_delegated, password_set) VALUES (11, 'mailed', 'x@y', 1, ago(1)), (12, 'spn-40', NULL, 1, ago(40)),
	(13, 'spn-41', NULL, 1, ago(40) - 1), (14, 'delegable', NULL, 0, ago(1)), (15, 'guarded', NULL, 0, ago(1)), (16, 'plain', 'p@y', 0, ago(900)),
	(17, 'unprotected', NULL, 1, ago(1));
INSERT INTO holds (member, grp) SELECT id, 90 FROM object WHERE kind = 0 AND id <> 16;
INSERT INTO holds (member, grp) VALUES (11, 91), (12, 91), (13, 91), (15, 91);
INSERT INTO account_value VALUES (12, 'spn', 'HTTP/a', 1, 9223372036854775807), (13, 'spn', 'HTTP/b', 1, 9223372036854775807), (16, 'spn', 'HTTP/c', 1, 9223372036854775807);
