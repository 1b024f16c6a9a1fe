== up, sqlite
-- ~ table users is named members
ALTER TABLE "users" RENAME TO "members";
-- + column members.email text
ALTER TABLE "members" ADD COLUMN "email" TEXT;
-- + unique members (email)
CREATE UNIQUE INDEX "members_email_key" ON "members" ("email");
== down, sqlite
-- ~ table members is named users
ALTER TABLE "members" RENAME TO "users";
-- - unique users (members_email_key)
-- ~ column users.name: room for its values
-- - column users.email
CREATE TABLE "bistro_new_users" (bistro_rowid INTEGER PRIMARY KEY, "id" BLOB NOT NULL, "name" TEXT NOT NULL, CONSTRAINT "users_pkey" UNIQUE ("id")) STRICT;
INSERT INTO "bistro_new_users" (bistro_rowid, "id", "name") SELECT rowid, "id", "name" FROM "users";
DROP TABLE "users";
ALTER TABLE "bistro_new_users" RENAME TO "users";
== up, postgres
-- ~ table users is named members
ALTER TABLE "users" RENAME TO "members";
ALTER TABLE "members" RENAME CONSTRAINT "users_pkey" TO "members_pkey";
-- + column members.email text
ALTER TABLE "members" ADD COLUMN "email" text COLLATE "C";
-- + unique members (email)
CREATE UNIQUE INDEX "members_email_key" ON "members" ("email");
== down, postgres
-- ~ table members is named users
ALTER TABLE "members" RENAME TO "users";
ALTER TABLE "users" RENAME CONSTRAINT "members_pkey" TO "users_pkey";
-- - unique users (members_email_key)
DROP INDEX IF EXISTS "members_email_key";
-- - column users.email
ALTER TABLE "users" DROP COLUMN "email";
== up, mysql
-- ~ table users is named members
ALTER TABLE `users` RENAME TO `members`;
-- + column members.email text
ALTER TABLE `members` ADD COLUMN `email` VARCHAR(254);
-- ~ column members.name: room for its values
ALTER TABLE `members` MODIFY COLUMN `name` VARCHAR(80) NOT NULL;
-- + unique members (email)
CREATE UNIQUE INDEX `members_email_key` ON `members` (`email`);
== down, mysql
-- ~ table members is named users
ALTER TABLE `members` RENAME TO `users`;
-- - unique users (members_email_key)
DROP INDEX `members_email_key` ON `users`;
-- ~ column users.name: room for its values
ALTER TABLE `users` MODIFY COLUMN `name` LONGTEXT NOT NULL;
-- - column users.email
ALTER TABLE `users` DROP COLUMN `email`;
