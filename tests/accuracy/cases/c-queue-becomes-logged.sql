-- case: c-queue-becomes-logged
-- given:
CREATE UNLOGGED TABLE job_queue (id bigint PRIMARY KEY, payload text NOT NULL);
GRANT SELECT, INSERT, DELETE ON job_queue TO app;
-- rows:
INSERT INTO job_queue SELECT n, 'job ' || n FROM generate_series(1, 4000) n;
-- change:
ALTER TABLE job_queue SET LOGGED;
-- app:
SELECT payload FROM job_queue WHERE id = 7;
