-- case: check-of-leaf
-- base: events
-- change:
ALTER TABLE log.events_2024 ADD CHECK (kind <> 'never');
