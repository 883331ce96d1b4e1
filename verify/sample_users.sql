-- Verify change_demo:sample_users on sqlite

BEGIN;

SELECT json('the sample users are missing')
 WHERE (SELECT count(*) FROM users WHERE id BETWEEN 1 AND 8) < 8;

ROLLBACK;
