-- case: function-made-strict-about-callers
-- base: shop
-- change:
REVOKE EXECUTE ON FUNCTION discount(numeric) FROM PUBLIC;
