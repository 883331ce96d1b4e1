-- case: c-claim-jobs
-- given:
CREATE TABLE jobs (id bigint PRIMARY KEY, state text NOT NULL DEFAULT 'open', tries integer NOT NULL DEFAULT 0);
GRANT SELECT, INSERT, UPDATE ON jobs TO app;
-- rows:
INSERT INTO jobs SELECT n FROM generate_series(1, 5000) n;
-- change:
UPDATE jobs SET state = 'stale'
WHERE id IN (SELECT id FROM jobs WHERE tries = 0 ORDER BY id LIMIT 200 FOR UPDATE SKIP LOCKED);
-- app:
SELECT tries FROM jobs WHERE id = 4000;
UPDATE jobs SET state = 'done' WHERE id = 4001;
