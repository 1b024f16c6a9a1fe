== up, sqlite
-- + column visits.y integer
-- ~ relation visits.place → places: checked from now on
CREATE TABLE "bistro_new_visits" (bistro_rowid INTEGER PRIMARY KEY, "id" BLOB NOT NULL, "x" INTEGER, "y" INTEGER, CONSTRAINT "visits_pkey" UNIQUE ("id"), CONSTRAINT "visits_x_y_fkey" FOREIGN KEY ("x", "y") REFERENCES "places" ("x", "y"), CONSTRAINT "visits_y_fkey" FOREIGN KEY ("y") REFERENCES "rows" ("id")) STRICT;
INSERT INTO "bistro_new_visits" (bistro_rowid, "id", "x", "y") SELECT rowid, "id", "x", NULL FROM "visits";
DROP TABLE "visits";
ALTER TABLE "bistro_new_visits" RENAME TO "visits";
CREATE INDEX IF NOT EXISTS "bistro_fk_visits_x_y_fkey" ON "visits" ("x", "y");
CREATE INDEX IF NOT EXISTS "bistro_fk_visits_y_fkey" ON "visits" ("y");
== down, sqlite
-- - constraint visits_x_y_fkey of visits
-- - constraint visits_y_fkey of visits
-- - column visits.y
CREATE TABLE "bistro_new_visits" (bistro_rowid INTEGER PRIMARY KEY, "id" BLOB NOT NULL, "x" INTEGER, CONSTRAINT "visits_pkey" UNIQUE ("id")) STRICT;
INSERT INTO "bistro_new_visits" (bistro_rowid, "id", "x") SELECT rowid, "id", "x" FROM "visits";
DROP TABLE "visits";
ALTER TABLE "bistro_new_visits" RENAME TO "visits";
== up, postgres
-- + column visits.y integer
ALTER TABLE "visits" ADD COLUMN "y" integer, ADD CONSTRAINT "visits_y_fkey" FOREIGN KEY ("y") REFERENCES "rows" ("id");
-- ~ relation visits.place → places: checked from now on
CREATE INDEX IF NOT EXISTS "bistro_fk_visits_x_y_fkey" ON "visits" ("x", "y");
ALTER TABLE "visits" ADD CONSTRAINT "visits_x_y_fkey" FOREIGN KEY ("x", "y") REFERENCES "places" ("x", "y");
CREATE INDEX IF NOT EXISTS "bistro_fk_visits_y_fkey" ON "visits" ("y");
== down, postgres
-- - constraint visits_x_y_fkey of visits
ALTER TABLE "visits" DROP CONSTRAINT "visits_x_y_fkey";
DROP INDEX IF EXISTS "bistro_fk_visits_x_y_fkey";
-- - constraint visits_y_fkey of visits
ALTER TABLE "visits" DROP CONSTRAINT "visits_y_fkey";
DROP INDEX IF EXISTS "bistro_fk_visits_y_fkey";
-- - column visits.y
ALTER TABLE "visits" DROP COLUMN "y";
== up, mysql
-- + column visits.y integer
ALTER TABLE `visits` ADD COLUMN `y` INT, ADD KEY `bistro_fk_visits_y_fkey` (`y`), ADD CONSTRAINT `visits_y_fkey` FOREIGN KEY (`y`) REFERENCES `rows` (`id`);
-- ~ relation visits.place → places: checked from now on
CREATE INDEX `bistro_fk_visits_x_y_fkey` ON `visits` (`x`, `y`);
ALTER TABLE `visits` ADD CONSTRAINT `visits_x_y_fkey` FOREIGN KEY (`x`, `y`) REFERENCES `places` (`x`, `y`);
== down, mysql
ALTER TABLE `visits` DROP FOREIGN KEY `visits_x_y_fkey`;
ALTER TABLE `visits` DROP FOREIGN KEY `visits_y_fkey`;
-- - constraint visits_x_y_fkey of visits
DROP INDEX `bistro_fk_visits_x_y_fkey` ON `visits`;
-- - constraint visits_y_fkey of visits
DROP INDEX `bistro_fk_visits_y_fkey` ON `visits`;
-- - column visits.y
ALTER TABLE `visits` DROP COLUMN `y`;
