== up, sqlite
-- + column posts.parent_id bigint
ALTER TABLE "posts" ADD COLUMN "parent_id" INTEGER CONSTRAINT "posts_parent_id_fkey" REFERENCES "posts" ("id");
CREATE INDEX IF NOT EXISTS "bistro_fk_posts_parent_id_fkey" ON "posts" ("parent_id");
== down, sqlite
-- - constraint posts_parent_id_fkey of posts
-- ~ column posts.id: bigint → integer (fails if a value has no counterpart)
-- - column posts.parent_id
CREATE TABLE "bistro_new_posts" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "title" TEXT NOT NULL) STRICT;
INSERT INTO "bistro_new_posts" ("id", "title") SELECT bistro_convert("id", 'bigint', 'integer'), "title" FROM "posts";
DELETE FROM sqlite_sequence WHERE name = 'bistro_new_posts';
INSERT INTO sqlite_sequence (name, seq) SELECT 'bistro_new_posts', seq FROM sqlite_sequence WHERE name = 'posts';
DROP TABLE "posts";
ALTER TABLE "bistro_new_posts" RENAME TO "posts";
== up, postgres
-- + column posts.parent_id bigint
ALTER TABLE "posts" ADD COLUMN "parent_id" bigint;
-- ~ column posts.id: integer → bigint
ALTER TABLE "posts" ALTER COLUMN "id" TYPE bigint USING "id"::bigint;
CREATE INDEX IF NOT EXISTS "bistro_fk_posts_parent_id_fkey" ON "posts" ("parent_id");
ALTER TABLE "posts" ADD CONSTRAINT "posts_parent_id_fkey" FOREIGN KEY ("parent_id") REFERENCES "posts" ("id");
== down, postgres
-- - constraint posts_parent_id_fkey of posts
ALTER TABLE "posts" DROP CONSTRAINT "posts_parent_id_fkey";
DROP INDEX IF EXISTS "bistro_fk_posts_parent_id_fkey";
-- ~ column posts.id: bigint → integer (fails if a value has no counterpart)
ALTER TABLE "posts" ALTER COLUMN "id" TYPE integer USING "id"::integer;
-- - column posts.parent_id
ALTER TABLE "posts" DROP COLUMN "parent_id";
== up, mysql
-- + column posts.parent_id bigint
ALTER TABLE `posts` ADD COLUMN `parent_id` BIGINT, ADD KEY `bistro_fk_posts_parent_id_fkey` (`parent_id`);
-- ~ column posts.id: integer → bigint
ALTER TABLE `posts` MODIFY COLUMN `id` BIGINT NOT NULL AUTO_INCREMENT;
ALTER TABLE `posts` ADD CONSTRAINT `posts_parent_id_fkey` FOREIGN KEY (`parent_id`) REFERENCES `posts` (`id`);
== down, mysql
ALTER TABLE `posts` DROP FOREIGN KEY `posts_parent_id_fkey`;
-- - constraint posts_parent_id_fkey of posts
DROP INDEX `bistro_fk_posts_parent_id_fkey` ON `posts`;
-- ~ column posts.id: bigint → integer (fails if a value has no counterpart)
ALTER TABLE `posts` MODIFY COLUMN `id` INT NOT NULL AUTO_INCREMENT;
-- - column posts.parent_id
ALTER TABLE `posts` DROP COLUMN `parent_id`;
