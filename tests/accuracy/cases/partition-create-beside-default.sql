-- case: partition-create-beside-default
-- base: events
-- change:
CREATE TABLE log.metrics_asia PARTITION OF log.metrics FOR VALUES IN ('cn', 'jp');
