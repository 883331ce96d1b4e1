-- case: a-sessions-purged
-- given:
CREATE TABLE sessions (
    token      text PRIMARY KEY,
    user_id    bigint NOT NULL,
    expires_at timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE, DELETE ON sessions TO app;
-- rows:
INSERT INTO sessions SELECT 'tok' || n, n, '2024-01-01'::timestamptz + n * interval '1 hour' FROM generate_series(1, 4000) n;
-- change:
CREATE INDEX CONCURRENTLY IF NOT EXISTS sessions_expires_idx ON sessions (expires_at);
DELETE FROM sessions WHERE expires_at < TIMESTAMPTZ '2024-04-01 00:00:00+00';
-- app:
INSERT INTO sessions VALUES ('fresh', 1, '2030-01-01');
SELECT user_id FROM sessions WHERE token = 'tok3999';
