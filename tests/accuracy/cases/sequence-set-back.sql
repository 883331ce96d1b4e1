-- case: sequence-set-back
-- base: shop
-- change:
SELECT setval('products_id_seq', 1);
