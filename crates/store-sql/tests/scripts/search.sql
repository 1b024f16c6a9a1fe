== up, sqlite
-- ~ full-text index of posts (body, more)
DROP TRIGGER IF EXISTS "bistro_fts_posts_insert";
DROP TRIGGER IF EXISTS "bistro_fts_posts_delete";
DROP TRIGGER IF EXISTS "bistro_fts_posts_update";
DROP TABLE IF EXISTS "bistro_fts_posts";
CREATE VIRTUAL TABLE "bistro_fts_posts" USING fts5(every, c0, c1, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 0');
CREATE TRIGGER "bistro_fts_posts_insert" AFTER INSERT ON "posts" BEGIN INSERT INTO "bistro_fts_posts" (rowid, every, c0, c1) VALUES (new."bistro_rowid", 'every', new."body", new."more"); END;
CREATE TRIGGER "bistro_fts_posts_delete" AFTER DELETE ON "posts" BEGIN DELETE FROM "bistro_fts_posts" WHERE rowid = old."bistro_rowid"; END;
CREATE TRIGGER "bistro_fts_posts_update" AFTER UPDATE OF "body", "more" ON "posts" BEGIN DELETE FROM "bistro_fts_posts" WHERE rowid = old."bistro_rowid"; INSERT INTO "bistro_fts_posts" (rowid, every, c0, c1) VALUES (new."bistro_rowid", 'every', new."body", new."more"); END;
INSERT INTO "bistro_fts_posts" (rowid, every, c0, c1) SELECT "bistro_rowid", 'every', "body", "more" FROM "posts";
== down, sqlite
-- ~ full-text index of posts (title)
DROP TRIGGER IF EXISTS "bistro_fts_posts_insert";
DROP TRIGGER IF EXISTS "bistro_fts_posts_delete";
DROP TRIGGER IF EXISTS "bistro_fts_posts_update";
DROP TABLE IF EXISTS "bistro_fts_posts";
CREATE VIRTUAL TABLE "bistro_fts_posts" USING fts5(every, c0, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 0');
CREATE TRIGGER "bistro_fts_posts_insert" AFTER INSERT ON "posts" BEGIN INSERT INTO "bistro_fts_posts" (rowid, every, c0) VALUES (new."bistro_rowid", 'every', new."title"); END;
CREATE TRIGGER "bistro_fts_posts_delete" AFTER DELETE ON "posts" BEGIN DELETE FROM "bistro_fts_posts" WHERE rowid = old."bistro_rowid"; END;
CREATE TRIGGER "bistro_fts_posts_update" AFTER UPDATE OF "title" ON "posts" BEGIN DELETE FROM "bistro_fts_posts" WHERE rowid = old."bistro_rowid"; INSERT INTO "bistro_fts_posts" (rowid, every, c0) VALUES (new."bistro_rowid", 'every', new."title"); END;
INSERT INTO "bistro_fts_posts" (rowid, every, c0) SELECT "bistro_rowid", 'every', "title" FROM "posts";
== up, postgres
DROP INDEX IF EXISTS "bistro_fts_posts_title";
-- ~ full-text index of posts (body, more)
CREATE INDEX "bistro_fts_posts_body" ON "posts" USING gin (bistro_words(coalesce("body", '')));
CREATE INDEX "bistro_fts_posts_more" ON "posts" USING gin (bistro_words(coalesce("more", '')));
CREATE INDEX "bistro_fts_posts" ON "posts" USING gin (bistro_words(coalesce("body", '') || ' bistro0between ' || coalesce("more", '')));
== down, postgres
DROP INDEX IF EXISTS "bistro_fts_posts_body";
DROP INDEX IF EXISTS "bistro_fts_posts_more";
DROP INDEX IF EXISTS "bistro_fts_posts";
-- ~ full-text index of posts (title)
CREATE INDEX "bistro_fts_posts_title" ON "posts" USING gin (bistro_words(coalesce("title", '')));
== up, mysql
DROP INDEX `bistro_fts_posts_title` ON `posts`;
ALTER TABLE `posts` DROP COLUMN `bistro_search_title`;
-- ~ full-text index of posts (body, more)
ALTER TABLE `posts` ADD COLUMN `bistro_search_body` LONGTEXT GENERATED ALWAYS AS (LOWER(CONCAT('bistro0every ', REPLACE(COALESCE(`body`, ''), '_', ' ')))) STORED;
ALTER TABLE `posts` ADD COLUMN `bistro_search_more` LONGTEXT GENERATED ALWAYS AS (LOWER(CONCAT('bistro0every ', REPLACE(COALESCE(`more`, ''), '_', ' ')))) STORED;
CREATE FULLTEXT INDEX `bistro_fts_posts_body` ON `posts` (`bistro_search_body`);
CREATE FULLTEXT INDEX `bistro_fts_posts_more` ON `posts` (`bistro_search_more`);
CREATE FULLTEXT INDEX `bistro_fts_posts` ON `posts` (`bistro_search_body`, `bistro_search_more`);
== down, mysql
DROP INDEX `bistro_fts_posts_body` ON `posts`;
DROP INDEX `bistro_fts_posts_more` ON `posts`;
DROP INDEX `bistro_fts_posts` ON `posts`;
ALTER TABLE `posts` DROP COLUMN `bistro_search_body`;
ALTER TABLE `posts` DROP COLUMN `bistro_search_more`;
-- ~ full-text index of posts (title)
ALTER TABLE `posts` ADD COLUMN `bistro_search_title` LONGTEXT GENERATED ALWAYS AS (LOWER(CONCAT('bistro0every ', REPLACE(COALESCE(`title`, ''), '_', ' ')))) STORED;
CREATE FULLTEXT INDEX `bistro_fts_posts_title` ON `posts` (`bistro_search_title`);
