INSERT INTO groups (id, name, sid, rid) VALUES (90, 'Domain Admins', 'S-1-5-21-1-2-3-512', 512);

INSERT INTO acct (id, name, enabled, expires, status_reason) VALUES (11, 'stale-data', 1, ago(0), NULL), (12, 'later', 1, ago(0) + 1, NULL),
	(13, 'expired', 0, ago(30), 'accountExpires reached'), (14, 'closed', 0, ago(30), 'userAccountControl 0x2'),
	(15, 'never', 1, 9223372036854775807, NULL), (16, 'off-chief', 0, NULL, 'userAccountControl 0x2'), (17, 'on-chief', 1, NULL, NULL);
INSERT INTO acct (id, name, enabled, sid) VALUES (18, 'Administrator', 0, 'S-1-5-21-1-2-3-500');
INSERT INTO holds (member, grp) VALUES (16, 90), (17, 90), (18, 90);
