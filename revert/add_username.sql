-- Revert change_demo:add_username from sqlite
--
-- Nothing is lost: whatever was written to username is in user_name, too.

BEGIN;

DROP TRIGGER users_name_update;
DROP TRIGGER users_name_insert;
DROP INDEX users_username;
ALTER TABLE users DROP COLUMN username;

COMMIT;
