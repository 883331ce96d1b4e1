-- case: revoke-and-grant-again
-- base: shop
-- change:
REVOKE ALL ON settings FROM app;
GRANT SELECT ON settings TO app;
