INSERT INTO groups (id, name, sid, rid) VALUES (90, 'Domain Admins', 'S-1-5-21-1-2-3-512', 512),
	(91, 'One', NULL, NULL), (92, 'Two', NULL, NULL), (93, 'Three', NULL, NULL);
INSERT INTO acct (id, name) VALUES (11, 'direct'), (12, 'two-deep'), (13, 'three-deep'), (14, 'primary'),
	(15, 'history'), (16, 'both'), (17, 'nested-primary'), (18, 'plain');
INSERT INTO acct (id, name, enabled) VALUES (19, 'off', 0);
-- A chain of groups with a cycle.
INSERT INTO holds (member, grp, how) VALUES (91, 90, 0), (92, 91, 0), (93, 92, 0), (92, 93, 0),
	(11, 90, 0), (12, 91, 0), (13, 92, 0), (14, 90, 2), (15, 90, 3),
	(16, 90, 0), (16, 92, 0), (17, 91, 2), (19, 90, 2);
-- A root of a host is one by nature; sudo for ALL is everyone's.
INSERT INTO acct (id, source, key, name, host, uid_number) VALUES (21, 2, 'host:h1/root', 'root', 'h1', 0);
INSERT INTO groups (id, source, key, kind, name, host, privileged) VALUES
	(80, 2, 'sudo:h1/1', 'sudo', 'ALL', 'h1', 1), (81, 2, 'host:h1/g:root', 'group', 'root', 'h1', NULL);
INSERT INTO holds (member, grp, how) VALUES (21, 81, 2);
INSERT INTO dangling (grp, form, reference, since, until, how) VALUES (80, 8, 'ALL', 2, 9223372036854775807, 0);
UPDATE pull SET complete = 0 WHERE id = 4;
