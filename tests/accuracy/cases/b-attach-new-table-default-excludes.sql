-- case: b-attach-new-table-default-excludes
-- base: events
-- earlier:
ALTER TABLE log.metrics_rest ADD CONSTRAINT metrics_rest_not_jp CHECK (region <> 'jp') NOT VALID;
-- earlier:
ALTER TABLE log.metrics_rest VALIDATE CONSTRAINT metrics_rest_not_jp;
-- change:
CREATE TABLE log.metrics_jp (LIKE log.metrics INCLUDING ALL);
ALTER TABLE log.metrics ATTACH PARTITION log.metrics_jp FOR VALUES IN ('jp');
