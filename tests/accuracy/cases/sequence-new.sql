-- case: sequence-new
-- base: shop
-- change:
CREATE SEQUENCE invoice_numbers START 1000;
GRANT USAGE ON SEQUENCE invoice_numbers TO app;
ALTER SEQUENCE invoice_numbers RESTART WITH 5;
SELECT setval('invoice_numbers', 3);
