-- case: column-of-new-table
-- base: shop
-- change:
CREATE TABLE leads (id bigint PRIMARY KEY);
INSERT INTO leads SELECT generate_series(1, 8000);
ALTER TABLE leads ADD COLUMN token uuid NOT NULL DEFAULT gen_random_uuid(), ADD COLUMN number serial UNIQUE;
