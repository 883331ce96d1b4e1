-- case: c-locale-default-and-not-null
-- base: shop
-- change:
ALTER TABLE customers
    ALTER COLUMN locale SET DEFAULT 'en',
    ALTER COLUMN locale SET NOT NULL;
