-- The tables this module needs, as README.md names them, and one to change.
create table outbox (
  id bigint generated always as identity primary key,
  topic text not null,
  payloads text[] not null,
  events int not null default 1,
  created_at timestamptz not null default now()
);

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

create table thing (id text primary key);
