-- case: partition-drop
-- base: events
-- change:
DROP TABLE log.events_2023;
