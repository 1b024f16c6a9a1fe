== up, sqlite
-- ~ full-text index of articles (headline, body)
DROP TRIGGER IF EXISTS "bistro_fts_posts_insert";
DROP TRIGGER IF EXISTS "bistro_fts_posts_delete";
DROP TRIGGER IF EXISTS "bistro_fts_posts_update";
DROP TABLE IF EXISTS "bistro_fts_posts";
-- ~ table posts is named articles
ALTER TABLE "posts" RENAME TO "articles";
-- ~ table posts_tags is named articles_labels
ALTER TABLE "posts_tags" RENAME TO "articles_labels";
-- ~ column articles.title is named headline
ALTER TABLE "articles" RENAME COLUMN "title" TO "headline";
-- ~ column articles.author_id is named writer_id
ALTER TABLE "articles" RENAME COLUMN "author_id" TO "writer_id";
-- ~ column articles_labels.post_id is named article_id
ALTER TABLE "articles_labels" RENAME COLUMN "post_id" TO "article_id";
-- - constraint posts_author_id_fkey of articles
-- - index articles (posts_old_idx)
-- + column articles.slug text
-- ~ column articles.id: integer → bigint
-- ~ column articles.n: text → integer (fails if a value has no counterpart)
-- ~ column articles.body: required (rows without a value get "")
-- - column articles.old
-- + unique articles (slug)
-- ~ relation articles.writer → persons: on delete cascade
CREATE TABLE "bistro_new_articles" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "headline" TEXT NOT NULL, "body" TEXT NOT NULL, "status" TEXT NOT NULL, "writer_id" BLOB NOT NULL, "n" INTEGER, "slug" TEXT, CONSTRAINT "articles_writer_id_fkey" FOREIGN KEY ("writer_id") REFERENCES "persons" ("id") ON DELETE CASCADE) STRICT;
INSERT INTO "bistro_new_articles" ("id", "headline", "body", "status", "writer_id", "n", "slug") SELECT "id", "headline", coalesce("body", ''), "status", "writer_id", bistro_convert("n", 'text', 'integer'), NULL FROM "articles";
DELETE FROM sqlite_sequence WHERE name = 'bistro_new_articles';
INSERT INTO sqlite_sequence (name, seq) SELECT 'bistro_new_articles', seq FROM sqlite_sequence WHERE name = 'articles';
DROP TABLE "articles";
ALTER TABLE "bistro_new_articles" RENAME TO "articles";
CREATE UNIQUE INDEX "articles_slug_key" ON "articles" ("slug");
CREATE INDEX IF NOT EXISTS "bistro_fk_articles_writer_id_fkey" ON "articles" ("writer_id");
CREATE VIRTUAL TABLE "bistro_fts_articles" USING fts5(every, c0, c1, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 0');
CREATE TRIGGER "bistro_fts_articles_insert" AFTER INSERT ON "articles" BEGIN INSERT INTO "bistro_fts_articles" (rowid, every, c0, c1) VALUES (new."id", 'every', new."headline", new."body"); END;
CREATE TRIGGER "bistro_fts_articles_delete" AFTER DELETE ON "articles" BEGIN DELETE FROM "bistro_fts_articles" WHERE rowid = old."id"; END;
CREATE TRIGGER "bistro_fts_articles_update" AFTER UPDATE OF "headline", "body" ON "articles" BEGIN DELETE FROM "bistro_fts_articles" WHERE rowid = old."id"; INSERT INTO "bistro_fts_articles" (rowid, every, c0, c1) VALUES (new."id", 'every', new."headline", new."body"); END;
INSERT INTO "bistro_fts_articles" (rowid, every, c0, c1) SELECT "id", 'every', "headline", "body" FROM "articles";
-- - unique tags (tags_name_key)
DROP INDEX IF EXISTS "tags_name_key";
-- + unique persons (name)
CREATE UNIQUE INDEX "persons_name_key" ON "persons" ("name");
-- - table drafts
DROP TABLE "drafts";
DROP INDEX IF EXISTS "bistro_fk_posts_tags_tag_id_fkey";
CREATE INDEX IF NOT EXISTS "bistro_fk_articles_labels_tag_id_fkey" ON "articles_labels" ("tag_id");
== down, sqlite
-- ~ full-text index of posts (title)
DROP TRIGGER IF EXISTS "bistro_fts_articles_insert";
DROP TRIGGER IF EXISTS "bistro_fts_articles_delete";
DROP TRIGGER IF EXISTS "bistro_fts_articles_update";
DROP TABLE IF EXISTS "bistro_fts_articles";
-- ~ table articles is named posts
ALTER TABLE "articles" RENAME TO "posts";
-- ~ table articles_labels is named posts_tags
ALTER TABLE "articles_labels" RENAME TO "posts_tags";
-- ~ column posts.headline is named title
ALTER TABLE "posts" RENAME COLUMN "headline" TO "title";
-- ~ column posts.writer_id is named author_id
ALTER TABLE "posts" RENAME COLUMN "writer_id" TO "author_id";
-- ~ column posts_tags.article_id is named post_id
ALTER TABLE "posts_tags" RENAME COLUMN "article_id" TO "post_id";
-- - constraint articles_writer_id_fkey of posts
-- - unique posts (articles_slug_key)
-- + column posts.old integer
-- ~ column posts.id: bigint → integer (fails if a value has no counterpart)
-- ~ column posts.n: integer → text
-- ~ column posts.body: optional
-- - column posts.slug
-- + index posts (old)
-- ~ relation posts.author → persons: on delete nothing, it is refused
CREATE TABLE "bistro_new_posts" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "title" TEXT NOT NULL, "body" TEXT, "status" TEXT NOT NULL, "author_id" BLOB NOT NULL, "n" TEXT, "old" INTEGER, CONSTRAINT "posts_author_id_fkey" FOREIGN KEY ("author_id") REFERENCES "persons" ("id")) STRICT;
INSERT INTO "bistro_new_posts" ("id", "title", "body", "status", "author_id", "n", "old") SELECT bistro_convert("id", 'bigint', 'integer'), "title", "body", "status", "author_id", bistro_convert("n", 'integer', 'text'), NULL FROM "posts";
DELETE FROM sqlite_sequence WHERE name = 'bistro_new_posts';
INSERT INTO sqlite_sequence (name, seq) SELECT 'bistro_new_posts', seq FROM sqlite_sequence WHERE name = 'posts';
DROP TABLE "posts";
ALTER TABLE "bistro_new_posts" RENAME TO "posts";
CREATE INDEX "posts_old_idx" ON "posts" ("old");
CREATE INDEX IF NOT EXISTS "bistro_fk_posts_author_id_fkey" ON "posts" ("author_id");
CREATE VIRTUAL TABLE "bistro_fts_posts" USING fts5(every, c0, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 0');
CREATE TRIGGER "bistro_fts_posts_insert" AFTER INSERT ON "posts" BEGIN INSERT INTO "bistro_fts_posts" (rowid, every, c0) VALUES (new."id", 'every', new."title"); END;
CREATE TRIGGER "bistro_fts_posts_delete" AFTER DELETE ON "posts" BEGIN DELETE FROM "bistro_fts_posts" WHERE rowid = old."id"; END;
CREATE TRIGGER "bistro_fts_posts_update" AFTER UPDATE OF "title" ON "posts" BEGIN DELETE FROM "bistro_fts_posts" WHERE rowid = old."id"; INSERT INTO "bistro_fts_posts" (rowid, every, c0) VALUES (new."id", 'every', new."title"); END;
INSERT INTO "bistro_fts_posts" (rowid, every, c0) SELECT "id", 'every', "title" FROM "posts";
-- ~ constraint articles_labels_article_id_fkey is named posts_tags_post_id_fkey
-- ~ constraint articles_labels_tag_id_fkey is named posts_tags_tag_id_fkey
-- ~ column posts_tags.post_id: bigint → integer (fails if a value has no counterpart)
CREATE TABLE "bistro_new_posts_tags" (bistro_rowid INTEGER PRIMARY KEY, "post_id" INTEGER NOT NULL, "tag_id" BLOB NOT NULL, CONSTRAINT "posts_tags_pkey" UNIQUE ("post_id", "tag_id"), CONSTRAINT "posts_tags_post_id_fkey" FOREIGN KEY ("post_id") REFERENCES "posts" ("id") ON DELETE CASCADE, CONSTRAINT "posts_tags_tag_id_fkey" FOREIGN KEY ("tag_id") REFERENCES "tags" ("id") ON DELETE CASCADE) STRICT;
INSERT INTO "bistro_new_posts_tags" (bistro_rowid, "post_id", "tag_id") SELECT rowid, bistro_convert("post_id", 'bigint', 'integer'), "tag_id" FROM "posts_tags";
DROP TABLE "posts_tags";
ALTER TABLE "bistro_new_posts_tags" RENAME TO "posts_tags";
CREATE INDEX IF NOT EXISTS "bistro_fk_posts_tags_tag_id_fkey" ON "posts_tags" ("tag_id");
-- - unique persons (persons_name_key)
DROP INDEX IF EXISTS "persons_name_key";
-- + table drafts (2 columns)
CREATE TABLE "drafts" (bistro_rowid INTEGER PRIMARY KEY, "id" BLOB NOT NULL, "post_id" INTEGER NOT NULL, CONSTRAINT "drafts_pkey" UNIQUE ("id"), CONSTRAINT "drafts_post_id_fkey" FOREIGN KEY ("post_id") REFERENCES "posts" ("id") ON DELETE CASCADE) STRICT;
CREATE INDEX IF NOT EXISTS "bistro_fk_drafts_post_id_fkey" ON "drafts" ("post_id");
-- + unique tags (name)
CREATE UNIQUE INDEX "tags_name_key" ON "tags" ("name");
== up, postgres
ALTER TABLE "drafts" DROP CONSTRAINT "drafts_post_id_fkey";
ALTER TABLE "posts_tags" DROP CONSTRAINT "posts_tags_post_id_fkey";
DROP INDEX IF EXISTS "bistro_fts_posts_title";
-- ~ table posts is named articles
ALTER TABLE "posts" RENAME TO "articles";
ALTER TABLE "articles" RENAME CONSTRAINT "posts_pkey" TO "articles_pkey";
-- ~ table posts_tags is named articles_labels
ALTER TABLE "posts_tags" RENAME TO "articles_labels";
ALTER TABLE "articles_labels" RENAME CONSTRAINT "posts_tags_pkey" TO "articles_labels_pkey";
-- ~ column articles.title is named headline
ALTER TABLE "articles" RENAME COLUMN "title" TO "headline";
-- ~ column articles.author_id is named writer_id
ALTER TABLE "articles" RENAME COLUMN "author_id" TO "writer_id";
-- ~ column articles_labels.post_id is named article_id
ALTER TABLE "articles_labels" RENAME COLUMN "post_id" TO "article_id";
-- - constraint posts_author_id_fkey of articles
ALTER TABLE "articles" DROP CONSTRAINT "posts_author_id_fkey";
DROP INDEX IF EXISTS "bistro_fk_posts_author_id_fkey";
-- ~ constraint posts_tags_tag_id_fkey is named articles_labels_tag_id_fkey
ALTER TABLE "articles_labels" RENAME CONSTRAINT "posts_tags_tag_id_fkey" TO "articles_labels_tag_id_fkey";
-- - index articles (posts_old_idx)
DROP INDEX IF EXISTS "posts_old_idx";
-- - unique tags (tags_name_key)
DROP INDEX IF EXISTS "tags_name_key";
-- + column articles.slug text
ALTER TABLE "articles" ADD COLUMN "slug" text COLLATE "C";
-- ~ column articles.id: integer → bigint
ALTER TABLE "articles" ALTER COLUMN "id" TYPE bigint USING "id"::bigint;
-- ~ column articles.n: text → integer (fails if a value has no counterpart)
ALTER TABLE "articles" ALTER COLUMN "n" DROP DEFAULT, ALTER COLUMN "n" TYPE integer USING "n"::integer;
-- ~ column articles_labels.article_id: integer → bigint
ALTER TABLE "articles_labels" ALTER COLUMN "article_id" DROP DEFAULT, ALTER COLUMN "article_id" TYPE bigint USING "article_id"::bigint;
-- ~ column articles.body: required (rows without a value get "")
UPDATE "articles" SET "body" = '' WHERE "body" IS NULL;
ALTER TABLE "articles" ALTER COLUMN "body" SET NOT NULL;
-- - column articles.old
ALTER TABLE "articles" DROP COLUMN "old";
-- + unique articles (slug)
CREATE UNIQUE INDEX "articles_slug_key" ON "articles" ("slug");
-- + unique persons (name)
CREATE UNIQUE INDEX "persons_name_key" ON "persons" ("name");
-- ~ relation articles.writer → persons: on delete cascade
CREATE INDEX IF NOT EXISTS "bistro_fk_articles_writer_id_fkey" ON "articles" ("writer_id");
ALTER TABLE "articles" ADD CONSTRAINT "articles_writer_id_fkey" FOREIGN KEY ("writer_id") REFERENCES "persons" ("id") ON DELETE CASCADE;
-- ~ full-text index of articles (headline, body)
CREATE INDEX "bistro_fts_articles_headline" ON "articles" USING gin (bistro_words(coalesce("headline", '')));
CREATE INDEX "bistro_fts_articles_body" ON "articles" USING gin (bistro_words(coalesce("body", '')));
CREATE INDEX "bistro_fts_articles" ON "articles" USING gin (bistro_words(coalesce("headline", '') || ' bistro0between ' || coalesce("body", '')));
-- - table drafts
DROP TABLE "drafts";
ALTER INDEX "bistro_fk_posts_tags_tag_id_fkey" RENAME TO "bistro_fk_articles_labels_tag_id_fkey";
ALTER TABLE "articles_labels" ADD CONSTRAINT "articles_labels_article_id_fkey" FOREIGN KEY ("article_id") REFERENCES "articles" ("id") ON DELETE CASCADE;
== down, postgres
ALTER TABLE "articles_labels" DROP CONSTRAINT "articles_labels_article_id_fkey";
DROP INDEX IF EXISTS "bistro_fts_articles_headline";
DROP INDEX IF EXISTS "bistro_fts_articles_body";
DROP INDEX IF EXISTS "bistro_fts_articles";
-- ~ table articles is named posts
ALTER TABLE "articles" RENAME TO "posts";
ALTER TABLE "posts" RENAME CONSTRAINT "articles_pkey" TO "posts_pkey";
-- ~ table articles_labels is named posts_tags
ALTER TABLE "articles_labels" RENAME TO "posts_tags";
ALTER TABLE "posts_tags" RENAME CONSTRAINT "articles_labels_pkey" TO "posts_tags_pkey";
-- ~ column posts.headline is named title
ALTER TABLE "posts" RENAME COLUMN "headline" TO "title";
-- ~ column posts.writer_id is named author_id
ALTER TABLE "posts" RENAME COLUMN "writer_id" TO "author_id";
-- ~ column posts_tags.article_id is named post_id
ALTER TABLE "posts_tags" RENAME COLUMN "article_id" TO "post_id";
-- - constraint articles_writer_id_fkey of posts
ALTER TABLE "posts" DROP CONSTRAINT "articles_writer_id_fkey";
DROP INDEX IF EXISTS "bistro_fk_articles_writer_id_fkey";
-- ~ constraint articles_labels_tag_id_fkey is named posts_tags_tag_id_fkey
ALTER TABLE "posts_tags" RENAME CONSTRAINT "articles_labels_tag_id_fkey" TO "posts_tags_tag_id_fkey";
-- - unique posts (articles_slug_key)
DROP INDEX IF EXISTS "articles_slug_key";
-- - unique persons (persons_name_key)
DROP INDEX IF EXISTS "persons_name_key";
-- + table drafts (2 columns)
CREATE TABLE "drafts" ("id" uuid NOT NULL, "post_id" integer NOT NULL, CONSTRAINT "drafts_pkey" PRIMARY KEY ("id"));
CREATE INDEX IF NOT EXISTS "bistro_fk_drafts_post_id_fkey" ON "drafts" ("post_id");
-- + column posts.old integer
ALTER TABLE "posts" ADD COLUMN "old" integer;
-- ~ column posts.id: bigint → integer (fails if a value has no counterpart)
ALTER TABLE "posts" ALTER COLUMN "id" TYPE integer USING "id"::integer;
-- ~ column posts.n: integer → text
ALTER TABLE "posts" ALTER COLUMN "n" DROP DEFAULT, ALTER COLUMN "n" TYPE text COLLATE "C" USING "n"::text;
-- ~ column posts_tags.post_id: bigint → integer (fails if a value has no counterpart)
ALTER TABLE "posts_tags" ALTER COLUMN "post_id" DROP DEFAULT, ALTER COLUMN "post_id" TYPE integer USING "post_id"::integer;
-- ~ column posts.body: optional
ALTER TABLE "posts" ALTER COLUMN "body" DROP NOT NULL;
-- - column posts.slug
ALTER TABLE "posts" DROP COLUMN "slug";
-- + index posts (old)
CREATE INDEX "posts_old_idx" ON "posts" ("old");
-- + unique tags (name)
CREATE UNIQUE INDEX "tags_name_key" ON "tags" ("name");
-- ~ relation posts.author → persons: on delete nothing, it is refused
CREATE INDEX IF NOT EXISTS "bistro_fk_posts_author_id_fkey" ON "posts" ("author_id");
ALTER TABLE "posts" ADD CONSTRAINT "posts_author_id_fkey" FOREIGN KEY ("author_id") REFERENCES "persons" ("id");
-- ~ full-text index of posts (title)
CREATE INDEX "bistro_fts_posts_title" ON "posts" USING gin (bistro_words(coalesce("title", '')));
ALTER INDEX "bistro_fk_articles_labels_tag_id_fkey" RENAME TO "bistro_fk_posts_tags_tag_id_fkey";
ALTER TABLE "posts_tags" ADD CONSTRAINT "posts_tags_post_id_fkey" FOREIGN KEY ("post_id") REFERENCES "posts" ("id") ON DELETE CASCADE;
ALTER TABLE "drafts" ADD CONSTRAINT "drafts_post_id_fkey" FOREIGN KEY ("post_id") REFERENCES "posts" ("id") ON DELETE CASCADE;
== up, mysql
ALTER TABLE `drafts` DROP FOREIGN KEY `drafts_post_id_fkey`;
ALTER TABLE `posts_tags` DROP FOREIGN KEY `posts_tags_post_id_fkey`;
ALTER TABLE `posts_tags` DROP FOREIGN KEY `posts_tags_tag_id_fkey`;
ALTER TABLE `posts` DROP FOREIGN KEY `posts_author_id_fkey`;
DROP INDEX `bistro_fts_posts_title` ON `posts`;
ALTER TABLE `posts` DROP COLUMN `bistro_search_title`;
DROP INDEX `tags_name_key` ON `tags`;
ALTER TABLE `tags` DROP COLUMN `bistro_hash_name`;
-- ~ table posts is named articles
ALTER TABLE `posts` RENAME TO `articles`;
-- ~ table posts_tags is named articles_labels
ALTER TABLE `posts_tags` RENAME TO `articles_labels`;
-- ~ column articles.title is named headline
ALTER TABLE `articles` RENAME COLUMN `title` TO `headline`;
-- ~ column articles.author_id is named writer_id
ALTER TABLE `articles` RENAME COLUMN `author_id` TO `writer_id`;
-- ~ column articles_labels.post_id is named article_id
ALTER TABLE `articles_labels` RENAME COLUMN `post_id` TO `article_id`;
-- - constraint posts_author_id_fkey of articles
DROP INDEX `bistro_fk_posts_author_id_fkey` ON `articles`;
-- - index articles (posts_old_idx)
DROP INDEX `posts_old_idx` ON `articles`;
-- + column articles.slug text
ALTER TABLE `articles` ADD COLUMN `slug` LONGTEXT;
-- ~ column articles.id: integer → bigint
ALTER TABLE `articles` MODIFY COLUMN `id` BIGINT NOT NULL AUTO_INCREMENT;
-- ~ column articles.n: text → integer (fails if a value has no counterpart)
ALTER TABLE `articles` MODIFY COLUMN `n` INT;
-- ~ column persons.name: room for its values
ALTER TABLE `persons` MODIFY COLUMN `name` VARCHAR(100) NOT NULL;
-- ~ column articles_labels.article_id: integer → bigint
ALTER TABLE `articles_labels` MODIFY COLUMN `article_id` BIGINT NOT NULL;
-- ~ column articles.body: required (rows without a value get "")
UPDATE `articles` SET `body` = ('') WHERE `body` IS NULL;
ALTER TABLE `articles` MODIFY COLUMN `body` LONGTEXT NOT NULL;
-- - column articles.old
ALTER TABLE `articles` DROP COLUMN `old`;
-- + unique articles (slug)
ALTER TABLE `articles` ADD COLUMN `bistro_hash_slug` BINARY(32) GENERATED ALWAYS AS (UNHEX(SHA2(`slug`, 256))) STORED;
CREATE UNIQUE INDEX `articles_slug_key` ON `articles` (`bistro_hash_slug`);
-- + unique persons (name)
CREATE UNIQUE INDEX `persons_name_key` ON `persons` (`name`);
-- ~ relation articles.writer → persons: on delete cascade
CREATE INDEX `bistro_fk_articles_writer_id_fkey` ON `articles` (`writer_id`);
ALTER TABLE `articles` ADD CONSTRAINT `articles_writer_id_fkey` FOREIGN KEY (`writer_id`) REFERENCES `persons` (`id`) ON DELETE CASCADE;
-- ~ full-text index of articles (headline, body)
ALTER TABLE `articles` ADD COLUMN `bistro_search_headline` LONGTEXT GENERATED ALWAYS AS (LOWER(CONCAT('bistro0every ', REPLACE(COALESCE(`headline`, ''), '_', ' ')))) STORED;
ALTER TABLE `articles` ADD COLUMN `bistro_search_body` LONGTEXT GENERATED ALWAYS AS (LOWER(CONCAT('bistro0every ', REPLACE(COALESCE(`body`, ''), '_', ' ')))) STORED;
CREATE FULLTEXT INDEX `bistro_fts_articles_headline` ON `articles` (`bistro_search_headline`);
CREATE FULLTEXT INDEX `bistro_fts_articles_body` ON `articles` (`bistro_search_body`);
CREATE FULLTEXT INDEX `bistro_fts_articles` ON `articles` (`bistro_search_headline`, `bistro_search_body`);
-- - table drafts
DROP TABLE `drafts`;
ALTER TABLE `articles_labels` RENAME INDEX `bistro_fk_posts_tags_tag_id_fkey` TO `bistro_fk_articles_labels_tag_id_fkey`;
ALTER TABLE `articles_labels` ADD CONSTRAINT `articles_labels_article_id_fkey` FOREIGN KEY (`article_id`) REFERENCES `articles` (`id`) ON DELETE CASCADE;
ALTER TABLE `articles_labels` ADD CONSTRAINT `articles_labels_tag_id_fkey` FOREIGN KEY (`tag_id`) REFERENCES `tags` (`id`) ON DELETE CASCADE;
== down, mysql
ALTER TABLE `articles_labels` DROP FOREIGN KEY `articles_labels_article_id_fkey`;
ALTER TABLE `articles_labels` DROP FOREIGN KEY `articles_labels_tag_id_fkey`;
ALTER TABLE `articles` DROP FOREIGN KEY `articles_writer_id_fkey`;
DROP INDEX `bistro_fts_articles_headline` ON `articles`;
DROP INDEX `bistro_fts_articles_body` ON `articles`;
DROP INDEX `bistro_fts_articles` ON `articles`;
ALTER TABLE `articles` DROP COLUMN `bistro_search_headline`;
ALTER TABLE `articles` DROP COLUMN `bistro_search_body`;
DROP INDEX `articles_slug_key` ON `articles`;
DROP INDEX `persons_name_key` ON `persons`;
ALTER TABLE `articles` DROP COLUMN `bistro_hash_slug`;
-- ~ table articles is named posts
ALTER TABLE `articles` RENAME TO `posts`;
-- ~ table articles_labels is named posts_tags
ALTER TABLE `articles_labels` RENAME TO `posts_tags`;
-- ~ column posts.headline is named title
ALTER TABLE `posts` RENAME COLUMN `headline` TO `title`;
-- ~ column posts.writer_id is named author_id
ALTER TABLE `posts` RENAME COLUMN `writer_id` TO `author_id`;
-- ~ column posts_tags.article_id is named post_id
ALTER TABLE `posts_tags` RENAME COLUMN `article_id` TO `post_id`;
-- - constraint articles_writer_id_fkey of posts
DROP INDEX `bistro_fk_articles_writer_id_fkey` ON `posts`;
-- + table drafts (2 columns)
CREATE TABLE `drafts` (`id` BINARY(16) NOT NULL, `post_id` INT NOT NULL, PRIMARY KEY (`id`), KEY `bistro_fk_drafts_post_id_fkey` (`post_id`)) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 /*M!100600 COLLATE utf8mb4_nopad_bin */ /*!80000 COLLATE utf8mb4_0900_bin */;
-- + column posts.old integer
ALTER TABLE `posts` ADD COLUMN `old` INT;
-- ~ column posts.id: bigint → integer (fails if a value has no counterpart)
ALTER TABLE `posts` MODIFY COLUMN `id` INT NOT NULL AUTO_INCREMENT;
-- ~ column posts.n: integer → text
ALTER TABLE `posts` MODIFY COLUMN `n` LONGTEXT;
-- ~ column persons.name: room for its values
ALTER TABLE `persons` MODIFY COLUMN `name` LONGTEXT NOT NULL;
-- ~ column posts_tags.post_id: bigint → integer (fails if a value has no counterpart)
ALTER TABLE `posts_tags` MODIFY COLUMN `post_id` INT NOT NULL;
-- ~ column posts.body: optional
ALTER TABLE `posts` MODIFY COLUMN `body` LONGTEXT;
-- - column posts.slug
ALTER TABLE `posts` DROP COLUMN `slug`;
-- + index posts (old)
CREATE INDEX `posts_old_idx` ON `posts` (`old`);
-- + unique tags (name)
ALTER TABLE `tags` ADD COLUMN `bistro_hash_name` BINARY(32) GENERATED ALWAYS AS (UNHEX(SHA2(`name`, 256))) STORED;
CREATE UNIQUE INDEX `tags_name_key` ON `tags` (`bistro_hash_name`);
-- ~ relation posts.author → persons: on delete nothing, it is refused
CREATE INDEX `bistro_fk_posts_author_id_fkey` ON `posts` (`author_id`);
ALTER TABLE `posts` ADD CONSTRAINT `posts_author_id_fkey` FOREIGN KEY (`author_id`) REFERENCES `persons` (`id`);
-- ~ full-text index of posts (title)
ALTER TABLE `posts` ADD COLUMN `bistro_search_title` LONGTEXT GENERATED ALWAYS AS (LOWER(CONCAT('bistro0every ', REPLACE(COALESCE(`title`, ''), '_', ' ')))) STORED;
CREATE FULLTEXT INDEX `bistro_fts_posts_title` ON `posts` (`bistro_search_title`);
ALTER TABLE `posts_tags` RENAME INDEX `bistro_fk_articles_labels_tag_id_fkey` TO `bistro_fk_posts_tags_tag_id_fkey`;
ALTER TABLE `posts_tags` ADD CONSTRAINT `posts_tags_post_id_fkey` FOREIGN KEY (`post_id`) REFERENCES `posts` (`id`) ON DELETE CASCADE;
ALTER TABLE `posts_tags` ADD CONSTRAINT `posts_tags_tag_id_fkey` FOREIGN KEY (`tag_id`) REFERENCES `tags` (`id`) ON DELETE CASCADE;
ALTER TABLE `drafts` ADD CONSTRAINT `drafts_post_id_fkey` FOREIGN KEY (`post_id`) REFERENCES `posts` (`id`) ON DELETE CASCADE;
