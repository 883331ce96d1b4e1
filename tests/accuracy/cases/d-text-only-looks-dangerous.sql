-- case: d-text-only-looks-dangerous
-- base: shop
-- change:
INSERT INTO settings (key, value) VALUES ('hint', 'DROP TABLE orders; ALTER TABLE customers DROP COLUMN email;')
ON CONFLICT (key) DO UPDATE SET value = excluded.value;
/* TRUNCATE customers; /* CREATE INDEX x ON orders (qty); */ */
