-- case: b-add-column-own-sequence
-- base: events
-- change:
CREATE SEQUENCE log.position;
GRANT USAGE ON SEQUENCE log.position TO app;
ALTER TABLE log.metrics ADD COLUMN position bigint DEFAULT nextval('log.position');
