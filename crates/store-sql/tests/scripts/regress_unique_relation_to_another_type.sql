== up, sqlite
-- - constraint posts_one_id_fkey of posts
-- ~ column posts.one_id: uuid → text
-- ~ column posts.slug: room for its values
-- ~ relation posts.one → teams: checked from now on
CREATE TABLE "bistro_new_posts" (bistro_rowid INTEGER PRIMARY KEY, "id" BLOB NOT NULL, "one_id" TEXT, "tag_id" BLOB, "slug" TEXT NOT NULL, CONSTRAINT "posts_pkey" UNIQUE ("id"), CONSTRAINT "posts_one_id_fkey" FOREIGN KEY ("one_id") REFERENCES "teams" ("code"), CONSTRAINT "posts_tag_id_fkey" FOREIGN KEY ("tag_id") REFERENCES "tags" ("id")) STRICT;
INSERT INTO "bistro_new_posts" (bistro_rowid, "id", "one_id", "tag_id", "slug") SELECT rowid, "id", bistro_convert("one_id", 'uuid', 'text'), "tag_id", "slug" FROM "posts";
DROP TABLE "posts";
ALTER TABLE "bistro_new_posts" RENAME TO "posts";
CREATE UNIQUE INDEX "posts_one_id_key" ON "posts" ("one_id");
CREATE UNIQUE INDEX "posts_tag_id_slug_key" ON "posts" ("tag_id", "slug");
== down, sqlite
-- - constraint posts_one_id_fkey of posts
-- ~ column posts.one_id: text → uuid (fails if a value has no counterpart)
-- ~ column posts.slug: room for its values
-- ~ relation posts.one → persons: checked from now on
CREATE TABLE "bistro_new_posts" (bistro_rowid INTEGER PRIMARY KEY, "id" BLOB NOT NULL, "one_id" BLOB, "tag_id" BLOB, "slug" TEXT NOT NULL, CONSTRAINT "posts_pkey" UNIQUE ("id"), CONSTRAINT "posts_one_id_fkey" FOREIGN KEY ("one_id") REFERENCES "persons" ("id"), CONSTRAINT "posts_tag_id_fkey" FOREIGN KEY ("tag_id") REFERENCES "tags" ("id")) STRICT;
INSERT INTO "bistro_new_posts" (bistro_rowid, "id", "one_id", "tag_id", "slug") SELECT rowid, "id", bistro_convert("one_id", 'text', 'uuid'), "tag_id", "slug" FROM "posts";
DROP TABLE "posts";
ALTER TABLE "bistro_new_posts" RENAME TO "posts";
CREATE UNIQUE INDEX "posts_one_id_key" ON "posts" ("one_id");
CREATE UNIQUE INDEX "posts_tag_id_slug_key" ON "posts" ("tag_id", "slug");
== up, postgres
-- - constraint posts_one_id_fkey of posts
ALTER TABLE "posts" DROP CONSTRAINT "posts_one_id_fkey";
-- ~ column posts.one_id: uuid → text
ALTER TABLE "posts" ALTER COLUMN "one_id" DROP DEFAULT, ALTER COLUMN "one_id" TYPE text COLLATE "C" USING "one_id"::text;
-- ~ relation posts.one → teams: checked from now on
ALTER TABLE "posts" ADD CONSTRAINT "posts_one_id_fkey" FOREIGN KEY ("one_id") REFERENCES "teams" ("code");
== down, postgres
-- - constraint posts_one_id_fkey of posts
ALTER TABLE "posts" DROP CONSTRAINT "posts_one_id_fkey";
-- ~ column posts.one_id: text → uuid (fails if a value has no counterpart)
ALTER TABLE "posts" ALTER COLUMN "one_id" DROP DEFAULT, ALTER COLUMN "one_id" TYPE uuid USING "one_id"::uuid;
-- ~ relation posts.one → persons: checked from now on
ALTER TABLE "posts" ADD CONSTRAINT "posts_one_id_fkey" FOREIGN KEY ("one_id") REFERENCES "persons" ("id");
== up, mysql
ALTER TABLE `posts` DROP FOREIGN KEY `posts_one_id_fkey`;
ALTER TABLE `posts` DROP FOREIGN KEY `posts_tag_id_fkey`;
DROP INDEX `posts_one_id_key` ON `posts`;
DROP INDEX `posts_tag_id_slug_key` ON `posts`;
-- ~ column posts.one_id: uuid → text
ALTER TABLE `posts` ADD COLUMN `bistro_new` VARCHAR(40) AFTER `one_id`;
UPDATE `posts` SET `bistro_new` = LOWER(CONCAT(SUBSTR(HEX(`one_id`), 1, 8), '-', SUBSTR(HEX(`one_id`), 9, 4), '-', SUBSTR(HEX(`one_id`), 13, 4), '-', SUBSTR(HEX(`one_id`), 17, 4), '-', SUBSTR(HEX(`one_id`), 21, 12)));
ALTER TABLE `posts` DROP COLUMN `one_id`;
ALTER TABLE `posts` RENAME COLUMN `bistro_new` TO `one_id`;
-- ~ column posts.slug: room for its values
ALTER TABLE `posts` MODIFY COLUMN `slug` LONGTEXT NOT NULL;
CREATE UNIQUE INDEX `posts_one_id_key` ON `posts` (`one_id`);
ALTER TABLE `posts` ADD COLUMN `bistro_hash_slug` BINARY(32) GENERATED ALWAYS AS (UNHEX(SHA2(`slug`, 256))) STORED;
CREATE UNIQUE INDEX `posts_tag_id_slug_key` ON `posts` (`tag_id`, `bistro_hash_slug`);
-- ~ relation posts.one → teams: checked from now on
ALTER TABLE `posts` ADD CONSTRAINT `posts_one_id_fkey` FOREIGN KEY (`one_id`) REFERENCES `teams` (`code`);
ALTER TABLE `posts` ADD CONSTRAINT `posts_tag_id_fkey` FOREIGN KEY (`tag_id`) REFERENCES `tags` (`id`);
== down, mysql
ALTER TABLE `posts` DROP FOREIGN KEY `posts_one_id_fkey`;
ALTER TABLE `posts` DROP FOREIGN KEY `posts_tag_id_fkey`;
DROP INDEX `posts_one_id_key` ON `posts`;
DROP INDEX `posts_tag_id_slug_key` ON `posts`;
ALTER TABLE `posts` DROP COLUMN `bistro_hash_slug`;
-- ~ column posts.one_id: text → uuid (fails if a value has no counterpart)
ALTER TABLE `posts` ADD COLUMN `bistro_new` BINARY(16) AFTER `one_id`;
UPDATE `posts` SET `bistro_new` = CASE WHEN `one_id` REGEXP '^[0-9A-Fa-f]{8}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{12}$' THEN UNHEX(REPLACE(`one_id`, '-', '')) ELSE CAST(CONCAT('this is not a UUID: ', `one_id`) AS BINARY) END;
ALTER TABLE `posts` DROP COLUMN `one_id`;
ALTER TABLE `posts` RENAME COLUMN `bistro_new` TO `one_id`;
-- ~ column posts.slug: room for its values
ALTER TABLE `posts` MODIFY COLUMN `slug` VARCHAR(60) NOT NULL;
CREATE UNIQUE INDEX `posts_one_id_key` ON `posts` (`one_id`);
CREATE UNIQUE INDEX `posts_tag_id_slug_key` ON `posts` (`tag_id`, `slug`);
-- ~ relation posts.one → persons: checked from now on
ALTER TABLE `posts` ADD CONSTRAINT `posts_one_id_fkey` FOREIGN KEY (`one_id`) REFERENCES `persons` (`id`);
ALTER TABLE `posts` ADD CONSTRAINT `posts_tag_id_fkey` FOREIGN KEY (`tag_id`) REFERENCES `tags` (`id`);
