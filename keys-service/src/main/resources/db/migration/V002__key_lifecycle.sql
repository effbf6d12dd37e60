-- Secrets of their own: a key keeps its id, limits and counters while its secret is rotated.
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
insert into key_secrets (public_id, key_id, secret_hmac, pepper_version, last_four, created_at)
  select key_id, id, secret_hmac, pepper_version, last_four, created_at from api_keys;
create index key_secrets_of_key on key_secrets (key_id);
-- How many secrets still need an old pepper: nearly all are under the current one, so both ends of this are short.
create index key_secrets_pepper on key_secrets (pepper_version) where revoked_at is null;

alter table api_keys drop column key_id;
alter table api_keys drop column secret_hmac;
alter table api_keys drop column pepper_version;
alter table api_keys rename column tags to tags_json;
alter table api_keys add column tags text[] not null default '{}';
update api_keys set tags = array(select jsonb_array_elements_text(tags_json::jsonb)) where tags_json <> '[]';
alter table api_keys drop column tags_json;
alter table api_keys add column allowed_origins text not null default '[]';
alter table api_keys add column last_used_at timestamptz;
-- A deleted key stays as a tombstone, so that usage and audit still know whose it was.
alter table api_keys add column deleted_at timestamptz;
alter table api_keys add column revoked_reason text;

drop index api_keys_of_tenant;
-- Pages of one tenant's keys, newest first, in constant time.
create index api_keys_of_tenant on api_keys (tenant_id, id desc) where deleted_at is null;
-- Names by prefix, in the order they are paged in. Byte order, so that a prefix is a range.
create index api_keys_by_name on api_keys (tenant_id, lower(name) collate "C", id) where deleted_at is null;
create index api_keys_by_last_four on api_keys (tenant_id, last_four) where deleted_at is null;

-- Keys by tag, newest first. An index over the array finds keys but does not page them in order.
create table key_tags (
  tenant_id text not null,
  tag       text not null,
  key_id    text not null references api_keys (id),
  primary key (tenant_id, tag, key_id)
);
create index key_tags_of_key on key_tags (key_id);
insert into key_tags (tenant_id, tag, key_id) select tenant_id, unnest(tags), id from api_keys;
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
insert into tenant_keys (tenant_id, keys) select tenant_id, count(*) from api_keys group by tenant_id;
