-- case: fk-of-partitioned-not-valid
-- base: events
-- given:
CREATE TABLE log.actors (name text PRIMARY KEY);
-- change:
ALTER TABLE log.events ADD FOREIGN KEY (actor) REFERENCES log.actors (name) NOT VALID;
