-- case: not-null-helper-dropped-in-one-go
-- base: shop
-- earlier:
ALTER TABLE customers ADD CONSTRAINT locale_there CHECK (locale IS NOT NULL) NOT VALID;
-- earlier:
ALTER TABLE customers VALIDATE CONSTRAINT locale_there;
-- change:
ALTER TABLE customers ALTER COLUMN locale SET NOT NULL, DROP CONSTRAINT locale_there;
