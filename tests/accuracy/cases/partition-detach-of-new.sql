-- case: partition-detach-of-new
-- base: events
-- change:
CREATE TABLE log.trips (at date NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE log.trips_2024 PARTITION OF log.trips FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
ALTER TABLE log.trips DETACH PARTITION log.trips_2024;
DROP TABLE log.trips_2024;
