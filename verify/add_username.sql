-- Verify change_demo:add_username on sqlite

BEGIN;

SELECT username FROM users WHERE 0;

SELECT json('the index users_username is missing')
 WHERE NOT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'index' AND name = 'users_username');

-- As long as there are two columns, the triggers must keep them in step.
SELECT json('user_name and username are not kept in step')
 WHERE EXISTS (SELECT 1 FROM pragma_table_info('users') WHERE name = 'user_name')
   AND (SELECT count(*) FROM sqlite_schema
         WHERE type = 'trigger' AND name IN ('users_name_insert', 'users_name_update')) < 2;

ROLLBACK;
