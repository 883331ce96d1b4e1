-- case: a-rails-rename-table
-- base: shop
-- change:
BEGIN;
ALTER TABLE "order_lines" RENAME TO "line_items";
ALTER TABLE "public"."order_lines_id_seq" RENAME TO "line_items_id_seq";
ALTER INDEX "order_lines_pkey" RENAME TO "line_items_pkey";
ALTER INDEX "order_lines_order_idx" RENAME TO "index_line_items_on_order_id";
COMMIT;
