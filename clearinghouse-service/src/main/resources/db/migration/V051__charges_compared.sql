-- When metering rated a charge: by this the two are compared, span by span.
alter table charge add column rated_at timestamptz;
create index charge_rated on charge using brin (rated_at) with (autosummarize = on);

-- What was given back of a job, by whom: once, whether a correction of its usage or a reversal of its journal asks.
create table job_refund (
  usage_event_id text primary key,
  journal_id text not null references journal (id),
  kind text not null check (kind in ('correction', 'reversal')),
  tenant_id text not null,
  amount bigint not null check (amount >= 0),
  sponsored bigint not null check (sponsored >= 0),
  -- When metering took the usage back; null while only a reversal did.
  rated_at timestamptz,
  created_at timestamptz not null default now()
);
create index job_refund_rated on job_refund (rated_at);
create index job_refund_journal on job_refund (journal_id);
-- What was reversed until now. Which job a fee of an earlier correction was for, nobody wrote down.
insert into job_refund (usage_event_id, journal_id, kind, tenant_id, amount, sponsored)
  select c.usage_event_id, r.reversed_by, 'reversal', c.tenant_id, c.amount, c.sponsored
  from journal_reversal r join charge c on c.journal_id = r.journal_id;

-- Sums of metering that are not compared yet, or differ and are being looked into.
create table charge_span (
  span_from timestamptz not null,
  span_to timestamptz not null,
  charges bigint not null,
  amount bigint not null,
  sponsored bigint not null,
  arrived_at timestamptz not null default now(),
  asked_at timestamptz,
  primary key (span_from, span_to)
);

-- A charge that metering and the ledger do not agree on. What was healed stays, with its time.
create table charge_difference (
  usage_event_id text primary key,
  kind text not null check (kind in ('missing', 'amount', 'unknown')),
  metered bigint,
  metered_sponsored bigint,
  booked bigint,
  booked_sponsored bigint,
  found_at timestamptz not null default now(),
  asked_at timestamptz not null default now(),
  healed_at timestamptz
);
create index charge_difference_open on charge_difference (usage_event_id) where healed_at is null;
