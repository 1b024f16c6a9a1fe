== up, sqlite
-- ~ column posts.a: integer → bigint
-- ~ column posts.b: integer → double precision
-- ~ column posts.c: bigint → integer (fails if a value has no counterpart)
-- ~ column posts.d: numeric(8,2) → numeric(30,4) (fails if a value has no counterpart)
-- ~ column posts.e: numeric(8,2) → numeric(6,1)
-- ~ column posts.f: double precision → numeric(10,3)
-- ~ column posts.g: integer → numeric (fails if a value has no counterpart)
-- ~ column posts.h: numeric → integer
-- ~ column posts.i: bigint → integer (fails if a value has no counterpart)
-- ~ column posts.j: numeric(8,2) → numeric(10,2)
-- ~ column posts.k: boolean → integer
CREATE TABLE "bistro_new_posts" (bistro_rowid INTEGER PRIMARY KEY, "id" BLOB NOT NULL, "a" INTEGER, "b" REAL, "c" INTEGER NOT NULL, "d" BLOB, "e" INTEGER, "f" INTEGER NOT NULL, "g" BLOB, "h" INTEGER, "i" INTEGER, "j" INTEGER, "k" INTEGER, CONSTRAINT "posts_pkey" UNIQUE ("id")) STRICT;
INSERT INTO "bistro_new_posts" (bistro_rowid, "id", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k") SELECT rowid, "id", "a", bistro_convert("b", 'integer', 'double precision'), bistro_convert("c", 'bigint', 'integer'), bistro_convert("d", 'numeric(8,2)', 'numeric(30,4)'), bistro_convert("e", 'numeric(8,2)', 'numeric(6,1)'), bistro_convert("f", 'double precision', 'numeric(10,3)'), bistro_convert("g", 'integer', 'numeric(38,9,bare)'), bistro_convert("h", 'numeric(38,9,bare)', 'integer'), bistro_convert("i", 'bigint', 'integer'), bistro_convert("j", 'numeric(8,2)', 'numeric(10,2)'), "k" FROM "posts";
DROP TABLE "posts";
ALTER TABLE "bistro_new_posts" RENAME TO "posts";
CREATE UNIQUE INDEX "posts_i_key" ON "posts" ("i");
CREATE INDEX "posts_b_idx" ON "posts" ("b");
== down, sqlite
-- refused ~ column posts.k: integer → boolean: there is no conversion between the two; add a new field and copy what can be copied
-- ~ column posts.a: bigint → integer (fails if a value has no counterpart)
-- ~ column posts.b: double precision → integer
-- ~ column posts.c: integer → bigint
-- ~ column posts.d: numeric(30,4) → numeric(8,2)
-- ~ column posts.e: numeric(6,1) → numeric(8,2) (fails if a value has no counterpart)
-- ~ column posts.f: numeric(10,3) → double precision
-- ~ column posts.g: numeric → integer
-- ~ column posts.h: integer → numeric (fails if a value has no counterpart)
-- ~ column posts.i: integer → bigint
-- ~ column posts.j: numeric(10,2) → numeric(8,2)
CREATE TABLE "bistro_new_posts" (bistro_rowid INTEGER PRIMARY KEY, "id" BLOB NOT NULL, "a" INTEGER, "b" INTEGER, "c" INTEGER NOT NULL, "d" INTEGER, "e" INTEGER, "f" REAL NOT NULL, "g" INTEGER, "h" BLOB, "i" INTEGER, "j" INTEGER, "k" INTEGER, CONSTRAINT "posts_pkey" UNIQUE ("id")) STRICT;
INSERT INTO "bistro_new_posts" (bistro_rowid, "id", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k") SELECT rowid, "id", bistro_convert("a", 'bigint', 'integer'), bistro_convert("b", 'double precision', 'integer'), "c", bistro_convert("d", 'numeric(30,4)', 'numeric(8,2)'), bistro_convert("e", 'numeric(6,1)', 'numeric(8,2)'), bistro_convert("f", 'numeric(10,3)', 'double precision'), bistro_convert("g", 'numeric(38,9,bare)', 'integer'), bistro_convert("h", 'integer', 'numeric(38,9,bare)'), "i", bistro_convert("j", 'numeric(10,2)', 'numeric(8,2)'), bistro_convert("k", 'integer', 'boolean') FROM "posts";
DROP TABLE "posts";
ALTER TABLE "bistro_new_posts" RENAME TO "posts";
CREATE UNIQUE INDEX "posts_i_key" ON "posts" ("i");
CREATE INDEX "posts_b_idx" ON "posts" ("b");
== up, postgres
-- ~ column posts.a: integer → bigint
ALTER TABLE "posts" ALTER COLUMN "a" DROP DEFAULT, ALTER COLUMN "a" TYPE bigint USING "a"::bigint;
-- ~ column posts.b: integer → double precision
ALTER TABLE "posts" ALTER COLUMN "b" DROP DEFAULT, ALTER COLUMN "b" TYPE double precision USING "b"::double precision;
-- ~ column posts.c: bigint → integer (fails if a value has no counterpart)
ALTER TABLE "posts" ALTER COLUMN "c" DROP DEFAULT, ALTER COLUMN "c" TYPE integer USING "c"::integer;
-- ~ column posts.d: numeric(8,2) → numeric(30,4) (fails if a value has no counterpart)
ALTER TABLE "posts" ALTER COLUMN "d" DROP DEFAULT, ALTER COLUMN "d" TYPE numeric(30,4) USING "d"::numeric(30,4);
-- ~ column posts.e: numeric(8,2) → numeric(6,1)
ALTER TABLE "posts" ALTER COLUMN "e" DROP DEFAULT, ALTER COLUMN "e" TYPE numeric(6,1) USING "e"::numeric(6,1);
-- ~ column posts.f: double precision → numeric(10,3)
ALTER TABLE "posts" ALTER COLUMN "f" DROP DEFAULT, ALTER COLUMN "f" TYPE numeric(10,3) USING "f"::numeric(10,3);
-- ~ column posts.g: integer → numeric (fails if a value has no counterpart)
ALTER TABLE "posts" ALTER COLUMN "g" DROP DEFAULT, ALTER COLUMN "g" TYPE numeric(38,9) USING "g"::numeric(38,9);
-- ~ column posts.h: numeric → integer
ALTER TABLE "posts" ALTER COLUMN "h" DROP DEFAULT, ALTER COLUMN "h" TYPE integer USING "h"::integer;
-- ~ column posts.i: bigint → integer (fails if a value has no counterpart)
ALTER TABLE "posts" ALTER COLUMN "i" DROP DEFAULT, ALTER COLUMN "i" TYPE integer USING "i"::integer;
-- ~ column posts.j: numeric(8,2) → numeric(10,2)
ALTER TABLE "posts" ALTER COLUMN "j" DROP DEFAULT, ALTER COLUMN "j" TYPE numeric(10,2) USING "j"::numeric(10,2);
-- ~ column posts.k: boolean → integer
ALTER TABLE "posts" ALTER COLUMN "k" DROP DEFAULT, ALTER COLUMN "k" TYPE integer USING "k"::integer;
== down, postgres
-- refused ~ column posts.k: integer → boolean: there is no conversion between the two; add a new field and copy what can be copied
-- ~ column posts.a: bigint → integer (fails if a value has no counterpart)
ALTER TABLE "posts" ALTER COLUMN "a" DROP DEFAULT, ALTER COLUMN "a" TYPE integer USING "a"::integer;
-- ~ column posts.b: double precision → integer
ALTER TABLE "posts" ALTER COLUMN "b" DROP DEFAULT, ALTER COLUMN "b" TYPE integer USING round("b"::numeric)::integer;
-- ~ column posts.c: integer → bigint
ALTER TABLE "posts" ALTER COLUMN "c" DROP DEFAULT, ALTER COLUMN "c" TYPE bigint USING "c"::bigint;
-- ~ column posts.d: numeric(30,4) → numeric(8,2)
ALTER TABLE "posts" ALTER COLUMN "d" DROP DEFAULT, ALTER COLUMN "d" TYPE numeric(8,2) USING "d"::numeric(8,2);
-- ~ column posts.e: numeric(6,1) → numeric(8,2) (fails if a value has no counterpart)
ALTER TABLE "posts" ALTER COLUMN "e" DROP DEFAULT, ALTER COLUMN "e" TYPE numeric(8,2) USING "e"::numeric(8,2);
-- ~ column posts.f: numeric(10,3) → double precision
ALTER TABLE "posts" ALTER COLUMN "f" DROP DEFAULT, ALTER COLUMN "f" TYPE double precision USING "f"::double precision;
-- ~ column posts.g: numeric → integer
ALTER TABLE "posts" ALTER COLUMN "g" DROP DEFAULT, ALTER COLUMN "g" TYPE integer USING "g"::integer;
-- ~ column posts.h: integer → numeric (fails if a value has no counterpart)
ALTER TABLE "posts" ALTER COLUMN "h" DROP DEFAULT, ALTER COLUMN "h" TYPE numeric(38,9) USING "h"::numeric(38,9);
-- ~ column posts.i: integer → bigint
ALTER TABLE "posts" ALTER COLUMN "i" DROP DEFAULT, ALTER COLUMN "i" TYPE bigint USING "i"::bigint;
-- ~ column posts.j: numeric(10,2) → numeric(8,2)
ALTER TABLE "posts" ALTER COLUMN "j" DROP DEFAULT, ALTER COLUMN "j" TYPE numeric(8,2) USING "j"::numeric(8,2);
== up, mysql
-- ~ column posts.a: integer → bigint
ALTER TABLE `posts` MODIFY COLUMN `a` BIGINT;
-- ~ column posts.b: integer → double precision
ALTER TABLE `posts` MODIFY COLUMN `b` DOUBLE;
-- ~ column posts.c: bigint → integer (fails if a value has no counterpart)
ALTER TABLE `posts` MODIFY COLUMN `c` INT NOT NULL;
-- ~ column posts.d: numeric(8,2) → numeric(30,4) (fails if a value has no counterpart)
ALTER TABLE `posts` MODIFY COLUMN `d` DECIMAL(30,4);
-- ~ column posts.e: numeric(8,2) → numeric(6,1)
ALTER TABLE `posts` MODIFY COLUMN `e` DECIMAL(6,1);
-- ~ column posts.f: double precision → numeric(10,3)
ALTER TABLE `posts` MODIFY COLUMN `f` DECIMAL(10,3) NOT NULL;
-- ~ column posts.g: integer → numeric (fails if a value has no counterpart)
ALTER TABLE `posts` MODIFY COLUMN `g` DECIMAL(38,9);
-- ~ column posts.h: numeric → integer
ALTER TABLE `posts` MODIFY COLUMN `h` INT;
-- ~ column posts.i: bigint → integer (fails if a value has no counterpart)
ALTER TABLE `posts` MODIFY COLUMN `i` INT;
-- ~ column posts.j: numeric(8,2) → numeric(10,2)
ALTER TABLE `posts` MODIFY COLUMN `j` DECIMAL(10,2);
-- ~ column posts.k: boolean → integer
ALTER TABLE `posts` MODIFY COLUMN `k` INT;
== down, mysql
-- refused ~ column posts.k: integer → boolean: there is no conversion between the two; add a new field and copy what can be copied
-- ~ column posts.a: bigint → integer (fails if a value has no counterpart)
ALTER TABLE `posts` MODIFY COLUMN `a` INT;
-- ~ column posts.b: double precision → integer
ALTER TABLE `posts` MODIFY COLUMN `b` INT;
-- ~ column posts.c: integer → bigint
ALTER TABLE `posts` MODIFY COLUMN `c` BIGINT NOT NULL;
-- ~ column posts.d: numeric(30,4) → numeric(8,2)
ALTER TABLE `posts` MODIFY COLUMN `d` DECIMAL(8,2);
-- ~ column posts.e: numeric(6,1) → numeric(8,2) (fails if a value has no counterpart)
ALTER TABLE `posts` MODIFY COLUMN `e` DECIMAL(8,2);
-- ~ column posts.f: numeric(10,3) → double precision
ALTER TABLE `posts` MODIFY COLUMN `f` DOUBLE NOT NULL;
-- ~ column posts.g: numeric → integer
ALTER TABLE `posts` MODIFY COLUMN `g` INT;
-- ~ column posts.h: integer → numeric (fails if a value has no counterpart)
ALTER TABLE `posts` MODIFY COLUMN `h` DECIMAL(38,9);
-- ~ column posts.i: integer → bigint
ALTER TABLE `posts` MODIFY COLUMN `i` BIGINT;
-- ~ column posts.j: numeric(10,2) → numeric(8,2)
ALTER TABLE `posts` MODIFY COLUMN `j` DECIMAL(8,2);
