-- Persons and whose accounts they are; see review/person.h.

-- name: hr_seen
SELECT id FROM hr_import WHERE digest = :digest AND as_of = :as_of

-- name: hr_newest
SELECT max(id), max(as_of) FROM hr_import

-- name: hr_import_add
INSERT INTO hr_import (at, as_of, file, digest, rows, refused)
VALUES (:at, :as_of, :file, :digest, :rows, 0)

-- name: person_now
SELECT p.id, p.employee, f.name, f.mail, f.department, f.title, f.manager,
	f.kind, f.status, f.hired, f.left_at, f.absent_since, f.contract,
	f.contract_end, f.since
FROM person p JOIN person_fact f ON f.person = p.id
WHERE f.until = 9223372036854775807
ORDER BY p.employee

-- name: person_by_employee
SELECT id FROM person WHERE employee = :employee

-- name: person_add
INSERT INTO person (employee) VALUES (:employee)

-- name: person_fact_end
UPDATE person_fact SET until = :import
WHERE person = :person AND until = 9223372036854775807

-- name: person_fact_add
INSERT INTO person_fact (person, since, until, name, mail, department, title,
	manager, kind, status, hired, left_at, absent_since, contract,
	contract_end)
VALUES (:person, :import, 9223372036854775807, :name, :mail, :department,
	:title, :manager, :kind, :status, :hired, :left_at, :absent_since,
	:contract, :contract_end)

-- name: person_event_add
INSERT OR IGNORE INTO person_event (person, at, what, before, after, import)
VALUES (:person, :at, :what, :before, :after, :import)

-- name: person_changes
SELECT count(*) FROM person_event WHERE import = :import

-- name: match_persons
SELECT p.id, p.employee, f.mail, f.name, f.department
FROM person p JOIN person_fact f ON f.person = p.id
WHERE f.until = 9223372036854775807
ORDER BY p.id

-- name: match_accounts
SELECT object, employee, mail, display, department FROM account_fact
WHERE until = 9223372036854775807 AND kind = 'user' AND (since >= :since
	OR object IN (SELECT object FROM account_value
		WHERE attribute = 'mail' AND (since >= :since OR (until >= :since
			AND until < 9223372036854775807))))
ORDER BY object

-- name: match_mails
SELECT object, value FROM account_value
WHERE attribute = 'mail' AND until = 9223372036854775807

-- name: match_rows
SELECT object, person, how, evidence FROM person_account
ORDER BY object, person

-- name: match_clear
DELETE FROM person_account WHERE object = :object

-- name: match_add
INSERT INTO person_account (object, person, how, evidence, at)
VALUES (:object, :person, :how, :evidence, :at)

-- name: match_confirmed
SELECT 1 FROM person_account WHERE object = :object AND how = 'confirmed'

-- name: match_account
-- Accounts that a person may mean by a text.
SELECT f.object, s.name, f.name FROM account_fact f
JOIN object o ON o.id = f.object JOIN source s ON s.id = o.source
WHERE f.until = 9223372036854775807 AND (f.name = :text COLLATE NOCASE
	OR o.key = :text OR f.dn = :text COLLATE NOCASE
	OR s.name || ':' || f.name = :text COLLATE NOCASE)
LIMIT 3

-- name: hr_unmatched
-- Accounts that are nobody's for certain, with whose they might be.
SELECT s.name AS source, f.name AS account, f.display AS display,
	f.mail AS mail, f.employee AS employee, f.department AS department,
	count(a.person) AS candidates,
	group_concat(p.employee || ' ' || ifnull(pf.name, '') || ' ('
		|| a.evidence || ')', '; ') AS who
FROM account_fact f
JOIN object o ON o.id = f.object
JOIN source s ON s.id = o.source
LEFT JOIN person_account a ON a.object = f.object
LEFT JOIN person p ON p.id = a.person
LEFT JOIN person_fact pf ON pf.person = p.id
	AND pf.until = 9223372036854775807
WHERE f.until = 9223372036854775807 AND f.kind = 'user'
	AND (:all = 1 OR f.enabled IS NOT 0)
	AND (a.how IS NULL OR a.how = 'ambiguous')
GROUP BY f.object
ORDER BY candidates DESC, source, account
