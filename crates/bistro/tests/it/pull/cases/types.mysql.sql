CREATE TABLE t (
  id int unsigned AUTO_INCREMENT PRIMARY KEY, a tinyint(1) NOT NULL DEFAULT 1, b bit(1), bits bit(8), s set('a','b'),
  e enum('x','it''s') DEFAULT 'x' COMMENT 'A choice', y year, at timestamp NOT NULL DEFAULT current_timestamp,
  dt datetime(6) DEFAULT current_timestamp(6), j json, d decimal(10,2) DEFAULT 1.50, wide decimal(50,20), u uuid DEFAULT uuid(),
  place point, bin binary(16), vb varbinary(20), tx text, lt longtext, vc varchar(20) NOT NULL DEFAULT 'it''s "x"',
  twice int GENERATED ALWAYS AS (a + 1) VIRTUAL, kept int AS (a + 1) STORED, f float, db double, ti time, ip inet6,
  n int DEFAULT NULL, big bigint unsigned, CHECK (n > 5), CONSTRAINT named CHECK (n < 10 OR vc = 'a'),
  KEY pre (tx(10)), UNIQUE ux (n, y), FULLTEXT ft (lt)) COMMENT 'Every type';
CREATE TABLE `Order Details` (`t id` int unsigned, no int, PRIMARY KEY (`t id`, no), CONSTRAINT fkx FOREIGN KEY (`t id`) REFERENCES t (id) ON DELETE CASCADE);
CREATE TABLE without_key (a int);
CREATE VIEW v AS SELECT id, vc FROM t
