-- case: extension-new
-- base: shop
-- change:
CREATE EXTENSION IF NOT EXISTS btree_gist;
