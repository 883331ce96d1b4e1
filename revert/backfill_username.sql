-- Revert change_demo:backfill_username from sqlite
-- change: revert=nothing because "the copies do no harm, and the column goes when add_username is reverted"
--
-- Setting username back to NULL would be wrong: the triggers would empty user_name as well.

BEGIN;
COMMIT;
