INSERT INTO groups (id, name, sid, rid) VALUES (90, 'Domain Admins', 'S-1-5-21-1-2-3-512', 512), (91, 'plain', NULL, NULL);
INSERT INTO groups (id, source, name) VALUES (92, 3, 'partly');
INSERT INTO dangling (grp, form, reference, since, until, how) VALUES (90, 4, 'S-1-5-21-9-9-9-1104', 1, 9223372036854775807, 0), (91, 1, 'CN=gone', 1, 9223372036854775807, 0),
	(91, 4, 'S-1-5-11', 1, 9223372036854775807, 0), (91, 8, 'ALL', 1, 9223372036854775807, 0),
	(91, 1, 'CN=mended', 1, 2, 0), (92, 1, 'uid=x', 1, 9223372036854775807, 0);
UPDATE pull SET complete = 0 WHERE id = 3;
INSERT INTO acct (id, name, kind, sid) VALUES (11, 'there', 'foreign', 'S-1-5-21-7-7-7-1001'), (12, 'nowhere', 'foreign', 'S-1-5-21-7-7-7-1002'),
	(13, 'known', 'foreign', 'S-1-5-11');
INSERT INTO acct (id, source, name, sid) VALUES (14, 4, 'there-itself', 'S-1-5-21-7-7-7-1001');
