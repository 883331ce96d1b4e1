-- case: table-drop-of-new-table
-- base: shop
-- change:
CREATE TABLE totals_by_state AS SELECT state, sum(total) AS total FROM orders GROUP BY state;
INSERT INTO settings SELECT 'total ' || state, total::text FROM totals_by_state;
DROP TABLE totals_by_state;
