== up, sqlite
-- - constraint posts_one_id_fkey of posts
-- - unique posts (posts_one_id_key)
-- ~ column posts.one_id: uuid → text
-- ~ relation posts.one → teams: checked from now on
CREATE TABLE "bistro_new_posts" (bistro_rowid INTEGER PRIMARY KEY, "id" BLOB NOT NULL, "one_id" TEXT, CONSTRAINT "posts_pkey" UNIQUE ("id"), CONSTRAINT "posts_one_id_fkey" FOREIGN KEY ("one_id") REFERENCES "teams" ("code")) STRICT;
INSERT INTO "bistro_new_posts" (bistro_rowid, "id", "one_id") SELECT rowid, "id", bistro_convert("one_id", 'uuid', 'text') FROM "posts";
DROP TABLE "posts";
ALTER TABLE "bistro_new_posts" RENAME TO "posts";
CREATE INDEX IF NOT EXISTS "bistro_fk_posts_one_id_fkey" ON "posts" ("one_id");
== down, sqlite
-- - constraint posts_one_id_fkey of posts
-- ~ column posts.one_id: text → uuid (fails if a value has no counterpart)
-- + unique posts (one_id)
-- ~ relation posts.one → persons: checked from now on
CREATE TABLE "bistro_new_posts" (bistro_rowid INTEGER PRIMARY KEY, "id" BLOB NOT NULL, "one_id" BLOB, CONSTRAINT "posts_pkey" UNIQUE ("id"), CONSTRAINT "posts_one_id_fkey" FOREIGN KEY ("one_id") REFERENCES "persons" ("id")) STRICT;
INSERT INTO "bistro_new_posts" (bistro_rowid, "id", "one_id") SELECT rowid, "id", bistro_convert("one_id", 'text', 'uuid') FROM "posts";
DROP TABLE "posts";
ALTER TABLE "bistro_new_posts" RENAME TO "posts";
CREATE UNIQUE INDEX "posts_one_id_key" ON "posts" ("one_id");
== up, postgres
-- - constraint posts_one_id_fkey of posts
ALTER TABLE "posts" DROP CONSTRAINT "posts_one_id_fkey";
-- - unique posts (posts_one_id_key)
DROP INDEX IF EXISTS "posts_one_id_key";
-- ~ column posts.one_id: uuid → text
ALTER TABLE "posts" ALTER COLUMN "one_id" DROP DEFAULT, ALTER COLUMN "one_id" TYPE text COLLATE "C" USING "one_id"::text;
-- ~ relation posts.one → teams: checked from now on
CREATE INDEX IF NOT EXISTS "bistro_fk_posts_one_id_fkey" ON "posts" ("one_id");
ALTER TABLE "posts" ADD CONSTRAINT "posts_one_id_fkey" FOREIGN KEY ("one_id") REFERENCES "teams" ("code");
== down, postgres
-- - constraint posts_one_id_fkey of posts
ALTER TABLE "posts" DROP CONSTRAINT "posts_one_id_fkey";
DROP INDEX IF EXISTS "bistro_fk_posts_one_id_fkey";
-- ~ column posts.one_id: text → uuid (fails if a value has no counterpart)
ALTER TABLE "posts" ALTER COLUMN "one_id" DROP DEFAULT, ALTER COLUMN "one_id" TYPE uuid USING "one_id"::uuid;
-- + unique posts (one_id)
CREATE UNIQUE INDEX "posts_one_id_key" ON "posts" ("one_id");
-- ~ relation posts.one → persons: checked from now on
ALTER TABLE "posts" ADD CONSTRAINT "posts_one_id_fkey" FOREIGN KEY ("one_id") REFERENCES "persons" ("id");
== up, mysql
ALTER TABLE `posts` DROP FOREIGN KEY `posts_one_id_fkey`;
DROP INDEX `posts_one_id_key` ON `posts`;
-- ~ column posts.one_id: uuid → text
ALTER TABLE `posts` ADD COLUMN `bistro_new` VARCHAR(40) AFTER `one_id`;
UPDATE `posts` SET `bistro_new` = LOWER(CONCAT(SUBSTR(HEX(`one_id`), 1, 8), '-', SUBSTR(HEX(`one_id`), 9, 4), '-', SUBSTR(HEX(`one_id`), 13, 4), '-', SUBSTR(HEX(`one_id`), 17, 4), '-', SUBSTR(HEX(`one_id`), 21, 12)));
ALTER TABLE `posts` DROP COLUMN `one_id`;
ALTER TABLE `posts` RENAME COLUMN `bistro_new` TO `one_id`;
-- ~ relation posts.one → teams: checked from now on
CREATE INDEX `bistro_fk_posts_one_id_fkey` ON `posts` (`one_id`);
ALTER TABLE `posts` ADD CONSTRAINT `posts_one_id_fkey` FOREIGN KEY (`one_id`) REFERENCES `teams` (`code`);
== down, mysql
ALTER TABLE `posts` DROP FOREIGN KEY `posts_one_id_fkey`;
-- - constraint posts_one_id_fkey of posts
DROP INDEX `bistro_fk_posts_one_id_fkey` ON `posts`;
-- ~ column posts.one_id: text → uuid (fails if a value has no counterpart)
ALTER TABLE `posts` ADD COLUMN `bistro_new` BINARY(16) AFTER `one_id`;
UPDATE `posts` SET `bistro_new` = CASE WHEN `one_id` REGEXP '^[0-9A-Fa-f]{8}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{12}$' THEN UNHEX(REPLACE(`one_id`, '-', '')) ELSE CAST(CONCAT('this is not a UUID: ', `one_id`) AS BINARY) END;
ALTER TABLE `posts` DROP COLUMN `one_id`;
ALTER TABLE `posts` RENAME COLUMN `bistro_new` TO `one_id`;
-- + unique posts (one_id)
CREATE UNIQUE INDEX `posts_one_id_key` ON `posts` (`one_id`);
-- ~ relation posts.one → persons: checked from now on
ALTER TABLE `posts` ADD CONSTRAINT `posts_one_id_fkey` FOREIGN KEY (`one_id`) REFERENCES `persons` (`id`);
