-- case: c-unique-rule-refuses-repeated-ref
-- base: shop
-- change:
CREATE UNIQUE INDEX CONCURRENTLY orders_ext_ref_key ON orders (ext_ref);
-- app:
INSERT INTO orders (customer_id, total, ext_ref) VALUES (3, 15, 'ref-55');
