-- case: b-delete-cascades
-- base: shop
-- change:
DELETE FROM orders WHERE id > 9700;
