-- Verify change_demo:drop_user_name on sqlite

BEGIN;

SELECT id, username, email, created_at FROM users WHERE 0;

SELECT json('users still has the column user_name')
  FROM pragma_table_info('users') WHERE name = 'user_name';

SELECT json('a trigger on users still copies names')
  FROM sqlite_schema WHERE type = 'trigger' AND name IN ('users_name_insert', 'users_name_update');

ROLLBACK;
