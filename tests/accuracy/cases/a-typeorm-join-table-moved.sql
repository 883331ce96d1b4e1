-- case: a-typeorm-join-table-moved
-- given:
CREATE TABLE "role" ("id" integer PRIMARY KEY, "name" text NOT NULL);
CREATE TABLE "member" ("id" integer PRIMARY KEY, "name" text NOT NULL, "roleIds" integer[] NOT NULL DEFAULT '{}');
GRANT SELECT, INSERT, UPDATE, DELETE ON "role", "member" TO app;
-- rows:
INSERT INTO "role" SELECT n, 'Role ' || n FROM generate_series(1, 12) n;
INSERT INTO "member" SELECT n, 'Member ' || n, ARRAY[n % 12 + 1, 1] FROM generate_series(1, 5000) n;
-- change:
BEGIN;
CREATE TABLE "member_roles_role" (
    "memberId" integer NOT NULL,
    "roleId" integer NOT NULL,
    CONSTRAINT "PK_member_roles" PRIMARY KEY ("memberId", "roleId")
);
INSERT INTO "member_roles_role" SELECT DISTINCT "id", unnest("roleIds") FROM "member";
CREATE INDEX "IDX_member_roles_role" ON "member_roles_role" ("roleId");
ALTER TABLE "member_roles_role" ADD CONSTRAINT "FK_member_roles_member" FOREIGN KEY ("memberId") REFERENCES "member"("id") ON DELETE CASCADE;
ALTER TABLE "member_roles_role" ADD CONSTRAINT "FK_member_roles_role" FOREIGN KEY ("roleId") REFERENCES "role"("id") ON DELETE CASCADE;
COMMIT;
-- app:
SELECT "name", "roleIds" FROM "member" WHERE "id" = 4;
INSERT INTO "member" ("id", "name") VALUES (90001, 'New');
