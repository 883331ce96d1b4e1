-- case: table-unlogged-new
-- base: shop
-- change:
CREATE UNLOGGED TABLE sessions (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), data jsonb);
INSERT INTO sessions (data) SELECT '{}' FROM generate_series(1, 3000);
ALTER TABLE sessions SET LOGGED;
