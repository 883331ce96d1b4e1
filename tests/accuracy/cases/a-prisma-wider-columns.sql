-- case: a-prisma-wider-columns
-- base: docs
-- change:
-- AlterTable
ALTER TABLE "Library"."Documents" ALTER COLUMN "lang" SET DEFAULT 'en-GB',
ALTER COLUMN "lang" SET DATA TYPE VARCHAR(35),
ALTER COLUMN "title" SET DATA TYPE VARCHAR,
ALTER COLUMN "Author" SET STATISTICS 500,
ADD COLUMN     "pageCount" INTEGER,
ADD COLUMN     "publishedOn" DATE;

-- AlterTable
ALTER TABLE "Library"."Authors" ADD COLUMN     "isActive" BOOLEAN NOT NULL DEFAULT true;

-- CreateEnum
CREATE TYPE "Library"."Visibility" AS ENUM ('public', 'private');
