-- case: upsert-all
-- base: shop
-- change:
INSERT INTO customers (id, email, name) SELECT id, email, name FROM customers
    ON CONFLICT (id) DO UPDATE SET locale = 'nb';
