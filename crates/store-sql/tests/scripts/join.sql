== up, sqlite
-- ~ table posts_labels is named posts_tags
ALTER TABLE "posts_labels" RENAME TO "posts_tags";
-- + table posts_others (2 columns)
CREATE TABLE "posts_others" (bistro_rowid INTEGER PRIMARY KEY, "post_id" BLOB NOT NULL, "tag_id" BLOB NOT NULL, CONSTRAINT "posts_others_pkey" UNIQUE ("post_id", "tag_id"), CONSTRAINT "posts_others_post_id_fkey" FOREIGN KEY ("post_id") REFERENCES "posts" ("id") ON DELETE CASCADE, CONSTRAINT "posts_others_tag_id_fkey" FOREIGN KEY ("tag_id") REFERENCES "tags" ("id") ON DELETE CASCADE) STRICT;
CREATE INDEX IF NOT EXISTS "bistro_fk_posts_others_tag_id_fkey" ON "posts_others" ("tag_id");
DROP INDEX IF EXISTS "bistro_fk_posts_labels_tag_id_fkey";
CREATE INDEX IF NOT EXISTS "bistro_fk_posts_tags_tag_id_fkey" ON "posts_tags" ("tag_id");
== down, sqlite
-- ~ table posts_tags is named posts_labels
ALTER TABLE "posts_tags" RENAME TO "posts_labels";
-- - table posts_others
DROP TABLE "posts_others";
DROP INDEX IF EXISTS "bistro_fk_posts_tags_tag_id_fkey";
CREATE INDEX IF NOT EXISTS "bistro_fk_posts_labels_tag_id_fkey" ON "posts_labels" ("tag_id");
== up, postgres
-- ~ table posts_labels is named posts_tags
ALTER TABLE "posts_labels" RENAME TO "posts_tags";
ALTER TABLE "posts_tags" RENAME CONSTRAINT "posts_labels_pkey" TO "posts_tags_pkey";
-- ~ constraint posts_labels_post_id_fkey is named posts_tags_post_id_fkey
ALTER TABLE "posts_tags" RENAME CONSTRAINT "posts_labels_post_id_fkey" TO "posts_tags_post_id_fkey";
-- ~ constraint posts_labels_tag_id_fkey is named posts_tags_tag_id_fkey
ALTER TABLE "posts_tags" RENAME CONSTRAINT "posts_labels_tag_id_fkey" TO "posts_tags_tag_id_fkey";
-- + table posts_others (2 columns)
CREATE TABLE "posts_others" ("post_id" uuid NOT NULL, "tag_id" uuid NOT NULL, CONSTRAINT "posts_others_pkey" PRIMARY KEY ("post_id", "tag_id"), CONSTRAINT "posts_others_post_id_fkey" FOREIGN KEY ("post_id") REFERENCES "posts" ("id") ON DELETE CASCADE, CONSTRAINT "posts_others_tag_id_fkey" FOREIGN KEY ("tag_id") REFERENCES "tags" ("id") ON DELETE CASCADE);
CREATE INDEX IF NOT EXISTS "bistro_fk_posts_others_tag_id_fkey" ON "posts_others" ("tag_id");
ALTER INDEX "bistro_fk_posts_labels_tag_id_fkey" RENAME TO "bistro_fk_posts_tags_tag_id_fkey";
== down, postgres
-- ~ table posts_tags is named posts_labels
ALTER TABLE "posts_tags" RENAME TO "posts_labels";
ALTER TABLE "posts_labels" RENAME CONSTRAINT "posts_tags_pkey" TO "posts_labels_pkey";
-- ~ constraint posts_tags_post_id_fkey is named posts_labels_post_id_fkey
ALTER TABLE "posts_labels" RENAME CONSTRAINT "posts_tags_post_id_fkey" TO "posts_labels_post_id_fkey";
-- ~ constraint posts_tags_tag_id_fkey is named posts_labels_tag_id_fkey
ALTER TABLE "posts_labels" RENAME CONSTRAINT "posts_tags_tag_id_fkey" TO "posts_labels_tag_id_fkey";
-- - table posts_others
DROP TABLE "posts_others";
ALTER INDEX "bistro_fk_posts_tags_tag_id_fkey" RENAME TO "bistro_fk_posts_labels_tag_id_fkey";
== up, mysql
ALTER TABLE `posts_labels` DROP FOREIGN KEY `posts_labels_post_id_fkey`;
ALTER TABLE `posts_labels` DROP FOREIGN KEY `posts_labels_tag_id_fkey`;
-- ~ table posts_labels is named posts_tags
ALTER TABLE `posts_labels` RENAME TO `posts_tags`;
-- + table posts_others (2 columns)
CREATE TABLE `posts_others` (`post_id` BINARY(16) NOT NULL, `tag_id` BINARY(16) NOT NULL, PRIMARY KEY (`post_id`, `tag_id`), KEY `bistro_fk_posts_others_tag_id_fkey` (`tag_id`), CONSTRAINT `posts_others_post_id_fkey` FOREIGN KEY (`post_id`) REFERENCES `posts` (`id`) ON DELETE CASCADE, CONSTRAINT `posts_others_tag_id_fkey` FOREIGN KEY (`tag_id`) REFERENCES `tags` (`id`) ON DELETE CASCADE) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 /*M!100600 COLLATE utf8mb4_nopad_bin */ /*!80000 COLLATE utf8mb4_0900_bin */;
ALTER TABLE `posts_tags` RENAME INDEX `bistro_fk_posts_labels_tag_id_fkey` TO `bistro_fk_posts_tags_tag_id_fkey`;
ALTER TABLE `posts_tags` ADD CONSTRAINT `posts_tags_post_id_fkey` FOREIGN KEY (`post_id`) REFERENCES `posts` (`id`) ON DELETE CASCADE;
ALTER TABLE `posts_tags` ADD CONSTRAINT `posts_tags_tag_id_fkey` FOREIGN KEY (`tag_id`) REFERENCES `tags` (`id`) ON DELETE CASCADE;
== down, mysql
ALTER TABLE `posts_tags` DROP FOREIGN KEY `posts_tags_post_id_fkey`;
ALTER TABLE `posts_tags` DROP FOREIGN KEY `posts_tags_tag_id_fkey`;
-- ~ table posts_tags is named posts_labels
ALTER TABLE `posts_tags` RENAME TO `posts_labels`;
-- - table posts_others
DROP TABLE `posts_others`;
ALTER TABLE `posts_labels` RENAME INDEX `bistro_fk_posts_tags_tag_id_fkey` TO `bistro_fk_posts_labels_tag_id_fkey`;
ALTER TABLE `posts_labels` ADD CONSTRAINT `posts_labels_post_id_fkey` FOREIGN KEY (`post_id`) REFERENCES `posts` (`id`) ON DELETE CASCADE;
ALTER TABLE `posts_labels` ADD CONSTRAINT `posts_labels_tag_id_fkey` FOREIGN KEY (`tag_id`) REFERENCES `tags` (`id`) ON DELETE CASCADE;
