-- The tables of place.sql, away.

-- step: drop_place
DROP TABLE temp.place

-- step: drop_system_now
DROP TABLE temp.system_now
