-- case: c-updated-at-default-now
-- base: tenants
-- change:
ALTER TABLE acme.people ADD COLUMN updated_at timestamptz NOT NULL DEFAULT now();
ALTER TABLE acme.people ADD COLUMN updated_by text NOT NULL DEFAULT current_user;
