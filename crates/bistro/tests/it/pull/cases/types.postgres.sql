CREATE TYPE mood AS ENUM ('sad', 'very happy');
CREATE TYPE state AS ENUM ('draft', 'live');
CREATE DOMAIN positive AS int NOT NULL CHECK (VALUE > 0);
CREATE TABLE people (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(), "Full Name" varchar(40) NOT NULL, mood mood DEFAULT 'sad',
  state state NOT NULL DEFAULT 'draft', states state[], age smallint CHECK (age BETWEEN 0 AND 150), weight real, wage money,
  code char(5), j json, jb jsonb DEFAULT '{}', tags text[] DEFAULT '{}', at timestamp DEFAULT now(),
  seen timestamptz NOT NULL DEFAULT current_timestamp, n numeric, wide numeric(50,3), span interval, range int4range, place point,
  address inet, bytes bytea, count positive, clock time, zoned timetz, label name, doc xml, bits bit(3),
  doubled int GENERATED ALWAYS AS (age * 2) STORED, number serial, day date DEFAULT '2020-01-01',
  created_by uuid REFERENCES people (id), boss uuid REFERENCES people (id) ON DELETE SET NULL, UNIQUE ("Full Name", state));
COMMENT ON TABLE people IS E'All the "people"\nof the firm';
COMMENT ON COLUMN people.age IS 'In years, as \ they say';
CREATE TABLE orders (
  tenant int, no int, person_id uuid NOT NULL REFERENCES people ON DELETE CASCADE,
  status text DEFAULT 'new' CHECK (status IN ('new', 'paid')), total numeric(10,2) CHECK (total >= 0),
  PRIMARY KEY (tenant, no), CONSTRAINT plausible CHECK (total < 1000 OR status = 'paid'));
CREATE TABLE lines (tenant int, no int, line int, PRIMARY KEY (tenant, no, line), FOREIGN KEY (tenant, no) REFERENCES orders (tenant, no));
CREATE TABLE without_key (a int, b text);
CREATE TABLE nothing_known (a interval);
CREATE MATERIALIZED VIEW counted AS SELECT count(*) AS n FROM people;
CREATE INDEX seen_first ON people (seen DESC);
CREATE INDEX by_lower ON people (lower("Full Name"));
CREATE INDEX half ON people (age) WHERE age > 1;
CREATE TABLE identified (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "user" text, "order" int);
CREATE TABLE "Identified" (id bigint PRIMARY KEY)
