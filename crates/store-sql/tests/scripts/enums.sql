== up, sqlite
== down, sqlite
== up, postgres
== down, postgres
== up, mysql
-- ~ column posts.b: text → Mood
ALTER TABLE `posts` MODIFY COLUMN `b` VARCHAR(255);
-- ~ column posts.c: Mood → text
ALTER TABLE `posts` MODIFY COLUMN `c` LONGTEXT;
== down, mysql
-- ~ column posts.b: Mood → text
ALTER TABLE `posts` MODIFY COLUMN `b` LONGTEXT;
-- ~ column posts.c: text → Mood
ALTER TABLE `posts` MODIFY COLUMN `c` VARCHAR(255);
