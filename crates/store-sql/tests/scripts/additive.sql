== up, sqlite
-- + table pads (2 columns)
CREATE TABLE "pads" (bistro_rowid INTEGER PRIMARY KEY, "id" BLOB NOT NULL, "name" TEXT NOT NULL, CONSTRAINT "pads_pkey" UNIQUE ("id")) STRICT;
-- + column notes.done boolean
ALTER TABLE "notes" ADD COLUMN "done" INTEGER NOT NULL DEFAULT 0;
-- + column notes.n integer
ALTER TABLE "notes" ADD COLUMN "n" INTEGER;
-- + column notes.mood Mood
ALTER TABLE "notes" ADD COLUMN "mood" TEXT NOT NULL DEFAULT 'good';
-- + column notes.at timestamp with time zone
ALTER TABLE "notes" ADD COLUMN "at" INTEGER NOT NULL DEFAULT 0;
UPDATE "notes" SET "at" = CAST(unixepoch('now', 'subsec') * 1000000 AS INTEGER);
-- + column notes.seen timestamp with time zone
ALTER TABLE "notes" ADD COLUMN "seen" INTEGER;
UPDATE "notes" SET "seen" = CAST(unixepoch('now', 'subsec') * 1000000 AS INTEGER);
-- + column notes.tags text[]
ALTER TABLE "notes" ADD COLUMN "tags" TEXT NOT NULL DEFAULT '["a","b"]';
-- + column notes.price numeric(8,2)
ALTER TABLE "notes" ADD COLUMN "price" INTEGER NOT NULL DEFAULT 150;
-- + column notes.long text
ALTER TABLE "notes" ADD COLUMN "long" TEXT NOT NULL DEFAULT 'it''s \ so';
-- + column notes.meta jsonb
ALTER TABLE "notes" ADD COLUMN "meta" TEXT NOT NULL DEFAULT '{"a":1}';
-- + column notes.ref uuid
ALTER TABLE "notes" ADD COLUMN "ref" BLOB DEFAULT x'00000000000040008000000000000001';
-- + column notes.on date
ALTER TABLE "notes" ADD COLUMN "on" INTEGER DEFAULT 19782;
-- + column notes.hour time without time zone
ALTER TABLE "notes" ADD COLUMN "hour" INTEGER DEFAULT 36000500000;
-- + column notes.real double precision
ALTER TABLE "notes" ADD COLUMN "real" REAL NOT NULL DEFAULT 1.25e0;
-- + column notes.pad_id uuid
ALTER TABLE "notes" ADD COLUMN "pad_id" BLOB CONSTRAINT "notes_pad_id_fkey" REFERENCES "pads" ("id");
CREATE INDEX IF NOT EXISTS "bistro_fk_notes_pad_id_fkey" ON "notes" ("pad_id");
-- + unique notes (text)
CREATE UNIQUE INDEX "notes_text_key" ON "notes" ("text");
-- + index notes (n)
CREATE INDEX "notes_n_idx" ON "notes" ("n");
-- ~ full-text index of notes (text)
CREATE VIRTUAL TABLE "bistro_fts_notes" USING fts5(every, c0, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 0');
CREATE TRIGGER "bistro_fts_notes_insert" AFTER INSERT ON "notes" BEGIN INSERT INTO "bistro_fts_notes" (rowid, every, c0) VALUES (new."bistro_rowid", 'every', new."text"); END;
CREATE TRIGGER "bistro_fts_notes_delete" AFTER DELETE ON "notes" BEGIN DELETE FROM "bistro_fts_notes" WHERE rowid = old."bistro_rowid"; END;
CREATE TRIGGER "bistro_fts_notes_update" AFTER UPDATE OF "text" ON "notes" BEGIN DELETE FROM "bistro_fts_notes" WHERE rowid = old."bistro_rowid"; INSERT INTO "bistro_fts_notes" (rowid, every, c0) VALUES (new."bistro_rowid", 'every', new."text"); END;
INSERT INTO "bistro_fts_notes" (rowid, every, c0) SELECT "bistro_rowid", 'every', "text" FROM "notes";
== down, sqlite
-- ~ full-text index of notes ()
DROP TRIGGER IF EXISTS "bistro_fts_notes_insert";
DROP TRIGGER IF EXISTS "bistro_fts_notes_delete";
DROP TRIGGER IF EXISTS "bistro_fts_notes_update";
DROP TABLE IF EXISTS "bistro_fts_notes";
-- - constraint notes_pad_id_fkey of notes
-- - unique notes (notes_text_key)
-- - index notes (notes_n_idx)
-- ~ column notes.text: room for its values
-- - column notes.done
-- - column notes.n
-- - column notes.mood
-- - column notes.at
-- - column notes.seen
-- - column notes.tags
-- - column notes.price
-- - column notes.long
-- - column notes.meta
-- - column notes.ref
-- - column notes.on
-- - column notes.hour
-- - column notes.real
-- - column notes.pad_id
CREATE TABLE "bistro_new_notes" (bistro_rowid INTEGER PRIMARY KEY, "id" BLOB NOT NULL, "text" TEXT NOT NULL, CONSTRAINT "notes_pkey" UNIQUE ("id")) STRICT;
INSERT INTO "bistro_new_notes" (bistro_rowid, "id", "text") SELECT rowid, "id", "text" FROM "notes";
DROP TABLE "notes";
ALTER TABLE "bistro_new_notes" RENAME TO "notes";
-- - table pads
DROP TABLE "pads";
== up, postgres
-- + table pads (2 columns)
CREATE TABLE "pads" ("id" uuid NOT NULL, "name" text COLLATE "C" NOT NULL, CONSTRAINT "pads_pkey" PRIMARY KEY ("id"));
-- + column notes.done boolean
ALTER TABLE "notes" ADD COLUMN "done" boolean NOT NULL DEFAULT false;
-- + column notes.n integer
ALTER TABLE "notes" ADD COLUMN "n" integer;
-- + column notes.mood Mood
ALTER TABLE "notes" ADD COLUMN "mood" text COLLATE "C" NOT NULL DEFAULT 'good';
-- + column notes.at timestamp with time zone
ALTER TABLE "notes" ADD COLUMN "at" timestamptz NOT NULL DEFAULT now();
-- + column notes.seen timestamp with time zone
ALTER TABLE "notes" ADD COLUMN "seen" timestamptz DEFAULT now();
-- + column notes.tags text[]
ALTER TABLE "notes" ADD COLUMN "tags" text[] COLLATE "C" NOT NULL DEFAULT ARRAY['a', 'b']::text[];
-- + column notes.price numeric(8,2)
ALTER TABLE "notes" ADD COLUMN "price" numeric(8,2) NOT NULL DEFAULT 1.50;
-- + column notes.long text
ALTER TABLE "notes" ADD COLUMN "long" text COLLATE "C" NOT NULL DEFAULT 'it''s \ so';
-- + column notes.meta jsonb
ALTER TABLE "notes" ADD COLUMN "meta" jsonb NOT NULL DEFAULT '{"a":1}';
-- + column notes.ref uuid
ALTER TABLE "notes" ADD COLUMN "ref" uuid DEFAULT '00000000-0000-4000-8000-000000000001';
-- + column notes.on date
ALTER TABLE "notes" ADD COLUMN "on" date DEFAULT '2024-02-29';
-- + column notes.hour time without time zone
ALTER TABLE "notes" ADD COLUMN "hour" time(6) DEFAULT '10:00:00.5';
-- + column notes.real double precision
ALTER TABLE "notes" ADD COLUMN "real" double precision NOT NULL DEFAULT '1.25';
-- + column notes.pad_id uuid
ALTER TABLE "notes" ADD COLUMN "pad_id" uuid, ADD CONSTRAINT "notes_pad_id_fkey" FOREIGN KEY ("pad_id") REFERENCES "pads" ("id");
-- + unique notes (text)
CREATE UNIQUE INDEX "notes_text_key" ON "notes" ("text");
-- + index notes (n)
CREATE INDEX "notes_n_idx" ON "notes" ("n");
-- ~ full-text index of notes (text)
CREATE INDEX "bistro_fts_notes_text" ON "notes" USING gin (bistro_words(coalesce("text", '')));
CREATE INDEX IF NOT EXISTS "bistro_fk_notes_pad_id_fkey" ON "notes" ("pad_id");
== down, postgres
DROP INDEX IF EXISTS "bistro_fts_notes_text";
-- - constraint notes_pad_id_fkey of notes
ALTER TABLE "notes" DROP CONSTRAINT "notes_pad_id_fkey";
DROP INDEX IF EXISTS "bistro_fk_notes_pad_id_fkey";
-- - unique notes (notes_text_key)
DROP INDEX IF EXISTS "notes_text_key";
-- - index notes (notes_n_idx)
DROP INDEX IF EXISTS "notes_n_idx";
-- - column notes.done
ALTER TABLE "notes" DROP COLUMN "done";
-- - column notes.n
ALTER TABLE "notes" DROP COLUMN "n";
-- - column notes.mood
ALTER TABLE "notes" DROP COLUMN "mood";
-- - column notes.at
ALTER TABLE "notes" DROP COLUMN "at";
-- - column notes.seen
ALTER TABLE "notes" DROP COLUMN "seen";
-- - column notes.tags
ALTER TABLE "notes" DROP COLUMN "tags";
-- - column notes.price
ALTER TABLE "notes" DROP COLUMN "price";
-- - column notes.long
ALTER TABLE "notes" DROP COLUMN "long";
-- - column notes.meta
ALTER TABLE "notes" DROP COLUMN "meta";
-- - column notes.ref
ALTER TABLE "notes" DROP COLUMN "ref";
-- - column notes.on
ALTER TABLE "notes" DROP COLUMN "on";
-- - column notes.hour
ALTER TABLE "notes" DROP COLUMN "hour";
-- - column notes.real
ALTER TABLE "notes" DROP COLUMN "real";
-- - column notes.pad_id
ALTER TABLE "notes" DROP COLUMN "pad_id";
-- - table pads
DROP TABLE "pads";
== up, mysql
-- + table pads (2 columns)
CREATE TABLE `pads` (`id` BINARY(16) NOT NULL, `name` LONGTEXT NOT NULL, PRIMARY KEY (`id`)) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 /*M!100600 COLLATE utf8mb4_nopad_bin */ /*!80000 COLLATE utf8mb4_0900_bin */;
-- + column notes.done boolean
ALTER TABLE `notes` ADD COLUMN `done` BOOLEAN NOT NULL DEFAULT false;
-- + column notes.n integer
ALTER TABLE `notes` ADD COLUMN `n` INT;
-- + column notes.mood Mood
ALTER TABLE `notes` ADD COLUMN `mood` VARCHAR(255) NOT NULL DEFAULT ('good');
-- + column notes.at timestamp with time zone
ALTER TABLE `notes` ADD COLUMN `at` DATETIME(6) NOT NULL DEFAULT (UTC_TIMESTAMP(6));
-- + column notes.seen timestamp with time zone
ALTER TABLE `notes` ADD COLUMN `seen` DATETIME(6) DEFAULT (UTC_TIMESTAMP(6));
-- + column notes.tags text[]
ALTER TABLE `notes` ADD COLUMN `tags` JSON NOT NULL DEFAULT ('["a","b"]');
-- + column notes.price numeric(8,2)
ALTER TABLE `notes` ADD COLUMN `price` DECIMAL(8,2) NOT NULL DEFAULT 1.50;
-- + column notes.long text
ALTER TABLE `notes` ADD COLUMN `long` LONGTEXT NOT NULL DEFAULT ('it''s \\ so');
-- + column notes.meta jsonb
ALTER TABLE `notes` ADD COLUMN `meta` JSON NOT NULL DEFAULT ('{"a":1}');
-- + column notes.ref uuid
ALTER TABLE `notes` ADD COLUMN `ref` BINARY(16) DEFAULT (x'00000000000040008000000000000001');
-- + column notes.on date
ALTER TABLE `notes` ADD COLUMN `on` DATE DEFAULT '2024-02-29';
-- + column notes.hour time without time zone
ALTER TABLE `notes` ADD COLUMN `hour` TIME(6) DEFAULT '10:00:00.5';
-- + column notes.real double precision
ALTER TABLE `notes` ADD COLUMN `real` DOUBLE NOT NULL DEFAULT 1.25e0;
-- + column notes.pad_id uuid
ALTER TABLE `notes` ADD COLUMN `pad_id` BINARY(16), ADD KEY `bistro_fk_notes_pad_id_fkey` (`pad_id`), ADD CONSTRAINT `notes_pad_id_fkey` FOREIGN KEY (`pad_id`) REFERENCES `pads` (`id`);
-- ~ column notes.text: room for its values
ALTER TABLE `notes` MODIFY COLUMN `text` VARCHAR(50) NOT NULL;
-- + unique notes (text)
CREATE UNIQUE INDEX `notes_text_key` ON `notes` (`text`);
-- + index notes (n)
CREATE INDEX `notes_n_idx` ON `notes` (`n`);
-- ~ full-text index of notes (text)
ALTER TABLE `notes` ADD COLUMN `bistro_search_text` LONGTEXT GENERATED ALWAYS AS (LOWER(CONCAT('bistro0every ', REPLACE(COALESCE(`text`, ''), '_', ' ')))) STORED;
CREATE FULLTEXT INDEX `bistro_fts_notes_text` ON `notes` (`bistro_search_text`);
== down, mysql
ALTER TABLE `notes` DROP FOREIGN KEY `notes_pad_id_fkey`;
DROP INDEX `bistro_fts_notes_text` ON `notes`;
ALTER TABLE `notes` DROP COLUMN `bistro_search_text`;
DROP INDEX `notes_text_key` ON `notes`;
-- - constraint notes_pad_id_fkey of notes
DROP INDEX `bistro_fk_notes_pad_id_fkey` ON `notes`;
-- - index notes (notes_n_idx)
DROP INDEX `notes_n_idx` ON `notes`;
-- ~ column notes.text: room for its values
ALTER TABLE `notes` MODIFY COLUMN `text` LONGTEXT NOT NULL;
-- - column notes.done
ALTER TABLE `notes` DROP COLUMN `done`;
-- - column notes.n
ALTER TABLE `notes` DROP COLUMN `n`;
-- - column notes.mood
ALTER TABLE `notes` DROP COLUMN `mood`;
-- - column notes.at
ALTER TABLE `notes` DROP COLUMN `at`;
-- - column notes.seen
ALTER TABLE `notes` DROP COLUMN `seen`;
-- - column notes.tags
ALTER TABLE `notes` DROP COLUMN `tags`;
-- - column notes.price
ALTER TABLE `notes` DROP COLUMN `price`;
-- - column notes.long
ALTER TABLE `notes` DROP COLUMN `long`;
-- - column notes.meta
ALTER TABLE `notes` DROP COLUMN `meta`;
-- - column notes.ref
ALTER TABLE `notes` DROP COLUMN `ref`;
-- - column notes.on
ALTER TABLE `notes` DROP COLUMN `on`;
-- - column notes.hour
ALTER TABLE `notes` DROP COLUMN `hour`;
-- - column notes.real
ALTER TABLE `notes` DROP COLUMN `real`;
-- - column notes.pad_id
ALTER TABLE `notes` DROP COLUMN `pad_id`;
-- - table pads
DROP TABLE `pads`;
