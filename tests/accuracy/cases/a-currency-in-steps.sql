-- case: a-currency-in-steps
-- base: shop
-- change:
BEGIN;
CREATE TABLE currencies (code char(3) PRIMARY KEY, digits smallint NOT NULL DEFAULT 2);
INSERT INTO currencies (code, digits) VALUES ('NOK', 2), ('EUR', 2), ('JPY', 0);
ALTER TABLE orders ADD COLUMN currency char(3) NOT NULL DEFAULT 'NOK';
COMMIT;

BEGIN;
ALTER TABLE orders ADD CONSTRAINT orders_currency_fk FOREIGN KEY (currency) REFERENCES currencies (code) NOT VALID;
COMMIT;

BEGIN;
ALTER TABLE orders VALIDATE CONSTRAINT orders_currency_fk;
COMMIT;
