-- case: partition-default-new
-- base: events
-- change:
CREATE TABLE log.events_rest PARTITION OF log.events DEFAULT;
