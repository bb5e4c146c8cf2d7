-- The tables of progress.sql, away.

-- step: drop_stands
DROP TABLE temp.stands

-- step: drop_answered
DROP TABLE temp.answered

-- step: drop_asking
DROP TABLE temp.asking

-- step: drop_progress
DROP TABLE temp.progress

-- step: drop_stroke
DROP TABLE temp.stroke

-- step: drop_pace
DROP TABLE temp.pace
