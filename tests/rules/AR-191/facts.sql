INSERT INTO sod_pair VALUES ('pay', 'enter', 'release', 'four eyes', 1, 9223372036854775807), ('lost', 'enter', 'unheard-of', 'x', 1, 9223372036854775807);
INSERT INTO groups (id, name) VALUES (90, 'enter'), (91, 'release'), (92, 'nested');
INSERT INTO people (id, name) VALUES (1, 'dan');
INSERT INTO acct (id, name) VALUES (11, 'both'), (12, 'through'), (13, 'one'), (14, 'dan'), (15, 'adm-dan');
INSERT INTO acct (id, name, enabled) VALUES (16, 'off', 0);
INSERT INTO owns (person, object) VALUES (1, 14), (1, 15);
INSERT INTO holds (member, grp) VALUES (11, 90), (11, 91), (12, 90), (12, 92), (92, 91), (13, 90), (14, 90), (15, 91), (16, 90), (16, 91);
-- Of whom not all members are known, more may hold both.
INSERT INTO sod_pair VALUES ('book', 'post', 'check', 'x', 1, 9223372036854775807);
INSERT INTO groups (id, source, name) VALUES (93, 3, 'post'), (94, 3, 'check');
INSERT INTO groups (id, source, name, members_incomplete) VALUES (95, 3, 'big', 1);
INSERT INTO acct (id, source, name) VALUES (17, 3, 'booker');
INSERT INTO holds (member, grp) VALUES (17, 93), (17, 94);
