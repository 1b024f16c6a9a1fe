== up, sqlite
-- - unique posts (posts_b_c_key)
DROP INDEX IF EXISTS "posts_b_c_key";
-- - index posts (posts_a_idx)
DROP INDEX IF EXISTS "posts_a_idx";
-- - index posts (posts_a_b_idx)
DROP INDEX IF EXISTS "posts_a_b_idx";
-- + unique posts (b)
CREATE UNIQUE INDEX "posts_b_key" ON "posts" ("b");
-- + unique posts (c)
CREATE UNIQUE INDEX "posts_c_key" ON "posts" ("c");
-- + unique posts (c, a)
CREATE UNIQUE INDEX "posts_c_a_key" ON "posts" ("c", "a");
-- + index posts (b, a)
CREATE INDEX "posts_b_a_idx" ON "posts" ("b", "a");
-- + index posts (author_id, a)
CREATE INDEX "posts_author_id_a_idx" ON "posts" ("author_id", "a");
DROP INDEX IF EXISTS "bistro_fk_posts_author_id_fkey";
== down, sqlite
-- - unique posts (posts_b_key)
DROP INDEX IF EXISTS "posts_b_key";
-- - unique posts (posts_c_key)
DROP INDEX IF EXISTS "posts_c_key";
-- - unique posts (posts_c_a_key)
DROP INDEX IF EXISTS "posts_c_a_key";
-- - index posts (posts_b_a_idx)
DROP INDEX IF EXISTS "posts_b_a_idx";
-- - index posts (posts_author_id_a_idx)
DROP INDEX IF EXISTS "posts_author_id_a_idx";
-- + unique posts (b, c)
CREATE UNIQUE INDEX "posts_b_c_key" ON "posts" ("b", "c");
-- + index posts (a)
CREATE INDEX "posts_a_idx" ON "posts" ("a");
-- + index posts (a, b)
CREATE INDEX "posts_a_b_idx" ON "posts" ("a", "b");
CREATE INDEX IF NOT EXISTS "bistro_fk_posts_author_id_fkey" ON "posts" ("author_id");
== up, postgres
-- - unique posts (posts_b_c_key)
DROP INDEX IF EXISTS "posts_b_c_key";
-- - index posts (posts_a_idx)
DROP INDEX IF EXISTS "posts_a_idx";
-- - index posts (posts_a_b_idx)
DROP INDEX IF EXISTS "posts_a_b_idx";
-- + unique posts (b)
CREATE UNIQUE INDEX "posts_b_key" ON "posts" ("b");
-- + unique posts (c)
CREATE UNIQUE INDEX "posts_c_key" ON "posts" ("c");
-- + unique posts (c, a)
CREATE UNIQUE INDEX "posts_c_a_key" ON "posts" ("c", "a");
-- + index posts (b, a)
CREATE INDEX "posts_b_a_idx" ON "posts" ("b", "a");
-- + index posts (author_id, a)
CREATE INDEX "posts_author_id_a_idx" ON "posts" ("author_id", "a");
DROP INDEX IF EXISTS "bistro_fk_posts_author_id_fkey";
== down, postgres
CREATE INDEX IF NOT EXISTS "bistro_fk_posts_author_id_fkey" ON "posts" ("author_id");
-- - unique posts (posts_b_key)
DROP INDEX IF EXISTS "posts_b_key";
-- - unique posts (posts_c_key)
DROP INDEX IF EXISTS "posts_c_key";
-- - unique posts (posts_c_a_key)
DROP INDEX IF EXISTS "posts_c_a_key";
-- - index posts (posts_b_a_idx)
DROP INDEX IF EXISTS "posts_b_a_idx";
-- - index posts (posts_author_id_a_idx)
DROP INDEX IF EXISTS "posts_author_id_a_idx";
-- + unique posts (b, c)
CREATE UNIQUE INDEX "posts_b_c_key" ON "posts" ("b", "c");
-- + index posts (a)
CREATE INDEX "posts_a_idx" ON "posts" ("a");
-- + index posts (a, b)
CREATE INDEX "posts_a_b_idx" ON "posts" ("a", "b");
== up, mysql
-- - unique posts (posts_b_c_key)
DROP INDEX `posts_b_c_key` ON `posts`;
-- - index posts (posts_a_idx)
DROP INDEX `posts_a_idx` ON `posts`;
-- - index posts (posts_a_b_idx)
DROP INDEX `posts_a_b_idx` ON `posts`;
-- + unique posts (b)
CREATE UNIQUE INDEX `posts_b_key` ON `posts` (`b`);
-- + unique posts (c)
CREATE UNIQUE INDEX `posts_c_key` ON `posts` (`bistro_hash_c`);
-- + unique posts (c, a)
CREATE UNIQUE INDEX `posts_c_a_key` ON `posts` (`bistro_hash_c`, `a`);
-- + index posts (b, a)
CREATE INDEX `posts_b_a_idx` ON `posts` (`b`, `a`);
-- + index posts (author_id, a)
CREATE INDEX `posts_author_id_a_idx` ON `posts` (`author_id`, `a`);
DROP INDEX `bistro_fk_posts_author_id_fkey` ON `posts`;
== down, mysql
CREATE INDEX `bistro_fk_posts_author_id_fkey` ON `posts` (`author_id`);
-- - unique posts (posts_b_key)
DROP INDEX `posts_b_key` ON `posts`;
-- - unique posts (posts_c_key)
DROP INDEX `posts_c_key` ON `posts`;
-- - unique posts (posts_c_a_key)
DROP INDEX `posts_c_a_key` ON `posts`;
-- - index posts (posts_b_a_idx)
DROP INDEX `posts_b_a_idx` ON `posts`;
-- - index posts (posts_author_id_a_idx)
DROP INDEX `posts_author_id_a_idx` ON `posts`;
-- + unique posts (b, c)
CREATE UNIQUE INDEX `posts_b_c_key` ON `posts` (`b`, `bistro_hash_c`);
-- + index posts (a)
CREATE INDEX `posts_a_idx` ON `posts` (`a`);
-- + index posts (a, b)
CREATE INDEX `posts_a_b_idx` ON `posts` (`a`, `b`);
