-- Packs that were made (reeve evidence): the last one's manifest is named by
-- the next.

-- name: evidence_last
SELECT sequence, manifest FROM pack ORDER BY sequence DESC LIMIT 1

-- name: evidence_add
INSERT INTO pack (act, sequence, kind, "from", "to", scope, folder, manifest)
VALUES (:act, :sequence, :kind, :from, :to, :scope, :folder, :manifest)

-- name: evidence_by_manifest
SELECT sequence FROM pack WHERE manifest = :manifest

-- name: evidence_list
SELECT p.sequence, p.kind, p."from", p."to", p.scope, p.folder, p.manifest,
	a.at, s.name
FROM pack p JOIN act a ON a.id = p.act LEFT JOIN signer s ON s.id = a.signer
ORDER BY p.sequence
