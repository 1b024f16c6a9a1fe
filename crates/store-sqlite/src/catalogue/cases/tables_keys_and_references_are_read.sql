CREATE TABLE Author (AuthorId INTEGER NOT NULL, Name NVARCHAR(120) DEFAULT 'x', CONSTRAINT pk PRIMARY KEY (AuthorId));
CREATE TABLE [Book "two"] (a INT, b TEXT, author INTEGER REFERENCES author ON DELETE SET NULL, total GENERATED ALWAYS AS (a) STORED,
           PRIMARY KEY (b, a), UNIQUE (author)) WITHOUT ROWID;
CREATE INDEX i ON Author (Name, AuthorId);
CREATE INDEX half ON Author (Name) WHERE Name IS NOT NULL;
CREATE INDEX expr ON Author (lower(Name));
CREATE TABLE bistro_meta (a);
CREATE VIEW v AS SELECT Name, 1 AS one FROM Author;
