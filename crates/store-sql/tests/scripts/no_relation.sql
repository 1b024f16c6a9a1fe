== up, sqlite
-- - constraint posts_author_id_fkey of posts
-- - constraint posts_ed_fkey of posts
-- + index posts (author_id)
CREATE TABLE "bistro_new_posts" (bistro_rowid INTEGER PRIMARY KEY, "id" BLOB NOT NULL, "author_id" BLOB, "ed" BLOB, CONSTRAINT "posts_pkey" UNIQUE ("id")) STRICT;
INSERT INTO "bistro_new_posts" (bistro_rowid, "id", "author_id", "ed") SELECT rowid, "id", "author_id", "ed" FROM "posts";
DROP TABLE "posts";
ALTER TABLE "bistro_new_posts" RENAME TO "posts";
CREATE INDEX "posts_author_id_idx" ON "posts" ("author_id");
== down, sqlite
-- - index posts (posts_author_id_idx)
-- ~ relation posts.author → persons: checked from now on
-- ~ relation posts.editor → persons: checked from now on
CREATE TABLE "bistro_new_posts" (bistro_rowid INTEGER PRIMARY KEY, "id" BLOB NOT NULL, "author_id" BLOB, "ed" BLOB, CONSTRAINT "posts_pkey" UNIQUE ("id"), CONSTRAINT "posts_author_id_fkey" FOREIGN KEY ("author_id") REFERENCES "persons" ("id"), CONSTRAINT "posts_ed_fkey" FOREIGN KEY ("ed") REFERENCES "persons" ("id")) STRICT;
INSERT INTO "bistro_new_posts" (bistro_rowid, "id", "author_id", "ed") SELECT rowid, "id", "author_id", "ed" FROM "posts";
DROP TABLE "posts";
ALTER TABLE "bistro_new_posts" RENAME TO "posts";
CREATE INDEX IF NOT EXISTS "bistro_fk_posts_author_id_fkey" ON "posts" ("author_id");
CREATE INDEX IF NOT EXISTS "bistro_fk_posts_ed_fkey" ON "posts" ("ed");
== up, postgres
-- - constraint posts_author_id_fkey of posts
ALTER TABLE "posts" DROP CONSTRAINT "posts_author_id_fkey";
DROP INDEX IF EXISTS "bistro_fk_posts_author_id_fkey";
-- - constraint posts_ed_fkey of posts
ALTER TABLE "posts" DROP CONSTRAINT "posts_ed_fkey";
DROP INDEX IF EXISTS "bistro_fk_posts_ed_fkey";
-- + index posts (author_id)
CREATE INDEX "posts_author_id_idx" ON "posts" ("author_id");
== down, postgres
-- - index posts (posts_author_id_idx)
DROP INDEX IF EXISTS "posts_author_id_idx";
-- ~ relation posts.author → persons: checked from now on
CREATE INDEX IF NOT EXISTS "bistro_fk_posts_author_id_fkey" ON "posts" ("author_id");
ALTER TABLE "posts" ADD CONSTRAINT "posts_author_id_fkey" FOREIGN KEY ("author_id") REFERENCES "persons" ("id");
-- ~ relation posts.editor → persons: checked from now on
CREATE INDEX IF NOT EXISTS "bistro_fk_posts_ed_fkey" ON "posts" ("ed");
ALTER TABLE "posts" ADD CONSTRAINT "posts_ed_fkey" FOREIGN KEY ("ed") REFERENCES "persons" ("id");
== up, mysql
ALTER TABLE `posts` DROP FOREIGN KEY `posts_author_id_fkey`;
ALTER TABLE `posts` DROP FOREIGN KEY `posts_ed_fkey`;
-- - constraint posts_author_id_fkey of posts
DROP INDEX `bistro_fk_posts_author_id_fkey` ON `posts`;
-- - constraint posts_ed_fkey of posts
DROP INDEX `bistro_fk_posts_ed_fkey` ON `posts`;
-- + index posts (author_id)
CREATE INDEX `posts_author_id_idx` ON `posts` (`author_id`);
== down, mysql
-- - index posts (posts_author_id_idx)
DROP INDEX `posts_author_id_idx` ON `posts`;
-- ~ relation posts.author → persons: checked from now on
CREATE INDEX `bistro_fk_posts_author_id_fkey` ON `posts` (`author_id`);
ALTER TABLE `posts` ADD CONSTRAINT `posts_author_id_fkey` FOREIGN KEY (`author_id`) REFERENCES `persons` (`id`);
-- ~ relation posts.editor → persons: checked from now on
CREATE INDEX `bistro_fk_posts_ed_fkey` ON `posts` (`ed`);
ALTER TABLE `posts` ADD CONSTRAINT `posts_ed_fkey` FOREIGN KEY (`ed`) REFERENCES `persons` (`id`);
