-- Revert change_demo:sample_users from sqlite

BEGIN;

DELETE FROM users WHERE id BETWEEN 1 AND 8;

COMMIT;
