-- case: a-partition-made-and-filled
-- base: events
-- change:
BEGIN;
CREATE TABLE log.events_y2025 PARTITION OF log.events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
INSERT INTO log.events (id, at, kind, actor, payload) OVERRIDING SYSTEM VALUE
    SELECT id, at, kind, actor, payload FROM log.events_2025;
COMMIT;
