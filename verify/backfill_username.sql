-- Verify change_demo:backfill_username on sqlite

BEGIN;

SELECT json('a user has no username') FROM users WHERE username IS NULL;

ROLLBACK;
