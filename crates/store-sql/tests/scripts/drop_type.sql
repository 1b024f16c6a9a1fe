== up, sqlite
-- - table comments
DROP TRIGGER IF EXISTS "bistro_fts_comments_insert";
DROP TRIGGER IF EXISTS "bistro_fts_comments_delete";
DROP TRIGGER IF EXISTS "bistro_fts_comments_update";
DROP TABLE IF EXISTS "bistro_fts_comments";
-- - table posts
DROP TRIGGER IF EXISTS "bistro_fts_posts_insert";
DROP TRIGGER IF EXISTS "bistro_fts_posts_delete";
DROP TRIGGER IF EXISTS "bistro_fts_posts_update";
DROP TABLE IF EXISTS "bistro_fts_posts";
-- - constraint keeps_post_id_fkey of keeps
-- - column keeps.post_id
CREATE TABLE "bistro_new_keeps" (bistro_rowid INTEGER PRIMARY KEY, "id" BLOB NOT NULL, "n" INTEGER, CONSTRAINT "keeps_pkey" UNIQUE ("id")) STRICT;
INSERT INTO "bistro_new_keeps" (bistro_rowid, "id", "n") SELECT rowid, "id", "n" FROM "keeps";
DROP TABLE "keeps";
ALTER TABLE "bistro_new_keeps" RENAME TO "keeps";
-- - table posts_tags
DROP TABLE "posts_tags";
DROP TABLE "comments";
DROP TABLE "posts";
-- - table tags
DROP TABLE "tags";
== down, sqlite
-- + table tags (2 columns)
CREATE TABLE "tags" (bistro_rowid INTEGER PRIMARY KEY, "id" BLOB NOT NULL, "name" TEXT NOT NULL, CONSTRAINT "tags_pkey" UNIQUE ("id")) STRICT;
CREATE UNIQUE INDEX "tags_name_key" ON "tags" ("name");
-- + table posts (3 columns)
CREATE TABLE "posts" (bistro_rowid INTEGER PRIMARY KEY, "id" BLOB NOT NULL, "title" TEXT NOT NULL, "best_id" BLOB, CONSTRAINT "posts_pkey" UNIQUE ("id"), CONSTRAINT "posts_best_id_fkey" FOREIGN KEY ("best_id") REFERENCES "comments" ("id")) STRICT;
CREATE INDEX IF NOT EXISTS "bistro_fk_posts_best_id_fkey" ON "posts" ("best_id");
CREATE VIRTUAL TABLE "bistro_fts_posts" USING fts5(every, c0, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 0');
CREATE TRIGGER "bistro_fts_posts_insert" AFTER INSERT ON "posts" BEGIN INSERT INTO "bistro_fts_posts" (rowid, every, c0) VALUES (new."bistro_rowid", 'every', new."title"); END;
CREATE TRIGGER "bistro_fts_posts_delete" AFTER DELETE ON "posts" BEGIN DELETE FROM "bistro_fts_posts" WHERE rowid = old."bistro_rowid"; END;
CREATE TRIGGER "bistro_fts_posts_update" AFTER UPDATE OF "title" ON "posts" BEGIN DELETE FROM "bistro_fts_posts" WHERE rowid = old."bistro_rowid"; INSERT INTO "bistro_fts_posts" (rowid, every, c0) VALUES (new."bistro_rowid", 'every', new."title"); END;
INSERT INTO "bistro_fts_posts" (rowid, every, c0) SELECT "bistro_rowid", 'every', "title" FROM "posts";
-- + table comments (3 columns)
CREATE TABLE "comments" (bistro_rowid INTEGER PRIMARY KEY, "id" BLOB NOT NULL, "post_id" BLOB, "text" TEXT NOT NULL, CONSTRAINT "comments_pkey" UNIQUE ("id"), CONSTRAINT "comments_post_id_fkey" FOREIGN KEY ("post_id") REFERENCES "posts" ("id")) STRICT;
CREATE INDEX IF NOT EXISTS "bistro_fk_comments_post_id_fkey" ON "comments" ("post_id");
CREATE VIRTUAL TABLE "bistro_fts_comments" USING fts5(every, c0, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 0');
CREATE TRIGGER "bistro_fts_comments_insert" AFTER INSERT ON "comments" BEGIN INSERT INTO "bistro_fts_comments" (rowid, every, c0) VALUES (new."bistro_rowid", 'every', new."text"); END;
CREATE TRIGGER "bistro_fts_comments_delete" AFTER DELETE ON "comments" BEGIN DELETE FROM "bistro_fts_comments" WHERE rowid = old."bistro_rowid"; END;
CREATE TRIGGER "bistro_fts_comments_update" AFTER UPDATE OF "text" ON "comments" BEGIN DELETE FROM "bistro_fts_comments" WHERE rowid = old."bistro_rowid"; INSERT INTO "bistro_fts_comments" (rowid, every, c0) VALUES (new."bistro_rowid", 'every', new."text"); END;
INSERT INTO "bistro_fts_comments" (rowid, every, c0) SELECT "bistro_rowid", 'every', "text" FROM "comments";
-- + table posts_tags (2 columns)
CREATE TABLE "posts_tags" (bistro_rowid INTEGER PRIMARY KEY, "post_id" BLOB NOT NULL, "tag_id" BLOB NOT NULL, CONSTRAINT "posts_tags_pkey" UNIQUE ("post_id", "tag_id"), CONSTRAINT "posts_tags_post_id_fkey" FOREIGN KEY ("post_id") REFERENCES "posts" ("id") ON DELETE CASCADE, CONSTRAINT "posts_tags_tag_id_fkey" FOREIGN KEY ("tag_id") REFERENCES "tags" ("id") ON DELETE CASCADE) STRICT;
CREATE INDEX IF NOT EXISTS "bistro_fk_posts_tags_tag_id_fkey" ON "posts_tags" ("tag_id");
-- + column keeps.post_id uuid
ALTER TABLE "keeps" ADD COLUMN "post_id" BLOB CONSTRAINT "keeps_post_id_fkey" REFERENCES "posts" ("id");
CREATE INDEX IF NOT EXISTS "bistro_fk_keeps_post_id_fkey" ON "keeps" ("post_id");
== up, postgres
-- - constraint keeps_post_id_fkey of keeps
ALTER TABLE "keeps" DROP CONSTRAINT "keeps_post_id_fkey";
DROP INDEX IF EXISTS "bistro_fk_keeps_post_id_fkey";
-- - column keeps.post_id
ALTER TABLE "keeps" DROP COLUMN "post_id";
-- - table posts_tags
DROP TABLE "posts_tags";
-- - table comments
ALTER TABLE "posts" DROP CONSTRAINT "posts_best_id_fkey";
DROP TABLE "comments";
-- - table posts
DROP TABLE "posts";
-- - table tags
DROP TABLE "tags";
== down, postgres
-- + table tags (2 columns)
CREATE TABLE "tags" ("id" uuid NOT NULL, "name" text COLLATE "C" NOT NULL, CONSTRAINT "tags_pkey" PRIMARY KEY ("id"));
CREATE UNIQUE INDEX "tags_name_key" ON "tags" ("name");
-- + table posts (3 columns)
CREATE TABLE "posts" ("id" uuid NOT NULL, "title" text COLLATE "C" NOT NULL, "best_id" uuid, CONSTRAINT "posts_pkey" PRIMARY KEY ("id"));
CREATE INDEX IF NOT EXISTS "bistro_fk_posts_best_id_fkey" ON "posts" ("best_id");
CREATE INDEX "bistro_fts_posts_title" ON "posts" USING gin (bistro_words(coalesce("title", '')));
-- + table comments (3 columns)
CREATE TABLE "comments" ("id" uuid NOT NULL, "post_id" uuid, "text" text COLLATE "C" NOT NULL, CONSTRAINT "comments_pkey" PRIMARY KEY ("id"), CONSTRAINT "comments_post_id_fkey" FOREIGN KEY ("post_id") REFERENCES "posts" ("id"));
CREATE INDEX IF NOT EXISTS "bistro_fk_comments_post_id_fkey" ON "comments" ("post_id");
CREATE INDEX "bistro_fts_comments_text" ON "comments" USING gin (bistro_words(coalesce("text", '')));
ALTER TABLE "posts" ADD CONSTRAINT "posts_best_id_fkey" FOREIGN KEY ("best_id") REFERENCES "comments" ("id");
-- + table posts_tags (2 columns)
CREATE TABLE "posts_tags" ("post_id" uuid NOT NULL, "tag_id" uuid NOT NULL, CONSTRAINT "posts_tags_pkey" PRIMARY KEY ("post_id", "tag_id"), CONSTRAINT "posts_tags_post_id_fkey" FOREIGN KEY ("post_id") REFERENCES "posts" ("id") ON DELETE CASCADE, CONSTRAINT "posts_tags_tag_id_fkey" FOREIGN KEY ("tag_id") REFERENCES "tags" ("id") ON DELETE CASCADE);
CREATE INDEX IF NOT EXISTS "bistro_fk_posts_tags_tag_id_fkey" ON "posts_tags" ("tag_id");
-- + column keeps.post_id uuid
ALTER TABLE "keeps" ADD COLUMN "post_id" uuid, ADD CONSTRAINT "keeps_post_id_fkey" FOREIGN KEY ("post_id") REFERENCES "posts" ("id");
CREATE INDEX IF NOT EXISTS "bistro_fk_keeps_post_id_fkey" ON "keeps" ("post_id");
== up, mysql
ALTER TABLE `keeps` DROP FOREIGN KEY `keeps_post_id_fkey`;
-- - constraint keeps_post_id_fkey of keeps
DROP INDEX `bistro_fk_keeps_post_id_fkey` ON `keeps`;
-- - column keeps.post_id
ALTER TABLE `keeps` DROP COLUMN `post_id`;
-- - table posts_tags
DROP TABLE `posts_tags`;
-- - table comments
ALTER TABLE `posts` DROP FOREIGN KEY `posts_best_id_fkey`;
DROP TABLE `comments`;
-- - table posts
DROP TABLE `posts`;
-- - table tags
DROP TABLE `tags`;
== down, mysql
-- + table tags (2 columns)
CREATE TABLE `tags` (`id` BINARY(16) NOT NULL, `name` LONGTEXT NOT NULL, PRIMARY KEY (`id`), `bistro_hash_name` BINARY(32) GENERATED ALWAYS AS (UNHEX(SHA2(`name`, 256))) STORED, UNIQUE KEY `tags_name_key` (`bistro_hash_name`)) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 /*M!100600 COLLATE utf8mb4_nopad_bin */ /*!80000 COLLATE utf8mb4_0900_bin */;
-- + table posts (3 columns)
CREATE TABLE `posts` (`id` BINARY(16) NOT NULL, `title` LONGTEXT NOT NULL, `best_id` BINARY(16), PRIMARY KEY (`id`), `bistro_search_title` LONGTEXT GENERATED ALWAYS AS (LOWER(CONCAT('bistro0every ', REPLACE(COALESCE(`title`, ''), '_', ' ')))) STORED, KEY `bistro_fk_posts_best_id_fkey` (`best_id`), FULLTEXT KEY `bistro_fts_posts_title` (`bistro_search_title`)) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 /*M!100600 COLLATE utf8mb4_nopad_bin */ /*!80000 COLLATE utf8mb4_0900_bin */;
-- + table comments (3 columns)
CREATE TABLE `comments` (`id` BINARY(16) NOT NULL, `post_id` BINARY(16), `text` LONGTEXT NOT NULL, PRIMARY KEY (`id`), `bistro_search_text` LONGTEXT GENERATED ALWAYS AS (LOWER(CONCAT('bistro0every ', REPLACE(COALESCE(`text`, ''), '_', ' ')))) STORED, KEY `bistro_fk_comments_post_id_fkey` (`post_id`), FULLTEXT KEY `bistro_fts_comments_text` (`bistro_search_text`), CONSTRAINT `comments_post_id_fkey` FOREIGN KEY (`post_id`) REFERENCES `posts` (`id`)) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 /*M!100600 COLLATE utf8mb4_nopad_bin */ /*!80000 COLLATE utf8mb4_0900_bin */;
ALTER TABLE `posts` ADD CONSTRAINT `posts_best_id_fkey` FOREIGN KEY (`best_id`) REFERENCES `comments` (`id`);
-- + table posts_tags (2 columns)
CREATE TABLE `posts_tags` (`post_id` BINARY(16) NOT NULL, `tag_id` BINARY(16) NOT NULL, PRIMARY KEY (`post_id`, `tag_id`), KEY `bistro_fk_posts_tags_tag_id_fkey` (`tag_id`), CONSTRAINT `posts_tags_post_id_fkey` FOREIGN KEY (`post_id`) REFERENCES `posts` (`id`) ON DELETE CASCADE, CONSTRAINT `posts_tags_tag_id_fkey` FOREIGN KEY (`tag_id`) REFERENCES `tags` (`id`) ON DELETE CASCADE) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 /*M!100600 COLLATE utf8mb4_nopad_bin */ /*!80000 COLLATE utf8mb4_0900_bin */;
-- + column keeps.post_id uuid
ALTER TABLE `keeps` ADD COLUMN `post_id` BINARY(16), ADD KEY `bistro_fk_keeps_post_id_fkey` (`post_id`), ADD CONSTRAINT `keeps_post_id_fkey` FOREIGN KEY (`post_id`) REFERENCES `posts` (`id`);
