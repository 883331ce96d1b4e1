-- case: a-no-duplicates-to-delete
-- base: shop
-- change:
DELETE FROM customers later USING customers first
    WHERE later.phone = first.phone AND later.id > first.id;
CREATE UNIQUE INDEX CONCURRENTLY customers_phone_key ON customers (phone);
