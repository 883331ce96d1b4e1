-- case: b-not-null-proven-earlier
-- base: shop
-- earlier:
ALTER TABLE customers ADD CONSTRAINT customers_score_there CHECK (score IS NOT NULL AND score >= 0) NOT VALID;
-- earlier:
ALTER TABLE customers VALIDATE CONSTRAINT customers_score_there;
-- change:
ALTER TABLE customers ALTER COLUMN score SET NOT NULL;
-- app instead:
SELECT score FROM customers WHERE id = 7;
INSERT INTO customers (email, name, score) VALUES ('s@example.org', 'S', 1);
