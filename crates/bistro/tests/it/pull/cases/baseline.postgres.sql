CREATE TYPE "Status" AS ENUM ('planned', 'sold');
CREATE TABLE "Category" ("CategoryId" SERIAL PRIMARY KEY, "Name" VARCHAR(40) NOT NULL CONSTRAINT one_category UNIQUE);
CREATE TABLE "Product" ("ProductId" INTEGER PRIMARY KEY, "Product Name" VARCHAR(80) NOT NULL, "Stock" INT NOT NULL DEFAULT 0 CHECK ("Stock" >= 0), "Weight" DOUBLE PRECISION,
  "Status" "Status" NOT NULL DEFAULT 'planned', "Code" VARCHAR(5) NOT NULL DEFAULT upper('abcde'), "Price" NUMERIC(10,2), "Added" TIMESTAMP, "Where" POINT,
  "CategoryId" INTEGER CONSTRAINT fk_category REFERENCES "Category" ON DELETE SET NULL);
CREATE INDEX by_status ON "Product" ("Status", "Stock");
CREATE UNIQUE INDEX one_name ON "Product" ("Product Name", "CategoryId");
CREATE TABLE "Note" ("Product" INTEGER NOT NULL REFERENCES "Product" ("ProductId") ON DELETE CASCADE, "Line" INTEGER NOT NULL, "Text" TEXT, PRIMARY KEY ("Product", "Line"));
INSERT INTO "Category" ("Name") VALUES ('Tea'), ('Coffee');
INSERT INTO "Product" ("ProductId", "Product Name", "Stock", "Weight", "Status", "CategoryId", "Added") VALUES (1, 'Assam', 3, 0.5, 'sold', 1, '2024-02-01 10:00:00'), (2, 'Mocha', 0, NULL, 'planned', 2, NULL);
INSERT INTO "Note" VALUES (1, 1, 'malty');
