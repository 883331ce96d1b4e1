-- case: a-prisma-bigint-key
-- given:
CREATE TABLE "User" ("id" SERIAL NOT NULL, "email" TEXT NOT NULL, CONSTRAINT "User_pkey" PRIMARY KEY ("id"));
CREATE TABLE "Post" (
    "id" SERIAL NOT NULL,
    "title" TEXT NOT NULL,
    "authorId" INTEGER NOT NULL,
    CONSTRAINT "Post_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "Post_authorId_fkey" FOREIGN KEY ("authorId") REFERENCES "User" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);
GRANT SELECT, INSERT, UPDATE, DELETE ON "User", "Post" TO app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO app;
-- rows:
INSERT INTO "User" ("email") SELECT 'u' || n || '@example.org' FROM generate_series(1, 2500) n;
INSERT INTO "Post" ("title", "authorId") SELECT 'Post ' || n, n % 2500 + 1 FROM generate_series(1, 6000) n;
-- change:
-- DropForeignKey
ALTER TABLE "Post" DROP CONSTRAINT "Post_authorId_fkey";

-- AlterTable
ALTER TABLE "Post" ALTER COLUMN "authorId" SET DATA TYPE BIGINT;

-- AlterTable
ALTER TABLE "User" DROP CONSTRAINT "User_pkey",
ALTER COLUMN "id" SET DATA TYPE BIGINT,
ADD CONSTRAINT "User_pkey" PRIMARY KEY ("id");

-- AddForeignKey
ALTER TABLE "Post" ADD CONSTRAINT "Post_authorId_fkey" FOREIGN KEY ("authorId") REFERENCES "User"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
-- app:
SELECT "id", "email" FROM "User" WHERE "id" = 3;
INSERT INTO "Post" ("title", "authorId") VALUES ('New', 7);
DELETE FROM "User" WHERE "id" = 9;
