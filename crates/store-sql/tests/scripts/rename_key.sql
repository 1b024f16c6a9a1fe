== up, sqlite
-- ~ column posts.id is named number
ALTER TABLE "posts" RENAME COLUMN "id" TO "number";
== down, sqlite
-- ~ column posts.number is named id
ALTER TABLE "posts" RENAME COLUMN "number" TO "id";
== up, postgres
-- ~ column posts.id is named number
ALTER TABLE "posts" RENAME COLUMN "id" TO "number";
== down, postgres
-- ~ column posts.number is named id
ALTER TABLE "posts" RENAME COLUMN "number" TO "id";
== up, mysql
-- ~ column posts.id is named number
ALTER TABLE `posts` RENAME COLUMN `id` TO `number`;
== down, mysql
-- ~ column posts.number is named id
ALTER TABLE `posts` RENAME COLUMN `number` TO `id`;
