-- case: a-liquibase-modify-data-type
-- base: shop
-- change:
--  Changeset db/changelog/2024-07.xml::18::ingrid
ALTER TABLE public.products ALTER COLUMN price TYPE numeric(14, 2) USING (price::numeric(14, 2));
--  Changeset db/changelog/2024-07.xml::19::ingrid
ALTER TABLE public.products ALTER COLUMN title TYPE VARCHAR(160) USING (title::VARCHAR(160));
