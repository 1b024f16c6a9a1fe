CREATE TABLE t (a TEXT CHECK (a IN ('x', 'y)')), -- CHECK (no)
           "check" INT CONSTRAINT [pos] CHECK("check" > (0)), /* CHECK (no) */ CHECK (a <> 'it''s'));
