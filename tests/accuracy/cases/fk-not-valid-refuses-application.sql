-- case: fk-not-valid-refuses-application
-- base: shop
-- change:
CREATE TABLE scores (id integer PRIMARY KEY);
ALTER TABLE customers ADD CONSTRAINT customers_score_fk FOREIGN KEY (score) REFERENCES scores NOT VALID;
