== up, sqlite
-- ~ full-text index of posts (headline, body)
DROP TRIGGER IF EXISTS "bistro_fts_posts_insert";
DROP TRIGGER IF EXISTS "bistro_fts_posts_delete";
DROP TRIGGER IF EXISTS "bistro_fts_posts_update";
DROP TABLE IF EXISTS "bistro_fts_posts";
-- ~ column posts.title is named headline
ALTER TABLE "posts" RENAME COLUMN "title" TO "headline";
-- ~ column posts.slug is named path
ALTER TABLE "posts" RENAME COLUMN "slug" TO "path";
-- ~ column posts.n is named m
ALTER TABLE "posts" RENAME COLUMN "n" TO "m";
-- ~ column posts.author_id is named writer_id
ALTER TABLE "posts" RENAME COLUMN "author_id" TO "writer_id";
-- ~ column posts.code is named the code
ALTER TABLE "posts" RENAME COLUMN "code" TO "the code";
-- ~ unique posts_slug_key is named posts_path_key
DROP INDEX IF EXISTS "posts_slug_key";
CREATE UNIQUE INDEX "posts_path_key" ON "posts" ("path");
-- ~ unique posts_code_key is named posts_the code_key
DROP INDEX IF EXISTS "posts_code_key";
CREATE UNIQUE INDEX "posts_the code_key" ON "posts" ("the code");
-- ~ index posts_n_idx is named posts_m_idx
DROP INDEX IF EXISTS "posts_n_idx";
CREATE INDEX "posts_m_idx" ON "posts" ("m");
CREATE VIRTUAL TABLE "bistro_fts_posts" USING fts5(every, c0, c1, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 0');
CREATE TRIGGER "bistro_fts_posts_insert" AFTER INSERT ON "posts" BEGIN INSERT INTO "bistro_fts_posts" (rowid, every, c0, c1) VALUES (new."bistro_rowid", 'every', new."headline", new."body"); END;
CREATE TRIGGER "bistro_fts_posts_delete" AFTER DELETE ON "posts" BEGIN DELETE FROM "bistro_fts_posts" WHERE rowid = old."bistro_rowid"; END;
CREATE TRIGGER "bistro_fts_posts_update" AFTER UPDATE OF "headline", "body" ON "posts" BEGIN DELETE FROM "bistro_fts_posts" WHERE rowid = old."bistro_rowid"; INSERT INTO "bistro_fts_posts" (rowid, every, c0, c1) VALUES (new."bistro_rowid", 'every', new."headline", new."body"); END;
INSERT INTO "bistro_fts_posts" (rowid, every, c0, c1) SELECT "bistro_rowid", 'every', "headline", "body" FROM "posts";
DROP INDEX IF EXISTS "bistro_fk_posts_author_id_fkey";
CREATE INDEX IF NOT EXISTS "bistro_fk_posts_writer_id_fkey" ON "posts" ("writer_id");
== down, sqlite
-- ~ full-text index of posts (title, body)
DROP TRIGGER IF EXISTS "bistro_fts_posts_insert";
DROP TRIGGER IF EXISTS "bistro_fts_posts_delete";
DROP TRIGGER IF EXISTS "bistro_fts_posts_update";
DROP TABLE IF EXISTS "bistro_fts_posts";
-- ~ column posts.headline is named title
ALTER TABLE "posts" RENAME COLUMN "headline" TO "title";
-- ~ column posts.path is named slug
ALTER TABLE "posts" RENAME COLUMN "path" TO "slug";
-- ~ column posts.m is named n
ALTER TABLE "posts" RENAME COLUMN "m" TO "n";
-- ~ column posts.writer_id is named author_id
ALTER TABLE "posts" RENAME COLUMN "writer_id" TO "author_id";
-- ~ column posts.the code is named code
ALTER TABLE "posts" RENAME COLUMN "the code" TO "code";
-- ~ unique posts_path_key is named posts_slug_key
DROP INDEX IF EXISTS "posts_path_key";
CREATE UNIQUE INDEX "posts_slug_key" ON "posts" ("slug");
-- ~ unique posts_the code_key is named posts_code_key
DROP INDEX IF EXISTS "posts_the code_key";
CREATE UNIQUE INDEX "posts_code_key" ON "posts" ("code");
-- ~ index posts_m_idx is named posts_n_idx
DROP INDEX IF EXISTS "posts_m_idx";
CREATE INDEX "posts_n_idx" ON "posts" ("n");
CREATE VIRTUAL TABLE "bistro_fts_posts" USING fts5(every, c0, c1, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 0');
CREATE TRIGGER "bistro_fts_posts_insert" AFTER INSERT ON "posts" BEGIN INSERT INTO "bistro_fts_posts" (rowid, every, c0, c1) VALUES (new."bistro_rowid", 'every', new."title", new."body"); END;
CREATE TRIGGER "bistro_fts_posts_delete" AFTER DELETE ON "posts" BEGIN DELETE FROM "bistro_fts_posts" WHERE rowid = old."bistro_rowid"; END;
CREATE TRIGGER "bistro_fts_posts_update" AFTER UPDATE OF "title", "body" ON "posts" BEGIN DELETE FROM "bistro_fts_posts" WHERE rowid = old."bistro_rowid"; INSERT INTO "bistro_fts_posts" (rowid, every, c0, c1) VALUES (new."bistro_rowid", 'every', new."title", new."body"); END;
INSERT INTO "bistro_fts_posts" (rowid, every, c0, c1) SELECT "bistro_rowid", 'every', "title", "body" FROM "posts";
DROP INDEX IF EXISTS "bistro_fk_posts_writer_id_fkey";
CREATE INDEX IF NOT EXISTS "bistro_fk_posts_author_id_fkey" ON "posts" ("author_id");
== up, postgres
DROP INDEX IF EXISTS "bistro_fts_posts_title";
DROP INDEX IF EXISTS "bistro_fts_posts_body";
DROP INDEX IF EXISTS "bistro_fts_posts";
-- ~ column posts.title is named headline
ALTER TABLE "posts" RENAME COLUMN "title" TO "headline";
-- ~ column posts.slug is named path
ALTER TABLE "posts" RENAME COLUMN "slug" TO "path";
-- ~ column posts.n is named m
ALTER TABLE "posts" RENAME COLUMN "n" TO "m";
-- ~ column posts.author_id is named writer_id
ALTER TABLE "posts" RENAME COLUMN "author_id" TO "writer_id";
-- ~ column posts.code is named the code
ALTER TABLE "posts" RENAME COLUMN "code" TO "the code";
-- ~ constraint posts_author_id_fkey is named posts_writer_id_fkey
ALTER TABLE "posts" RENAME CONSTRAINT "posts_author_id_fkey" TO "posts_writer_id_fkey";
-- ~ unique posts_slug_key is named posts_path_key
ALTER INDEX "posts_slug_key" RENAME TO "posts_path_key";
-- ~ unique posts_code_key is named posts_the code_key
ALTER INDEX "posts_code_key" RENAME TO "posts_the code_key";
-- ~ index posts_n_idx is named posts_m_idx
ALTER INDEX "posts_n_idx" RENAME TO "posts_m_idx";
-- ~ full-text index of posts (headline, body)
CREATE INDEX "bistro_fts_posts_headline" ON "posts" USING gin (bistro_words(coalesce("headline", '')));
CREATE INDEX "bistro_fts_posts_body" ON "posts" USING gin (bistro_words(coalesce("body", '')));
CREATE INDEX "bistro_fts_posts" ON "posts" USING gin (bistro_words(coalesce("headline", '') || ' bistro0between ' || coalesce("body", '')));
ALTER INDEX "bistro_fk_posts_author_id_fkey" RENAME TO "bistro_fk_posts_writer_id_fkey";
== down, postgres
DROP INDEX IF EXISTS "bistro_fts_posts_headline";
DROP INDEX IF EXISTS "bistro_fts_posts_body";
DROP INDEX IF EXISTS "bistro_fts_posts";
-- ~ column posts.headline is named title
ALTER TABLE "posts" RENAME COLUMN "headline" TO "title";
-- ~ column posts.path is named slug
ALTER TABLE "posts" RENAME COLUMN "path" TO "slug";
-- ~ column posts.m is named n
ALTER TABLE "posts" RENAME COLUMN "m" TO "n";
-- ~ column posts.writer_id is named author_id
ALTER TABLE "posts" RENAME COLUMN "writer_id" TO "author_id";
-- ~ column posts.the code is named code
ALTER TABLE "posts" RENAME COLUMN "the code" TO "code";
-- ~ constraint posts_writer_id_fkey is named posts_author_id_fkey
ALTER TABLE "posts" RENAME CONSTRAINT "posts_writer_id_fkey" TO "posts_author_id_fkey";
-- ~ unique posts_path_key is named posts_slug_key
ALTER INDEX "posts_path_key" RENAME TO "posts_slug_key";
-- ~ unique posts_the code_key is named posts_code_key
ALTER INDEX "posts_the code_key" RENAME TO "posts_code_key";
-- ~ index posts_m_idx is named posts_n_idx
ALTER INDEX "posts_m_idx" RENAME TO "posts_n_idx";
-- ~ full-text index of posts (title, body)
CREATE INDEX "bistro_fts_posts_title" ON "posts" USING gin (bistro_words(coalesce("title", '')));
CREATE INDEX "bistro_fts_posts_body" ON "posts" USING gin (bistro_words(coalesce("body", '')));
CREATE INDEX "bistro_fts_posts" ON "posts" USING gin (bistro_words(coalesce("title", '') || ' bistro0between ' || coalesce("body", '')));
ALTER INDEX "bistro_fk_posts_writer_id_fkey" RENAME TO "bistro_fk_posts_author_id_fkey";
== up, mysql
ALTER TABLE `posts` DROP FOREIGN KEY `posts_author_id_fkey`;
DROP INDEX `bistro_fts_posts_title` ON `posts`;
DROP INDEX `bistro_fts_posts_body` ON `posts`;
DROP INDEX `bistro_fts_posts` ON `posts`;
ALTER TABLE `posts` DROP COLUMN `bistro_search_title`;
ALTER TABLE `posts` DROP COLUMN `bistro_search_body`;
DROP INDEX `posts_slug_key` ON `posts`;
ALTER TABLE `posts` DROP COLUMN `bistro_hash_slug`;
-- ~ column posts.title is named headline
ALTER TABLE `posts` RENAME COLUMN `title` TO `headline`;
-- ~ column posts.slug is named path
ALTER TABLE `posts` RENAME COLUMN `slug` TO `path`;
-- ~ column posts.n is named m
ALTER TABLE `posts` RENAME COLUMN `n` TO `m`;
-- ~ column posts.author_id is named writer_id
ALTER TABLE `posts` RENAME COLUMN `author_id` TO `writer_id`;
-- ~ column posts.code is named the code
ALTER TABLE `posts` RENAME COLUMN `code` TO `the code`;
-- ~ unique posts_code_key is named posts_the code_key
ALTER TABLE `posts` RENAME INDEX `posts_code_key` TO `posts_the code_key`;
-- ~ index posts_n_idx is named posts_m_idx
ALTER TABLE `posts` RENAME INDEX `posts_n_idx` TO `posts_m_idx`;
-- ~ full-text index of posts (headline, body)
ALTER TABLE `posts` ADD COLUMN `bistro_search_headline` LONGTEXT GENERATED ALWAYS AS (LOWER(CONCAT('bistro0every ', REPLACE(COALESCE(`headline`, ''), '_', ' ')))) STORED;
ALTER TABLE `posts` ADD COLUMN `bistro_search_body` LONGTEXT GENERATED ALWAYS AS (LOWER(CONCAT('bistro0every ', REPLACE(COALESCE(`body`, ''), '_', ' ')))) STORED;
CREATE FULLTEXT INDEX `bistro_fts_posts_headline` ON `posts` (`bistro_search_headline`);
CREATE FULLTEXT INDEX `bistro_fts_posts_body` ON `posts` (`bistro_search_body`);
CREATE FULLTEXT INDEX `bistro_fts_posts` ON `posts` (`bistro_search_headline`, `bistro_search_body`);
ALTER TABLE `posts` ADD COLUMN `bistro_hash_path` BINARY(32) GENERATED ALWAYS AS (UNHEX(SHA2(`path`, 256))) STORED;
CREATE UNIQUE INDEX `posts_path_key` ON `posts` (`bistro_hash_path`);
ALTER TABLE `posts` RENAME INDEX `bistro_fk_posts_author_id_fkey` TO `bistro_fk_posts_writer_id_fkey`;
ALTER TABLE `posts` ADD CONSTRAINT `posts_writer_id_fkey` FOREIGN KEY (`writer_id`) REFERENCES `persons` (`id`);
== down, mysql
ALTER TABLE `posts` DROP FOREIGN KEY `posts_writer_id_fkey`;
DROP INDEX `bistro_fts_posts_headline` ON `posts`;
DROP INDEX `bistro_fts_posts_body` ON `posts`;
DROP INDEX `bistro_fts_posts` ON `posts`;
ALTER TABLE `posts` DROP COLUMN `bistro_search_headline`;
ALTER TABLE `posts` DROP COLUMN `bistro_search_body`;
DROP INDEX `posts_path_key` ON `posts`;
ALTER TABLE `posts` DROP COLUMN `bistro_hash_path`;
-- ~ column posts.headline is named title
ALTER TABLE `posts` RENAME COLUMN `headline` TO `title`;
-- ~ column posts.path is named slug
ALTER TABLE `posts` RENAME COLUMN `path` TO `slug`;
-- ~ column posts.m is named n
ALTER TABLE `posts` RENAME COLUMN `m` TO `n`;
-- ~ column posts.writer_id is named author_id
ALTER TABLE `posts` RENAME COLUMN `writer_id` TO `author_id`;
-- ~ column posts.the code is named code
ALTER TABLE `posts` RENAME COLUMN `the code` TO `code`;
-- ~ unique posts_the code_key is named posts_code_key
ALTER TABLE `posts` RENAME INDEX `posts_the code_key` TO `posts_code_key`;
-- ~ index posts_m_idx is named posts_n_idx
ALTER TABLE `posts` RENAME INDEX `posts_m_idx` TO `posts_n_idx`;
-- ~ full-text index of posts (title, body)
ALTER TABLE `posts` ADD COLUMN `bistro_search_title` LONGTEXT GENERATED ALWAYS AS (LOWER(CONCAT('bistro0every ', REPLACE(COALESCE(`title`, ''), '_', ' ')))) STORED;
ALTER TABLE `posts` ADD COLUMN `bistro_search_body` LONGTEXT GENERATED ALWAYS AS (LOWER(CONCAT('bistro0every ', REPLACE(COALESCE(`body`, ''), '_', ' ')))) STORED;
CREATE FULLTEXT INDEX `bistro_fts_posts_title` ON `posts` (`bistro_search_title`);
CREATE FULLTEXT INDEX `bistro_fts_posts_body` ON `posts` (`bistro_search_body`);
CREATE FULLTEXT INDEX `bistro_fts_posts` ON `posts` (`bistro_search_title`, `bistro_search_body`);
ALTER TABLE `posts` ADD COLUMN `bistro_hash_slug` BINARY(32) GENERATED ALWAYS AS (UNHEX(SHA2(`slug`, 256))) STORED;
CREATE UNIQUE INDEX `posts_slug_key` ON `posts` (`bistro_hash_slug`);
ALTER TABLE `posts` RENAME INDEX `bistro_fk_posts_writer_id_fkey` TO `bistro_fk_posts_author_id_fkey`;
ALTER TABLE `posts` ADD CONSTRAINT `posts_author_id_fkey` FOREIGN KEY (`author_id`) REFERENCES `persons` (`id`);
