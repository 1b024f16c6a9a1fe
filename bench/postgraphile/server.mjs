// PostGraphile as its manual sets it up for production, over the database in DATABASE_URL: no watching, no explorer, no rules.
import { createServer } from "node:http";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";

const connectionString = process.env.DATABASE_URL;
const preset = {
  extends: [PostGraphileAmberPreset],
  pgServices: [makePgService({ connectionString, schemas: ["public"], poolConfig: { max: 10 } })],
  grafserv: { graphqlPath: "/graphql/v1", graphiql: false, watch: false },
  grafast: { explain: false },
};

const server = createServer();
const serving = postgraphile(preset).createServ(grafserv);
await serving.addTo(server);
await serving.ready?.();
server.listen(0, "127.0.0.1", () => {
  console.log(`PostGraphile listening on http://127.0.0.1:${server.address().port}`);
});
process.on("SIGTERM", () => process.exit(0));
