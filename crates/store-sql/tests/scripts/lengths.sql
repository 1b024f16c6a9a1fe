== up, sqlite
== down, sqlite
== up, postgres
== down, postgres
== up, mysql
ALTER TABLE `links` DROP FOREIGN KEY `links_tag_id_fkey`;
DROP INDEX `bistro_fts_posts_a` ON `posts`;
ALTER TABLE `posts` DROP COLUMN `bistro_search_a`;
DROP INDEX `posts_c_key` ON `posts`;
DROP INDEX `posts_d_key` ON `posts`;
DROP INDEX `posts_code_key` ON `posts`;
ALTER TABLE `posts` DROP COLUMN `bistro_hash_c`;
-- ~ column posts.a: room for its values
ALTER TABLE `posts` MODIFY COLUMN `a` LONGTEXT NOT NULL;
-- ~ column posts.b: room for its values
ALTER TABLE `posts` MODIFY COLUMN `b` VARCHAR(300) NOT NULL;
-- ~ column posts.c: room for its values
ALTER TABLE `posts` MODIFY COLUMN `c` VARCHAR(60) NOT NULL;
-- ~ column posts.d: text → text
ALTER TABLE `posts` MODIFY COLUMN `d` LONGTEXT;
-- ~ column posts.code: room for its values
ALTER TABLE `posts` MODIFY COLUMN `code` LONGTEXT NOT NULL;
-- ~ column tags.code: room for its values
ALTER TABLE `tags` MODIFY COLUMN `code` VARCHAR(40) NOT NULL;
-- ~ column links.tag_id: room for its values
ALTER TABLE `links` MODIFY COLUMN `tag_id` VARCHAR(40) NOT NULL;
CREATE UNIQUE INDEX `posts_c_key` ON `posts` (`c`);
ALTER TABLE `posts` ADD COLUMN `bistro_hash_d` BINARY(32) GENERATED ALWAYS AS (UNHEX(SHA2(`d`, 256))) STORED;
CREATE UNIQUE INDEX `posts_d_key` ON `posts` (`bistro_hash_d`);
ALTER TABLE `posts` ADD COLUMN `bistro_hash_code` BINARY(32) GENERATED ALWAYS AS (UNHEX(SHA2(`code`, 256))) STORED;
CREATE UNIQUE INDEX `posts_code_key` ON `posts` (`bistro_hash_code`);
ALTER TABLE `links` ADD CONSTRAINT `links_tag_id_fkey` FOREIGN KEY (`tag_id`) REFERENCES `tags` (`code`);
ALTER TABLE `posts` ADD COLUMN `bistro_search_a` LONGTEXT GENERATED ALWAYS AS (LOWER(CONCAT('bistro0every ', REPLACE(COALESCE(`a`, ''), '_', ' ')))) STORED;
CREATE FULLTEXT INDEX `bistro_fts_posts_a` ON `posts` (`bistro_search_a`);
== down, mysql
ALTER TABLE `links` DROP FOREIGN KEY `links_tag_id_fkey`;
DROP INDEX `bistro_fts_posts_a` ON `posts`;
ALTER TABLE `posts` DROP COLUMN `bistro_search_a`;
DROP INDEX `posts_c_key` ON `posts`;
DROP INDEX `posts_d_key` ON `posts`;
DROP INDEX `posts_code_key` ON `posts`;
ALTER TABLE `posts` DROP COLUMN `bistro_hash_d`;
ALTER TABLE `posts` DROP COLUMN `bistro_hash_code`;
-- ~ column posts.a: room for its values
ALTER TABLE `posts` MODIFY COLUMN `a` VARCHAR(20) NOT NULL;
-- ~ column posts.b: room for its values
ALTER TABLE `posts` MODIFY COLUMN `b` VARCHAR(700) NOT NULL;
-- ~ column posts.c: room for its values
ALTER TABLE `posts` MODIFY COLUMN `c` LONGTEXT NOT NULL;
-- ~ column posts.d: text → text
ALTER TABLE `posts` MODIFY COLUMN `d` VARCHAR(254);
-- ~ column posts.code: room for its values
ALTER TABLE `posts` MODIFY COLUMN `code` VARCHAR(30) NOT NULL;
-- ~ column tags.code: room for its values
ALTER TABLE `tags` MODIFY COLUMN `code` VARCHAR(10) NOT NULL;
-- ~ column links.tag_id: room for its values
ALTER TABLE `links` MODIFY COLUMN `tag_id` VARCHAR(10) NOT NULL;
ALTER TABLE `posts` ADD COLUMN `bistro_hash_c` BINARY(32) GENERATED ALWAYS AS (UNHEX(SHA2(`c`, 256))) STORED;
CREATE UNIQUE INDEX `posts_c_key` ON `posts` (`bistro_hash_c`);
CREATE UNIQUE INDEX `posts_d_key` ON `posts` (`d`);
CREATE UNIQUE INDEX `posts_code_key` ON `posts` (`code`);
ALTER TABLE `links` ADD CONSTRAINT `links_tag_id_fkey` FOREIGN KEY (`tag_id`) REFERENCES `tags` (`code`);
ALTER TABLE `posts` ADD COLUMN `bistro_search_a` LONGTEXT GENERATED ALWAYS AS (LOWER(CONCAT('bistro0every ', REPLACE(COALESCE(`a`, ''), '_', ' ')))) STORED;
CREATE FULLTEXT INDEX `bistro_fts_posts_a` ON `posts` (`bistro_search_a`);
