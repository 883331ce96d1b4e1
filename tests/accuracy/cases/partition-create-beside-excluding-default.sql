-- case: partition-create-beside-excluding-default
-- base: events
-- earlier:
ALTER TABLE log.metrics_rest ADD CONSTRAINT not_asia CHECK (region <> 'cn' AND region <> 'jp') NOT VALID;
-- earlier:
ALTER TABLE log.metrics_rest VALIDATE CONSTRAINT not_asia;
-- change:
CREATE TABLE log.metrics_asia PARTITION OF log.metrics FOR VALUES IN ('cn', 'jp');
