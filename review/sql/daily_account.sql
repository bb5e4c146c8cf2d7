-- What the daily record must know of accounts, from the tables of views.sql:
-- the highest-privileged ones and those of programs.

-- step: daily_account_forget
DELETE FROM daily_account

-- step: daily_account
INSERT INTO daily_account
	SELECT a.object, ifnull(a.privileged, 0),
		a.service OR ifnull(a.registered = 'service', 0)
	FROM account a
	WHERE ifnull(a.privileged, 0) OR a.service
		OR ifnull(a.registered = 'service', 0)
