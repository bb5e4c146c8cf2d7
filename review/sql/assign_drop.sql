-- The tables of assign.sql, away.

-- step: drop_settled_question
DROP TABLE temp.settled_question

-- step: drop_current
DROP TABLE temp.current

-- step: drop_todo
DROP TABLE temp.todo

-- step: drop_declined
DROP TABLE temp.declined

-- step: drop_ready
DROP TABLE temp.ready

-- step: drop_taken
DROP TABLE temp.taken

-- step: drop_spelt
DROP TABLE temp.spelt

-- step: drop_assigned
DROP TABLE temp.assigned

-- step: drop_left_over
DROP TABLE temp.left_over

-- step: drop_above
DROP TABLE temp.above
