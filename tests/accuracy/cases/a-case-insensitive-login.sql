-- case: a-case-insensitive-login
-- base: tenants
-- change:
CREATE EXTENSION IF NOT EXISTS citext WITH SCHEMA public;
ALTER TABLE globex.people ALTER COLUMN login TYPE public.citext;
