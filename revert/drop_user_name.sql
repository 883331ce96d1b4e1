-- Revert change_demo:drop_user_name from sqlite
--
-- What comes back: the column, its index, the triggers, and for every user the name that username
-- holds now. What does not: the names that user_name held at the moment of the drop where they were
-- changed since, users who were deleted since, and the column's place in the table (it comes last).
-- recovery/drop_user_name.md says how to get those from the backup.

BEGIN;

ALTER TABLE users ADD COLUMN user_name TEXT;

UPDATE users SET user_name = username;

CREATE UNIQUE INDEX users_user_name ON users (user_name);

CREATE TRIGGER users_name_insert AFTER INSERT ON users
WHEN NEW.username IS NOT NEW.user_name
BEGIN
    UPDATE users
       SET username  = coalesce(NEW.username, NEW.user_name),
           user_name = coalesce(NEW.username, NEW.user_name)
     WHERE id = NEW.id;
END;

CREATE TRIGGER users_name_update AFTER UPDATE OF user_name, username ON users
WHEN NEW.username IS NOT NEW.user_name
BEGIN
    UPDATE users
       SET username  = CASE WHEN NEW.username IS NOT OLD.username THEN NEW.username ELSE NEW.user_name END,
           user_name = CASE WHEN NEW.username IS NOT OLD.username THEN NEW.username ELSE NEW.user_name END
     WHERE id = NEW.id;
END;

COMMIT;
