-- case: b-detach-empty-partition
-- base: events
-- given:
CREATE TABLE log.events_2022 PARTITION OF log.events FOR VALUES FROM ('2022-01-01') TO ('2023-01-01');
-- change:
ALTER TABLE log.events DETACH PARTITION log.events_2022;
