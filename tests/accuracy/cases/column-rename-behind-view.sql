-- case: column-rename-behind-view
-- base: shop
-- change:
BEGIN;
ALTER TABLE products RENAME TO articles;
ALTER TABLE articles RENAME COLUMN title TO label;
CREATE VIEW products AS SELECT id, sku, label AS title, price, stock, vat FROM articles;
GRANT SELECT, INSERT, UPDATE, DELETE ON products TO app;
COMMIT;
-- app instead:
SELECT id, sku, title, price, stock FROM products WHERE sku = 'sku-3';
INSERT INTO products (sku, title, price) VALUES ('sku-new', 'New', 3.5);
UPDATE products SET stock = 3 WHERE id = 12;
