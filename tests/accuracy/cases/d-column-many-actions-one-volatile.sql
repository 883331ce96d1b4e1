-- case: d-column-many-actions-one-volatile
-- base: shop
-- change:
ALTER TABLE IF EXISTS ONLY "customers"
    ADD COLUMN nickname text,
    ADD COLUMN birthday date,
    ADD COLUMN "publicId" uuid NOT NULL DEFAULT gen_random_uuid(),
    ALTER COLUMN phone SET DEFAULT NULL;
