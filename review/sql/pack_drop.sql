-- The tables of pack_steps.sql, away.

-- step: drop_pack_is
DROP TABLE temp.pack_is

-- step: drop_pack_account
DROP TABLE temp.pack_account

-- step: drop_pack_source
DROP TABLE temp.pack_source

-- step: drop_pack_place
DROP TABLE temp.pack_place

-- step: drop_pack_right
DROP TABLE temp.pack_right

-- step: drop_pack_registered
DROP TABLE temp.pack_registered

-- step: drop_pack_found
DROP TABLE temp.pack_found

-- step: drop_pack_remedy
DROP TABLE temp.pack_remedy

-- step: drop_pack_finding
DROP TABLE temp.pack_finding

-- step: drop_pack_rule_state
DROP TABLE temp.pack_rule_state

-- step: drop_pack_campaign
DROP TABLE temp.pack_campaign

-- step: drop_pack_effect
DROP TABLE temp.pack_effect

-- step: drop_pack_said
DROP TABLE temp.pack_said

-- step: drop_pack_decided
DROP TABLE temp.pack_decided

-- step: drop_pack_waiting
DROP TABLE temp.pack_waiting

-- step: drop_pack_asked
DROP TABLE temp.pack_asked

-- step: drop_pack_reviewer
DROP TABLE temp.pack_reviewer

-- step: drop_pack_exception
DROP TABLE temp.pack_exception

-- step: drop_pack_line
DROP TABLE temp.pack_line

-- step: drop_pack_line_of
DROP TABLE temp.pack_line_of

-- step: drop_pack_act
DROP TABLE temp.pack_act

-- step: drop_pack_person
DROP TABLE temp.pack_person

-- step: drop_pack_daily
DROP TABLE temp.pack_daily

-- step: drop_pack_missing
DROP TABLE temp.pack_missing

-- step: drop_pack_quarter
DROP TABLE temp.pack_quarter

-- step: drop_pack_life
DROP TABLE temp.pack_life

-- step: drop_pack_trend
DROP TABLE temp.pack_trend
