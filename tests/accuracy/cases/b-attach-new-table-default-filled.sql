-- case: b-attach-new-table-default-filled
-- base: events
-- change:
CREATE TABLE log.metrics_jp (LIKE log.metrics INCLUDING ALL);
ALTER TABLE log.metrics ATTACH PARTITION log.metrics_jp FOR VALUES IN ('jp');
