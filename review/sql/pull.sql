-- Statements by name; see review/store.h. Those of pulls: staging and applying.

-- name: source_by_name
SELECT id, url, realm, core, product FROM source WHERE name = :name

-- name: source_add
INSERT INTO source (name, url, realm, core) VALUES (:name, :url, :realm, :core)
