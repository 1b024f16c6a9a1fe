== up, sqlite
-- ~ full-text index of articles (title)
DROP TRIGGER IF EXISTS "bistro_fts_posts_insert";
DROP TRIGGER IF EXISTS "bistro_fts_posts_delete";
DROP TRIGGER IF EXISTS "bistro_fts_posts_update";
DROP TABLE IF EXISTS "bistro_fts_posts";
-- ~ table posts is named articles
ALTER TABLE "posts" RENAME TO "articles";
-- ~ table posts_tags is named articles_tags
ALTER TABLE "posts_tags" RENAME TO "articles_tags";
-- ~ column articles_tags.post_id is named article_id
ALTER TABLE "articles_tags" RENAME COLUMN "post_id" TO "article_id";
-- ~ unique posts_slug_key is named articles_slug_key
DROP INDEX IF EXISTS "posts_slug_key";
CREATE UNIQUE INDEX "articles_slug_key" ON "articles" ("slug");
-- ~ index posts_made_idx is named articles_made_idx
DROP INDEX IF EXISTS "posts_made_idx";
CREATE INDEX "articles_made_idx" ON "articles" ("made");
CREATE VIRTUAL TABLE "bistro_fts_articles" USING fts5(every, c0, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 0');
CREATE TRIGGER "bistro_fts_articles_insert" AFTER INSERT ON "articles" BEGIN INSERT INTO "bistro_fts_articles" (rowid, every, c0) VALUES (new."id", 'every', new."title"); END;
CREATE TRIGGER "bistro_fts_articles_delete" AFTER DELETE ON "articles" BEGIN DELETE FROM "bistro_fts_articles" WHERE rowid = old."id"; END;
CREATE TRIGGER "bistro_fts_articles_update" AFTER UPDATE OF "title" ON "articles" BEGIN DELETE FROM "bistro_fts_articles" WHERE rowid = old."id"; INSERT INTO "bistro_fts_articles" (rowid, every, c0) VALUES (new."id", 'every', new."title"); END;
INSERT INTO "bistro_fts_articles" (rowid, every, c0) SELECT "id", 'every', "title" FROM "articles";
DROP INDEX IF EXISTS "bistro_fk_posts_author_id_fkey";
DROP INDEX IF EXISTS "bistro_fk_posts_parent_id_fkey";
CREATE INDEX IF NOT EXISTS "bistro_fk_articles_author_id_fkey" ON "articles" ("author_id");
CREATE INDEX IF NOT EXISTS "bistro_fk_articles_parent_id_fkey" ON "articles" ("parent_id");
DROP INDEX IF EXISTS "bistro_fk_posts_tags_tag_id_fkey";
CREATE INDEX IF NOT EXISTS "bistro_fk_articles_tags_tag_id_fkey" ON "articles_tags" ("tag_id");
== down, sqlite
-- ~ full-text index of posts (title)
DROP TRIGGER IF EXISTS "bistro_fts_articles_insert";
DROP TRIGGER IF EXISTS "bistro_fts_articles_delete";
DROP TRIGGER IF EXISTS "bistro_fts_articles_update";
DROP TABLE IF EXISTS "bistro_fts_articles";
-- ~ table articles is named posts
ALTER TABLE "articles" RENAME TO "posts";
-- ~ table articles_tags is named posts_tags
ALTER TABLE "articles_tags" RENAME TO "posts_tags";
-- ~ column posts_tags.article_id is named post_id
ALTER TABLE "posts_tags" RENAME COLUMN "article_id" TO "post_id";
-- ~ unique articles_slug_key is named posts_slug_key
DROP INDEX IF EXISTS "articles_slug_key";
CREATE UNIQUE INDEX "posts_slug_key" ON "posts" ("slug");
-- ~ index articles_made_idx is named posts_made_idx
DROP INDEX IF EXISTS "articles_made_idx";
CREATE INDEX "posts_made_idx" ON "posts" ("made");
CREATE VIRTUAL TABLE "bistro_fts_posts" USING fts5(every, c0, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 0');
CREATE TRIGGER "bistro_fts_posts_insert" AFTER INSERT ON "posts" BEGIN INSERT INTO "bistro_fts_posts" (rowid, every, c0) VALUES (new."id", 'every', new."title"); END;
CREATE TRIGGER "bistro_fts_posts_delete" AFTER DELETE ON "posts" BEGIN DELETE FROM "bistro_fts_posts" WHERE rowid = old."id"; END;
CREATE TRIGGER "bistro_fts_posts_update" AFTER UPDATE OF "title" ON "posts" BEGIN DELETE FROM "bistro_fts_posts" WHERE rowid = old."id"; INSERT INTO "bistro_fts_posts" (rowid, every, c0) VALUES (new."id", 'every', new."title"); END;
INSERT INTO "bistro_fts_posts" (rowid, every, c0) SELECT "id", 'every', "title" FROM "posts";
DROP INDEX IF EXISTS "bistro_fk_articles_author_id_fkey";
DROP INDEX IF EXISTS "bistro_fk_articles_parent_id_fkey";
CREATE INDEX IF NOT EXISTS "bistro_fk_posts_author_id_fkey" ON "posts" ("author_id");
CREATE INDEX IF NOT EXISTS "bistro_fk_posts_parent_id_fkey" ON "posts" ("parent_id");
DROP INDEX IF EXISTS "bistro_fk_articles_tags_tag_id_fkey";
CREATE INDEX IF NOT EXISTS "bistro_fk_posts_tags_tag_id_fkey" ON "posts_tags" ("tag_id");
== up, postgres
DROP INDEX IF EXISTS "bistro_fts_posts_title";
-- ~ table posts is named articles
ALTER TABLE "posts" RENAME TO "articles";
ALTER TABLE "articles" RENAME CONSTRAINT "posts_pkey" TO "articles_pkey";
-- ~ table posts_tags is named articles_tags
ALTER TABLE "posts_tags" RENAME TO "articles_tags";
ALTER TABLE "articles_tags" RENAME CONSTRAINT "posts_tags_pkey" TO "articles_tags_pkey";
-- ~ column articles_tags.post_id is named article_id
ALTER TABLE "articles_tags" RENAME COLUMN "post_id" TO "article_id";
-- ~ constraint posts_author_id_fkey is named articles_author_id_fkey
ALTER TABLE "articles" RENAME CONSTRAINT "posts_author_id_fkey" TO "articles_author_id_fkey";
-- ~ constraint posts_parent_id_fkey is named articles_parent_id_fkey
ALTER TABLE "articles" RENAME CONSTRAINT "posts_parent_id_fkey" TO "articles_parent_id_fkey";
-- ~ constraint posts_tags_post_id_fkey is named articles_tags_article_id_fkey
ALTER TABLE "articles_tags" RENAME CONSTRAINT "posts_tags_post_id_fkey" TO "articles_tags_article_id_fkey";
-- ~ constraint posts_tags_tag_id_fkey is named articles_tags_tag_id_fkey
ALTER TABLE "articles_tags" RENAME CONSTRAINT "posts_tags_tag_id_fkey" TO "articles_tags_tag_id_fkey";
-- ~ unique posts_slug_key is named articles_slug_key
ALTER INDEX "posts_slug_key" RENAME TO "articles_slug_key";
-- ~ index posts_made_idx is named articles_made_idx
ALTER INDEX "posts_made_idx" RENAME TO "articles_made_idx";
-- ~ full-text index of articles (title)
CREATE INDEX "bistro_fts_articles_title" ON "articles" USING gin (bistro_words(coalesce("title", '')));
ALTER INDEX "bistro_fk_posts_author_id_fkey" RENAME TO "bistro_fk_articles_author_id_fkey";
ALTER INDEX "bistro_fk_posts_parent_id_fkey" RENAME TO "bistro_fk_articles_parent_id_fkey";
ALTER INDEX "bistro_fk_posts_tags_tag_id_fkey" RENAME TO "bistro_fk_articles_tags_tag_id_fkey";
== down, postgres
DROP INDEX IF EXISTS "bistro_fts_articles_title";
-- ~ table articles is named posts
ALTER TABLE "articles" RENAME TO "posts";
ALTER TABLE "posts" RENAME CONSTRAINT "articles_pkey" TO "posts_pkey";
-- ~ table articles_tags is named posts_tags
ALTER TABLE "articles_tags" RENAME TO "posts_tags";
ALTER TABLE "posts_tags" RENAME CONSTRAINT "articles_tags_pkey" TO "posts_tags_pkey";
-- ~ column posts_tags.article_id is named post_id
ALTER TABLE "posts_tags" RENAME COLUMN "article_id" TO "post_id";
-- ~ constraint articles_author_id_fkey is named posts_author_id_fkey
ALTER TABLE "posts" RENAME CONSTRAINT "articles_author_id_fkey" TO "posts_author_id_fkey";
-- ~ constraint articles_parent_id_fkey is named posts_parent_id_fkey
ALTER TABLE "posts" RENAME CONSTRAINT "articles_parent_id_fkey" TO "posts_parent_id_fkey";
-- ~ constraint articles_tags_article_id_fkey is named posts_tags_post_id_fkey
ALTER TABLE "posts_tags" RENAME CONSTRAINT "articles_tags_article_id_fkey" TO "posts_tags_post_id_fkey";
-- ~ constraint articles_tags_tag_id_fkey is named posts_tags_tag_id_fkey
ALTER TABLE "posts_tags" RENAME CONSTRAINT "articles_tags_tag_id_fkey" TO "posts_tags_tag_id_fkey";
-- ~ unique articles_slug_key is named posts_slug_key
ALTER INDEX "articles_slug_key" RENAME TO "posts_slug_key";
-- ~ index articles_made_idx is named posts_made_idx
ALTER INDEX "articles_made_idx" RENAME TO "posts_made_idx";
-- ~ full-text index of posts (title)
CREATE INDEX "bistro_fts_posts_title" ON "posts" USING gin (bistro_words(coalesce("title", '')));
ALTER INDEX "bistro_fk_articles_author_id_fkey" RENAME TO "bistro_fk_posts_author_id_fkey";
ALTER INDEX "bistro_fk_articles_parent_id_fkey" RENAME TO "bistro_fk_posts_parent_id_fkey";
ALTER INDEX "bistro_fk_articles_tags_tag_id_fkey" RENAME TO "bistro_fk_posts_tags_tag_id_fkey";
== up, mysql
ALTER TABLE `posts` DROP FOREIGN KEY `posts_author_id_fkey`;
ALTER TABLE `posts` DROP FOREIGN KEY `posts_parent_id_fkey`;
ALTER TABLE `posts_tags` DROP FOREIGN KEY `posts_tags_post_id_fkey`;
ALTER TABLE `posts_tags` DROP FOREIGN KEY `posts_tags_tag_id_fkey`;
DROP INDEX `bistro_fts_posts_title` ON `posts`;
ALTER TABLE `posts` DROP COLUMN `bistro_search_title`;
-- ~ table posts is named articles
ALTER TABLE `posts` RENAME TO `articles`;
-- ~ table posts_tags is named articles_tags
ALTER TABLE `posts_tags` RENAME TO `articles_tags`;
-- ~ column articles_tags.post_id is named article_id
ALTER TABLE `articles_tags` RENAME COLUMN `post_id` TO `article_id`;
-- ~ unique posts_slug_key is named articles_slug_key
ALTER TABLE `articles` RENAME INDEX `posts_slug_key` TO `articles_slug_key`;
-- ~ index posts_made_idx is named articles_made_idx
ALTER TABLE `articles` RENAME INDEX `posts_made_idx` TO `articles_made_idx`;
-- ~ full-text index of articles (title)
ALTER TABLE `articles` ADD COLUMN `bistro_search_title` LONGTEXT GENERATED ALWAYS AS (LOWER(CONCAT('bistro0every ', REPLACE(COALESCE(`title`, ''), '_', ' ')))) STORED;
CREATE FULLTEXT INDEX `bistro_fts_articles_title` ON `articles` (`bistro_search_title`);
ALTER TABLE `articles` RENAME INDEX `bistro_fk_posts_author_id_fkey` TO `bistro_fk_articles_author_id_fkey`;
ALTER TABLE `articles` RENAME INDEX `bistro_fk_posts_parent_id_fkey` TO `bistro_fk_articles_parent_id_fkey`;
ALTER TABLE `articles_tags` RENAME INDEX `bistro_fk_posts_tags_tag_id_fkey` TO `bistro_fk_articles_tags_tag_id_fkey`;
ALTER TABLE `articles` ADD CONSTRAINT `articles_author_id_fkey` FOREIGN KEY (`author_id`) REFERENCES `persons` (`id`);
ALTER TABLE `articles` ADD CONSTRAINT `articles_parent_id_fkey` FOREIGN KEY (`parent_id`) REFERENCES `articles` (`id`);
ALTER TABLE `articles_tags` ADD CONSTRAINT `articles_tags_article_id_fkey` FOREIGN KEY (`article_id`) REFERENCES `articles` (`id`) ON DELETE CASCADE;
ALTER TABLE `articles_tags` ADD CONSTRAINT `articles_tags_tag_id_fkey` FOREIGN KEY (`tag_id`) REFERENCES `tags` (`id`) ON DELETE CASCADE;
== down, mysql
ALTER TABLE `articles` DROP FOREIGN KEY `articles_author_id_fkey`;
ALTER TABLE `articles` DROP FOREIGN KEY `articles_parent_id_fkey`;
ALTER TABLE `articles_tags` DROP FOREIGN KEY `articles_tags_article_id_fkey`;
ALTER TABLE `articles_tags` DROP FOREIGN KEY `articles_tags_tag_id_fkey`;
DROP INDEX `bistro_fts_articles_title` ON `articles`;
ALTER TABLE `articles` DROP COLUMN `bistro_search_title`;
-- ~ table articles is named posts
ALTER TABLE `articles` RENAME TO `posts`;
-- ~ table articles_tags is named posts_tags
ALTER TABLE `articles_tags` RENAME TO `posts_tags`;
-- ~ column posts_tags.article_id is named post_id
ALTER TABLE `posts_tags` RENAME COLUMN `article_id` TO `post_id`;
-- ~ unique articles_slug_key is named posts_slug_key
ALTER TABLE `posts` RENAME INDEX `articles_slug_key` TO `posts_slug_key`;
-- ~ index articles_made_idx is named posts_made_idx
ALTER TABLE `posts` RENAME INDEX `articles_made_idx` TO `posts_made_idx`;
-- ~ full-text index of posts (title)
ALTER TABLE `posts` ADD COLUMN `bistro_search_title` LONGTEXT GENERATED ALWAYS AS (LOWER(CONCAT('bistro0every ', REPLACE(COALESCE(`title`, ''), '_', ' ')))) STORED;
CREATE FULLTEXT INDEX `bistro_fts_posts_title` ON `posts` (`bistro_search_title`);
ALTER TABLE `posts` RENAME INDEX `bistro_fk_articles_author_id_fkey` TO `bistro_fk_posts_author_id_fkey`;
ALTER TABLE `posts` RENAME INDEX `bistro_fk_articles_parent_id_fkey` TO `bistro_fk_posts_parent_id_fkey`;
ALTER TABLE `posts_tags` RENAME INDEX `bistro_fk_articles_tags_tag_id_fkey` TO `bistro_fk_posts_tags_tag_id_fkey`;
ALTER TABLE `posts` ADD CONSTRAINT `posts_author_id_fkey` FOREIGN KEY (`author_id`) REFERENCES `persons` (`id`);
ALTER TABLE `posts` ADD CONSTRAINT `posts_parent_id_fkey` FOREIGN KEY (`parent_id`) REFERENCES `posts` (`id`);
ALTER TABLE `posts_tags` ADD CONSTRAINT `posts_tags_post_id_fkey` FOREIGN KEY (`post_id`) REFERENCES `posts` (`id`) ON DELETE CASCADE;
ALTER TABLE `posts_tags` ADD CONSTRAINT `posts_tags_tag_id_fkey` FOREIGN KEY (`tag_id`) REFERENCES `tags` (`id`) ON DELETE CASCADE;
