INSERT INTO people (id, name) VALUES (1, 'keeper'), (2, 'hasty'), (5, 'late');
INSERT INTO acct (id, name) VALUES (11, 'ann');
INSERT INTO check_run VALUES (1, ago(50), ago(50), 0, 1, 'house', 'test', NULL);
-- 10: the freeze; 11: decisions of people; 12, 13: the program's; 14 approves 13
INSERT INTO act VALUES (10, ago(50), 'campaign-freeze', NULL, '', '', x'00'), (11, ago(40), 'decisions', NULL, '', '', x'00'),
	(12, ago(0), 'decisions', NULL, '', '', x'00'), (13, ago(0), 'decisions', NULL, '', '', x'00'), (14, ago(0), 'second', NULL, '', '', x'00');
INSERT INTO second VALUES (14, 13, 'approved', '');
INSERT INTO campaign VALUES (1, 10, 'Q4', 'periodic', ago(1), 'E9', NULL, NULL), (2, 10, 'Q2', 'periodic', ago(101), 'E9', NULL, NULL),
	(3, 10, 'Q0', 'periodic', ago(1), 'E9', NULL, NULL), (4, 10, 'Q5', 'periodic', ago(-1), 'E9', NULL, NULL);
INSERT INTO campaign_freeze SELECT 10, id, 1, 1, 'house', 1, 0, 1, 1 FROM campaign;
INSERT INTO campaign_end VALUES (11, 2, 'closed', '', 1, 0, 0), (11, 3, 'cancelled', '', 0, 0, 0);
-- whom 1 to 9 are asked: so many questions of each, one item a question
CREATE TABLE asked AS WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 25)
	SELECT c.campaign, 'E' || c.e AS reviewer, c.e * 100 + n AS q, n FROM n JOIN (
		SELECT 1 AS campaign, 1 AS e, 25 AS many UNION ALL SELECT 1, 2, 20 UNION ALL SELECT 1, 3, 19 UNION ALL SELECT 1, 4, 20
		UNION ALL SELECT 1, 5, 3 UNION ALL SELECT 1, 6, 20 UNION ALL SELECT 1, 7, 1 UNION ALL SELECT 1, 8, 1 UNION ALL SELECT 1, 9, 1
		UNION ALL SELECT 2, 1, 25 UNION ALL SELECT 3, 5, 3 UNION ALL SELECT 4, 5, 3) c WHERE n <= c.many;
INSERT INTO question SELECT campaign, q, 'single', '', '', 1, 1, 0, 0, 1 FROM asked;
INSERT INTO item SELECT 10, campaign, q, q, 'k' || q, 11, NULL, NULL, q = 501, '', 'new', 1, 1, '{}' FROM asked;
INSERT INTO assignment SELECT 10, campaign, q, reviewer, 'manager' FROM asked;
-- E1 and E3 keep all; the others revoke one. Of E2's stroke of 20 an item took 2 s, of E4's 3; E6 does not say.
INSERT INTO decision SELECT 11, campaign * 10000 + q, campaign, q, 0, CASE WHEN n = 1 AND reviewer NOT IN ('E1', 'E3') THEN 'revoke' ELSE 'keep' END,
	'', NULL, NULL, NULL, NULL, reviewer, 'signed', NULL, CASE reviewer WHEN 'E2' THEN 40 WHEN 'E4' THEN 60 WHEN 'E6' THEN NULL ELSE 200 END, 20
	FROM asked WHERE reviewer IN ('E1', 'E2', 'E3', 'E4', 'E6');
INSERT INTO decision SELECT 11, 1, 1, 701, 0, 'not-mine', 'x', NULL, NULL, NULL, 'E1', 'E7', 'signed', NULL, 3, 1;
-- Silence is nobody's decision until somebody approves it.
INSERT INTO decision SELECT 12, 1, 1, 801, 0, 'revoke', 'x', NULL, NULL, NULL, NULL, '', 'silent', NULL, NULL, 1;
INSERT INTO decision SELECT 13, 1, 1, 901, 0, 'revoke', 'x', NULL, NULL, NULL, NULL, '', 'silent', NULL, NULL, 1;
DROP TABLE asked;
