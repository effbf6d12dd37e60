-- The double-entry ledger. USD is counted in nano-dollars, ETH in wei; both are whole numbers.
create table account (
  id bigint generated always as identity primary key,
  owner text not null,
  kind text not null check (kind in
    ('credit', 'set_aside', 'owed', 'revenue', 'credits_issued', 'network_spent', 'tickets_issued')),
  currency text not null check (currency in ('USD', 'ETH')),
  balance numeric(78, 0) not null default 0,
  unique (owner, kind, currency),
  unique (id, currency),
  constraint account_currency check
    ((currency = 'ETH') = (kind in ('network_spent', 'tickets_issued'))),
  constraint account_floor check
    (kind not in ('credit', 'set_aside', 'network_spent') or balance >= 0),
  constraint account_ceiling check (kind not in ('owed', 'tickets_issued') or balance <= 0),
  constraint account_range check
    (currency <> 'USD' or balance between -9223372036854775807 and 9223372036854775807)
);

create table journal (
  id text primary key,
  business_key text not null unique,
  kind text not null,
  tenant_id text,
  description text not null,
  occurred_at timestamptz not null,
  created_at timestamptz not null default now(),
  created_in xid8 not null default pg_current_xact_id()
);

create index journal_tenant on journal (tenant_id, occurred_at);

create table posting (
  id bigint generated always as identity primary key,
  journal_id text not null references journal (id),
  account_id bigint not null,
  currency text not null,
  amount numeric(78, 0) not null check (amount <> 0),
  foreign key (account_id, currency) references account (id, currency)
);

create index posting_journal on posting (journal_id);
create index posting_account on posting (account_id);

-- What is booked stays booked.
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end $$;

create trigger journal_append_only before update or delete on journal
  for each row execute function refuse_change();
create trigger journal_no_truncate before truncate on journal
  for each statement execute function refuse_change();
create trigger posting_append_only before update or delete on posting
  for each row execute function refuse_change();
create trigger posting_no_truncate before truncate on posting
  for each statement execute function refuse_change();
create trigger account_no_delete before delete on account
  for each row execute function refuse_change();

-- A balance is the sum of its postings because nothing else ever changes it; a journal is complete
-- when the transaction that made it ends.
create function post() returns trigger language plpgsql as $$
begin
  if exists (
    select 1 from added a join journal j on j.id = a.journal_id
    where j.created_in <> pg_current_xact_id()) then
    raise exception 'a journal is not extended later' using errcode = 'restrict_violation';
  end if;
  update account a set balance = a.balance + s.amount
    from (select account_id, sum(amount) as amount from added group by account_id) s
    where a.id = s.account_id;
  return null;
end $$;

create trigger posting_moves_balance after insert on posting
  referencing new table as added for each statement execute function post();

create function check_zero_sum() returns trigger language plpgsql as $$
begin
  if exists (
    select 1 from posting where journal_id = new.journal_id
    group by currency having sum(amount) <> 0) then
    raise exception 'journal % does not sum to zero', new.journal_id
      using errcode = 'check_violation';
  end if;
  return null;
end $$;

create constraint trigger posting_zero_sum after insert on posting
  deferrable initially deferred for each row execute function check_zero_sum();

-- Money set aside for admission: one funding per tenant and life of the admission store.
create table funding (
  id text primary key,
  tenant_id text not null,
  epoch text not null,
  total bigint not null default 0 check (total >= 0),
  opened_at timestamptz not null default now(),
  closed_at timestamptz,
  unique (tenant_id, epoch)
);

create unique index funding_open on funding (tenant_id) where closed_at is null;

-- Events that took effect, for ever.
create table inbox (
  event_id text primary key,
  consumed_at timestamptz not null default now()
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

-- What was charged, as reconciliation reads it.
create table charge (
  usage_event_id text primary key,
  journal_id text not null references journal (id),
  request_id text not null,
  occurred_at timestamptz not null,
  tenant_id text not null,
  key_id text not null,
  capability text not null,
  model text not null,
  gateway text not null,
  units jsonb not null,
  milliseconds bigint not null check (milliseconds >= 0),
  amount bigint not null check (amount >= 0)
);

create index charge_time on charge (occurred_at, tenant_id);
create index charge_gateway on charge (gateway, occurred_at);

create table payment (
  id text primary key,
  tenant_id text not null,
  kind text not null check (kind in ('credit')),
  amount bigint not null check (amount > 0),
  reason text not null,
  created_by text not null,
  journal_id text not null references journal (id) deferrable initially deferred,
  created_at timestamptz not null
);

create index payment_tenant on payment (tenant_id, id);

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
