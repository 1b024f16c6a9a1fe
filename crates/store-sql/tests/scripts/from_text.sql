== up, sqlite
-- ~ full-text index of posts ()
DROP TRIGGER IF EXISTS "bistro_fts_posts_insert";
DROP TRIGGER IF EXISTS "bistro_fts_posts_delete";
DROP TRIGGER IF EXISTS "bistro_fts_posts_update";
DROP TABLE IF EXISTS "bistro_fts_posts";
-- ~ column posts.a: text → integer (fails if a value has no counterpart)
-- ~ column posts.b: text → boolean (fails if a value has no counterpart)
-- ~ column posts.c: text → date (fails if a value has no counterpart)
-- ~ column posts.d: text → time without time zone (fails if a value has no counterpart)
-- ~ column posts.e: text → timestamp with time zone (fails if a value has no counterpart)
-- ~ column posts.f: text → uuid (fails if a value has no counterpart)
-- ~ column posts.g: text → numeric (fails if a value has no counterpart)
-- ~ column posts.h: text → numeric(6,2) (fails if a value has no counterpart)
-- ~ column posts.j: text → jsonb (fails if a value has no counterpart)
-- ~ column posts.k: text → bigint (fails if a value has no counterpart)
-- ~ column posts.r: text → double precision (fails if a value has no counterpart)
CREATE TABLE "bistro_new_posts" (bistro_rowid INTEGER PRIMARY KEY, "id" BLOB NOT NULL, "a" INTEGER NOT NULL, "b" INTEGER, "c" INTEGER, "d" INTEGER, "e" INTEGER, "f" BLOB, "g" BLOB, "h" INTEGER, "j" TEXT, "k" INTEGER, "r" REAL, CONSTRAINT "posts_pkey" UNIQUE ("id")) STRICT;
INSERT INTO "bistro_new_posts" (bistro_rowid, "id", "a", "b", "c", "d", "e", "f", "g", "h", "j", "k", "r") SELECT rowid, "id", bistro_convert("a", 'text', 'integer'), bistro_convert("b", 'text', 'boolean'), bistro_convert("c", 'text', 'date'), bistro_convert("d", 'text', 'time without time zone'), bistro_convert("e", 'text', 'timestamp with time zone'), bistro_convert("f", 'text', 'uuid'), bistro_convert("g", 'text', 'numeric(38,9,bare)'), bistro_convert("h", 'text', 'numeric(6,2)'), bistro_convert("j", 'text', 'jsonb'), bistro_convert("k", 'text', 'bigint'), bistro_convert("r", 'text', 'double precision') FROM "posts";
DROP TABLE "posts";
ALTER TABLE "bistro_new_posts" RENAME TO "posts";
CREATE UNIQUE INDEX "posts_f_key" ON "posts" ("f");
CREATE UNIQUE INDEX "posts_k_key" ON "posts" ("k");
CREATE INDEX "posts_e_idx" ON "posts" ("e");
== down, sqlite
-- ~ column posts.a: integer → text
-- ~ column posts.b: boolean → text
-- ~ column posts.c: date → text
-- ~ column posts.d: time without time zone → text
-- ~ column posts.e: timestamp with time zone → text
-- ~ column posts.f: uuid → text
-- ~ column posts.g: numeric → text
-- ~ column posts.h: numeric(6,2) → text
-- ~ column posts.j: jsonb → text
-- ~ column posts.k: bigint → text
-- ~ column posts.r: double precision → text
-- ~ full-text index of posts (h)
CREATE TABLE "bistro_new_posts" (bistro_rowid INTEGER PRIMARY KEY, "id" BLOB NOT NULL, "a" TEXT NOT NULL, "b" TEXT, "c" TEXT, "d" TEXT, "e" TEXT, "f" TEXT, "g" TEXT, "h" TEXT, "j" TEXT, "k" TEXT, "r" TEXT, CONSTRAINT "posts_pkey" UNIQUE ("id")) STRICT;
INSERT INTO "bistro_new_posts" (bistro_rowid, "id", "a", "b", "c", "d", "e", "f", "g", "h", "j", "k", "r") SELECT rowid, "id", bistro_convert("a", 'integer', 'text'), bistro_convert("b", 'boolean', 'text'), bistro_convert("c", 'date', 'text'), bistro_convert("d", 'time without time zone', 'text'), bistro_convert("e", 'timestamp with time zone', 'text'), bistro_convert("f", 'uuid', 'text'), bistro_convert("g", 'numeric(38,9,bare)', 'text'), bistro_convert("h", 'numeric(6,2)', 'text'), bistro_convert("j", 'jsonb', 'text'), bistro_convert("k", 'bigint', 'text'), bistro_convert("r", 'double precision', 'text') FROM "posts";
DROP TABLE "posts";
ALTER TABLE "bistro_new_posts" RENAME TO "posts";
CREATE UNIQUE INDEX "posts_f_key" ON "posts" ("f");
CREATE UNIQUE INDEX "posts_k_key" ON "posts" ("k");
CREATE INDEX "posts_e_idx" ON "posts" ("e");
CREATE VIRTUAL TABLE "bistro_fts_posts" USING fts5(every, c0, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 0');
CREATE TRIGGER "bistro_fts_posts_insert" AFTER INSERT ON "posts" BEGIN INSERT INTO "bistro_fts_posts" (rowid, every, c0) VALUES (new."bistro_rowid", 'every', new."h"); END;
CREATE TRIGGER "bistro_fts_posts_delete" AFTER DELETE ON "posts" BEGIN DELETE FROM "bistro_fts_posts" WHERE rowid = old."bistro_rowid"; END;
CREATE TRIGGER "bistro_fts_posts_update" AFTER UPDATE OF "h" ON "posts" BEGIN DELETE FROM "bistro_fts_posts" WHERE rowid = old."bistro_rowid"; INSERT INTO "bistro_fts_posts" (rowid, every, c0) VALUES (new."bistro_rowid", 'every', new."h"); END;
INSERT INTO "bistro_fts_posts" (rowid, every, c0) SELECT "bistro_rowid", 'every', "h" FROM "posts";
== up, postgres
DROP INDEX IF EXISTS "bistro_fts_posts_h";
-- ~ column posts.a: text → integer (fails if a value has no counterpart)
ALTER TABLE "posts" ALTER COLUMN "a" DROP DEFAULT, ALTER COLUMN "a" TYPE integer USING "a"::integer;
-- ~ column posts.b: text → boolean (fails if a value has no counterpart)
ALTER TABLE "posts" ALTER COLUMN "b" DROP DEFAULT, ALTER COLUMN "b" TYPE boolean USING "b"::boolean;
-- ~ column posts.c: text → date (fails if a value has no counterpart)
ALTER TABLE "posts" ALTER COLUMN "c" DROP DEFAULT, ALTER COLUMN "c" TYPE date USING (CASE WHEN "c" ~ '^\s*\d{4}-\d{2}-\d{2}\s*$' THEN "c" ELSE 'not a date: ' || "c" END)::date;
-- ~ column posts.d: text → time without time zone (fails if a value has no counterpart)
ALTER TABLE "posts" ALTER COLUMN "d" DROP DEFAULT, ALTER COLUMN "d" TYPE time(6) USING (CASE WHEN "d" ~ '^\s*\d{2}:' THEN "d" ELSE 'not a time: ' || "d" END)::time(6);
-- ~ column posts.e: text → timestamp with time zone (fails if a value has no counterpart)
ALTER TABLE "posts" ALTER COLUMN "e" DROP DEFAULT, ALTER COLUMN "e" TYPE timestamptz USING (CASE WHEN "e" ~ '^\s*\d{4}-\d{2}-\d{2}([Tt ].*[0-9Zz])?\s*$' THEN "e" ELSE 'not an instant: ' || "e" END)::timestamptz;
-- ~ column posts.f: text → uuid (fails if a value has no counterpart)
ALTER TABLE "posts" ALTER COLUMN "f" DROP DEFAULT, ALTER COLUMN "f" TYPE uuid USING "f"::uuid;
-- ~ column posts.g: text → numeric (fails if a value has no counterpart)
ALTER TABLE "posts" ALTER COLUMN "g" DROP DEFAULT, ALTER COLUMN "g" TYPE numeric(38,9) USING (CASE WHEN "g" ~ '^\s*[-+]?[.0-9]' THEN "g" ELSE 'not a number: ' || "g" END)::numeric(38,9);
-- ~ column posts.h: text → numeric(6,2) (fails if a value has no counterpart)
ALTER TABLE "posts" ALTER COLUMN "h" DROP DEFAULT, ALTER COLUMN "h" TYPE numeric(6,2) USING (CASE WHEN "h" ~ '^\s*[-+]?[.0-9]' THEN "h" ELSE 'not a number: ' || "h" END)::numeric(6,2);
-- ~ column posts.j: text → jsonb (fails if a value has no counterpart)
ALTER TABLE "posts" ALTER COLUMN "j" DROP DEFAULT, ALTER COLUMN "j" TYPE jsonb USING "j"::jsonb;
-- ~ column posts.k: text → bigint (fails if a value has no counterpart)
ALTER TABLE "posts" ALTER COLUMN "k" DROP DEFAULT, ALTER COLUMN "k" TYPE bigint USING "k"::bigint;
-- ~ column posts.r: text → double precision (fails if a value has no counterpart)
ALTER TABLE "posts" ALTER COLUMN "r" DROP DEFAULT, ALTER COLUMN "r" TYPE double precision USING (CASE WHEN "r" ~ '^\s*[-+]?[.0-9]' THEN "r" ELSE 'not a number: ' || "r" END)::double precision;
== down, postgres
-- ~ column posts.a: integer → text
ALTER TABLE "posts" ALTER COLUMN "a" DROP DEFAULT, ALTER COLUMN "a" TYPE text COLLATE "C" USING "a"::text;
-- ~ column posts.b: boolean → text
ALTER TABLE "posts" ALTER COLUMN "b" DROP DEFAULT, ALTER COLUMN "b" TYPE text COLLATE "C" USING "b"::text;
-- ~ column posts.c: date → text
ALTER TABLE "posts" ALTER COLUMN "c" DROP DEFAULT, ALTER COLUMN "c" TYPE text COLLATE "C" USING to_char("c", 'YYYY-MM-DD');
-- ~ column posts.d: time without time zone → text
ALTER TABLE "posts" ALTER COLUMN "d" DROP DEFAULT, ALTER COLUMN "d" TYPE text COLLATE "C" USING "d"::text;
-- ~ column posts.e: timestamp with time zone → text
ALTER TABLE "posts" ALTER COLUMN "e" DROP DEFAULT, ALTER COLUMN "e" TYPE text COLLATE "C" USING regexp_replace(to_char("e" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '\.?0+$', '') || '+00:00';
-- ~ column posts.f: uuid → text
ALTER TABLE "posts" ALTER COLUMN "f" DROP DEFAULT, ALTER COLUMN "f" TYPE text COLLATE "C" USING "f"::text;
-- ~ column posts.g: numeric → text
ALTER TABLE "posts" ALTER COLUMN "g" DROP DEFAULT, ALTER COLUMN "g" TYPE text COLLATE "C" USING trim_scale("g")::text;
-- ~ column posts.h: numeric(6,2) → text
ALTER TABLE "posts" ALTER COLUMN "h" DROP DEFAULT, ALTER COLUMN "h" TYPE text COLLATE "C" USING "h"::text;
-- ~ column posts.j: jsonb → text
ALTER TABLE "posts" ALTER COLUMN "j" DROP DEFAULT, ALTER COLUMN "j" TYPE text COLLATE "C" USING "j"::text;
-- ~ column posts.k: bigint → text
ALTER TABLE "posts" ALTER COLUMN "k" DROP DEFAULT, ALTER COLUMN "k" TYPE text COLLATE "C" USING "k"::text;
-- ~ column posts.r: double precision → text
ALTER TABLE "posts" ALTER COLUMN "r" DROP DEFAULT, ALTER COLUMN "r" TYPE text COLLATE "C" USING "r"::text;
-- ~ full-text index of posts (h)
CREATE INDEX "bistro_fts_posts_h" ON "posts" USING gin (bistro_words(coalesce("h", '')));
== up, mysql
DROP INDEX `bistro_fts_posts_h` ON `posts`;
ALTER TABLE `posts` DROP COLUMN `bistro_search_h`;
DROP INDEX `posts_f_key` ON `posts`;
DROP INDEX `posts_k_key` ON `posts`;
DROP INDEX `posts_e_idx` ON `posts`;
ALTER TABLE `posts` DROP COLUMN `bistro_hash_k`;
-- ~ column posts.a: text → integer (fails if a value has no counterpart)
ALTER TABLE `posts` MODIFY COLUMN `a` INT NOT NULL;
-- ~ column posts.b: text → boolean (fails if a value has no counterpart)
ALTER TABLE `posts` ADD COLUMN `bistro_new` BOOLEAN AFTER `b`;
UPDATE `posts` SET `bistro_new` = CASE WHEN LOWER(TRIM(`b`)) IN ('t', 'true', 'y', 'yes', 'on', '1') THEN '1' WHEN LOWER(TRIM(`b`)) IN ('f', 'false', 'n', 'no', 'off', '0') THEN '0' ELSE CONCAT('not a truth value: ', `b`) END;
ALTER TABLE `posts` DROP COLUMN `b`;
ALTER TABLE `posts` RENAME COLUMN `bistro_new` TO `b`;
-- ~ column posts.c: text → date (fails if a value has no counterpart)
ALTER TABLE `posts` ADD COLUMN `bistro_new` DATE AFTER `c`;
UPDATE `posts` SET `bistro_new` = CASE WHEN `c` REGEXP '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' THEN `c` ELSE CONCAT('not a date: ', `c`) END;
ALTER TABLE `posts` DROP COLUMN `c`;
ALTER TABLE `posts` RENAME COLUMN `bistro_new` TO `c`;
-- ~ column posts.d: text → time without time zone (fails if a value has no counterpart)
ALTER TABLE `posts` ADD COLUMN `bistro_new` TIME(6) AFTER `d`;
UPDATE `posts` SET `bistro_new` = CASE WHEN `d` REGEXP '^([01][0-9]|2[0-3]):[0-5][0-9]' THEN `d` ELSE CONCAT('not a time: ', `d`) END;
ALTER TABLE `posts` DROP COLUMN `d`;
ALTER TABLE `posts` RENAME COLUMN `bistro_new` TO `d`;
-- ~ column posts.e: text → timestamp with time zone (fails if a value has no counterpart)
ALTER TABLE `posts` ADD COLUMN `bistro_new` DATETIME(6) AFTER `e`;
UPDATE `posts` SET `bistro_new` = CASE WHEN `e` NOT REGEXP '^[0-9]{4}-[0-9]{2}-[0-9]{2}' THEN CONCAT('not an instant: ', `e`) WHEN `e` REGEXP '[Zz]$' THEN LEFT(`e`, CHAR_LENGTH(`e`) - 1) WHEN `e` REGEXP ':.*[+-][0-9]{2}:[0-9]{2}$' THEN CONVERT_TZ(CAST(LEFT(`e`, CHAR_LENGTH(`e`) - 6) AS DATETIME(6)), RIGHT(`e`, 6), '+00:00') ELSE `e` END;
ALTER TABLE `posts` DROP COLUMN `e`;
ALTER TABLE `posts` RENAME COLUMN `bistro_new` TO `e`;
-- ~ column posts.f: text → uuid (fails if a value has no counterpart)
ALTER TABLE `posts` ADD COLUMN `bistro_new` BINARY(16) AFTER `f`;
UPDATE `posts` SET `bistro_new` = CASE WHEN `f` REGEXP '^[0-9A-Fa-f]{8}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{12}$' THEN UNHEX(REPLACE(`f`, '-', '')) ELSE CAST(CONCAT('this is not a UUID: ', `f`) AS BINARY) END;
ALTER TABLE `posts` DROP COLUMN `f`;
ALTER TABLE `posts` RENAME COLUMN `bistro_new` TO `f`;
-- ~ column posts.g: text → numeric (fails if a value has no counterpart)
ALTER TABLE `posts` MODIFY COLUMN `g` DECIMAL(38,9);
-- ~ column posts.h: text → numeric(6,2) (fails if a value has no counterpart)
ALTER TABLE `posts` MODIFY COLUMN `h` DECIMAL(6,2);
-- ~ column posts.j: text → jsonb (fails if a value has no counterpart)
ALTER TABLE `posts` MODIFY COLUMN `j` JSON;
-- ~ column posts.k: text → bigint (fails if a value has no counterpart)
ALTER TABLE `posts` MODIFY COLUMN `k` BIGINT;
-- ~ column posts.r: text → double precision (fails if a value has no counterpart)
ALTER TABLE `posts` MODIFY COLUMN `r` DOUBLE;
CREATE UNIQUE INDEX `posts_f_key` ON `posts` (`f`);
CREATE UNIQUE INDEX `posts_k_key` ON `posts` (`k`);
CREATE INDEX `posts_e_idx` ON `posts` (`e`);
== down, mysql
DROP INDEX `posts_f_key` ON `posts`;
DROP INDEX `posts_k_key` ON `posts`;
DROP INDEX `posts_e_idx` ON `posts`;
-- ~ column posts.a: integer → text
ALTER TABLE `posts` MODIFY COLUMN `a` VARCHAR(20) NOT NULL;
-- ~ column posts.b: boolean → text
ALTER TABLE `posts` ADD COLUMN `bistro_new` LONGTEXT AFTER `b`;
UPDATE `posts` SET `bistro_new` = CASE `b` WHEN 1 THEN 'true' WHEN 0 THEN 'false' END;
ALTER TABLE `posts` DROP COLUMN `b`;
ALTER TABLE `posts` RENAME COLUMN `bistro_new` TO `b`;
-- ~ column posts.c: date → text
ALTER TABLE `posts` MODIFY COLUMN `c` LONGTEXT;
-- ~ column posts.d: time without time zone → text
ALTER TABLE `posts` ADD COLUMN `bistro_new` LONGTEXT AFTER `d`;
UPDATE `posts` SET `bistro_new` = TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM TIME_FORMAT(`d`, '%H:%i:%s.%f')));
ALTER TABLE `posts` DROP COLUMN `d`;
ALTER TABLE `posts` RENAME COLUMN `bistro_new` TO `d`;
-- ~ column posts.e: timestamp with time zone → text
ALTER TABLE `posts` ADD COLUMN `bistro_new` VARCHAR(40) AFTER `e`;
UPDATE `posts` SET `bistro_new` = CONCAT(TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM DATE_FORMAT(`e`, '%Y-%m-%dT%H:%i:%s.%f'))), '+00:00');
ALTER TABLE `posts` DROP COLUMN `e`;
ALTER TABLE `posts` RENAME COLUMN `bistro_new` TO `e`;
-- ~ column posts.f: uuid → text
ALTER TABLE `posts` ADD COLUMN `bistro_new` VARCHAR(40) AFTER `f`;
UPDATE `posts` SET `bistro_new` = LOWER(CONCAT(SUBSTR(HEX(`f`), 1, 8), '-', SUBSTR(HEX(`f`), 9, 4), '-', SUBSTR(HEX(`f`), 13, 4), '-', SUBSTR(HEX(`f`), 17, 4), '-', SUBSTR(HEX(`f`), 21, 12)));
ALTER TABLE `posts` DROP COLUMN `f`;
ALTER TABLE `posts` RENAME COLUMN `bistro_new` TO `f`;
-- ~ column posts.g: numeric → text
ALTER TABLE `posts` ADD COLUMN `bistro_new` LONGTEXT AFTER `g`;
UPDATE `posts` SET `bistro_new` = TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM `g`));
ALTER TABLE `posts` DROP COLUMN `g`;
ALTER TABLE `posts` RENAME COLUMN `bistro_new` TO `g`;
-- ~ column posts.h: numeric(6,2) → text
ALTER TABLE `posts` MODIFY COLUMN `h` LONGTEXT;
-- ~ column posts.j: jsonb → text
ALTER TABLE `posts` MODIFY COLUMN `j` LONGTEXT;
-- ~ column posts.k: bigint → text
ALTER TABLE `posts` MODIFY COLUMN `k` LONGTEXT;
-- ~ column posts.r: double precision → text
ALTER TABLE `posts` MODIFY COLUMN `r` LONGTEXT;
-- ~ full-text index of posts (h)
ALTER TABLE `posts` ADD COLUMN `bistro_search_h` LONGTEXT GENERATED ALWAYS AS (LOWER(CONCAT('bistro0every ', REPLACE(COALESCE(`h`, ''), '_', ' ')))) STORED;
CREATE FULLTEXT INDEX `bistro_fts_posts_h` ON `posts` (`bistro_search_h`);
CREATE UNIQUE INDEX `posts_f_key` ON `posts` (`f`);
ALTER TABLE `posts` ADD COLUMN `bistro_hash_k` BINARY(32) GENERATED ALWAYS AS (UNHEX(SHA2(`k`, 256))) STORED;
CREATE UNIQUE INDEX `posts_k_key` ON `posts` (`bistro_hash_k`);
CREATE INDEX `posts_e_idx` ON `posts` (`e`);
