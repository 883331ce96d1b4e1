-- case: prisma-alter-table
-- base: docs
-- change:
-- AlterTable
ALTER TABLE "Library"."Documents" ADD COLUMN     "slug" TEXT NOT NULL DEFAULT '',
ALTER COLUMN "lang" DROP NOT NULL;
