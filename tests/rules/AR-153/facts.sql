INSERT INTO groups (id, name, sid, rid) VALUES (90, 'Domain Admins', 'S-1-5-21-1-2-3-512', 512);

WITH RECURSIVE d(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM d WHERE n < 51)
INSERT INTO acct (id, name) SELECT 100 + n, 'a' || n FROM d;
INSERT INTO holds (member, grp) SELECT id, 90 FROM object WHERE kind = 0;
-- 50 are not too many; and where it can't be told, that is said.
WITH RECURSIVE d(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM d WHERE n < 50)
INSERT INTO acct (id, source, key, name, host, uid_number) SELECT 300 + n, 2, 'host:h' || n || '/root', 'root', 'h' || n, 0 FROM d;
UPDATE pull SET complete = 0 WHERE id = 4;
INSERT INTO acct (id, source, name) VALUES (501, 4, 'app');
