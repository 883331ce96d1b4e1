-- case: d-column-many-actions-all-constant
-- base: shop
-- change:
ALTER TABLE IF EXISTS ONLY "customers"
    ADD COLUMN nickname text NOT NULL DEFAULT '',
    ADD COLUMN "signedUpAt" timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    ADD COLUMN prefs jsonb NOT NULL DEFAULT '{}'::jsonb;
