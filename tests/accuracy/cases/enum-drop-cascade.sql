-- case: enum-drop-cascade
-- base: shop
-- change:
DROP TYPE order_state CASCADE;
