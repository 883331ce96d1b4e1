-- case: lock-and-change-few-rows
-- base: shop
-- change:
ALTER TABLE customers ADD COLUMN tier integer DEFAULT 1;
UPDATE customers SET tier = 2 WHERE id IN (1, 2, 3);
INSERT INTO settings VALUES ('tiers', '2');
