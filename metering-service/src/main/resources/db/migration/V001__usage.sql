-- Every usage event, once, for ever. The id is the inbox.
create table usage_event (
  event_id text primary key,
  request_id text not null,
  sequence int not null check (sequence >= 0),
  instance text not null,
  spool_position bigint not null check (spool_position >= 0),
  opened_at timestamptz not null,
  occurred_at timestamptz not null,
  tenant_id text not null,
  key_id text not null,
  tags text[] not null,
  capability text not null,
  model text not null,
  tier text not null,
  pool text not null,
  gateway text not null,
  status int not null,
  outcome text not null check (outcome in ('succeeded', 'partial', 'failed')),
  requests bigint not null check (requests >= 0),
  pixels bigint not null check (pixels >= 0),
  generations bigint not null check (generations >= 0),
  tokens_in bigint not null check (tokens_in >= 0),
  tokens_out bigint not null check (tokens_out >= 0),
  milliseconds bigint not null check (milliseconds >= 0),
  characters bigint not null check (characters >= 0),
  plan text not null,
  funding_id text,
  estimated_cost bigint not null,
  latency_millis bigint not null,
  -- rated: charged; unbilled: the job failed; quarantined: stored, and waits for a person.
  state text not null check (state in ('rated', 'unbilled', 'quarantined')),
  reason text,
  cost bigint not null check (cost >= 0),
  received_at timestamptz not null,
  check ((state = 'quarantined') = (reason is not null)),
  check (state = 'rated' or cost = 0)
);

create index usage_event_tenant on usage_event (tenant_id, occurred_at desc, event_id desc);
create index usage_event_request on usage_event (request_id);
create index usage_event_spool on usage_event (instance, spool_position);
create index usage_event_quarantined on usage_event (received_at) where state = 'quarantined';

-- Sums, kept in the same transaction as the events.
create table usage_rollup (
  granularity text not null check (granularity in ('minute', 'hour', 'day')),
  bucket timestamptz not null,
  tenant_id text not null,
  key_id text not null,
  capability text not null,
  model text not null,
  tier text not null,
  status int not null,
  outcome text not null,
  jobs bigint not null,
  requests bigint not null,
  pixels bigint not null,
  generations bigint not null,
  tokens_in bigint not null,
  tokens_out bigint not null,
  milliseconds bigint not null,
  characters bigint not null,
  cost bigint not null,
  primary key (tenant_id, granularity, bucket, key_id, capability, model, tier, status, outcome)
);

create index usage_rollup_key on usage_rollup (key_id, granularity, bucket);

-- How far a router's spool is stored without a gap. Positions count from 1.
create table spool (
  instance text primary key,
  committed bigint not null check (committed >= 0)
);

-- Entries of a stream that are not events; a person looks at them.
create table dead_letter (
  stream text not null,
  entry_id text not null,
  payload text not null,
  reason text not null,
  arrived_at timestamptz not null default now(),
  primary key (stream, entry_id)
);

-- Announcements, committed together with what they announce.
create table outbox (
  id bigint generated always as identity primary key,
  topic text not null,
  event_id text not null unique,
  payload text not null,
  created_at timestamptz not null default now(),
  published_at timestamptz
);

create index outbox_unpublished on outbox (id) where published_at is null;

create table plan (
  id text primary key,
  prepaid boolean not null,
  tier text not null,
  is_default boolean not null default false,
  created_at timestamptz not null default now()
);

create unique index plan_default on plan (is_default) where is_default;

-- A version never changes once it is there.
create table plan_version (
  plan_id text not null references plan (id),
  version int not null check (version >= 1),
  name text not null,
  charges jsonb not null,
  created_at timestamptz not null default now(),
  primary key (plan_id, version)
);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end $$;

create trigger plan_version_append_only before update or delete on plan_version
  for each row execute function refuse_change();

create table tenant_plan (
  tenant_id text primary key,
  plan_id text not null references plan (id)
);
