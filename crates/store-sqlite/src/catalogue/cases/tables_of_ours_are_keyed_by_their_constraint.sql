CREATE TABLE "posts" (bistro_rowid INTEGER PRIMARY KEY, "id" BLOB NOT NULL, "slug" TEXT, CONSTRAINT "posts_pkey" UNIQUE ("id")) STRICT;
CREATE UNIQUE INDEX posts_slug_key ON posts (slug);
CREATE INDEX bistro_fk_x ON posts (slug);
