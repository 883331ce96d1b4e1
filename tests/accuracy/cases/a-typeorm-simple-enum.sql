-- case: a-typeorm-simple-enum
-- given:
CREATE TYPE "public"."task_status_enum" AS ENUM('todo', 'doing', 'done');
CREATE TABLE "task" (
    "id" SERIAL NOT NULL,
    "title" character varying NOT NULL,
    "status" "public"."task_status_enum" NOT NULL DEFAULT 'todo',
    CONSTRAINT "PK_fb213f79ee45060ba925ecd576e" PRIMARY KEY ("id")
);
CREATE TABLE "migrations" ("id" SERIAL NOT NULL, "timestamp" bigint NOT NULL, "name" character varying NOT NULL);
GRANT SELECT, INSERT, UPDATE ON "task" TO app;
GRANT USAGE ON SEQUENCE "task_id_seq" TO app;
-- rows:
INSERT INTO "task" ("title", "status") SELECT 'Task ' || n, 'done' FROM generate_series(1, 4000) n;
-- change:
ALTER TYPE "public"."task_status_enum" ADD VALUE IF NOT EXISTS 'blocked' BEFORE 'done';
CREATE TABLE "task_history" (
    "id" SERIAL NOT NULL,
    "taskId" integer NOT NULL,
    "from" "public"."task_status_enum",
    "to" "public"."task_status_enum" NOT NULL,
    CONSTRAINT "PK_716670443aea4a2f4a599bb7c53" PRIMARY KEY ("id")
);
CREATE INDEX "IDX_1b5bd4f1ad4e4a2b9f4a0d8f4f" ON "task_history" ("taskId");
INSERT INTO "migrations"("timestamp", "name") VALUES (1719820000000, 'AddBlockedStatus1719820000000');
-- app:
SELECT count(*) FROM "task" WHERE "status" = 'done';
SELECT count(*) FROM "task" WHERE "status" < 'done';
INSERT INTO "task" ("title") VALUES ('New');
