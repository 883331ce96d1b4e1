-- case: revoke
-- base: shop
-- change:
REVOKE INSERT, UPDATE ON orders FROM app;
