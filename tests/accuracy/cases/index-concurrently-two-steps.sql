-- case: index-concurrently-two-steps
-- base: shop
-- change:
SET statement_timeout = 0;
CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_note_idx ON public.orders USING btree (note text_pattern_ops) WHERE note IS NOT NULL;
COMMENT ON INDEX orders_note_idx IS 'for the search; built without CREATE INDEX ON orders (note)';
