-- case: b-revoke-execute-from-public
-- base: shop
-- change:
REVOKE ALL ON FUNCTION discount(numeric) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION discount(numeric) TO report;
