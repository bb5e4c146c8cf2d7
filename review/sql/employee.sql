-- Employee numbers; see review/employee.h.

-- name: employee_exact
SELECT 1 FROM person WHERE employee = :employee

-- name: employee_any
-- Whether personnel data were imported.
SELECT 1 FROM person LIMIT 1

-- name: employee_officers
-- Officers who can approve and have an employee number.
SELECT count(DISTINCT s.employee) FROM signer s JOIN act a ON a.id = s.act
	WHERE s.role = 'officer' AND s.employee <> ''
		AND (a.signer = s.id OR EXISTS (SELECT 1 FROM second t
			WHERE t.of = s.act AND t.verdict = 'approved'))
		AND NOT EXISTS (SELECT 1 FROM signer_end n
			JOIN second t ON t.of = n.act
			WHERE n.signer = s.id AND t.verdict = 'approved')
