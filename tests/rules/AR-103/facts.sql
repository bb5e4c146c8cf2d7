INSERT INTO acct (id, source, name) VALUES (11, 1, 'a'), (12, 1, 'b'), (13, 3, 'c'), (14, 4, 'd'), (15, 4, 'e');
INSERT INTO used (id, at) VALUES (11, ago(1));
-- Its schema has the attribute, and nobody's entry shows it: not readable.
INSERT INTO attribute_seen VALUES (3, '', 'accounts', 'authTimestamp', 0, 1);
