-- ---------------------------------------------------------------------------------------------------------------------
-- Usage: every event once, for ever, by its id.
-- ---------------------------------------------------------------------------------------------------------------------

-- The first characters of a request id are the millisecond it was made in, so ids sort by time, and a day is a range of
-- ids: partitions by day of the id, with the id itself as the key. An event always falls into the same partition, which
-- is why unique there is unique everywhere.
create function id_floor(at timestamptz) returns text language plpgsql immutable strict as $$
declare
  millis bigint := floor(extract(epoch from at) * 1000);
  body text := '';
begin
  for digit in 1..10 loop
    body := substr('0123456789abcdefghjkmnpqrstvwxyz', (millis & 31)::int + 1, 1) || body;
    millis := millis >> 5;
  end loop;
  return 'req_' || body;
end $$;

create table usage_event (
  event_id text collate "C" primary key,
  spool_position bigint not null check (spool_position >= 0),
  opened_at timestamptz not null,
  occurred_at timestamptz not null,
  received_at timestamptz not null,
  requests bigint not null,
  pixels bigint not null,
  generations bigint not null,
  tokens_in bigint not null,
  tokens_out bigint not null,
  milliseconds bigint not null,
  characters bigint not null,
  -- What the tenant pays, what a sponsor pays, what a trial or ceiling spares the tenant; negative only in reversals.
  cost bigint not null,
  sponsored bigint not null default 0,
  waived bigint not null default 0,
  estimated_cost bigint not null,
  -- What the network costs by the cost book; null when the book has no price for it.
  network_cost bigint,
  latency_millis bigint not null,
  sequence int not null check (sequence >= 0),
  status int not null,
  tenant_id text collate "C" not null,
  key_id text collate "C" not null,
  capability text collate "C" not null,
  model text collate "C" not null,
  tier text collate "C" not null,
  pool text not null,
  gateway text not null,
  instance text not null,
  outcome text collate "C" not null check (outcome in ('succeeded', 'partial', 'failed')),
  plan text not null,
  -- accepted: in its period; late: its period was closed, so it is on the next invoice; corrected: taken back by a
  -- reversal; reversal: takes another event back; quarantined: stored, and waits for a person.
  state text not null check (state in ('accepted', 'late', 'corrected', 'reversal', 'quarantined')),
  -- Where the amounts are billed: in the period the event fell into, or after it was closed.
  late boolean not null default false,
  reason text,
  budget_id text,
  funding_id text,
  -- The event a reversal takes back, or a correction replaces.
  corrects text,
  tags text[] not null,
  -- Where the period was before the event, for a plan whose prices depend on it.
  position jsonb,
  -- Of a quarantined event: the whole event, for repair and replay.
  payload text,
  check ((state = 'quarantined') = (reason is not null)),
  check (state <> 'quarantined' or cost = 0)
) partition by range (event_id);

create index usage_event_tenant on usage_event (tenant_id, occurred_at desc, event_id desc);
create index usage_event_quarantined on usage_event (received_at) where state = 'quarantined';
-- Over all tenants, events are read by their ids; the few of jobs that began long before they ended are found by this.
create index usage_event_time on usage_event using brin (occurred_at);
-- What was rated is compared with what the ledger booked, span by span of the time it was rated.
create index usage_event_received on usage_event using brin (received_at) with (autosummarize = on);

-- Ids of days that have no partition (a clock far off); made beforehand for every day that can come.
create table usage_event_other partition of usage_event default;

create function usage_partition(day date) returns boolean language plpgsql as $$
declare
  name text := 'usage_event_' || to_char(day, 'YYYYMMDD');
begin
  if to_regclass(name) is not null then
    return false;
  end if;
  execute format(
    'create table %I partition of usage_event for values from (%L) to (%L)',
    name, id_floor(day::timestamp at time zone 'UTC'), id_floor((day + 1)::timestamp at time zone 'UTC'));
  return true;
exception
  -- Made by another replica just now, or the other partition already holds ids of that day: they stay there.
  when duplicate_table or check_violation then return false;
end $$;

select usage_partition((now() at time zone 'UTC')::date + n) from generate_series(-40, 8) n;

-- Events of days before this one were let go: one that comes now may have been stored then.
create table usage_horizon (single boolean primary key default true check (single), before date not null);

-- Sums, kept in the same transaction as the events. Room in each page, so that adding to a row stays in its page.
create table usage_rollup (
  granularity text collate "C" not null,
  bucket timestamptz not null,
  tenant_id text collate "C" not null,
  key_id text collate "C" not null,
  capability text collate "C" not null,
  model text collate "C" not null,
  tier text collate "C" not null,
  status int not null,
  outcome text collate "C" not null,
  late boolean not null default false,
  jobs bigint not null,
  events bigint not null,
  requests bigint not null,
  pixels bigint not null,
  generations bigint not null,
  tokens_in bigint not null,
  tokens_out bigint not null,
  milliseconds bigint not null,
  characters bigint not null,
  cost bigint not null,
  sponsored bigint not null,
  waived bigint not null,
  network_cost bigint not null,
  primary key (tenant_id, granularity, bucket, key_id, capability, model, tier, status, outcome, late)
) partition by list (granularity);

create table usage_minute partition of usage_rollup for values in ('minute') with (fillfactor = 70);
create table usage_hour partition of usage_rollup for values in ('hour') with (fillfactor = 70);
create table usage_day partition of usage_rollup for values in ('day') with (fillfactor = 70);
create index usage_day_key on usage_day (key_id, bucket);
create index usage_day_bucket on usage_day (bucket);
create index usage_minute_bucket on usage_minute using brin (bucket);

-- Tags are the tenant's own words for its keys: a sum of its own, by day.
create table usage_tag (
  tenant_id text collate "C" not null,
  bucket timestamptz not null,
  tag text collate "C" not null,
  jobs bigint not null,
  requests bigint not null,
  pixels bigint not null,
  generations bigint not null,
  tokens_in bigint not null,
  tokens_out bigint not null,
  milliseconds bigint not null,
  characters bigint not null,
  cost bigint not null,
  primary key (tenant_id, bucket, tag)
) with (fillfactor = 70);

-- ---------------------------------------------------------------------------------------------------------------------
-- Arrival: where events come from, what is missing of them, and what could not be read.
-- ---------------------------------------------------------------------------------------------------------------------

-- How far a router's spool is stored without a gap, and what is stored beyond it. Positions count from 1.
create table spool (
  instance text primary key,
  committed bigint not null check (committed >= 0),
  ahead int8multirange not null default '{}'
);

-- Which spool positions a batch held; folded into the watermarks after the commit, so that batches never wait for each
-- other.
create table spool_arrival (
  instance text not null,
  positions int8multirange not null
);

-- Spool positions that routers declared missing: their watermarks pass them, and a person can see what was lost.
create table usage_missing (
  id bigint generated always as identity primary key,
  instance text not null,
  missing_from bigint not null check (missing_from > 0),
  missing_to bigint not null check (missing_to >= missing_from),
  reason text not null,
  found_at timestamptz not null,
  received_at timestamptz not null default now(),
  unique (instance, missing_from, missing_to)
);

-- Ids of events that came by HTTP, by whoever sent them.
create table usage_source (
  tenant_id text not null,
  source text not null,
  id text not null,
  body_hash text not null,
  event_id text not null,
  received_at timestamptz not null default now(),
  primary key (tenant_id, source, id)
);

-- Events of other services that were taken, once for ever.
create table inbox (
  event_id text primary key,
  received_at timestamptz not null default now()
);

-- Entries of a stream that could not be taken. A usage event among them is missing money: it stays open until a person
-- has stored it or said why not.
create table dead_letter (
  stream text not null,
  entry_id text not null,
  payload text not null,
  reason text not null,
  arrived_at timestamptz not null default now(),
  resolution text check (resolution in ('replayed', 'dismissed')),
  resolved_at timestamptz,
  resolved_by text,
  note text,
  primary key (stream, entry_id)
);
create index on dead_letter (arrived_at) where resolution is null;

-- ---------------------------------------------------------------------------------------------------------------------
-- Announcements, committed together with what they announce; and answers to requests that are repeated.
-- ---------------------------------------------------------------------------------------------------------------------

-- One row a batch. A row that carries money stays until every consumer in "awaits" has committed it; what Redis lost is
-- published again. A row that only announces awaits nobody, and goes once it is published.
create table outbox (
  id bigint generated always as identity primary key,
  topic text not null,
  payloads text[] not null,
  created_at timestamptz not null default now(),
  -- How many events it holds, so that the relay takes as many rows as one round trip bears.
  events int not null default 1,
  awaits text[] not null default '{}',
  sent_at timestamptz,
  -- Of the entry of the Redis Stream, by which it is found again.
  entry_id text
);
-- Packing takes longer than writing.
alter table outbox alter column payloads set storage external;
-- Rows come and go all the time: without vacuum their indexes would only grow.
alter table outbox set (autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_cost_delay = 0);
create index outbox_unsent on outbox (topic, id) where sent_at is null;
create index outbox_sent on outbox (id) where sent_at is not null;

-- How often this database's rows were published. Redis counts too: where the two differ, Redis has lost something.
create table outbox_relay (
  only_one boolean primary key default true check (only_one),
  id text not null,
  published bigint not null default 0
);
insert into outbox_relay (id) values (gen_random_uuid()::text);

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

-- ---------------------------------------------------------------------------------------------------------------------
-- Plans and price books. A version never changes once it is there.
-- ---------------------------------------------------------------------------------------------------------------------

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end $$;

-- Charges that several plans share.
create table price_book (
  id text primary key,
  name text not null,
  created_at timestamptz not null default now()
);

create table price_book_version (
  book_id text not null references price_book (id),
  version int not null check (version >= 1),
  charges jsonb not null,
  created_at timestamptz not null default now(),
  primary key (book_id, version)
);

create trigger price_book_version_append_only before update or delete on price_book_version
  for each row execute function refuse_change();

create table plan (
  id text primary key,
  is_default boolean not null default false,
  created_at timestamptz not null default now(),
  -- Of a private plan: whose it is, and the plan it is based on.
  tenant_id text,
  base_id text references plan (id)
);
create unique index plan_default on plan (is_default) where is_default;

create table plan_version (
  plan_id text not null references plan (id),
  version int not null check (version >= 1),
  name text not null,
  charges jsonb not null,
  created_at timestamptz not null default now(),
  terms jsonb not null default '{}',
  -- Its own charges, without those of the book.
  own_charges jsonb not null,
  price_book text,
  prepaid boolean not null,
  tier text not null,
  limits jsonb not null default '{}',
  capabilities text[] not null default '{}',
  models text[] not null default '{}',
  effective_from timestamptz not null default '2020-01-01T00:00:00Z',
  -- Of a private plan: what was put over its base.
  overrides jsonb,
  -- The pool tiers that keys of its tenants may name; its own tier is always one of them.
  tiers text[] not null default '{}',
  primary key (plan_id, version)
);
create trigger plan_version_append_only before update or delete on plan_version
  for each row execute function refuse_change();

create table tenant_assignment (
  tenant_id text not null,
  effective_from timestamptz not null,
  plan_id text not null references plan (id),
  created_at timestamptz not null default now(),
  primary key (tenant_id, effective_from)
);

-- Up to when plans, versions and assignments that were made for later have been announced as in force.
create table plan_reached (single boolean primary key default true check (single), through timestamptz not null);
insert into plan_reached (through) values (now());

-- Where a tenant's period is, for plans whose prices depend on it. Its row is the lock under which they are rated.
create table tenant_position (
  tenant_id text not null,
  period_start timestamptz not null,
  plan text not null,
  position jsonb not null,
  primary key (tenant_id, period_start, plan)
);

-- What of a trial is left; nanos null is without end.
create table tenant_trial (
  tenant_id text not null,
  plan_id text not null,
  until timestamptz not null,
  left_nanos bigint,
  primary key (tenant_id, plan_id)
);

-- Money of sponsors that pays for tenants' usage.
create table budget (
  id text primary key,
  sponsor text not null,
  total bigint not null check (total >= 0),
  spent bigint not null default 0 check (spent >= 0 and spent <= total),
  created_at timestamptz not null default now()
);

-- ---------------------------------------------------------------------------------------------------------------------
-- Accounts and invoices.
-- ---------------------------------------------------------------------------------------------------------------------

-- How a tenant is billed. A tenant without a row is billed by calendar month, as the configuration says.
create table tenant_account (
  tenant_id text primary key,
  cadence text not null default 'calendar' check (cadence in ('calendar', 'anniversary')),
  -- Up to here no event is taken into its period any more.
  closed_through timestamptz,
  -- Up to here it has its invoices; the next one begins here.
  invoiced_through timestamptz,
  terms_days int not null default 14 check (terms_days between 0 and 180),
  tax_name text not null default 'Tax',
  tax_percent numeric(9, 6) not null default 0 check (tax_percent between 0 and 100),
  bill_to text not null default '',
  credit_limit bigint,
  low_balance bigint,
  spend_alerts bigint[] not null default '{}',
  top_up_below bigint,
  top_up_amount bigint,
  standing text not null default 'good' check (standing in ('good', 'past_due', 'suspended')),
  -- As the clearinghouse last told.
  balance_revision bigint not null default -1,
  credit bigint,
  set_aside bigint,
  owed bigint,
  created_at timestamptz not null default now(),
  -- The days its periods begin at, and from when each holds. A change holds from the end of a period on, so what was
  -- invoiced stays as it was.
  anchor_from timestamptz[] not null default '{2000-01-01T00:00:00Z}',
  anchor_days int[] not null default '{1}',
  constraint tenant_account_anchors check (cardinality(anchor_from) >= 1 and cardinality(anchor_from) = cardinality(anchor_days)
    and 1 <= all (anchor_days) and 31 >= all (anchor_days))
);
create index tenant_account_closed on tenant_account (closed_through desc) where closed_through is not null;

create table invoice (
  id text primary key,
  tenant_id text not null,
  kind text not null check (kind in ('invoice', 'credit_note')),
  number bigint unique,
  status text not null check (status in ('draft', 'final', 'paid', 'void', 'uncollectible')),
  period_start timestamptz not null,
  period_end timestamptz not null,
  -- The whole invoice; final ones do not change but for their status and what was paid.
  document jsonb not null,
  total bigint not null,
  due bigint not null,
  paid bigint not null default 0 check (paid >= 0),
  due_at timestamptz,
  finalized_at timestamptz,
  of_invoice text references invoice (id),
  created_at timestamptz not null default now(),
  check ((number is null) = (status = 'draft'))
);
create unique index invoice_period on invoice (tenant_id, period_start) where kind = 'invoice';
create index invoice_tenant on invoice (tenant_id, id desc);
create index invoice_open on invoice (due_at) where status = 'final' and due > 0;

create function invoice_unchanged() returns trigger language plpgsql as $$
begin
  if old.status <> 'draft' and (new.number, new.document::text, new.total, new.due, new.tenant_id, new.period_start)
    is distinct from (old.number, old.document::text, old.total, old.due, old.tenant_id, old.period_start) then
    raise exception 'a final invoice does not change' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger invoice_unchanged before update on invoice for each row execute function invoice_unchanged();

-- Numbers without gaps: a row, not a sequence.
create table invoice_counter (single boolean primary key default true check (single), last bigint not null);
insert into invoice_counter (last) values (0);

-- Late events and reversals of closed periods, until an invoice takes them.
create table adjustment (
  event_id text collate "C" primary key,
  tenant_id text not null,
  occurred_at timestamptz not null,
  key_id text not null,
  capability text not null,
  model text not null,
  cost bigint not null,
  invoice_id text references invoice (id)
);
create index adjustment_open on adjustment (tenant_id) where invoice_id is null;

-- ---------------------------------------------------------------------------------------------------------------------
-- What the network costs the operator.
-- ---------------------------------------------------------------------------------------------------------------------

-- What the clearinghouse told that was paid for a job, in wei and in dollars.
create table network_cost (
  event_id text primary key,
  occurred_at timestamptz not null,
  gateway text,
  tenant_id text,
  capability text not null,
  wei numeric(78, 0) not null,
  usd bigint
);
create index network_cost_time on network_cost (occurred_at);

-- What the network costs: charges by pool, the newest that is in force.
create table cost_book_version (
  version int primary key check (version >= 1),
  effective_from timestamptz not null,
  entries jsonb not null,
  created_at timestamptz not null default now()
);
create trigger cost_book_version_append_only before update or delete on cost_book_version
  for each row execute function refuse_change();

-- ---------------------------------------------------------------------------------------------------------------------
-- What was rated, compared with what the ledger booked.
-- ---------------------------------------------------------------------------------------------------------------------

create table charge_comparison (
  only_one boolean primary key default true check (only_one),
  -- The ledger was told the sums of all before.
  told_through timestamptz not null
);
insert into charge_comparison (told_through) values (now());

-- Spans that the ledger asked for; listed when it has acknowledged all charges of before.
create table charge_question (
  event_id text primary key,
  span_from timestamptz not null,
  span_to timestamptz not null,
  asked_at timestamptz not null default now()
);

-- ---------------------------------------------------------------------------------------------------------------------
-- What tenants are shown and told.
-- ---------------------------------------------------------------------------------------------------------------------

-- The tenants' request log; nothing is billed from it.
create table request_log (
  request_id text collate "C" not null,
  at timestamptz not null,
  tenant_id text collate "C" not null,
  key_id text not null,
  capability text not null,
  model text not null,
  status int not null,
  refusal text,
  pool text,
  gateway text,
  units jsonb not null,
  cost bigint not null,
  latency_millis bigint not null,
  upstream_millis bigint not null,
  primary key (request_id)
);
create index request_log_tenant on request_log (tenant_id, at desc, request_id desc);
create index request_log_at on request_log using brin (at);

-- Secrets are AES-256-GCM under naap.metering.webhook.key-encryption-secret, in "sealed" and "old_sealed". The service
-- encrypts one that is stored as text when it starts, as only it has the key; the text goes then.
create table webhook (
  id text primary key,
  tenant_id text not null,
  url text not null,
  events text[] not null,
  secret text,
  -- Signs too until then, after a rotation.
  old_secret text,
  old_secret_until timestamptz,
  enabled boolean not null default true,
  created_at timestamptz not null default now(),
  sealed bytea,
  old_sealed bytea,
  constraint webhook_secret check (sealed is not null or secret is not null)
);
create index webhook_tenant on webhook (tenant_id);

create table webhook_delivery (
  id bigint generated always as identity primary key,
  webhook_id text not null references webhook (id) on delete cascade,
  message_id text not null,
  type text not null,
  payload text not null,
  attempts int not null default 0,
  -- waiting, delivered or given_up.
  state text not null default 'waiting' check (state in ('waiting', 'delivered', 'given_up')),
  next_at timestamptz not null default now(),
  last_status int,
  last_error text,
  created_at timestamptz not null default now(),
  delivered_at timestamptz,
  unique (webhook_id, message_id)
);
create index webhook_delivery_waiting on webhook_delivery (next_at) where state = 'waiting';
-- What waits is taken webhook by webhook, so that one long queue delays nobody else.
create index webhook_delivery_of_webhook on webhook_delivery (webhook_id, next_at, id) where state = 'waiting';
create index webhook_delivery_tests on webhook_delivery (webhook_id, created_at) where type = 'test';

-- An alert is raised once for what it is about.
create table alert (
  tenant_id text not null,
  subject text not null,
  raised_at timestamptz not null default now(),
  primary key (tenant_id, subject)
);

-- ---------------------------------------------------------------------------------------------------------------------
-- The plan every tenant starts on: prepaid, every capability has a price.
-- ---------------------------------------------------------------------------------------------------------------------

insert into plan (id, is_default) values ('pln_01kaq3v7g8e2nb0p4m6r9t1x5z', true);

insert into plan_version (plan_id, version, name, charges, own_charges, prepaid, tier)
select 'pln_01kaq3v7g8e2nb0p4m6r9t1x5z', 1, 'Pay as you go', charges, charges, true, 'standard'
from (select jsonb '[
  {"model": "per_request", "filter": {"capability": "text-to-image"}, "price": 0.001},
  {"model": "usage", "filter": {"capability": "text-to-image"}, "unit": "pixels", "per": 1000000, "price": 0.004},
  {"model": "per_request", "filter": {"capability": "image-to-image"}, "price": 0.001},
  {"model": "usage", "filter": {"capability": "image-to-image"}, "unit": "pixels", "per": 1000000, "price": 0.004},
  {"model": "per_request", "filter": {"capability": "image-to-video"}, "price": 0.005},
  {"model": "usage", "filter": {"capability": "image-to-video"}, "unit": "pixels", "per": 1000000, "price": 0.0015},
  {"model": "per_request", "filter": {"capability": "upscale"}, "price": 0.001},
  {"model": "usage", "filter": {"capability": "upscale"}, "unit": "pixels", "per": 1000000, "price": 0.002},
  {"model": "per_request", "filter": {"capability": "segment-anything-2"}, "price": 0.001},
  {"model": "usage", "filter": {"capability": "segment-anything-2"}, "unit": "pixels", "per": 1000000, "price": 0.001},
  {"model": "per_request", "filter": {"capability": "image-to-text"}, "price": 0.0005},
  {"model": "usage", "filter": {"capability": "image-to-text"}, "unit": "pixels", "per": 1000000, "price": 0.0005},
  {"model": "usage", "filter": {"capability": "llm"}, "unit": "tokens_in", "per": 1000000, "price": 0.2},
  {"model": "usage", "filter": {"capability": "llm"}, "unit": "tokens_out", "per": 1000000, "price": 0.6},
  {"model": "per_minute", "filter": {"capability": "audio-to-text"}, "price": 0.006},
  {"model": "usage", "filter": {"capability": "text-to-speech"}, "unit": "characters", "per": 1000000, "price": 15},
  {"model": "per_minute", "filter": {"capability": "live-video-to-video"}, "price": 0.05},
  {"model": "per_minute", "filter": {"capability": "transcoding"}, "price": 0.01},
  {"model": "per_request", "filter": {"capability": "byoc"}, "price": 0.0005},
  {"model": "per_minute", "filter": {"capability": "byoc"}, "price": 0.02}
]' as charges) priced;
