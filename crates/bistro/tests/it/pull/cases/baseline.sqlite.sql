CREATE TABLE "Category" ("CategoryId" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "Name" VARCHAR(40) NOT NULL UNIQUE);
CREATE TABLE "Product" ("ProductId" INTEGER PRIMARY KEY, "Product Name" VARCHAR(80) NOT NULL, "Stock" INT NOT NULL DEFAULT 0 CHECK ("Stock" >= 0), "Weight" REAL,
  "Status" TEXT NOT NULL DEFAULT 'planned' CHECK ("Status" IN ('planned', 'sold')), "Code" CHAR(5) NOT NULL DEFAULT (upper('abcde')), "CategoryId" INTEGER REFERENCES "Category" ON DELETE SET NULL);
CREATE INDEX by_status ON "Product" ("Status", "Stock");
CREATE UNIQUE INDEX one_name ON "Product" ("Product Name", "CategoryId");
CREATE TABLE "Note" ("Product" INTEGER NOT NULL REFERENCES "Product" ("ProductId") ON DELETE CASCADE, "Line" INTEGER NOT NULL, "Text" TEXT, PRIMARY KEY ("Product", "Line"));
INSERT INTO "Category" ("Name") VALUES ('Tea'), ('Coffee');
INSERT INTO "Product" ("ProductId", "Product Name", "Stock", "Weight", "Status", "CategoryId") VALUES (1, 'Assam', 3, 0.5, 'sold', 1), (2, 'Mocha', 0, NULL, 'planned', 2);
INSERT INTO "Note" VALUES (1, 1, 'malty');
