-- case: index-of-new-table
-- base: shop
-- change:
CREATE TABLE coupons (
    id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL,
    uses integer NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX coupons_code_key ON coupons (lower(code));
CREATE INDEX ON coupons (uses) WHERE uses > 0;
GRANT SELECT ON coupons TO app;
