== up, sqlite
-- - constraint posts_author_id_fkey of posts
-- - constraint posts_editor_id_fkey of posts
-- - unique posts (posts_one_id_key)
-- + unique posts (many_id)
-- ~ relation posts.author → persons: on delete set null
-- ~ relation posts.editor → teams: checked from now on
-- ~ relation posts.raw → persons: checked from now on
CREATE TABLE "bistro_new_posts" (bistro_rowid INTEGER PRIMARY KEY, "id" BLOB NOT NULL, "author_id" BLOB, "editor_id" BLOB, "raw_id" BLOB, "one_id" BLOB, "many_id" BLOB, CONSTRAINT "posts_pkey" UNIQUE ("id"), CONSTRAINT "posts_author_id_fkey" FOREIGN KEY ("author_id") REFERENCES "persons" ("id") ON DELETE SET NULL, CONSTRAINT "posts_editor_id_fkey" FOREIGN KEY ("editor_id") REFERENCES "teams" ("id"), CONSTRAINT "posts_raw_id_fkey" FOREIGN KEY ("raw_id") REFERENCES "persons" ("id"), CONSTRAINT "posts_one_id_fkey" FOREIGN KEY ("one_id") REFERENCES "persons" ("id"), CONSTRAINT "posts_many_id_fkey" FOREIGN KEY ("many_id") REFERENCES "persons" ("id")) STRICT;
INSERT INTO "bistro_new_posts" (bistro_rowid, "id", "author_id", "editor_id", "raw_id", "one_id", "many_id") SELECT rowid, "id", "author_id", "editor_id", "raw_id", "one_id", "many_id" FROM "posts";
DROP TABLE "posts";
ALTER TABLE "bistro_new_posts" RENAME TO "posts";
CREATE UNIQUE INDEX "posts_many_id_key" ON "posts" ("many_id");
CREATE INDEX IF NOT EXISTS "bistro_fk_posts_author_id_fkey" ON "posts" ("author_id");
CREATE INDEX IF NOT EXISTS "bistro_fk_posts_editor_id_fkey" ON "posts" ("editor_id");
CREATE INDEX IF NOT EXISTS "bistro_fk_posts_raw_id_fkey" ON "posts" ("raw_id");
CREATE INDEX IF NOT EXISTS "bistro_fk_posts_one_id_fkey" ON "posts" ("one_id");
== down, sqlite
-- - constraint posts_author_id_fkey of posts
-- - constraint posts_editor_id_fkey of posts
-- - constraint posts_raw_id_fkey of posts
-- - unique posts (posts_many_id_key)
-- + unique posts (one_id)
-- ~ relation posts.author → persons: on delete cascade
-- ~ relation posts.editor → persons: checked from now on
CREATE TABLE "bistro_new_posts" (bistro_rowid INTEGER PRIMARY KEY, "id" BLOB NOT NULL, "author_id" BLOB, "editor_id" BLOB, "raw_id" BLOB, "one_id" BLOB, "many_id" BLOB, CONSTRAINT "posts_pkey" UNIQUE ("id"), CONSTRAINT "posts_author_id_fkey" FOREIGN KEY ("author_id") REFERENCES "persons" ("id") ON DELETE CASCADE, CONSTRAINT "posts_editor_id_fkey" FOREIGN KEY ("editor_id") REFERENCES "persons" ("id"), CONSTRAINT "posts_one_id_fkey" FOREIGN KEY ("one_id") REFERENCES "persons" ("id"), CONSTRAINT "posts_many_id_fkey" FOREIGN KEY ("many_id") REFERENCES "persons" ("id")) STRICT;
INSERT INTO "bistro_new_posts" (bistro_rowid, "id", "author_id", "editor_id", "raw_id", "one_id", "many_id") SELECT rowid, "id", "author_id", "editor_id", "raw_id", "one_id", "many_id" FROM "posts";
DROP TABLE "posts";
ALTER TABLE "bistro_new_posts" RENAME TO "posts";
CREATE UNIQUE INDEX "posts_one_id_key" ON "posts" ("one_id");
CREATE INDEX IF NOT EXISTS "bistro_fk_posts_author_id_fkey" ON "posts" ("author_id");
CREATE INDEX IF NOT EXISTS "bistro_fk_posts_editor_id_fkey" ON "posts" ("editor_id");
CREATE INDEX IF NOT EXISTS "bistro_fk_posts_many_id_fkey" ON "posts" ("many_id");
== up, postgres
-- - constraint posts_author_id_fkey of posts
ALTER TABLE "posts" DROP CONSTRAINT "posts_author_id_fkey";
DROP INDEX IF EXISTS "bistro_fk_posts_author_id_fkey";
-- - constraint posts_editor_id_fkey of posts
ALTER TABLE "posts" DROP CONSTRAINT "posts_editor_id_fkey";
DROP INDEX IF EXISTS "bistro_fk_posts_editor_id_fkey";
CREATE INDEX IF NOT EXISTS "bistro_fk_posts_one_id_fkey" ON "posts" ("one_id");
-- - unique posts (posts_one_id_key)
DROP INDEX IF EXISTS "posts_one_id_key";
-- + unique posts (many_id)
CREATE UNIQUE INDEX "posts_many_id_key" ON "posts" ("many_id");
-- ~ relation posts.author → persons: on delete set null
CREATE INDEX IF NOT EXISTS "bistro_fk_posts_author_id_fkey" ON "posts" ("author_id");
ALTER TABLE "posts" ADD CONSTRAINT "posts_author_id_fkey" FOREIGN KEY ("author_id") REFERENCES "persons" ("id") ON DELETE SET NULL;
-- ~ relation posts.editor → teams: checked from now on
CREATE INDEX IF NOT EXISTS "bistro_fk_posts_editor_id_fkey" ON "posts" ("editor_id");
ALTER TABLE "posts" ADD CONSTRAINT "posts_editor_id_fkey" FOREIGN KEY ("editor_id") REFERENCES "teams" ("id");
-- ~ relation posts.raw → persons: checked from now on
CREATE INDEX IF NOT EXISTS "bistro_fk_posts_raw_id_fkey" ON "posts" ("raw_id");
ALTER TABLE "posts" ADD CONSTRAINT "posts_raw_id_fkey" FOREIGN KEY ("raw_id") REFERENCES "persons" ("id");
DROP INDEX IF EXISTS "bistro_fk_posts_many_id_fkey";
== down, postgres
-- - constraint posts_author_id_fkey of posts
ALTER TABLE "posts" DROP CONSTRAINT "posts_author_id_fkey";
DROP INDEX IF EXISTS "bistro_fk_posts_author_id_fkey";
-- - constraint posts_editor_id_fkey of posts
ALTER TABLE "posts" DROP CONSTRAINT "posts_editor_id_fkey";
DROP INDEX IF EXISTS "bistro_fk_posts_editor_id_fkey";
-- - constraint posts_raw_id_fkey of posts
ALTER TABLE "posts" DROP CONSTRAINT "posts_raw_id_fkey";
DROP INDEX IF EXISTS "bistro_fk_posts_raw_id_fkey";
CREATE INDEX IF NOT EXISTS "bistro_fk_posts_many_id_fkey" ON "posts" ("many_id");
-- - unique posts (posts_many_id_key)
DROP INDEX IF EXISTS "posts_many_id_key";
-- + unique posts (one_id)
CREATE UNIQUE INDEX "posts_one_id_key" ON "posts" ("one_id");
-- ~ relation posts.author → persons: on delete cascade
CREATE INDEX IF NOT EXISTS "bistro_fk_posts_author_id_fkey" ON "posts" ("author_id");
ALTER TABLE "posts" ADD CONSTRAINT "posts_author_id_fkey" FOREIGN KEY ("author_id") REFERENCES "persons" ("id") ON DELETE CASCADE;
-- ~ relation posts.editor → persons: checked from now on
CREATE INDEX IF NOT EXISTS "bistro_fk_posts_editor_id_fkey" ON "posts" ("editor_id");
ALTER TABLE "posts" ADD CONSTRAINT "posts_editor_id_fkey" FOREIGN KEY ("editor_id") REFERENCES "persons" ("id");
DROP INDEX IF EXISTS "bistro_fk_posts_one_id_fkey";
== up, mysql
ALTER TABLE `posts` DROP FOREIGN KEY `posts_author_id_fkey`;
ALTER TABLE `posts` DROP FOREIGN KEY `posts_editor_id_fkey`;
-- - constraint posts_author_id_fkey of posts
DROP INDEX `bistro_fk_posts_author_id_fkey` ON `posts`;
-- - constraint posts_editor_id_fkey of posts
DROP INDEX `bistro_fk_posts_editor_id_fkey` ON `posts`;
CREATE INDEX `bistro_fk_posts_one_id_fkey` ON `posts` (`one_id`);
-- - unique posts (posts_one_id_key)
DROP INDEX `posts_one_id_key` ON `posts`;
-- + unique posts (many_id)
CREATE UNIQUE INDEX `posts_many_id_key` ON `posts` (`many_id`);
-- ~ relation posts.author → persons: on delete set null
CREATE INDEX `bistro_fk_posts_author_id_fkey` ON `posts` (`author_id`);
ALTER TABLE `posts` ADD CONSTRAINT `posts_author_id_fkey` FOREIGN KEY (`author_id`) REFERENCES `persons` (`id`) ON DELETE SET NULL;
-- ~ relation posts.editor → teams: checked from now on
CREATE INDEX `bistro_fk_posts_editor_id_fkey` ON `posts` (`editor_id`);
ALTER TABLE `posts` ADD CONSTRAINT `posts_editor_id_fkey` FOREIGN KEY (`editor_id`) REFERENCES `teams` (`id`);
-- ~ relation posts.raw → persons: checked from now on
CREATE INDEX `bistro_fk_posts_raw_id_fkey` ON `posts` (`raw_id`);
ALTER TABLE `posts` ADD CONSTRAINT `posts_raw_id_fkey` FOREIGN KEY (`raw_id`) REFERENCES `persons` (`id`);
DROP INDEX `bistro_fk_posts_many_id_fkey` ON `posts`;
== down, mysql
ALTER TABLE `posts` DROP FOREIGN KEY `posts_author_id_fkey`;
ALTER TABLE `posts` DROP FOREIGN KEY `posts_editor_id_fkey`;
ALTER TABLE `posts` DROP FOREIGN KEY `posts_raw_id_fkey`;
-- - constraint posts_author_id_fkey of posts
DROP INDEX `bistro_fk_posts_author_id_fkey` ON `posts`;
-- - constraint posts_editor_id_fkey of posts
DROP INDEX `bistro_fk_posts_editor_id_fkey` ON `posts`;
-- - constraint posts_raw_id_fkey of posts
DROP INDEX `bistro_fk_posts_raw_id_fkey` ON `posts`;
CREATE INDEX `bistro_fk_posts_many_id_fkey` ON `posts` (`many_id`);
-- - unique posts (posts_many_id_key)
DROP INDEX `posts_many_id_key` ON `posts`;
-- + unique posts (one_id)
CREATE UNIQUE INDEX `posts_one_id_key` ON `posts` (`one_id`);
-- ~ relation posts.author → persons: on delete cascade
CREATE INDEX `bistro_fk_posts_author_id_fkey` ON `posts` (`author_id`);
ALTER TABLE `posts` ADD CONSTRAINT `posts_author_id_fkey` FOREIGN KEY (`author_id`) REFERENCES `persons` (`id`) ON DELETE CASCADE;
-- ~ relation posts.editor → persons: checked from now on
CREATE INDEX `bistro_fk_posts_editor_id_fkey` ON `posts` (`editor_id`);
ALTER TABLE `posts` ADD CONSTRAINT `posts_editor_id_fkey` FOREIGN KEY (`editor_id`) REFERENCES `persons` (`id`);
DROP INDEX `bistro_fk_posts_one_id_fkey` ON `posts`;
