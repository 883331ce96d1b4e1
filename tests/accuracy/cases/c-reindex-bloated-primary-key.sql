-- case: c-reindex-bloated-primary-key
-- base: shop
-- change:
SET lock_timeout = '2s';
REINDEX INDEX orders_pkey;
