-- case: type-collation-not-indexed
-- base: shop
-- change:
ALTER TABLE customers ALTER phone TYPE text COLLATE "C";
