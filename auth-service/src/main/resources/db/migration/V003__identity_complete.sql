-- V002 is about the accounts of contract wallets; the two were made side by side.

-- A key is published before it signs, so that every verifier knows it in time, and after its successor signs, for as
-- long as one of its tokens can be alive. Which one signs follows from the times alone.
drop index signing_keys_current;
alter table signing_keys add column signs_from timestamptz;
update signing_keys set signs_from = created_at;
alter table signing_keys alter column signs_from set not null;
alter table signing_keys rename column retired_at to revoked_at;
create index signing_keys_order on signing_keys (signs_from desc);

alter table users add column last_tenant_id text references tenants (id);

alter table sessions
  add column kind text not null default 'siwe' check (kind in ('siwe', 'device')),
  add column address text not null default '',
  add column agent text not null default '',
  add column last_used_at timestamptz,
  add column revoked_because text;
create index sessions_alive on sessions (user_id, id desc) where revoked_at is null;

-- The successor of a used token, encrypted with the used token itself: whoever still holds it can get the same answer
-- again for a few seconds, and nobody who reads this table can.
alter table refresh_tokens add column successor bytea;

-- Tokens that are refused before their time is over. A row is dropped once no token it concerns can be alive.
create table refusals (
  subject    text primary key,
  -- Tokens issued before this second are refused.
  not_before bigint not null,
  drop_after timestamptz not null
);
create index refusals_age on refusals (drop_after);
create index tenants_suspended on tenants (id) where status = 'suspended';

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

-- Both codes by their SHA-256.
create table device_grants (
  device_hash  bytea primary key,
  user_hash    bytea not null unique,
  client       text not null check (length(client) between 1 and 100),
  address      text not null,
  created_at   timestamptz not null,
  expires_at   timestamptz not null,
  polled_at    timestamptz,
  interval_s   integer not null,
  -- Null until somebody has decided.
  approved     boolean,
  user_id      text references users (id),
  tenant_id    text references tenants (id),
  wallet       text
);
create index device_grants_age on device_grants (expires_at);

-- Append only: every entry holds the hash of the one before.
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
