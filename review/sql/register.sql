-- What no directory knows; see review/register.h. The rows of each kind come
-- with their columns in the order of register.c's tables.

-- name: register_import_add
INSERT INTO register_import (at, file, digest, kind, rows)
VALUES (:at, :file, :digest, :kind, :rows)

-- name: approval_rows
SELECT rowid, ticket, requester, approver, account, "right", not_before,
	not_after
FROM approval WHERE until = 9223372036854775807

-- name: approval_add
INSERT INTO approval (ticket, requester, approver, account, "right",
	not_before, not_after, since, until)
VALUES (:ticket, :requester, :approver, :account, :right, :not_before,
	:not_after, :import, 9223372036854775807)

-- name: approval_end
UPDATE approval SET until = :import WHERE rowid = :row

-- name: system_rows
SELECT rowid, name, class, owner, tags, source, host
FROM system WHERE until = 9223372036854775807

-- name: system_add
INSERT INTO system (name, class, owner, tags, source, host, since, until)
VALUES (:name, :class, :owner, :tags, :source, :host, :import,
	9223372036854775807)

-- name: system_end
UPDATE system SET until = :import WHERE rowid = :row

-- name: right_name_rows
SELECT rowid, "right", name_en, name_zh, owner, privileged
FROM right_name WHERE until = 9223372036854775807

-- name: right_name_add
INSERT INTO right_name ("right", name_en, name_zh, owner, privileged, since,
	until)
VALUES (:right, :name_en, :name_zh, :owner, :privileged, :import,
	9223372036854775807)

-- name: right_name_end
UPDATE right_name SET until = :import WHERE rowid = :row

-- name: workstation_rows
SELECT rowid, host, address, person, shared
FROM workstation WHERE until = 9223372036854775807

-- name: workstation_add
INSERT INTO workstation (host, address, person, shared, since, until)
VALUES (:host, :address, :person, :shared, :import, 9223372036854775807)

-- name: workstation_end
UPDATE workstation SET until = :import WHERE rowid = :row

-- name: contract_rows
SELECT rowid, contract, vendor, sponsor, ends
FROM contract WHERE until = 9223372036854775807

-- name: contract_add
INSERT INTO contract (contract, vendor, sponsor, ends, since, until)
VALUES (:contract, :vendor, :sponsor, :ends, :import, 9223372036854775807)

-- name: contract_end
UPDATE contract SET until = :import WHERE rowid = :row

-- name: sod_pair_rows
SELECT rowid, name, first, second, reason
FROM sod_pair WHERE until = 9223372036854775807

-- name: sod_pair_add
INSERT INTO sod_pair (name, first, second, reason, since, until)
VALUES (:name, :first, :second, :reason, :import, 9223372036854775807)

-- name: sod_pair_end
UPDATE sod_pair SET until = :import WHERE rowid = :row

-- name: registered_account_rows
SELECT rowid, kind, account, source, owner, purpose, approver, ends, confirmed
FROM registered_account WHERE until = 9223372036854775807

-- name: registered_account_add
INSERT INTO registered_account (kind, account, source, owner, purpose,
	approver, ends, confirmed, since, until)
VALUES (:kind, :account, :source, :owner, :purpose, :approver, :ends,
	:confirmed, :import, 9223372036854775807)

-- name: registered_account_end
UPDATE registered_account SET until = :import WHERE rowid = :row

-- name: exception_rows
SELECT rowid, rule, account, source, reason, compensation, approver, ends
FROM exception WHERE until = 9223372036854775807

-- name: exception_add
INSERT INTO exception (rule, account, source, reason, compensation, approver,
	ends, since, until)
VALUES (:rule, :account, :source, :reason, :compensation, :approver, :ends,
	:import, 9223372036854775807)

-- name: exception_end
UPDATE exception SET until = :import WHERE rowid = :row

-- name: calendar_rows
SELECT rowid, day, works, name FROM calendar WHERE until = 9223372036854775807

-- name: calendar_add
INSERT INTO calendar (day, works, name, since, until)
VALUES (:day, :works, :name, :import, 9223372036854775807)

-- name: calendar_end
UPDATE calendar SET until = :import WHERE rowid = :row

-- name: calendar_day
SELECT works FROM calendar WHERE day = :day AND until = 9223372036854775807

-- name: register_import_rows
UPDATE register_import SET rows = :rows WHERE id = :import

-- name: listed_state
SELECT until FROM listed_network
WHERE list = :list AND network = :network AND bits = :bits
ORDER BY since DESC LIMIT 1

-- name: listed_end
UPDATE listed_network SET until = :import
WHERE list = :list AND until = 9223372036854775807

-- name: listed_keep
UPDATE listed_network SET until = 9223372036854775807
WHERE list = :list AND network = :network AND bits = :bits AND until = :import

-- name: listed_add
INSERT INTO listed_network (list, network, bits, note, since, until)
VALUES (:list, :network, :bits, :note, :import, 9223372036854775807)

-- name: listed_ended
SELECT count(*) FROM listed_network WHERE list = :list AND until = :import

-- name: listed_all
SELECT list, network, bits FROM listed_network
WHERE until = 9223372036854775807 ORDER BY bits, network
