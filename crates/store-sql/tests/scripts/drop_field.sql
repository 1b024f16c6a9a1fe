== up, sqlite
-- ~ full-text index of posts (body)
DROP TRIGGER IF EXISTS "bistro_fts_posts_insert";
DROP TRIGGER IF EXISTS "bistro_fts_posts_delete";
DROP TRIGGER IF EXISTS "bistro_fts_posts_update";
DROP TABLE IF EXISTS "bistro_fts_posts";
-- - constraint posts_author_id_fkey of posts
-- - unique posts (posts_slug_key)
-- - unique posts (posts_a_b_key)
-- - index posts (posts_b_idx)
-- - column posts.title
-- - column posts.slug
-- - column posts.b
-- - column posts.author_id
CREATE TABLE "bistro_new_posts" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "body" TEXT, "a" INTEGER, "keep" TEXT NOT NULL) STRICT;
INSERT INTO "bistro_new_posts" ("id", "body", "a", "keep") SELECT "id", "body", "a", "keep" FROM "posts";
DELETE FROM sqlite_sequence WHERE name = 'bistro_new_posts';
INSERT INTO sqlite_sequence (name, seq) SELECT 'bistro_new_posts', seq FROM sqlite_sequence WHERE name = 'posts';
DROP TABLE "posts";
ALTER TABLE "bistro_new_posts" RENAME TO "posts";
CREATE VIRTUAL TABLE "bistro_fts_posts" USING fts5(every, c0, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 0');
CREATE TRIGGER "bistro_fts_posts_insert" AFTER INSERT ON "posts" BEGIN INSERT INTO "bistro_fts_posts" (rowid, every, c0) VALUES (new."id", 'every', new."body"); END;
CREATE TRIGGER "bistro_fts_posts_delete" AFTER DELETE ON "posts" BEGIN DELETE FROM "bistro_fts_posts" WHERE rowid = old."id"; END;
CREATE TRIGGER "bistro_fts_posts_update" AFTER UPDATE OF "body" ON "posts" BEGIN DELETE FROM "bistro_fts_posts" WHERE rowid = old."id"; INSERT INTO "bistro_fts_posts" (rowid, every, c0) VALUES (new."id", 'every', new."body"); END;
INSERT INTO "bistro_fts_posts" (rowid, every, c0) SELECT "id", 'every', "body" FROM "posts";
== down, sqlite
-- refused + column posts.title text: existing rows have no value for it; make it optional, or give it @default(value: …)
-- refused + column posts.slug text: existing rows have no value for it; make it optional, or give it @default(value: …)
-- ~ full-text index of posts (title, body)
DROP TRIGGER IF EXISTS "bistro_fts_posts_insert";
DROP TRIGGER IF EXISTS "bistro_fts_posts_delete";
DROP TRIGGER IF EXISTS "bistro_fts_posts_update";
DROP TABLE IF EXISTS "bistro_fts_posts";
-- + column posts.b integer
ALTER TABLE "posts" ADD COLUMN "b" INTEGER;
-- + column posts.author_id uuid
ALTER TABLE "posts" ADD COLUMN "author_id" BLOB CONSTRAINT "posts_author_id_fkey" REFERENCES "persons" ("id");
CREATE INDEX IF NOT EXISTS "bistro_fk_posts_author_id_fkey" ON "posts" ("author_id");
-- + unique posts (slug)
CREATE UNIQUE INDEX "posts_slug_key" ON "posts" ("slug");
-- + unique posts (a, b)
CREATE UNIQUE INDEX "posts_a_b_key" ON "posts" ("a", "b");
-- + index posts (b)
CREATE INDEX "posts_b_idx" ON "posts" ("b");
CREATE VIRTUAL TABLE "bistro_fts_posts" USING fts5(every, c0, c1, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 0');
CREATE TRIGGER "bistro_fts_posts_insert" AFTER INSERT ON "posts" BEGIN INSERT INTO "bistro_fts_posts" (rowid, every, c0, c1) VALUES (new."id", 'every', new."title", new."body"); END;
CREATE TRIGGER "bistro_fts_posts_delete" AFTER DELETE ON "posts" BEGIN DELETE FROM "bistro_fts_posts" WHERE rowid = old."id"; END;
CREATE TRIGGER "bistro_fts_posts_update" AFTER UPDATE OF "title", "body" ON "posts" BEGIN DELETE FROM "bistro_fts_posts" WHERE rowid = old."id"; INSERT INTO "bistro_fts_posts" (rowid, every, c0, c1) VALUES (new."id", 'every', new."title", new."body"); END;
INSERT INTO "bistro_fts_posts" (rowid, every, c0, c1) SELECT "id", 'every', "title", "body" FROM "posts";
== up, postgres
DROP INDEX IF EXISTS "bistro_fts_posts_title";
DROP INDEX IF EXISTS "bistro_fts_posts_body";
DROP INDEX IF EXISTS "bistro_fts_posts";
-- - constraint posts_author_id_fkey of posts
ALTER TABLE "posts" DROP CONSTRAINT "posts_author_id_fkey";
DROP INDEX IF EXISTS "bistro_fk_posts_author_id_fkey";
-- - unique posts (posts_slug_key)
DROP INDEX IF EXISTS "posts_slug_key";
-- - unique posts (posts_a_b_key)
DROP INDEX IF EXISTS "posts_a_b_key";
-- - index posts (posts_b_idx)
DROP INDEX IF EXISTS "posts_b_idx";
-- - column posts.title
ALTER TABLE "posts" DROP COLUMN "title";
-- - column posts.slug
ALTER TABLE "posts" DROP COLUMN "slug";
-- - column posts.b
ALTER TABLE "posts" DROP COLUMN "b";
-- - column posts.author_id
ALTER TABLE "posts" DROP COLUMN "author_id";
-- ~ full-text index of posts (body)
CREATE INDEX "bistro_fts_posts_body" ON "posts" USING gin (bistro_words(coalesce("body", '')));
== down, postgres
-- refused + column posts.title text: existing rows have no value for it; make it optional, or give it @default(value: …)
-- refused + column posts.slug text: existing rows have no value for it; make it optional, or give it @default(value: …)
DROP INDEX IF EXISTS "bistro_fts_posts_body";
-- + column posts.b integer
ALTER TABLE "posts" ADD COLUMN "b" integer;
-- + column posts.author_id uuid
ALTER TABLE "posts" ADD COLUMN "author_id" uuid, ADD CONSTRAINT "posts_author_id_fkey" FOREIGN KEY ("author_id") REFERENCES "persons" ("id");
-- + unique posts (slug)
CREATE UNIQUE INDEX "posts_slug_key" ON "posts" ("slug");
-- + unique posts (a, b)
CREATE UNIQUE INDEX "posts_a_b_key" ON "posts" ("a", "b");
-- + index posts (b)
CREATE INDEX "posts_b_idx" ON "posts" ("b");
-- ~ full-text index of posts (title, body)
CREATE INDEX "bistro_fts_posts_title" ON "posts" USING gin (bistro_words(coalesce("title", '')));
CREATE INDEX "bistro_fts_posts_body" ON "posts" USING gin (bistro_words(coalesce("body", '')));
CREATE INDEX "bistro_fts_posts" ON "posts" USING gin (bistro_words(coalesce("title", '') || ' bistro0between ' || coalesce("body", '')));
CREATE INDEX IF NOT EXISTS "bistro_fk_posts_author_id_fkey" ON "posts" ("author_id");
== up, mysql
ALTER TABLE `posts` DROP FOREIGN KEY `posts_author_id_fkey`;
DROP INDEX `bistro_fts_posts_title` ON `posts`;
DROP INDEX `bistro_fts_posts_body` ON `posts`;
DROP INDEX `bistro_fts_posts` ON `posts`;
ALTER TABLE `posts` DROP COLUMN `bistro_search_title`;
ALTER TABLE `posts` DROP COLUMN `bistro_search_body`;
DROP INDEX `posts_slug_key` ON `posts`;
ALTER TABLE `posts` DROP COLUMN `bistro_hash_slug`;
-- - constraint posts_author_id_fkey of posts
DROP INDEX `bistro_fk_posts_author_id_fkey` ON `posts`;
-- - unique posts (posts_a_b_key)
DROP INDEX `posts_a_b_key` ON `posts`;
-- - index posts (posts_b_idx)
DROP INDEX `posts_b_idx` ON `posts`;
-- - column posts.title
ALTER TABLE `posts` DROP COLUMN `title`;
-- - column posts.slug
ALTER TABLE `posts` DROP COLUMN `slug`;
-- - column posts.b
ALTER TABLE `posts` DROP COLUMN `b`;
-- - column posts.author_id
ALTER TABLE `posts` DROP COLUMN `author_id`;
-- ~ full-text index of posts (body)
ALTER TABLE `posts` ADD COLUMN `bistro_search_body` LONGTEXT GENERATED ALWAYS AS (LOWER(CONCAT('bistro0every ', REPLACE(COALESCE(`body`, ''), '_', ' ')))) STORED;
CREATE FULLTEXT INDEX `bistro_fts_posts_body` ON `posts` (`bistro_search_body`);
== down, mysql
-- refused + column posts.title text: existing rows have no value for it; make it optional, or give it @default(value: …)
-- refused + column posts.slug text: existing rows have no value for it; make it optional, or give it @default(value: …)
DROP INDEX `bistro_fts_posts_body` ON `posts`;
ALTER TABLE `posts` DROP COLUMN `bistro_search_body`;
-- + column posts.b integer
ALTER TABLE `posts` ADD COLUMN `b` INT;
-- + column posts.author_id uuid
ALTER TABLE `posts` ADD COLUMN `author_id` BINARY(16), ADD KEY `bistro_fk_posts_author_id_fkey` (`author_id`), ADD CONSTRAINT `posts_author_id_fkey` FOREIGN KEY (`author_id`) REFERENCES `persons` (`id`);
-- + unique posts (slug)
ALTER TABLE `posts` ADD COLUMN `bistro_hash_slug` BINARY(32) GENERATED ALWAYS AS (UNHEX(SHA2(`slug`, 256))) STORED;
CREATE UNIQUE INDEX `posts_slug_key` ON `posts` (`bistro_hash_slug`);
-- + unique posts (a, b)
CREATE UNIQUE INDEX `posts_a_b_key` ON `posts` (`a`, `b`);
-- + index posts (b)
CREATE INDEX `posts_b_idx` ON `posts` (`b`);
-- ~ full-text index of posts (title, body)
ALTER TABLE `posts` ADD COLUMN `bistro_search_title` LONGTEXT GENERATED ALWAYS AS (LOWER(CONCAT('bistro0every ', REPLACE(COALESCE(`title`, ''), '_', ' ')))) STORED;
ALTER TABLE `posts` ADD COLUMN `bistro_search_body` LONGTEXT GENERATED ALWAYS AS (LOWER(CONCAT('bistro0every ', REPLACE(COALESCE(`body`, ''), '_', ' ')))) STORED;
CREATE FULLTEXT INDEX `bistro_fts_posts_title` ON `posts` (`bistro_search_title`);
CREATE FULLTEXT INDEX `bistro_fts_posts_body` ON `posts` (`bistro_search_body`);
CREATE FULLTEXT INDEX `bistro_fts_posts` ON `posts` (`bistro_search_title`, `bistro_search_body`);
