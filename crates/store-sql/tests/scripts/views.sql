== up, sqlite
DROP VIEW IF EXISTS "gones";
DROP VIEW IF EXISTS "shorts";
DROP VIEW IF EXISTS "counts";
-- ~ column posts.title is named headline
ALTER TABLE "posts" RENAME COLUMN "title" TO "headline";
CREATE VIEW "shorts" AS SELECT id, headline FROM posts;
CREATE VIEW "counts" AS SELECT count(*) AS n FROM posts;
== down, sqlite
DROP VIEW IF EXISTS "counts";
DROP VIEW IF EXISTS "shorts";
DROP VIEW IF EXISTS "gones";
-- ~ column posts.headline is named title
ALTER TABLE "posts" RENAME COLUMN "headline" TO "title";
-- ~ column posts.n: bigint → integer (fails if a value has no counterpart)
CREATE TABLE "bistro_new_posts" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "title" TEXT NOT NULL, "n" INTEGER) STRICT;
INSERT INTO "bistro_new_posts" ("id", "title", "n") SELECT "id", "title", bistro_convert("n", 'bigint', 'integer') FROM "posts";
DELETE FROM sqlite_sequence WHERE name = 'bistro_new_posts';
INSERT INTO sqlite_sequence (name, seq) SELECT 'bistro_new_posts', seq FROM sqlite_sequence WHERE name = 'posts';
DROP TABLE "posts";
ALTER TABLE "bistro_new_posts" RENAME TO "posts";
CREATE VIEW "shorts" AS SELECT id, title FROM posts;
CREATE VIEW "gones" AS SELECT id FROM posts;
== up, postgres
DROP VIEW IF EXISTS "gones";
DROP VIEW IF EXISTS "shorts";
DROP VIEW IF EXISTS "counts";
-- ~ column posts.title is named headline
ALTER TABLE "posts" RENAME COLUMN "title" TO "headline";
-- ~ column posts.n: integer → bigint
ALTER TABLE "posts" ALTER COLUMN "n" DROP DEFAULT, ALTER COLUMN "n" TYPE bigint USING "n"::bigint;
CREATE VIEW "shorts" AS SELECT id, headline FROM posts;
CREATE VIEW "counts" AS SELECT count(*)::int AS n FROM posts;
== down, postgres
DROP VIEW IF EXISTS "counts";
DROP VIEW IF EXISTS "shorts";
DROP VIEW IF EXISTS "gones";
-- ~ column posts.headline is named title
ALTER TABLE "posts" RENAME COLUMN "headline" TO "title";
-- ~ column posts.n: bigint → integer (fails if a value has no counterpart)
ALTER TABLE "posts" ALTER COLUMN "n" DROP DEFAULT, ALTER COLUMN "n" TYPE integer USING "n"::integer;
CREATE VIEW "shorts" AS SELECT id, title FROM posts;
CREATE VIEW "gones" AS SELECT id FROM posts;
== up, mysql
DROP VIEW IF EXISTS `gones`;
DROP VIEW IF EXISTS `shorts`;
DROP VIEW IF EXISTS `counts`;
-- ~ column posts.title is named headline
ALTER TABLE `posts` RENAME COLUMN `title` TO `headline`;
-- ~ column posts.n: integer → bigint
ALTER TABLE `posts` MODIFY COLUMN `n` BIGINT;
CREATE VIEW `shorts` AS SELECT id, headline FROM posts;
CREATE VIEW `counts` AS SELECT count(*) AS n FROM posts;
== down, mysql
DROP VIEW IF EXISTS `counts`;
DROP VIEW IF EXISTS `shorts`;
DROP VIEW IF EXISTS `gones`;
-- ~ column posts.headline is named title
ALTER TABLE `posts` RENAME COLUMN `headline` TO `title`;
-- ~ column posts.n: bigint → integer (fails if a value has no counterpart)
ALTER TABLE `posts` MODIFY COLUMN `n` INT;
CREATE VIEW `shorts` AS SELECT id, title FROM posts;
CREATE VIEW `gones` AS SELECT id FROM posts;
