-- case: column-stable-default-expressions
-- base: shop
-- change:
ALTER TABLE orders
    ADD COLUMN entered_by name DEFAULT current_user,
    ADD COLUMN entered_on date DEFAULT CURRENT_DATE + 1,
    ADD COLUMN extra jsonb DEFAULT jsonb_build_object('v', 1),
    ADD COLUMN tags text[] DEFAULT '{}'::text[];
