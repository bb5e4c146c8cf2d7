INSERT INTO policies (source, key, is_default) VALUES (1, 'DC=x', 1), (3, 'cn=Strict,dc=x', 0);
INSERT INTO policies (source, key, host, is_default) VALUES (2, 'h1/login.defs', 'h1', 1);
INSERT INTO acct (id, name) VALUES (11, 'default');
INSERT INTO acct (id, source, name, policy) VALUES (31, 3, 'named', 'CN=strict,DC=x'), (32, 3, 'dangling', 'cn=gone,dc=x'), (33, 3, 'unnamed', NULL);
INSERT INTO acct (id, source, key, name, host, uid_number) VALUES (21, 2, 'host:h1/a', 'a', 'h1', 1001), (22, 2, 'host:h2/b', 'b', 'h2', 1001);
INSERT INTO acct (id, source, name) VALUES (41, 4, 'app');
