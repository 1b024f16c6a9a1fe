CREATE TABLE t (
  id integer PRIMARY KEY, d date, ti time, dt datetime DEFAULT current_timestamp, bo boolean DEFAULT 1, n numeric(10,2),
  nb decimal, r real, u uuid UNIQUE, j json, b blob, s varchar(5) CHECK (length(s) >= 2), g real AS (r * 2), whatever, place point,
  CONSTRAINT odd CHECK (n < r));
CREATE TABLE no_number (id int PRIMARY KEY, t_id integer REFERENCES t);
CREATE TABLE without_key (a int, "a b" int);
CREATE TABLE bistro_looks_like_ours (a int);
CREATE VIEW v AS SELECT id, s FROM t
