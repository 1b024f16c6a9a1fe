== up, sqlite
-- ~ table posts is named blog posts
ALTER TABLE "posts" RENAME TO "blog posts";
-- ~ unique posts_title_key is named blog posts_title_key
DROP INDEX IF EXISTS "posts_title_key";
CREATE UNIQUE INDEX "blog posts_title_key" ON "blog posts" ("title");
== down, sqlite
-- ~ table blog posts is named posts
ALTER TABLE "blog posts" RENAME TO "posts";
-- ~ unique blog posts_title_key is named posts_title_key
DROP INDEX IF EXISTS "blog posts_title_key";
CREATE UNIQUE INDEX "posts_title_key" ON "posts" ("title");
== up, postgres
-- ~ table posts is named blog posts
ALTER TABLE "posts" RENAME TO "blog posts";
ALTER TABLE "blog posts" RENAME CONSTRAINT "posts_pkey" TO "blog posts_pkey";
-- ~ unique posts_title_key is named blog posts_title_key
ALTER INDEX "posts_title_key" RENAME TO "blog posts_title_key";
== down, postgres
-- ~ table blog posts is named posts
ALTER TABLE "blog posts" RENAME TO "posts";
ALTER TABLE "posts" RENAME CONSTRAINT "blog posts_pkey" TO "posts_pkey";
-- ~ unique blog posts_title_key is named posts_title_key
ALTER INDEX "blog posts_title_key" RENAME TO "posts_title_key";
== up, mysql
-- ~ table posts is named blog posts
ALTER TABLE `posts` RENAME TO `blog posts`;
-- ~ unique posts_title_key is named blog posts_title_key
ALTER TABLE `blog posts` RENAME INDEX `posts_title_key` TO `blog posts_title_key`;
== down, mysql
-- ~ table blog posts is named posts
ALTER TABLE `blog posts` RENAME TO `posts`;
-- ~ unique blog posts_title_key is named posts_title_key
ALTER TABLE `posts` RENAME INDEX `blog posts_title_key` TO `posts_title_key`;
