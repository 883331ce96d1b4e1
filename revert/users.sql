-- Revert change_demo:users from sqlite

BEGIN;

DROP TABLE users;

COMMIT;
