-- The tables of a check that is over; the reverse of views.sql.

-- step: drop_judged
DROP TABLE temp.judged

-- step: drop_attribute_now
DROP TABLE temp.attribute_now

-- step: drop_source_now
DROP TABLE temp.source_now

-- step: drop_grp
DROP TABLE temp.grp

-- step: drop_everyone
DROP TABLE temp.everyone

-- step: drop_pair
DROP TABLE temp.pair

-- step: drop_revoked
DROP TABLE temp.revoked

-- step: drop_crossed
DROP TABLE temp.crossed

-- step: drop_crossed_found
DROP TABLE temp.crossed_found

-- step: drop_crossed_wanted
DROP TABLE temp.crossed_wanted

-- step: drop_holder
DROP TABLE temp.holder

-- step: drop_privileged_path
DROP TABLE temp.privileged_path

-- step: drop_seen
DROP TABLE temp.seen

-- step: drop_person_now
DROP TABLE temp.person_now

-- step: drop_person_of
DROP TABLE temp.person_of

-- step: drop_policy_now
DROP TABLE temp.policy_now

-- step: drop_policy_of
DROP TABLE temp.policy_of

-- step: drop_policy_default
DROP TABLE temp.policy_default

-- step: drop_registered
DROP TABLE temp.registered

-- step: drop_registered_of
DROP TABLE temp.registered_of

-- step: drop_account
DROP TABLE temp.account

-- step: drop_use_now
DROP TABLE temp.use_now

-- step: drop_enabled_unknown
DROP TABLE temp.enabled_unknown

-- step: drop_settled
DROP TABLE temp.settled

-- step: drop_peers
DROP TABLE temp.peers

-- step: drop_mover
DROP TABLE temp.mover

-- step: drop_peer_share
DROP TABLE temp.peer_share

-- step: drop_settled_account
DROP TABLE temp.settled_account

-- step: drop_settled_place
DROP TABLE temp.settled_place

-- step: drop_privileged_share
DROP TABLE temp.privileged_share

-- step: drop_origin_shared
DROP TABLE temp.origin_shared

-- step: drop_origin_use
DROP TABLE temp.origin_use

-- step: drop_origin_person
DROP TABLE temp.origin_person

-- step: drop_key_use
DROP TABLE temp.key_use

-- step: drop_fact
DROP VIEW temp.fact

-- step: drop_result
DROP TABLE temp.result

-- step: drop_blocked
DROP TABLE IF EXISTS temp.blocked

-- step: drop_review
DROP TABLE temp.review

-- step: drop_review_question
DROP TABLE temp.review_question

-- step: drop_review_item
DROP TABLE temp.review_item

-- step: drop_called
DROP TABLE temp.called

-- step: drop_review_grant
DROP TABLE temp.review_grant

-- step: drop_review_answer
DROP TABLE temp.review_answer

-- step: drop_review_stroke
DROP TABLE temp.review_stroke

-- step: drop_review_pace
DROP TABLE temp.review_pace

-- step: drop_mover_review
DROP TABLE temp.mover_review
