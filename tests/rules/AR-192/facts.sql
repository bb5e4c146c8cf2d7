-- db1 was shortened; db2 had been, and a good one came since; db3 never was.
-- What other forms say of themselves is no matter of this.
INSERT INTO host_pin VALUES ('db1', 'key', ago(9), 120, x'00', NULL);
INSERT INTO trail_import (id, at, host, file, form, digest, records, refused, verified, head) VALUES
	(1, ago(9), 'db1', 'db1', 'reeve', x'01', 120, 0, 1, '120 00'),
	(2, ago(1), 'db1', 'db1', 'reeve', x'02', 0, 0, 0, 'record 100 is cut off'),
	(3, ago(2), 'db2', 'db2', 'reeve', x'03', 0, 0, 0, 'record 3 was altered'),
	(4, ago(1), 'db2', 'db2', 'reeve', x'04', 7, 0, 1, '7 00'),
	(5, ago(1), 'db3', 'db3', 'reeve', x'05', 7, 0, 1, '7 00'),
	(6, ago(0), 'db4', 'auth.log', 'auth.log', x'06', 7, 0, NULL, NULL);
