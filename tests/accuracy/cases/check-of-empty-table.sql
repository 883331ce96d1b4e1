-- case: check-of-empty-table
-- base: shop
-- given:
CREATE TABLE vouchers (id bigint PRIMARY KEY, percent integer NOT NULL);
-- change:
ALTER TABLE vouchers ADD CONSTRAINT vouchers_percent_ok CHECK (percent <= 100);
