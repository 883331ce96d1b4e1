-- case: revoke-what-nobody-had
-- base: shop
-- change:
REVOKE ALL ON customers FROM report;
