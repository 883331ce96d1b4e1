-- case: a-partition-named-otherwise
-- base: events
-- change:
ALTER TABLE log.events_2023 RENAME TO events_y2023;
ALTER TABLE log.events_2024 RENAME TO events_y2024;
ALTER INDEX log.events_2023_kind_idx RENAME TO events_y2023_kind_idx;
