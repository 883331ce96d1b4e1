-- case: a-drizzle-foreign-key-existing
-- base: docs
-- change:
CREATE TABLE IF NOT EXISTS "Library"."shelves" (
	"id" serial PRIMARY KEY NOT NULL,
	"name" text NOT NULL
);
--> statement-breakpoint
DO $$ BEGIN
 ALTER TABLE "Library"."Documents" ADD CONSTRAINT "Documents_Author_Authors_Id_fk" FOREIGN KEY ("Author") REFERENCES "Library"."Authors"("Id") ON DELETE no action ON UPDATE no action;
EXCEPTION
 WHEN duplicate_object THEN null;
END $$;
