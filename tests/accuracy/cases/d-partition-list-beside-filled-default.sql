-- case: d-partition-list-beside-filled-default
-- base: events
-- change:
BEGIN;
CREATE TABLE log.metrics_au PARTITION OF log.metrics FOR VALUES IN ('au', 'nz');
COMMIT;
