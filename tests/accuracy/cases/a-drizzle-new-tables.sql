-- case: a-drizzle-new-tables
-- base: docs
-- change:
DO $$ BEGIN
 CREATE TYPE "public"."loan_state" AS ENUM('out', 'returned', 'lost');
EXCEPTION
 WHEN duplicate_object THEN null;
END $$;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS "Library"."loans" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"document_id" bigint NOT NULL,
	"state" "loan_state" DEFAULT 'out' NOT NULL,
	"due" timestamp with time zone DEFAULT now() + interval '30 days' NOT NULL
);
--> statement-breakpoint
DO $$ BEGIN
 ALTER TABLE "Library"."loans" ADD CONSTRAINT "loans_document_id_Documents_Id_fk" FOREIGN KEY ("document_id") REFERENCES "Library"."Documents"("Id") ON DELETE cascade ON UPDATE no action;
EXCEPTION
 WHEN duplicate_object THEN null;
END $$;
--> statement-breakpoint
CREATE UNIQUE INDEX IF NOT EXISTS "loans_open_idx" ON "Library"."loans" USING btree ("document_id") WHERE "state" = 'out';
