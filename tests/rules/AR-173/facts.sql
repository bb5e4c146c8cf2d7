INSERT INTO groups (id, name, sid, rid) VALUES (90, 'Domain Admins', 'S-1-5-21-1-2-3-512', 512);

INSERT INTO acct (id, name, conditions) VALUES (11, 'bound', 'logonHours ff'), (12, 'free', NULL), (13, 'clerk', NULL);
INSERT INTO holds (member, grp) VALUES (11, 90), (12, 90);
INSERT INTO acct (id, source, key, name, host, uid_number) VALUES (21, 2, 'host:h1/root', 'root', 'h1', 0);
