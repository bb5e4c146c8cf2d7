INSERT INTO groups (id, name, sid, rid) VALUES (90, 'Domain Admins', 'S-1-5-21-1-2-3-512', 512);

INSERT INTO acct (id, name, mfa, smartcard_required) VALUES (11, 'none', 0, 0), (12, 'totp', 1, 0), (13, 'card', NULL, 1), (14, 'not-told', NULL, 0), (15, 'clerk', 0, 0), (16, 'svc-x', 0, 0);
INSERT INTO holds (member, grp) VALUES (11, 90), (12, 90), (13, 90), (14, 90), (16, 90);
