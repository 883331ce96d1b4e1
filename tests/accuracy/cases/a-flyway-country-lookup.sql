-- case: a-flyway-country-lookup
-- base: shop
-- change:
-- V42__country_lookup.sql
CREATE TABLE countries (
    id   smallint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    iso2 char(2) NOT NULL UNIQUE
);
INSERT INTO countries (iso2) SELECT DISTINCT country FROM customers WHERE country IS NOT NULL;
ALTER TABLE customers ADD COLUMN country_id smallint REFERENCES countries (id);
UPDATE customers c SET country_id = k.id FROM countries k WHERE k.iso2 = c.country;
ALTER TABLE customers DROP COLUMN country;
