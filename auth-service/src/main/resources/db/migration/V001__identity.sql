create table users (
  id         text primary key check (id like 'usr\_%'),
  created_at timestamptz not null
);

create table wallets (
  address    text primary key check (address ~ '^0x[0-9a-fA-F]{40}$'),
  user_id    text not null references users (id),
  created_at timestamptz not null
);

create table tenants (
  id         text primary key check (id like 'ten\_%'),
  name       text not null check (length(name) between 1 and 100),
  status     text not null check (status in ('active', 'suspended')),
  created_at timestamptz not null
);

create table memberships (
  tenant_id  text not null references tenants (id),
  user_id    text not null references users (id),
  role       text not null check (role in ('owner', 'admin', 'developer', 'billing', 'viewer')),
  created_at timestamptz not null,
  primary key (tenant_id, user_id)
);
create index memberships_of_user on memberships (user_id, tenant_id);

-- Single use: deleting a row is what consumes it. Both columns are SHA-256.
create table siwe_nonces (
  nonce_hash   bytea primary key,
  binding_hash bytea not null,
  expires_at   timestamptz not null
);
create index siwe_nonces_age on siwe_nonces (expires_at);

create table sessions (
  id         text primary key check (id like 'ses\_%'),
  user_id    text not null references users (id),
  tenant_id  text not null references tenants (id),
  wallet     text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  revoked_at timestamptz
);
create index sessions_of_user on sessions (user_id, id desc);

-- One row a token, by its SHA-256; a session's tokens are its family.
create table refresh_tokens (
  token_hash bytea primary key,
  session_id text not null references sessions (id),
  issued_at  timestamptz not null,
  used_at    timestamptz
);
create index refresh_tokens_of_session on refresh_tokens (session_id);

create table signing_keys (
  kid         text primary key,
  public_key  bytea not null,
  -- AES-256-GCM under naap.auth.key-encryption-secret.
  private_key bytea not null,
  created_at  timestamptz not null,
  retired_at  timestamptz
);
-- At most one key signs at a time.
create unique index signing_keys_current on signing_keys ((true)) where retired_at is null;

create table outbox (
  id           bigint generated always as identity primary key,
  topic        text not null,
  event_id     text not null unique,
  payload      text not null,
  created_at   timestamptz not null default now(),
  published_at timestamptz
);
create index outbox_waiting on outbox (id) where published_at is null;
