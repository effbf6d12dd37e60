-- People. A user signs in with a wallet: an account with a key is its address; a contract wallet is its chain and
-- address, as CAIP-10 writes it.
create table users (
  id             text primary key check (id like 'usr\_%'),
  created_at     timestamptz not null,
  -- References tenants, which are further down.
  last_tenant_id text
);

create table wallets (
  address    text primary key check (address ~ '^(eip155:[1-9][0-9]{0,14}:)?0x[0-9a-fA-F]{40}$'),
  user_id    text not null references users (id),
  created_at timestamptz not null
);

-- Tenants own keys, usage and money. A member has one role; an invitation offers a wallet a role until it expires.
create table tenants (
  id         text primary key check (id like 'ten\_%'),
  name       text not null check (length(name) between 1 and 100),
  status     text not null check (status in ('active', 'suspended')),
  created_at timestamptz not null
);
create index tenants_suspended on tenants (id) where status = 'suspended';
alter table users add foreign key (last_tenant_id) references tenants (id);

create table memberships (
  tenant_id  text not null references tenants (id),
  user_id    text not null references users (id),
  role       text not null check (role in ('owner', 'admin', 'developer', 'billing', 'viewer')),
  created_at timestamptz not null,
  primary key (tenant_id, user_id)
);
create index memberships_of_user on memberships (user_id, tenant_id);

create table invitations (
  id         text primary key check (id like 'ivt\_%'),
  tenant_id  text not null references tenants (id),
  wallet     text not null,
  role       text not null check (role in ('admin', 'developer', 'billing', 'viewer')),
  invited_by text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  -- Null while it is open.
  outcome    text check (outcome in ('accepted', 'declined', 'withdrawn'))
);
create unique index invitations_open on invitations (tenant_id, wallet) where outcome is null;
create index invitations_of_wallet on invitations (wallet, id desc) where outcome is null;

-- Service accounts are programs of a tenant. Each proves a secret, of which only the SHA-256 is stored.
create table service_accounts (
  id           text primary key check (id like 'svc\_%'),
  tenant_id    text not null references tenants (id),
  name         text not null check (length(name) between 1 and 100),
  role         text not null check (role in ('admin', 'developer', 'billing', 'viewer')),
  secret_hash  bytea not null check (length(secret_hash) = 32),
  created_by   text not null,
  created_at   timestamptz not null,
  last_used_at timestamptz
);
create index service_accounts_of_tenant on service_accounts (tenant_id, id desc);

-- Sign-in with a wallet. A nonce is used once: deleting its row is what uses it. Both columns are SHA-256.
create table siwe_nonces (
  nonce_hash   bytea primary key,
  binding_hash bytea not null,
  expires_at   timestamptz not null
);
create index siwe_nonces_age on siwe_nonces (expires_at);

-- Sign-in of a device without a wallet: a signed-in person approves its user code. Both codes are stored as SHA-256.
create table device_grants (
  device_hash bytea primary key,
  user_hash   bytea not null unique,
  client      text not null check (length(client) between 1 and 100),
  address     text not null,
  created_at  timestamptz not null,
  expires_at  timestamptz not null,
  polled_at   timestamptz,
  interval_s  integer not null,
  -- Null until somebody has decided.
  approved    boolean,
  user_id     text references users (id),
  tenant_id   text references tenants (id),
  wallet      text
);
create index device_grants_age on device_grants (expires_at);

-- Sessions of people. A refresh token is stored by its SHA-256 and used once.
create table sessions (
  id              text primary key check (id like 'ses\_%'),
  user_id         text not null references users (id),
  tenant_id       text not null references tenants (id),
  wallet          text not null,
  kind            text not null default 'siwe' check (kind in ('siwe', 'device')),
  address         text not null default '',
  agent           text not null default '',
  created_at      timestamptz not null,
  last_used_at    timestamptz,
  expires_at      timestamptz not null,
  revoked_at      timestamptz,
  revoked_because text
);
create index sessions_of_user on sessions (user_id, id desc);
create index sessions_alive on sessions (user_id, id desc) where revoked_at is null;
create index sessions_open on sessions (user_id, last_used_at desc) where revoked_at is null;

create table refresh_tokens (
  token_hash bytea primary key,
  session_id text not null references sessions (id),
  issued_at  timestamptz not null,
  used_at    timestamptz,
  -- The successor of a used token, encrypted with the used token itself: a client that repeats its request within a
  -- few seconds gets the same successor, and nobody who reads this table can.
  successor  bytea
);
create index refresh_tokens_of_session on refresh_tokens (session_id);

-- Tokens that are refused before they expire. A row is deleted once every token it concerns has expired.
create table refusals (
  subject    text primary key,
  -- Tokens issued before this second are refused.
  not_before bigint not null,
  drop_after timestamptz not null
);
create index refusals_age on refusals (drop_after);

-- Keys that sign access tokens. A key is published before it signs, so that every verifier knows it in time, and after
-- its successor signs, until its last token has expired. Which key signs follows from the times alone.
create table signing_keys (
  kid         text primary key,
  public_key  bytea not null,
  -- AES-256-GCM under naap.auth.key-encryption-secret.
  private_key bytea not null,
  created_at  timestamptz not null,
  signs_from  timestamptz not null,
  revoked_at  timestamptz
);
create index signing_keys_order on signing_keys (signs_from desc);

-- The audit log is append only, and every entry holds the hash of the one before.
create table audit (
  seq        bigint primary key check (seq > 0),
  at         timestamptz not null,
  actor      text not null,
  tenant_id  text,
  action     text not null,
  object     text not null,
  address    text not null,
  request_id text not null,
  details    text not null,
  previous   text not null,
  hash       text not null unique
);
create index audit_of_tenant on audit (tenant_id, seq desc);
create function audit_is_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'audit entries are never changed';
end $$;
create trigger audit_append_only before update or delete or truncate on audit
  for each statement execute function audit_is_append_only();

-- Events on their way to Redis Streams. A row holds the events of one topic of one transaction. A row that carries money
-- stays until every consumer in "awaits" has committed it; what Redis lost is published again. A row that only announces
-- awaits nobody, and is deleted once it is published.
create table outbox (
  id         bigint generated always as identity primary key,
  topic      text not null,
  payloads   text[] not null,
  events     integer not null default 1,
  created_at timestamptz not null default now(),
  awaits     text[] not null default '{}',
  sent_at    timestamptz,
  -- Of the entry of the Redis Stream, by which it is found again.
  entry_id   text
);
-- Compression takes longer than writing.
alter table outbox alter column payloads set storage external;
create index outbox_unsent on outbox (topic, id) where sent_at is null;
create index outbox_sent on outbox (id) where sent_at is not null;
-- Rows come and go all the time: without vacuum their indexes would only grow.
alter table outbox set (autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_cost_delay = 0);

-- How often this database's rows were published. Redis counts too: where the two differ, Redis has lost something.
create table outbox_relay (
  only_one  boolean primary key default true check (only_one),
  id        text not null,
  published bigint not null default 0
);
insert into outbox_relay (id) values (gen_random_uuid()::text);

-- First answers of calls with an Idempotency-Key, kept 24 hours. The column "key" is the hash of that key, and bodies are
-- encrypted with it, because a first answer may hold a secret that is shown once.
create table idempotency (
  caller     text not null,
  route      text not null,
  key        text not null,
  body_hash  text not null,
  status     integer not null,
  body       text not null,
  created_at timestamptz not null,
  primary key (caller, route, key)
);
create index idempotency_age on idempotency (created_at);
