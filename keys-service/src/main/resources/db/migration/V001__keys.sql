-- Keys of tenants. A deleted key stays as a tombstone, so that usage and audit still know whose it was.
create table api_keys (
  id              text primary key check (id like 'key\_%'),
  tenant_id       text not null check (tenant_id like 'ten\_%'),
  name            text not null check (length(name) between 1 and 100),
  mode            text not null check (mode in ('live', 'test')),
  tags            text[] not null default '{}',
  tier            text,
  capabilities    text not null,
  models          text not null,
  allowed_cidrs   text not null,
  allowed_origins text not null default '[]',
  expires_at      timestamptz,
  limits          text not null,
  enabled         boolean not null,
  last_four       text not null check (length(last_four) = 4),
  revision        bigint not null check (revision > 0),
  created_by      text not null,
  created_at      timestamptz not null,
  updated_at      timestamptz not null,
  last_used_at    timestamptz,
  deleted_at      timestamptz,
  revoked_reason  text
);
-- Pages of one tenant's keys, newest first, in constant time.
create index api_keys_of_tenant on api_keys (tenant_id, id desc) where deleted_at is null;
-- Names by prefix, in the order they are paged in. Byte order, so that a prefix is a range.
create index api_keys_by_name on api_keys (tenant_id, lower(name) collate "C", id) where deleted_at is null;
create index api_keys_by_last_four on api_keys (tenant_id, last_four) where deleted_at is null;

-- Secrets are apart from keys: a key keeps its id, limits and counters while its secret is rotated.
create table key_secrets (
  public_id      text primary key check (length(public_id) = 12),
  key_id         text not null references api_keys (id),
  secret_hmac    bytea not null check (length(secret_hmac) = 32),
  pepper_version integer not null,
  last_four      text not null check (length(last_four) = 4),
  created_at     timestamptz not null,
  -- The end of a rotation's overlap; absent for as long as the key.
  expires_at     timestamptz,
  revoked_at     timestamptz
);
create index key_secrets_of_key on key_secrets (key_id);
-- How many secrets still need an old pepper: nearly all are under the current one, so both ends of this are short.
create index key_secrets_pepper on key_secrets (pepper_version) where revoked_at is null;

-- Keys by tag, newest first. An index over the array finds keys but does not page them in order.
create table key_tags (
  tenant_id text not null,
  tag       text not null,
  key_id    text not null references api_keys (id),
  primary key (tenant_id, tag, key_id)
);
create index key_tags_of_key on key_tags (key_id);
create function index_key_tags() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' then
    delete from key_tags where key_id = new.id and (new.deleted_at is not null or tag <> all (new.tags));
  end if;
  if new.deleted_at is null then
    insert into key_tags (tenant_id, tag, key_id)
      select distinct new.tenant_id, t, new.id from unnest(new.tags) t on conflict do nothing;
  end if;
  return null;
end $$;
create trigger api_keys_tags after insert or update of tags, deleted_at on api_keys
  for each row execute function index_key_tags();

-- Limits over all keys of a tenant: the operator's ceiling, and the tenant's own below it. Absent means none.
create table tenant_limits (
  tenant_id         text primary key check (tenant_id like 'ten\_%'),
  operator_limits   text not null default '{}',
  operator_keys_max bigint check (operator_keys_max >= 0),
  own_limits        text not null default '{}',
  own_keys_max      bigint check (own_keys_max >= 0),
  revision          bigint not null check (revision > 0),
  updated_at        timestamptz not null
);

-- Counting 100,000 keys for every new one would not be constant time; this row also makes the check and the insert one.
create table tenant_keys (
  tenant_id text primary key,
  keys      bigint not null check (keys >= 0)
);

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
