-- Usage at volume: partitioned by day, still unique for ever; rollups a table for each granularity; arrivals and
-- announcements in few rows a batch.

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

alter table usage_event rename to usage_event_before;
alter table usage_rollup rename to usage_rollup_before;
drop index usage_event_tenant, usage_event_request, usage_event_spool, usage_event_quarantined, usage_rollup_key;
alter index usage_event_pkey rename to usage_event_before_pkey;
alter index usage_rollup_pkey rename to usage_rollup_before_pkey;

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

insert into usage_event (event_id, spool_position, opened_at, occurred_at, received_at, requests, pixels, generations,
  tokens_in, tokens_out, milliseconds, characters, cost, estimated_cost, latency_millis, sequence, status, tenant_id,
  key_id, capability, model, tier, pool, gateway, instance, outcome, plan, state, reason, funding_id, tags)
select event_id, spool_position, opened_at, occurred_at, received_at, requests, pixels, generations,
  tokens_in, tokens_out, milliseconds, characters, cost, estimated_cost, latency_millis, sequence, status, tenant_id,
  key_id, capability, model, tier, pool, gateway, instance, outcome, plan,
  case state when 'quarantined' then 'quarantined' else 'accepted' end, reason, funding_id, tags
from usage_event_before;

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

insert into usage_rollup (granularity, bucket, tenant_id, key_id, capability, model, tier, status, outcome, late, jobs,
  events, requests, pixels, generations, tokens_in, tokens_out, milliseconds, characters, cost, sponsored, waived,
  network_cost)
select granularity, bucket, tenant_id, key_id, capability, model, tier, status, outcome, false, jobs, jobs, requests,
  pixels, generations, tokens_in, tokens_out, milliseconds, characters, cost, 0, 0, 0
from usage_rollup_before;

drop table usage_event_before;
drop table usage_rollup_before;

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

-- Which spool positions a batch held; folded into the watermarks after the commit, so that batches never wait for each
-- other.
create table spool_arrival (
  instance text not null,
  positions int8multirange not null
);

alter table spool add column ahead int8multirange not null default '{}';

-- One row a batch; gone when it is published.
drop table outbox;
create table outbox (
  id bigint generated always as identity primary key,
  topic text not null,
  payloads text[] not null,
  created_at timestamptz not null default now()
);
-- Packing takes longer than writing.
alter table outbox alter column payloads set storage external;

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

create table budget (
  id text primary key,
  sponsor text not null,
  total bigint not null check (total >= 0),
  spent bigint not null default 0 check (spent >= 0 and spent <= total),
  created_at timestamptz not null default now()
);

-- Price books, and plans that take their charges from one. A version never changes.
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

alter table plan add column tenant_id text;
alter table plan add column base_id text references plan (id);
alter table plan_version disable trigger plan_version_append_only;
alter table plan_version
  add column terms jsonb not null default '{}',
  -- Its own charges, without those of the book.
  add column own_charges jsonb,
  add column price_book text,
  add column prepaid boolean,
  add column tier text,
  add column limits jsonb not null default '{}',
  add column capabilities text[] not null default '{}',
  add column models text[] not null default '{}',
  add column effective_from timestamptz not null default '2020-01-01T00:00:00Z',
  -- Of a private plan: what was put over its base.
  add column overrides jsonb;
update plan_version v set own_charges = charges, prepaid = p.prepaid, tier = p.tier from plan p where p.id = v.plan_id;
alter table plan_version alter column own_charges set not null, alter column prepaid set not null, alter column tier set not null;
alter table plan_version enable trigger plan_version_append_only;
alter table plan drop column prepaid, drop column tier;

create table tenant_assignment (
  tenant_id text not null,
  effective_from timestamptz not null,
  plan_id text not null references plan (id),
  created_at timestamptz not null default now(),
  primary key (tenant_id, effective_from)
);
insert into tenant_assignment (tenant_id, effective_from, plan_id)
select tenant_id, '2020-01-01T00:00:00Z', plan_id from tenant_plan;
drop table tenant_plan;

-- How a tenant is billed. A tenant without a row is billed by calendar month, as the configuration says.
create table tenant_account (
  tenant_id text primary key,
  cadence text not null default 'calendar' check (cadence in ('calendar', 'anniversary')),
  anchor_day int not null default 1 check (anchor_day between 1 and 31),
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
  created_at timestamptz not null default now()
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

-- Events of other services that were taken, once for ever.
create table inbox (
  event_id text primary key,
  received_at timestamptz not null default now()
);

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

create table webhook (
  id text primary key,
  tenant_id text not null,
  url text not null,
  events text[] not null,
  secret text not null,
  -- Signs too until then, after a rotation.
  old_secret text,
  old_secret_until timestamptz,
  enabled boolean not null default true,
  created_at timestamptz not null default now()
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

-- An alert is raised once for what it is about.
create table alert (
  tenant_id text not null,
  subject text not null,
  raised_at timestamptz not null default now(),
  primary key (tenant_id, subject)
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

-- Events of days before this one were let go: one that comes now may have been stored then.
create table usage_horizon (single boolean primary key default true check (single), before date not null);
