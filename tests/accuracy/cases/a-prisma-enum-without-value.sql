-- case: a-prisma-enum-without-value
-- base: shop
-- change:
-- AlterEnum
BEGIN;
CREATE TYPE "order_state_new" AS ENUM ('new', 'paid', 'shipped');
ALTER TABLE "orders" ALTER COLUMN "state" DROP DEFAULT;
ALTER TABLE "orders" ALTER COLUMN "state" TYPE "order_state_new" USING ("state"::text::"order_state_new");
ALTER TYPE "order_state" RENAME TO "order_state_old";
ALTER TYPE "order_state_new" RENAME TO "order_state";
DROP TYPE "order_state_old";
ALTER TABLE "orders" ALTER COLUMN "state" SET DEFAULT 'new';
COMMIT;
