-- case: a-settings-seeded-again
-- base: shop
-- change:
INSERT INTO settings (key, value) VALUES ('currency', 'NOK'), ('tax', '25'), ('max_lines', '200')
    ON CONFLICT (key) DO NOTHING;
MERGE INTO settings s
    USING (VALUES ('feature.gift_cards', 'off'), ('feature.pickup', 'on')) AS n (key, value) ON s.key = n.key
    WHEN MATCHED THEN UPDATE SET value = n.value
    WHEN NOT MATCHED THEN INSERT (key, value) VALUES (n.key, n.value);
UPDATE settings SET value = 'nb' WHERE key = 'locale' AND value = 'no';
