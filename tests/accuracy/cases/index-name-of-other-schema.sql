-- case: index-name-of-other-schema
-- base: shop
-- change:
CREATE SCHEMA archive;
CREATE TABLE archive.orders (id bigint PRIMARY KEY, note text);
INSERT INTO archive.orders SELECT id, note FROM public.orders WHERE id <= 300;
CREATE INDEX ON archive.orders (note);
