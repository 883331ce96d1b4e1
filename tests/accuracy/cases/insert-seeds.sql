-- case: insert-seeds
-- base: shop
-- change:
INSERT INTO settings (key, value) VALUES ('theme', 'dark'), ('beta', 'off') ON CONFLICT (key) DO NOTHING;
INSERT INTO products (sku, title, price) SELECT 'gift-' || n, 'Gift card ' || n, n FROM generate_series(1, 20) n;
