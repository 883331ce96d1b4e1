-- case: column-of-new-enum
-- base: shop
-- change:
CREATE TYPE priority AS ENUM ('low', 'high');
ALTER TABLE orders ADD COLUMN priority priority NOT NULL DEFAULT 'low';
