-- Deploy change_demo:add_username to sqlite
-- requires: users
-- change: phase=expand

BEGIN;

ALTER TABLE users ADD COLUMN username TEXT;

CREATE UNIQUE INDEX users_username ON users (username);

-- From here on old code may write user_name and new code username: both columns get the value.
-- Where a statement writes both, username counts.
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
