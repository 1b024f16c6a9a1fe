== up, sqlite
DROP TRIGGER IF EXISTS "bistro_fts_posts_insert";
DROP TRIGGER IF EXISTS "bistro_fts_posts_delete";
DROP TRIGGER IF EXISTS "bistro_fts_posts_update";
DROP TABLE IF EXISTS "bistro_fts_posts";
-- ~ column posts.title: required (rows without a value get "untitled")
-- ~ column posts.slug: required
-- ~ column posts.n: required (rows without a value get 7)
-- ~ column posts.mood: required (rows without a value get "so")
-- ~ column posts.at: required (rows without a value get the time of the change)
-- ~ column posts.big: required (rows without a value get 0)
-- ~ column posts.author_id: required
CREATE TABLE "bistro_new_posts" (bistro_rowid INTEGER PRIMARY KEY, "id" BLOB NOT NULL, "title" TEXT NOT NULL, "slug" TEXT NOT NULL, "n" INTEGER NOT NULL, "mood" TEXT NOT NULL, "at" INTEGER NOT NULL, "big" INTEGER NOT NULL, "author_id" BLOB NOT NULL, CONSTRAINT "posts_pkey" UNIQUE ("id"), CONSTRAINT "posts_author_id_fkey" FOREIGN KEY ("author_id") REFERENCES "persons" ("id")) STRICT;
INSERT INTO "bistro_new_posts" (bistro_rowid, "id", "title", "slug", "n", "mood", "at", "big", "author_id") SELECT rowid, "id", coalesce("title", 'untitled'), "slug", coalesce("n", 7), coalesce("mood", 'so'), coalesce("at", CAST(unixepoch('now', 'subsec') * 1000000 AS INTEGER)), coalesce("big", 0), "author_id" FROM "posts";
DROP TABLE "posts";
ALTER TABLE "bistro_new_posts" RENAME TO "posts";
CREATE UNIQUE INDEX "posts_slug_key" ON "posts" ("slug");
CREATE INDEX "posts_big_idx" ON "posts" ("big");
CREATE INDEX IF NOT EXISTS "bistro_fk_posts_author_id_fkey" ON "posts" ("author_id");
CREATE VIRTUAL TABLE "bistro_fts_posts" USING fts5(every, c0, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 0');
CREATE TRIGGER "bistro_fts_posts_insert" AFTER INSERT ON "posts" BEGIN INSERT INTO "bistro_fts_posts" (rowid, every, c0) VALUES (new."bistro_rowid", 'every', new."title"); END;
CREATE TRIGGER "bistro_fts_posts_delete" AFTER DELETE ON "posts" BEGIN DELETE FROM "bistro_fts_posts" WHERE rowid = old."bistro_rowid"; END;
CREATE TRIGGER "bistro_fts_posts_update" AFTER UPDATE OF "title" ON "posts" BEGIN DELETE FROM "bistro_fts_posts" WHERE rowid = old."bistro_rowid"; INSERT INTO "bistro_fts_posts" (rowid, every, c0) VALUES (new."bistro_rowid", 'every', new."title"); END;
INSERT INTO "bistro_fts_posts" (rowid, every, c0) SELECT "bistro_rowid", 'every', "title" FROM "posts";
== down, sqlite
DROP TRIGGER IF EXISTS "bistro_fts_posts_insert";
DROP TRIGGER IF EXISTS "bistro_fts_posts_delete";
DROP TRIGGER IF EXISTS "bistro_fts_posts_update";
DROP TABLE IF EXISTS "bistro_fts_posts";
-- ~ column posts.title: optional
-- ~ column posts.slug: optional
-- ~ column posts.n: optional
-- ~ column posts.mood: optional
-- ~ column posts.at: optional
-- ~ column posts.big: optional
-- ~ column posts.author_id: optional
CREATE TABLE "bistro_new_posts" (bistro_rowid INTEGER PRIMARY KEY, "id" BLOB NOT NULL, "title" TEXT, "slug" TEXT, "n" INTEGER, "mood" TEXT, "at" INTEGER, "big" INTEGER, "author_id" BLOB, CONSTRAINT "posts_pkey" UNIQUE ("id"), CONSTRAINT "posts_author_id_fkey" FOREIGN KEY ("author_id") REFERENCES "persons" ("id")) STRICT;
INSERT INTO "bistro_new_posts" (bistro_rowid, "id", "title", "slug", "n", "mood", "at", "big", "author_id") SELECT rowid, "id", "title", "slug", "n", "mood", "at", "big", "author_id" FROM "posts";
DROP TABLE "posts";
ALTER TABLE "bistro_new_posts" RENAME TO "posts";
CREATE UNIQUE INDEX "posts_slug_key" ON "posts" ("slug");
CREATE INDEX "posts_big_idx" ON "posts" ("big");
CREATE INDEX IF NOT EXISTS "bistro_fk_posts_author_id_fkey" ON "posts" ("author_id");
CREATE VIRTUAL TABLE "bistro_fts_posts" USING fts5(every, c0, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 0');
CREATE TRIGGER "bistro_fts_posts_insert" AFTER INSERT ON "posts" BEGIN INSERT INTO "bistro_fts_posts" (rowid, every, c0) VALUES (new."bistro_rowid", 'every', new."title"); END;
CREATE TRIGGER "bistro_fts_posts_delete" AFTER DELETE ON "posts" BEGIN DELETE FROM "bistro_fts_posts" WHERE rowid = old."bistro_rowid"; END;
CREATE TRIGGER "bistro_fts_posts_update" AFTER UPDATE OF "title" ON "posts" BEGIN DELETE FROM "bistro_fts_posts" WHERE rowid = old."bistro_rowid"; INSERT INTO "bistro_fts_posts" (rowid, every, c0) VALUES (new."bistro_rowid", 'every', new."title"); END;
INSERT INTO "bistro_fts_posts" (rowid, every, c0) SELECT "bistro_rowid", 'every', "title" FROM "posts";
== up, postgres
-- ~ column posts.title: required (rows without a value get "untitled")
UPDATE "posts" SET "title" = 'untitled' WHERE "title" IS NULL;
ALTER TABLE "posts" ALTER COLUMN "title" SET NOT NULL;
-- ~ column posts.slug: required
ALTER TABLE "posts" ALTER COLUMN "slug" SET NOT NULL;
-- ~ column posts.n: required (rows without a value get 7)
UPDATE "posts" SET "n" = 7 WHERE "n" IS NULL;
ALTER TABLE "posts" ALTER COLUMN "n" SET NOT NULL;
-- ~ column posts.mood: required (rows without a value get "so")
UPDATE "posts" SET "mood" = 'so' WHERE "mood" IS NULL;
ALTER TABLE "posts" ALTER COLUMN "mood" SET NOT NULL;
-- ~ column posts.at: required (rows without a value get the time of the change)
UPDATE "posts" SET "at" = now() WHERE "at" IS NULL;
ALTER TABLE "posts" ALTER COLUMN "at" SET NOT NULL;
-- ~ column posts.big: required (rows without a value get 0)
UPDATE "posts" SET "big" = 0 WHERE "big" IS NULL;
ALTER TABLE "posts" ALTER COLUMN "big" SET NOT NULL;
-- ~ column posts.author_id: required
ALTER TABLE "posts" ALTER COLUMN "author_id" SET NOT NULL;
== down, postgres
-- ~ column posts.title: optional
ALTER TABLE "posts" ALTER COLUMN "title" DROP NOT NULL;
-- ~ column posts.slug: optional
ALTER TABLE "posts" ALTER COLUMN "slug" DROP NOT NULL;
-- ~ column posts.n: optional
ALTER TABLE "posts" ALTER COLUMN "n" DROP NOT NULL;
-- ~ column posts.mood: optional
ALTER TABLE "posts" ALTER COLUMN "mood" DROP NOT NULL;
-- ~ column posts.at: optional
ALTER TABLE "posts" ALTER COLUMN "at" DROP NOT NULL;
-- ~ column posts.big: optional
ALTER TABLE "posts" ALTER COLUMN "big" DROP NOT NULL;
-- ~ column posts.author_id: optional
ALTER TABLE "posts" ALTER COLUMN "author_id" DROP NOT NULL;
== up, mysql
DROP INDEX `bistro_fts_posts_title` ON `posts`;
ALTER TABLE `posts` DROP COLUMN `bistro_search_title`;
DROP INDEX `posts_slug_key` ON `posts`;
ALTER TABLE `posts` DROP COLUMN `bistro_hash_slug`;
-- ~ column posts.title: required (rows without a value get "untitled")
UPDATE `posts` SET `title` = ('untitled') WHERE `title` IS NULL;
ALTER TABLE `posts` MODIFY COLUMN `title` LONGTEXT NOT NULL;
-- ~ column posts.slug: required
ALTER TABLE `posts` MODIFY COLUMN `slug` LONGTEXT NOT NULL;
-- ~ column posts.n: required (rows without a value get 7)
UPDATE `posts` SET `n` = 7 WHERE `n` IS NULL;
ALTER TABLE `posts` MODIFY COLUMN `n` INT NOT NULL;
-- ~ column posts.mood: required (rows without a value get "so")
UPDATE `posts` SET `mood` = ('so') WHERE `mood` IS NULL;
ALTER TABLE `posts` MODIFY COLUMN `mood` VARCHAR(10) NOT NULL;
-- ~ column posts.at: required (rows without a value get the time of the change)
UPDATE `posts` SET `at` = (UTC_TIMESTAMP(6)) WHERE `at` IS NULL;
ALTER TABLE `posts` MODIFY COLUMN `at` DATETIME(6) NOT NULL;
-- ~ column posts.big: required (rows without a value get 0)
UPDATE `posts` SET `big` = 0 WHERE `big` IS NULL;
ALTER TABLE `posts` MODIFY COLUMN `big` BIGINT NOT NULL;
-- ~ column posts.author_id: required
ALTER TABLE `posts` MODIFY COLUMN `author_id` BINARY(16) NOT NULL;
ALTER TABLE `posts` ADD COLUMN `bistro_hash_slug` BINARY(32) GENERATED ALWAYS AS (UNHEX(SHA2(`slug`, 256))) STORED;
CREATE UNIQUE INDEX `posts_slug_key` ON `posts` (`bistro_hash_slug`);
ALTER TABLE `posts` ADD COLUMN `bistro_search_title` LONGTEXT GENERATED ALWAYS AS (LOWER(CONCAT('bistro0every ', REPLACE(COALESCE(`title`, ''), '_', ' ')))) STORED;
CREATE FULLTEXT INDEX `bistro_fts_posts_title` ON `posts` (`bistro_search_title`);
== down, mysql
DROP INDEX `bistro_fts_posts_title` ON `posts`;
ALTER TABLE `posts` DROP COLUMN `bistro_search_title`;
DROP INDEX `posts_slug_key` ON `posts`;
ALTER TABLE `posts` DROP COLUMN `bistro_hash_slug`;
-- ~ column posts.title: optional
ALTER TABLE `posts` MODIFY COLUMN `title` LONGTEXT;
-- ~ column posts.slug: optional
ALTER TABLE `posts` MODIFY COLUMN `slug` LONGTEXT;
-- ~ column posts.n: optional
ALTER TABLE `posts` MODIFY COLUMN `n` INT;
-- ~ column posts.mood: optional
ALTER TABLE `posts` MODIFY COLUMN `mood` VARCHAR(10);
-- ~ column posts.at: optional
ALTER TABLE `posts` MODIFY COLUMN `at` DATETIME(6);
-- ~ column posts.big: optional
ALTER TABLE `posts` MODIFY COLUMN `big` BIGINT;
-- ~ column posts.author_id: optional
ALTER TABLE `posts` MODIFY COLUMN `author_id` BINARY(16);
ALTER TABLE `posts` ADD COLUMN `bistro_hash_slug` BINARY(32) GENERATED ALWAYS AS (UNHEX(SHA2(`slug`, 256))) STORED;
CREATE UNIQUE INDEX `posts_slug_key` ON `posts` (`bistro_hash_slug`);
ALTER TABLE `posts` ADD COLUMN `bistro_search_title` LONGTEXT GENERATED ALWAYS AS (LOWER(CONCAT('bistro0every ', REPLACE(COALESCE(`title`, ''), '_', ' ')))) STORED;
CREATE FULLTEXT INDEX `bistro_fts_posts_title` ON `posts` (`bistro_search_title`);
