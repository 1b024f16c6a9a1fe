== up, sqlite
-- + column visits.place_x integer
-- + column visits.place_y text
-- ~ relation visits.place → places: checked from now on
CREATE TABLE "bistro_new_visits" (bistro_rowid INTEGER PRIMARY KEY, "id" BLOB NOT NULL, "n" INTEGER, "place_x" INTEGER, "place_y" TEXT, CONSTRAINT "visits_pkey" UNIQUE ("id"), CONSTRAINT "visits_place_x_place_y_fkey" FOREIGN KEY ("place_x", "place_y") REFERENCES "places" ("x", "y") ON DELETE CASCADE) STRICT;
INSERT INTO "bistro_new_visits" (bistro_rowid, "id", "n", "place_x", "place_y") SELECT rowid, "id", "n", NULL, NULL FROM "visits";
DROP TABLE "visits";
ALTER TABLE "bistro_new_visits" RENAME TO "visits";
CREATE INDEX IF NOT EXISTS "bistro_fk_visits_place_x_place_y_fkey" ON "visits" ("place_x", "place_y");
== down, sqlite
-- - constraint visits_place_x_place_y_fkey of visits
-- - column visits.place_x
-- - column visits.place_y
CREATE TABLE "bistro_new_visits" (bistro_rowid INTEGER PRIMARY KEY, "id" BLOB NOT NULL, "n" INTEGER, CONSTRAINT "visits_pkey" UNIQUE ("id")) STRICT;
INSERT INTO "bistro_new_visits" (bistro_rowid, "id", "n") SELECT rowid, "id", "n" FROM "visits";
DROP TABLE "visits";
ALTER TABLE "bistro_new_visits" RENAME TO "visits";
== up, postgres
-- + column visits.place_x integer
ALTER TABLE "visits" ADD COLUMN "place_x" integer;
-- + column visits.place_y text
ALTER TABLE "visits" ADD COLUMN "place_y" text COLLATE "C";
-- ~ relation visits.place → places: checked from now on
CREATE INDEX IF NOT EXISTS "bistro_fk_visits_place_x_place_y_fkey" ON "visits" ("place_x", "place_y");
ALTER TABLE "visits" ADD CONSTRAINT "visits_place_x_place_y_fkey" FOREIGN KEY ("place_x", "place_y") REFERENCES "places" ("x", "y") ON DELETE CASCADE;
== down, postgres
-- - constraint visits_place_x_place_y_fkey of visits
ALTER TABLE "visits" DROP CONSTRAINT "visits_place_x_place_y_fkey";
DROP INDEX IF EXISTS "bistro_fk_visits_place_x_place_y_fkey";
-- - column visits.place_x
ALTER TABLE "visits" DROP COLUMN "place_x";
-- - column visits.place_y
ALTER TABLE "visits" DROP COLUMN "place_y";
== up, mysql
-- + column visits.place_x integer
ALTER TABLE `visits` ADD COLUMN `place_x` INT;
-- + column visits.place_y text
ALTER TABLE `visits` ADD COLUMN `place_y` VARCHAR(9);
-- ~ relation visits.place → places: checked from now on
CREATE INDEX `bistro_fk_visits_place_x_place_y_fkey` ON `visits` (`place_x`, `place_y`);
ALTER TABLE `visits` ADD CONSTRAINT `visits_place_x_place_y_fkey` FOREIGN KEY (`place_x`, `place_y`) REFERENCES `places` (`x`, `y`) ON DELETE CASCADE;
== down, mysql
ALTER TABLE `visits` DROP FOREIGN KEY `visits_place_x_place_y_fkey`;
-- - constraint visits_place_x_place_y_fkey of visits
DROP INDEX `bistro_fk_visits_place_x_place_y_fkey` ON `visits`;
-- - column visits.place_x
ALTER TABLE `visits` DROP COLUMN `place_x`;
-- - column visits.place_y
ALTER TABLE `visits` DROP COLUMN `place_y`;
