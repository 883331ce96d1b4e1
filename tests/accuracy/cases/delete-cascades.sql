-- case: delete-cascades
-- base: shop
-- change:
DELETE FROM orders WHERE state <> 'new';
