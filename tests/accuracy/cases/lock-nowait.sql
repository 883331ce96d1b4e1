-- case: lock-nowait
-- base: shop
-- change:
BEGIN;
LOCK TABLE ONLY orders IN SHARE ROW EXCLUSIVE MODE NOWAIT;
INSERT INTO settings VALUES ('frozen', 'no');
COMMIT;
