-- case: update-of-new-table
-- base: shop
-- change:
CREATE TABLE prices_2025 AS SELECT sku, price FROM products;
UPDATE prices_2025 SET price = price * 1.05;
DELETE FROM prices_2025 WHERE price > 90;
