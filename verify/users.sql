-- Verify change_demo:users on sqlite

BEGIN;

-- Fails if the table or one of these columns is missing.
SELECT id, email, created_at FROM users WHERE 0;

-- The name's column is called user_name at first and username in the end. json() refuses what is
-- not JSON, so the statement fails, with its message, as soon as it yields a row.
SELECT json('users has no column for the name')
 WHERE NOT EXISTS (SELECT 1 FROM pragma_table_info('users') WHERE name IN ('user_name', 'username'));

ROLLBACK;
