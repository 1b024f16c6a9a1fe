== up, sqlite
-- + column visits.z integer
-- ~ relation visits.place → places: checked from now on
-- ~ relation visits.person → persons: checked from now on
-- ~ relation visits.keeper → persons: checked from now on
-- ~ relation visits.other → places: checked from now on
CREATE TABLE "bistro_new_visits" (bistro_rowid INTEGER PRIMARY KEY, "id" BLOB NOT NULL, "x" INTEGER, "y" INTEGER, "guest" BLOB, "host" BLOB, "n" INTEGER, "z" INTEGER, CONSTRAINT "visits_pkey" UNIQUE ("id"), CONSTRAINT "visits_x_y_fkey" FOREIGN KEY ("x", "y") REFERENCES "places" ("x", "y"), CONSTRAINT "visits_guest_fkey" FOREIGN KEY ("guest") REFERENCES "persons" ("id") ON DELETE CASCADE, CONSTRAINT "visits_host_fkey" FOREIGN KEY ("host") REFERENCES "persons" ("id"), CONSTRAINT "visits_x_z_fkey" FOREIGN KEY ("x", "z") REFERENCES "places" ("x", "y")) STRICT;
INSERT INTO "bistro_new_visits" (bistro_rowid, "id", "x", "y", "guest", "host", "n", "z") SELECT rowid, "id", "x", "y", "guest", "host", "n", NULL FROM "visits";
DROP TABLE "visits";
ALTER TABLE "bistro_new_visits" RENAME TO "visits";
CREATE INDEX IF NOT EXISTS "bistro_fk_visits_x_y_fkey" ON "visits" ("x", "y");
CREATE INDEX IF NOT EXISTS "bistro_fk_visits_guest_fkey" ON "visits" ("guest");
CREATE INDEX IF NOT EXISTS "bistro_fk_visits_host_fkey" ON "visits" ("host");
CREATE INDEX IF NOT EXISTS "bistro_fk_visits_x_z_fkey" ON "visits" ("x", "z");
== down, sqlite
-- - constraint visits_x_y_fkey of visits
-- - constraint visits_guest_fkey of visits
-- - constraint visits_host_fkey of visits
-- - constraint visits_x_z_fkey of visits
-- - column visits.z
CREATE TABLE "bistro_new_visits" (bistro_rowid INTEGER PRIMARY KEY, "id" BLOB NOT NULL, "x" INTEGER, "y" INTEGER, "guest" BLOB, "host" BLOB, "n" INTEGER, CONSTRAINT "visits_pkey" UNIQUE ("id")) STRICT;
INSERT INTO "bistro_new_visits" (bistro_rowid, "id", "x", "y", "guest", "host", "n") SELECT rowid, "id", "x", "y", "guest", "host", "n" FROM "visits";
DROP TABLE "visits";
ALTER TABLE "bistro_new_visits" RENAME TO "visits";
== up, postgres
-- + column visits.z integer
ALTER TABLE "visits" ADD COLUMN "z" integer;
-- ~ relation visits.place → places: checked from now on
CREATE INDEX IF NOT EXISTS "bistro_fk_visits_x_y_fkey" ON "visits" ("x", "y");
ALTER TABLE "visits" ADD CONSTRAINT "visits_x_y_fkey" FOREIGN KEY ("x", "y") REFERENCES "places" ("x", "y");
-- ~ relation visits.person → persons: checked from now on
CREATE INDEX IF NOT EXISTS "bistro_fk_visits_guest_fkey" ON "visits" ("guest");
ALTER TABLE "visits" ADD CONSTRAINT "visits_guest_fkey" FOREIGN KEY ("guest") REFERENCES "persons" ("id") ON DELETE CASCADE;
-- ~ relation visits.keeper → persons: checked from now on
CREATE INDEX IF NOT EXISTS "bistro_fk_visits_host_fkey" ON "visits" ("host");
ALTER TABLE "visits" ADD CONSTRAINT "visits_host_fkey" FOREIGN KEY ("host") REFERENCES "persons" ("id");
-- ~ relation visits.other → places: checked from now on
CREATE INDEX IF NOT EXISTS "bistro_fk_visits_x_z_fkey" ON "visits" ("x", "z");
ALTER TABLE "visits" ADD CONSTRAINT "visits_x_z_fkey" FOREIGN KEY ("x", "z") REFERENCES "places" ("x", "y");
== down, postgres
-- - constraint visits_x_y_fkey of visits
ALTER TABLE "visits" DROP CONSTRAINT "visits_x_y_fkey";
DROP INDEX IF EXISTS "bistro_fk_visits_x_y_fkey";
-- - constraint visits_guest_fkey of visits
ALTER TABLE "visits" DROP CONSTRAINT "visits_guest_fkey";
DROP INDEX IF EXISTS "bistro_fk_visits_guest_fkey";
-- - constraint visits_host_fkey of visits
ALTER TABLE "visits" DROP CONSTRAINT "visits_host_fkey";
DROP INDEX IF EXISTS "bistro_fk_visits_host_fkey";
-- - constraint visits_x_z_fkey of visits
ALTER TABLE "visits" DROP CONSTRAINT "visits_x_z_fkey";
DROP INDEX IF EXISTS "bistro_fk_visits_x_z_fkey";
-- - column visits.z
ALTER TABLE "visits" DROP COLUMN "z";
== up, mysql
-- + column visits.z integer
ALTER TABLE `visits` ADD COLUMN `z` INT;
-- ~ relation visits.place → places: checked from now on
CREATE INDEX `bistro_fk_visits_x_y_fkey` ON `visits` (`x`, `y`);
ALTER TABLE `visits` ADD CONSTRAINT `visits_x_y_fkey` FOREIGN KEY (`x`, `y`) REFERENCES `places` (`x`, `y`);
-- ~ relation visits.person → persons: checked from now on
CREATE INDEX `bistro_fk_visits_guest_fkey` ON `visits` (`guest`);
ALTER TABLE `visits` ADD CONSTRAINT `visits_guest_fkey` FOREIGN KEY (`guest`) REFERENCES `persons` (`id`) ON DELETE CASCADE;
-- ~ relation visits.keeper → persons: checked from now on
CREATE INDEX `bistro_fk_visits_host_fkey` ON `visits` (`host`);
ALTER TABLE `visits` ADD CONSTRAINT `visits_host_fkey` FOREIGN KEY (`host`) REFERENCES `persons` (`id`);
-- ~ relation visits.other → places: checked from now on
CREATE INDEX `bistro_fk_visits_x_z_fkey` ON `visits` (`x`, `z`);
ALTER TABLE `visits` ADD CONSTRAINT `visits_x_z_fkey` FOREIGN KEY (`x`, `z`) REFERENCES `places` (`x`, `y`);
== down, mysql
ALTER TABLE `visits` DROP FOREIGN KEY `visits_x_y_fkey`;
ALTER TABLE `visits` DROP FOREIGN KEY `visits_guest_fkey`;
ALTER TABLE `visits` DROP FOREIGN KEY `visits_host_fkey`;
ALTER TABLE `visits` DROP FOREIGN KEY `visits_x_z_fkey`;
-- - constraint visits_x_y_fkey of visits
DROP INDEX `bistro_fk_visits_x_y_fkey` ON `visits`;
-- - constraint visits_guest_fkey of visits
DROP INDEX `bistro_fk_visits_guest_fkey` ON `visits`;
-- - constraint visits_host_fkey of visits
DROP INDEX `bistro_fk_visits_host_fkey` ON `visits`;
-- - constraint visits_x_z_fkey of visits
DROP INDEX `bistro_fk_visits_x_z_fkey` ON `visits`;
-- - column visits.z
ALTER TABLE `visits` DROP COLUMN `z`;
