-- case: a-schema-named-like-the-role
-- base: shop
-- change:
CREATE SCHEMA app;
CREATE TABLE app.settings (key text PRIMARY KEY, value text NOT NULL, changed timestamptz NOT NULL DEFAULT now());
CREATE TABLE app.features (name text PRIMARY KEY, enabled boolean NOT NULL DEFAULT false);
GRANT USAGE ON SCHEMA app TO app;
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA app TO app;
