-- case: partition-attach-beside-default
-- base: events
-- change:
CREATE TABLE log.metrics_asia (LIKE log.metrics INCLUDING ALL);
ALTER TABLE log.metrics ATTACH PARTITION log.metrics_asia FOR VALUES IN ('cn', 'jp');
