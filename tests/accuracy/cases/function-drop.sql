-- case: function-drop
-- base: shop
-- change:
DROP FUNCTION discount(numeric);
