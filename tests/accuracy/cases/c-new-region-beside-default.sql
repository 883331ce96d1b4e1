-- case: c-new-region-beside-default
-- base: events
-- change:
CREATE TABLE log.metrics_au PARTITION OF log.metrics FOR VALUES IN ('au', 'nz');
GRANT SELECT, INSERT, UPDATE, DELETE ON log.metrics_au TO app;
