-- case: prisma-create-tables
-- base: docs
-- change:
-- CreateTable
CREATE TABLE "Library"."Reviews" (
    "id" SERIAL NOT NULL,
    "documentId" BIGINT NOT NULL,
    "text" TEXT,

    CONSTRAINT "Reviews_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "Reviews_documentId_idx" ON "Library"."Reviews"("documentId");

-- AddForeignKey
ALTER TABLE "Library"."Reviews" ADD CONSTRAINT "Reviews_documentId_fkey" FOREIGN KEY ("documentId") REFERENCES "Library"."Documents"("Id") ON DELETE RESTRICT ON UPDATE CASCADE;
