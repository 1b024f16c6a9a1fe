== up, sqlite
-- + column posts.c integer
-- - column posts.b: computed from now on
CREATE TABLE "bistro_new_posts" (bistro_rowid INTEGER PRIMARY KEY, "id" BLOB NOT NULL, "a" INTEGER NOT NULL, "c" INTEGER NOT NULL, CONSTRAINT "posts_pkey" UNIQUE ("id")) STRICT;
INSERT INTO "bistro_new_posts" (bistro_rowid, "id", "a", "c") SELECT rowid, "id", "a", 3 FROM "posts";
DROP TABLE "posts";
ALTER TABLE "bistro_new_posts" RENAME TO "posts";
== down, sqlite
-- + column posts.b integer
-- - column posts.c: computed from now on
CREATE TABLE "bistro_new_posts" (bistro_rowid INTEGER PRIMARY KEY, "id" BLOB NOT NULL, "a" INTEGER NOT NULL, "b" INTEGER, CONSTRAINT "posts_pkey" UNIQUE ("id")) STRICT;
INSERT INTO "bistro_new_posts" (bistro_rowid, "id", "a", "b") SELECT rowid, "id", "a", NULL FROM "posts";
DROP TABLE "posts";
ALTER TABLE "bistro_new_posts" RENAME TO "posts";
== up, postgres
-- + column posts.c integer
ALTER TABLE "posts" ADD COLUMN "c" integer NOT NULL DEFAULT 3;
-- - column posts.b: computed from now on
ALTER TABLE "posts" DROP COLUMN "b";
== down, postgres
-- + column posts.b integer
ALTER TABLE "posts" ADD COLUMN "b" integer;
-- - column posts.c: computed from now on
ALTER TABLE "posts" DROP COLUMN "c";
== up, mysql
-- + column posts.c integer
ALTER TABLE `posts` ADD COLUMN `c` INT NOT NULL DEFAULT 3;
-- - column posts.b: computed from now on
ALTER TABLE `posts` DROP COLUMN `b`;
== down, mysql
-- + column posts.b integer
ALTER TABLE `posts` ADD COLUMN `b` INT;
-- - column posts.c: computed from now on
ALTER TABLE `posts` DROP COLUMN `c`;
