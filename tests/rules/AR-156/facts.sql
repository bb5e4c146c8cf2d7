INSERT INTO groups (id, name, sid, rid) VALUES (90, 'Domain Admins', 'S-1-5-21-1-2-3-512', 512);

INSERT INTO acct (id, name) VALUES (11, 'known'), (12, 'unknown'), (13, 'demoted'), (14, 'elsewhere');
INSERT INTO holds (member, grp) VALUES (11, 90), (12, 90), (14, 90);
INSERT INTO registers (kind, account, source, owner) VALUES ('privileged', 'Known', NULL, 'E1'), ('privileged', 'demoted', 'corp', 'E1'),
	('privileged', 'missing', NULL, 'E1'), ('privileged', 'elsewhere', 'unix', 'E1');
INSERT INTO acct (id, source, key, name, host, uid_number) VALUES (21, 2, 'host:h1/root', 'root', 'h1', 0);
