-- case: column-of-new-domain
-- base: shop
-- change:
CREATE DOMAIN percentage AS integer CHECK (VALUE BETWEEN 0 AND 100);
ALTER TABLE products ADD COLUMN rebate percentage DEFAULT 0;
