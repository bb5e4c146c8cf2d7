-- The tables of freeze.sql, away: they are made anew for each campaign.

-- step: drop_chosen
DROP TABLE temp.chosen

-- step: drop_held
DROP TABLE temp.held

-- step: drop_flaw
DROP TABLE temp.flaw

-- step: drop_flaw_sum
DROP TABLE temp.flaw_sum

-- step: drop_earlier
DROP TABLE temp.earlier

-- step: drop_last
DROP TABLE temp.last

-- step: drop_compared
DROP TABLE temp.compared

-- step: drop_department
DROP TABLE temp.department

-- step: drop_held_right
DROP TABLE temp.held_right

-- step: drop_share
DROP TABLE temp.share

-- step: drop_owned
DROP TABLE temp.owned

-- step: drop_owner_text
DROP TABLE temp.owner_text

-- step: drop_picked
DROP TABLE temp.picked

-- step: drop_bunch
DROP TABLE temp.bunch

-- step: drop_bunched
DROP TABLE temp.bunched

-- step: drop_asked
DROP TABLE temp.asked

-- step: drop_ordered
DROP TABLE temp.ordered

-- step: drop_first_pull
DROP TABLE temp.first_pull

-- step: drop_granted
DROP TABLE temp.granted

-- step: drop_reviewed
DROP TABLE temp.reviewed

-- step: drop_settled_place_index
DROP INDEX temp.settled_place_by_department

-- step: drop_wide
DROP TABLE temp.wide

-- step: drop_dropped
DROP TABLE temp.dropped

-- step: drop_dropped_place
DROP TABLE temp.dropped_place

-- step: drop_right_text
DROP TABLE temp.right_text
