-- id:          AR-192
-- severity:    critical
-- title:       Trail does not verify
-- title.zh_TW: 稽核軌跡驗證不符
-- why:         Reeve's own trail of a host can't be shortened or changed by accident.
--     One that is shorter than the checkpoint kept here, altered or begun anew
--     was tampered with, or the host was restored from a backup or cloned.
-- why.zh_TW:   主機之 Reeve 稽核軌跡不會自行縮短或變動。若短於本機留存之檢查點、內容遭更動或
--     重新起始，即為遭竄改，或主機曾由備份還原或複製。
-- over:        trail
-- controls:    PAR-35
-- text:        The trail of {host}, read from {file} at {at:time}, does not
--     verify: {because}. Kept from before: {kept} records.
-- text.zh_TW:  主機 {host} 之稽核軌跡（檔案 {file}，讀取時間 {at:time}）驗證不符：{because}。
--     先前已留存 {kept} 筆。
--
SELECT NULL AS subject, 'host:' || t.host AS about, 'hit' AS state,
	'certain' AS certainty, NULL AS severity, '' AS reason,
	t.host AS host, t.file AS file, t.at AS at, t.head AS because,
	ifnull(p.size, 0) AS kept
FROM trail_import t LEFT JOIN host_pin p ON p.host = t.host
WHERE t.form = 'reeve' AND t.verified = 0
	AND t.id = (SELECT max(n.id) FROM trail_import n
		WHERE n.form = 'reeve' AND n.host = t.host)
