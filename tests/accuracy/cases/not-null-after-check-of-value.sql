-- case: not-null-after-check-of-value
-- base: shop
-- earlier:
ALTER TABLE products ADD CONSTRAINT products_vat_ok CHECK (vat >= 0);
-- change:
ALTER TABLE products ALTER COLUMN vat SET NOT NULL;
