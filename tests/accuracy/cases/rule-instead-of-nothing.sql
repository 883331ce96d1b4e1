-- case: rule-instead-of-nothing
-- base: shop
-- change:
CREATE RULE orders_keep AS ON DELETE TO orders DO INSTEAD NOTHING;
