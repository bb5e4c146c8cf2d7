-- Statements by name; see review/store.h. What holds of the whole database.

-- name: setting_add
INSERT INTO setting (name, value) VALUES (:name, :value)

-- name: setting_get
SELECT value FROM setting WHERE name = :name
