-- case: do-loop-over-partitions
-- base: events
-- change:
DO $$
DECLARE
    leaf regclass;
BEGIN
    FOR leaf IN SELECT inhrelid FROM pg_inherits WHERE inhparent = 'log.events'::regclass LOOP
        EXECUTE format('CREATE INDEX ON %s (actor)', leaf);
    END LOOP;
END
$$;
