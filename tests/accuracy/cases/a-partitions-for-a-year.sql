-- case: a-partitions-for-a-year
-- base: events
-- change:
DO $$
DECLARE
    month date;
BEGIN
    FOR month IN SELECT generate_series('2025-01-01'::date, '2025-12-01'::date, interval '1 month')::date LOOP
        EXECUTE format(
            'CREATE TABLE IF NOT EXISTS log.%I PARTITION OF log.events FOR VALUES FROM (%L) TO (%L)',
            'events_' || to_char(month, 'YYYY_MM'), month, (month + interval '1 month')::date);
    END LOOP;
END
$$;
