-- case: not-null-helper-dropped-afterwards
-- base: shop
-- earlier:
ALTER TABLE customers ADD CONSTRAINT locale_there CHECK (locale IS NOT NULL) NOT VALID;
-- earlier:
ALTER TABLE customers VALIDATE CONSTRAINT locale_there;
-- change:
ALTER TABLE customers ALTER COLUMN locale SET NOT NULL;
ALTER TABLE customers DROP CONSTRAINT locale_there;
