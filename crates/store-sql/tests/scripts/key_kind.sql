== up, sqlite
== down, sqlite
DROP TRIGGER IF EXISTS "bistro_fts_comments_insert";
DROP TRIGGER IF EXISTS "bistro_fts_comments_delete";
DROP TRIGGER IF EXISTS "bistro_fts_comments_update";
DROP TABLE IF EXISTS "bistro_fts_comments";
-- ~ column posts.id: bigint → integer (fails if a value has no counterpart)
-- ~ column posts.parent_id: bigint → integer (fails if a value has no counterpart)
CREATE TABLE "bistro_new_posts" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "parent_id" INTEGER, CONSTRAINT "posts_parent_id_fkey" FOREIGN KEY ("parent_id") REFERENCES "posts" ("id")) STRICT;
INSERT INTO "bistro_new_posts" ("id", "parent_id") SELECT bistro_convert("id", 'bigint', 'integer'), bistro_convert("parent_id", 'bigint', 'integer') FROM "posts";
DELETE FROM sqlite_sequence WHERE name = 'bistro_new_posts';
INSERT INTO sqlite_sequence (name, seq) SELECT 'bistro_new_posts', seq FROM sqlite_sequence WHERE name = 'posts';
DROP TABLE "posts";
ALTER TABLE "bistro_new_posts" RENAME TO "posts";
CREATE INDEX IF NOT EXISTS "bistro_fk_posts_parent_id_fkey" ON "posts" ("parent_id");
-- ~ column comments.post_id: bigint → integer (fails if a value has no counterpart)
CREATE TABLE "bistro_new_comments" (bistro_rowid INTEGER PRIMARY KEY, "id" BLOB NOT NULL, "post_id" INTEGER NOT NULL, "text" TEXT NOT NULL, CONSTRAINT "comments_pkey" UNIQUE ("id"), CONSTRAINT "comments_post_id_fkey" FOREIGN KEY ("post_id") REFERENCES "posts" ("id") ON DELETE CASCADE) STRICT;
INSERT INTO "bistro_new_comments" (bistro_rowid, "id", "post_id", "text") SELECT rowid, "id", bistro_convert("post_id", 'bigint', 'integer'), "text" FROM "comments";
DROP TABLE "comments";
ALTER TABLE "bistro_new_comments" RENAME TO "comments";
CREATE INDEX IF NOT EXISTS "bistro_fk_comments_post_id_fkey" ON "comments" ("post_id");
CREATE VIRTUAL TABLE "bistro_fts_comments" USING fts5(every, c0, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 0');
CREATE TRIGGER "bistro_fts_comments_insert" AFTER INSERT ON "comments" BEGIN INSERT INTO "bistro_fts_comments" (rowid, every, c0) VALUES (new."bistro_rowid", 'every', new."text"); END;
CREATE TRIGGER "bistro_fts_comments_delete" AFTER DELETE ON "comments" BEGIN DELETE FROM "bistro_fts_comments" WHERE rowid = old."bistro_rowid"; END;
CREATE TRIGGER "bistro_fts_comments_update" AFTER UPDATE OF "text" ON "comments" BEGIN DELETE FROM "bistro_fts_comments" WHERE rowid = old."bistro_rowid"; INSERT INTO "bistro_fts_comments" (rowid, every, c0) VALUES (new."bistro_rowid", 'every', new."text"); END;
INSERT INTO "bistro_fts_comments" (rowid, every, c0) SELECT "bistro_rowid", 'every', "text" FROM "comments";
-- ~ column posts_tags.post_id: bigint → integer (fails if a value has no counterpart)
CREATE TABLE "bistro_new_posts_tags" (bistro_rowid INTEGER PRIMARY KEY, "post_id" INTEGER NOT NULL, "tag_id" BLOB NOT NULL, CONSTRAINT "posts_tags_pkey" UNIQUE ("post_id", "tag_id"), CONSTRAINT "posts_tags_post_id_fkey" FOREIGN KEY ("post_id") REFERENCES "posts" ("id") ON DELETE CASCADE, CONSTRAINT "posts_tags_tag_id_fkey" FOREIGN KEY ("tag_id") REFERENCES "tags" ("id") ON DELETE CASCADE) STRICT;
INSERT INTO "bistro_new_posts_tags" (bistro_rowid, "post_id", "tag_id") SELECT rowid, bistro_convert("post_id", 'bigint', 'integer'), "tag_id" FROM "posts_tags";
DROP TABLE "posts_tags";
ALTER TABLE "bistro_new_posts_tags" RENAME TO "posts_tags";
CREATE INDEX IF NOT EXISTS "bistro_fk_posts_tags_tag_id_fkey" ON "posts_tags" ("tag_id");
== up, postgres
ALTER TABLE "posts" DROP CONSTRAINT "posts_parent_id_fkey";
ALTER TABLE "comments" DROP CONSTRAINT "comments_post_id_fkey";
ALTER TABLE "posts_tags" DROP CONSTRAINT "posts_tags_post_id_fkey";
-- ~ column posts.id: integer → bigint
ALTER TABLE "posts" ALTER COLUMN "id" TYPE bigint USING "id"::bigint;
-- ~ column posts.parent_id: integer → bigint
ALTER TABLE "posts" ALTER COLUMN "parent_id" DROP DEFAULT, ALTER COLUMN "parent_id" TYPE bigint USING "parent_id"::bigint;
-- ~ column comments.post_id: integer → bigint
ALTER TABLE "comments" ALTER COLUMN "post_id" DROP DEFAULT, ALTER COLUMN "post_id" TYPE bigint USING "post_id"::bigint;
-- ~ column posts_tags.post_id: integer → bigint
ALTER TABLE "posts_tags" ALTER COLUMN "post_id" DROP DEFAULT, ALTER COLUMN "post_id" TYPE bigint USING "post_id"::bigint;
ALTER TABLE "posts" ADD CONSTRAINT "posts_parent_id_fkey" FOREIGN KEY ("parent_id") REFERENCES "posts" ("id");
ALTER TABLE "comments" ADD CONSTRAINT "comments_post_id_fkey" FOREIGN KEY ("post_id") REFERENCES "posts" ("id") ON DELETE CASCADE;
ALTER TABLE "posts_tags" ADD CONSTRAINT "posts_tags_post_id_fkey" FOREIGN KEY ("post_id") REFERENCES "posts" ("id") ON DELETE CASCADE;
== down, postgres
ALTER TABLE "posts" DROP CONSTRAINT "posts_parent_id_fkey";
ALTER TABLE "comments" DROP CONSTRAINT "comments_post_id_fkey";
ALTER TABLE "posts_tags" DROP CONSTRAINT "posts_tags_post_id_fkey";
-- ~ column posts.id: bigint → integer (fails if a value has no counterpart)
ALTER TABLE "posts" ALTER COLUMN "id" TYPE integer USING "id"::integer;
-- ~ column posts.parent_id: bigint → integer (fails if a value has no counterpart)
ALTER TABLE "posts" ALTER COLUMN "parent_id" DROP DEFAULT, ALTER COLUMN "parent_id" TYPE integer USING "parent_id"::integer;
-- ~ column comments.post_id: bigint → integer (fails if a value has no counterpart)
ALTER TABLE "comments" ALTER COLUMN "post_id" DROP DEFAULT, ALTER COLUMN "post_id" TYPE integer USING "post_id"::integer;
-- ~ column posts_tags.post_id: bigint → integer (fails if a value has no counterpart)
ALTER TABLE "posts_tags" ALTER COLUMN "post_id" DROP DEFAULT, ALTER COLUMN "post_id" TYPE integer USING "post_id"::integer;
ALTER TABLE "posts" ADD CONSTRAINT "posts_parent_id_fkey" FOREIGN KEY ("parent_id") REFERENCES "posts" ("id");
ALTER TABLE "comments" ADD CONSTRAINT "comments_post_id_fkey" FOREIGN KEY ("post_id") REFERENCES "posts" ("id") ON DELETE CASCADE;
ALTER TABLE "posts_tags" ADD CONSTRAINT "posts_tags_post_id_fkey" FOREIGN KEY ("post_id") REFERENCES "posts" ("id") ON DELETE CASCADE;
== up, mysql
ALTER TABLE `posts` DROP FOREIGN KEY `posts_parent_id_fkey`;
ALTER TABLE `comments` DROP FOREIGN KEY `comments_post_id_fkey`;
ALTER TABLE `posts_tags` DROP FOREIGN KEY `posts_tags_post_id_fkey`;
-- ~ column posts.id: integer → bigint
ALTER TABLE `posts` MODIFY COLUMN `id` BIGINT NOT NULL AUTO_INCREMENT;
-- ~ column posts.parent_id: integer → bigint
ALTER TABLE `posts` MODIFY COLUMN `parent_id` BIGINT;
-- ~ column comments.post_id: integer → bigint
ALTER TABLE `comments` MODIFY COLUMN `post_id` BIGINT NOT NULL;
-- ~ column posts_tags.post_id: integer → bigint
ALTER TABLE `posts_tags` MODIFY COLUMN `post_id` BIGINT NOT NULL;
ALTER TABLE `posts` ADD CONSTRAINT `posts_parent_id_fkey` FOREIGN KEY (`parent_id`) REFERENCES `posts` (`id`);
ALTER TABLE `comments` ADD CONSTRAINT `comments_post_id_fkey` FOREIGN KEY (`post_id`) REFERENCES `posts` (`id`) ON DELETE CASCADE;
ALTER TABLE `posts_tags` ADD CONSTRAINT `posts_tags_post_id_fkey` FOREIGN KEY (`post_id`) REFERENCES `posts` (`id`) ON DELETE CASCADE;
== down, mysql
ALTER TABLE `posts` DROP FOREIGN KEY `posts_parent_id_fkey`;
ALTER TABLE `comments` DROP FOREIGN KEY `comments_post_id_fkey`;
ALTER TABLE `posts_tags` DROP FOREIGN KEY `posts_tags_post_id_fkey`;
-- ~ column posts.id: bigint → integer (fails if a value has no counterpart)
ALTER TABLE `posts` MODIFY COLUMN `id` INT NOT NULL AUTO_INCREMENT;
-- ~ column posts.parent_id: bigint → integer (fails if a value has no counterpart)
ALTER TABLE `posts` MODIFY COLUMN `parent_id` INT;
-- ~ column comments.post_id: bigint → integer (fails if a value has no counterpart)
ALTER TABLE `comments` MODIFY COLUMN `post_id` INT NOT NULL;
-- ~ column posts_tags.post_id: bigint → integer (fails if a value has no counterpart)
ALTER TABLE `posts_tags` MODIFY COLUMN `post_id` INT NOT NULL;
ALTER TABLE `posts` ADD CONSTRAINT `posts_parent_id_fkey` FOREIGN KEY (`parent_id`) REFERENCES `posts` (`id`);
ALTER TABLE `comments` ADD CONSTRAINT `comments_post_id_fkey` FOREIGN KEY (`post_id`) REFERENCES `posts` (`id`) ON DELETE CASCADE;
ALTER TABLE `posts_tags` ADD CONSTRAINT `posts_tags_post_id_fkey` FOREIGN KEY (`post_id`) REFERENCES `posts` (`id`) ON DELETE CASCADE;
