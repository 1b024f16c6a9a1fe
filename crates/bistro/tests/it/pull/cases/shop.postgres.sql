CREATE TYPE "Product Status" AS ENUM ('planned', 'sold');
CREATE TABLE "Category" ("CategoryId" SERIAL PRIMARY KEY, "Name" VARCHAR(40) NOT NULL UNIQUE);
CREATE TABLE "Product" ("ProductId" SERIAL PRIMARY KEY, "Product Name" VARCHAR(80) NOT NULL, "UnitPrice" DECIMAL(10,2) NOT NULL DEFAULT 0 CHECK ("UnitPrice" >= 0),
  "CategoryId" INTEGER, "Status" "Product Status" NOT NULL DEFAULT 'planned', "Discontinued" BOOLEAN NOT NULL DEFAULT false, "Added" TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT fk_product_category FOREIGN KEY ("CategoryId") REFERENCES "Category" ("CategoryId") ON DELETE SET NULL);
CREATE INDEX product_status ON "Product" ("Status", "UnitPrice");
CREATE TABLE "Customer" ("CustomerId" CHAR(5) NOT NULL PRIMARY KEY, "Company" VARCHAR(60) NOT NULL, "Since" DATE);
CREATE TABLE "Employee" ("EmployeeId" INTEGER NOT NULL PRIMARY KEY, "Name" VARCHAR(40) NOT NULL, "ReportsTo" INTEGER,
  CONSTRAINT fk_boss FOREIGN KEY ("ReportsTo") REFERENCES "Employee" ("EmployeeId"));
CREATE TABLE "Orders" ("OrderId" INTEGER NOT NULL PRIMARY KEY, "CustomerId" CHAR(5) NOT NULL, "TakenBy" INTEGER, "PackedBy" INTEGER, "OrderDate" TIMESTAMP NOT NULL,
  CONSTRAINT fk_order_customer FOREIGN KEY ("CustomerId") REFERENCES "Customer" ("CustomerId") ON DELETE CASCADE,
  CONSTRAINT fk_taken FOREIGN KEY ("TakenBy") REFERENCES "Employee" ("EmployeeId"), CONSTRAINT fk_packed FOREIGN KEY ("PackedBy") REFERENCES "Employee" ("EmployeeId"));
CREATE TABLE "Order Details" ("OrderId" INTEGER NOT NULL, "ProductId" INTEGER NOT NULL, "Quantity" INTEGER NOT NULL CHECK ("Quantity" > 0), "Paid" DECIMAL(10,2) NOT NULL,
  PRIMARY KEY ("OrderId", "ProductId"),
  CONSTRAINT fk_detail_order FOREIGN KEY ("OrderId") REFERENCES "Orders" ("OrderId") ON DELETE CASCADE,
  CONSTRAINT fk_detail_product FOREIGN KEY ("ProductId") REFERENCES "Product" ("ProductId"));
CREATE TABLE "Return" ("ReturnId" INTEGER NOT NULL PRIMARY KEY, "OrderId" INTEGER NOT NULL, "ProductId" INTEGER NOT NULL, "Why" VARCHAR(200),
  CONSTRAINT fk_return FOREIGN KEY ("OrderId", "ProductId") REFERENCES "Order Details" ("OrderId", "ProductId"));
CREATE TABLE "Tag" ("Tag" VARCHAR(20) NOT NULL PRIMARY KEY);
CREATE TABLE "ProductTag" ("ProductId" INTEGER NOT NULL, "Tag" VARCHAR(20) NOT NULL, PRIMARY KEY ("ProductId", "Tag"),
  CONSTRAINT fk_pt_product FOREIGN KEY ("ProductId") REFERENCES "Product" ("ProductId") ON DELETE CASCADE, CONSTRAINT fk_pt_tag FOREIGN KEY ("Tag") REFERENCES "Tag" ("Tag"));
CREATE TABLE "Log" ("At" TIMESTAMP, "Line" VARCHAR(100));
CREATE VIEW "Product Totals" AS SELECT "ProductId" AS "ProductId", "Paid" AS "Paid" FROM "Order Details";
INSERT INTO "Category" ("Name") VALUES ('Tea'), ('Café');
INSERT INTO "Product" ("Product Name", "UnitPrice", "CategoryId", "Status", "Added") VALUES ('Assam', 4.10, 1, 'sold', '2024-02-01 10:00:00'), ('Mocha', 0.99, 2, 'planned', '2024-02-02 23:30:00'), ('Böckel', 12.50, NULL, 'sold', NULL);
INSERT INTO "Customer" VALUES ('ALFKI', 'Alfreds', '1999-12-31'), ('ANTON', 'Antonio', NULL);
INSERT INTO "Employee" VALUES (1, 'Nancy', NULL), (2, 'Andrew', 1), (3, 'Janet', 1);
INSERT INTO "Orders" VALUES (10, 'ALFKI', 2, 3, '2024-03-01 08:00:00'), (11, 'ANTON', 2, NULL, '2024-03-02 09:30:00');
INSERT INTO "Order Details" VALUES (10, 1, 3, 12.30), (10, 2, 10, 9.90), (11, 1, 1, 4.10);
INSERT INTO "Return" VALUES (1, 10, 2, 'cold');
INSERT INTO "Tag" VALUES ('hot'), ('loose'); INSERT INTO "ProductTag" VALUES (1, 'hot'), (1, 'loose'), (2, 'hot');
INSERT INTO "Log" VALUES ('2024-01-01 00:00:00', 'begun');
COMMENT ON TABLE "Category" IS 'What a product is';
