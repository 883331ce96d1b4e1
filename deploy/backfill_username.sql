-- Deploy change_demo:backfill_username to sqlite
-- requires: add_username
-- change: phase=migrate

BEGIN;

-- Only gaps are filled, so this can be run again at any time. Eight rows need no batches; on a
-- large table go by ranges of the key, each range in a transaction of its own.
UPDATE users SET username = user_name WHERE username IS NULL AND user_name IS NOT NULL;

COMMIT;
