== up, sqlite
-- ~ column posts.a: date → timestamp with time zone
-- ~ column posts.b: timestamp with time zone → date
CREATE TABLE "bistro_new_posts" (bistro_rowid INTEGER PRIMARY KEY, "id" BLOB NOT NULL, "a" INTEGER, "b" INTEGER NOT NULL, CONSTRAINT "posts_pkey" UNIQUE ("id")) STRICT;
INSERT INTO "bistro_new_posts" (bistro_rowid, "id", "a", "b") SELECT rowid, "id", bistro_convert("a", 'date', 'timestamp with time zone'), bistro_convert("b", 'timestamp with time zone', 'date') FROM "posts";
DROP TABLE "posts";
ALTER TABLE "bistro_new_posts" RENAME TO "posts";
== down, sqlite
-- ~ column posts.a: timestamp with time zone → date
-- ~ column posts.b: date → timestamp with time zone
CREATE TABLE "bistro_new_posts" (bistro_rowid INTEGER PRIMARY KEY, "id" BLOB NOT NULL, "a" INTEGER, "b" INTEGER NOT NULL, CONSTRAINT "posts_pkey" UNIQUE ("id")) STRICT;
INSERT INTO "bistro_new_posts" (bistro_rowid, "id", "a", "b") SELECT rowid, "id", bistro_convert("a", 'timestamp with time zone', 'date'), bistro_convert("b", 'date', 'timestamp with time zone') FROM "posts";
DROP TABLE "posts";
ALTER TABLE "bistro_new_posts" RENAME TO "posts";
== up, postgres
-- ~ column posts.a: date → timestamp with time zone
ALTER TABLE "posts" ALTER COLUMN "a" DROP DEFAULT, ALTER COLUMN "a" TYPE timestamptz USING "a"::timestamp AT TIME ZONE 'UTC';
-- ~ column posts.b: timestamp with time zone → date
ALTER TABLE "posts" ALTER COLUMN "b" DROP DEFAULT, ALTER COLUMN "b" TYPE date USING ("b" AT TIME ZONE 'UTC')::date;
== down, postgres
-- ~ column posts.a: timestamp with time zone → date
ALTER TABLE "posts" ALTER COLUMN "a" DROP DEFAULT, ALTER COLUMN "a" TYPE date USING ("a" AT TIME ZONE 'UTC')::date;
-- ~ column posts.b: date → timestamp with time zone
ALTER TABLE "posts" ALTER COLUMN "b" DROP DEFAULT, ALTER COLUMN "b" TYPE timestamptz USING "b"::timestamp AT TIME ZONE 'UTC';
== up, mysql
-- ~ column posts.a: date → timestamp with time zone
ALTER TABLE `posts` MODIFY COLUMN `a` DATETIME(6);
-- ~ column posts.b: timestamp with time zone → date
ALTER TABLE `posts` ADD COLUMN `bistro_new` DATE AFTER `b`;
UPDATE `posts` SET `bistro_new` = DATE(`b`);
ALTER TABLE `posts` DROP COLUMN `b`;
ALTER TABLE `posts` RENAME COLUMN `bistro_new` TO `b`;
ALTER TABLE `posts` MODIFY COLUMN `b` DATE NOT NULL;
== down, mysql
-- ~ column posts.a: timestamp with time zone → date
ALTER TABLE `posts` ADD COLUMN `bistro_new` DATE AFTER `a`;
UPDATE `posts` SET `bistro_new` = DATE(`a`);
ALTER TABLE `posts` DROP COLUMN `a`;
ALTER TABLE `posts` RENAME COLUMN `bistro_new` TO `a`;
-- ~ column posts.b: date → timestamp with time zone
ALTER TABLE `posts` MODIFY COLUMN `b` DATETIME(6) NOT NULL;
