// Peer (e): Fastify as its documentation shows it, with a limiter in Redis for each key.
import proxy from "@fastify/http-proxy";
import rateLimit from "@fastify/rate-limit";
import Fastify from "fastify";
import Redis from "ioredis";

const [port, upstream, redis] = process.argv.slice(2).map(Number);
const server = Fastify({ logger: false, keepAliveTimeout: 600_000 });
await server.register(rateLimit, {
  max: 1_000_000_000,
  timeWindow: "1 minute",
  redis: new Redis({ host: "127.0.0.1", port: redis, connectTimeout: 500, maxRetriesPerRequest: 1 }),
  keyGenerator: (request) => request.headers.authorization,
});
await server.register(proxy, {
  upstream: `http://127.0.0.1:${upstream}`,
  undici: { connections: 256, pipelining: 1, keepAliveTimeout: 60_000 },
});
await server.listen({ host: "127.0.0.1", port });
