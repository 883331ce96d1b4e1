-- case: select-only
-- base: shop
-- change:
-- ALTER TABLE orders ALTER COLUMN note SET NOT NULL;
/* DROP TABLE orders; /* nested */ TRUNCATE customers; */
SELECT 'DROP TABLE orders;' AS "DELETE FROM orders" WHERE 1 = 0;
