-- Deploy change_demo:drop_user_name to sqlite
-- requires: backfill_username
-- change: phase=contract
-- change: allow=SL20 because "no code has read it since @migrated, and username holds the names"

BEGIN;

-- The last look before the column goes: fails, and so drops nothing, if it holds a name that
-- username does not hold.
SELECT json('user_name and username differ') FROM users WHERE user_name IS NOT username;

DROP TRIGGER users_name_update;
DROP TRIGGER users_name_insert;
DROP INDEX users_user_name;
ALTER TABLE users DROP COLUMN user_name;

COMMIT;
