-- case: session-settings-only
-- base: shop
-- change:
SET lock_timeout = '2s';
SET search_path = public;
SELECT 1;
RESET lock_timeout;
