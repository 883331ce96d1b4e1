-- case: b-rule-beside-on-conflict
-- base: shop
-- change:
CREATE RULE customers_keep_first AS ON UPDATE TO customers WHERE old.id < 0 DO INSTEAD NOTHING;
