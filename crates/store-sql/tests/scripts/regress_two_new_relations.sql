== up, sqlite
-- + column posts.author_id uuid
ALTER TABLE "posts" ADD COLUMN "author_id" BLOB CONSTRAINT "posts_author_id_fkey" REFERENCES "persons" ("id");
CREATE INDEX IF NOT EXISTS "bistro_fk_posts_author_id_fkey" ON "posts" ("author_id");
-- + column posts.editor_id uuid
ALTER TABLE "posts" ADD COLUMN "editor_id" BLOB CONSTRAINT "posts_editor_id_fkey" REFERENCES "persons" ("id");
CREATE INDEX IF NOT EXISTS "bistro_fk_posts_editor_id_fkey" ON "posts" ("editor_id");
== down, sqlite
-- - constraint posts_author_id_fkey of posts
-- - constraint posts_editor_id_fkey of posts
-- - column posts.author_id
-- - column posts.editor_id
CREATE TABLE "bistro_new_posts" (bistro_rowid INTEGER PRIMARY KEY, "id" BLOB NOT NULL, "text" TEXT NOT NULL, CONSTRAINT "posts_pkey" UNIQUE ("id")) STRICT;
INSERT INTO "bistro_new_posts" (bistro_rowid, "id", "text") SELECT rowid, "id", "text" FROM "posts";
DROP TABLE "posts";
ALTER TABLE "bistro_new_posts" RENAME TO "posts";
== up, postgres
-- + column posts.author_id uuid
ALTER TABLE "posts" ADD COLUMN "author_id" uuid, ADD CONSTRAINT "posts_author_id_fkey" FOREIGN KEY ("author_id") REFERENCES "persons" ("id");
-- + column posts.editor_id uuid
ALTER TABLE "posts" ADD COLUMN "editor_id" uuid, ADD CONSTRAINT "posts_editor_id_fkey" FOREIGN KEY ("editor_id") REFERENCES "persons" ("id");
CREATE INDEX IF NOT EXISTS "bistro_fk_posts_author_id_fkey" ON "posts" ("author_id");
CREATE INDEX IF NOT EXISTS "bistro_fk_posts_editor_id_fkey" ON "posts" ("editor_id");
== down, postgres
-- - constraint posts_author_id_fkey of posts
ALTER TABLE "posts" DROP CONSTRAINT "posts_author_id_fkey";
DROP INDEX IF EXISTS "bistro_fk_posts_author_id_fkey";
-- - constraint posts_editor_id_fkey of posts
ALTER TABLE "posts" DROP CONSTRAINT "posts_editor_id_fkey";
DROP INDEX IF EXISTS "bistro_fk_posts_editor_id_fkey";
-- - column posts.author_id
ALTER TABLE "posts" DROP COLUMN "author_id";
-- - column posts.editor_id
ALTER TABLE "posts" DROP COLUMN "editor_id";
== up, mysql
-- + column posts.author_id uuid
ALTER TABLE `posts` ADD COLUMN `author_id` BINARY(16), ADD KEY `bistro_fk_posts_author_id_fkey` (`author_id`), ADD CONSTRAINT `posts_author_id_fkey` FOREIGN KEY (`author_id`) REFERENCES `persons` (`id`);
-- + column posts.editor_id uuid
ALTER TABLE `posts` ADD COLUMN `editor_id` BINARY(16), ADD KEY `bistro_fk_posts_editor_id_fkey` (`editor_id`), ADD CONSTRAINT `posts_editor_id_fkey` FOREIGN KEY (`editor_id`) REFERENCES `persons` (`id`);
== down, mysql
ALTER TABLE `posts` DROP FOREIGN KEY `posts_author_id_fkey`;
ALTER TABLE `posts` DROP FOREIGN KEY `posts_editor_id_fkey`;
-- - constraint posts_author_id_fkey of posts
DROP INDEX `bistro_fk_posts_author_id_fkey` ON `posts`;
-- - constraint posts_editor_id_fkey of posts
DROP INDEX `bistro_fk_posts_editor_id_fkey` ON `posts`;
-- - column posts.author_id
ALTER TABLE `posts` DROP COLUMN `author_id`;
-- - column posts.editor_id
ALTER TABLE `posts` DROP COLUMN `editor_id`;
