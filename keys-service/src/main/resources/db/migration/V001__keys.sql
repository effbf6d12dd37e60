create table api_keys (
  id             text primary key check (id like 'key\_%'),
  key_id         text not null unique check (length(key_id) = 12),
  tenant_id      text not null check (tenant_id like 'ten\_%'),
  name           text not null check (length(name) between 1 and 100),
  mode           text not null check (mode in ('live', 'test')),
  tags           text not null,
  tier           text,
  capabilities   text not null,
  models         text not null,
  allowed_cidrs  text not null,
  expires_at     timestamptz,
  limits         text not null,
  enabled        boolean not null,
  secret_hmac    bytea not null check (length(secret_hmac) = 32),
  pepper_version integer not null,
  last_four      text not null check (length(last_four) = 4),
  revision       bigint not null check (revision > 0),
  created_by     text not null,
  created_at     timestamptz not null,
  updated_at     timestamptz not null
);
-- Pages of one tenant's keys, newest first, in constant time.
create index api_keys_of_tenant on api_keys (tenant_id, id desc);

create table outbox (
  id           bigint generated always as identity primary key,
  topic        text not null,
  event_id     text not null unique,
  payload      text not null,
  created_at   timestamptz not null default now(),
  published_at timestamptz
);
create index outbox_waiting on outbox (id) where published_at is null;

create table idempotency (
  caller     text not null,
  route      text not null,
  key        text not null,
  body_hash  text not null,
  status     integer not null,
  -- Encrypted: the first answer may hold a secret that is shown once.
  answer     bytea not null,
  created_at timestamptz not null,
  primary key (caller, route, key)
);
create index idempotency_age on idempotency (created_at);
