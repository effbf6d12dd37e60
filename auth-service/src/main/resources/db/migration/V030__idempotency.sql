-- First answers of calls with an Idempotency-Key, kept 24 hours; bodies are encrypted with that key.
create table idempotency (
  caller text not null,
  route text not null,
  key text not null,
  body_hash text not null,
  status int not null,
  body text not null,
  created_at timestamptz not null,
  primary key (caller, route, key)
);
create index idempotency_age on idempotency (created_at);
create index sessions_open on sessions (user_id, last_used_at desc) where revoked_at is null;
