alter table payment drop constraint payment_kind_check;
alter table payment add constraint payment_kind check (kind in
  ('credit', 'stripe', 'usdc', 'refund', 'dispute', 'transfer_in', 'transfer_out', 'sponsor'));
-- What it is called where it came from: the same is never booked twice.
alter table payment add column external_id text;
create unique index payment_external on payment (kind, external_id);

-- A tenant at Stripe, and the card it has saved there.
create table stripe_customer (
  tenant_id text primary key,
  customer_id text not null unique,
  payment_method_id text,
  created_at timestamptz not null
);

-- What was asked of Stripe, before and whatever its answer.
create table stripe_charge (
  id text primary key,
  tenant_id text not null,
  amount bigint not null check (amount > 0),
  refunded bigint not null default 0 check (refunded >= 0 and refunded <= amount),
  status text not null check (status in ('open', 'paid', 'failed')),
  checkout_session_id text unique,
  payment_intent_id text unique,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index stripe_charge_tenant on stripe_charge (tenant_id, id);

create table stripe_event (
  event_id text primary key,
  type text not null,
  received_at timestamptz not null
);

-- Where a tenant pays USDC to; the index is all that is needed to derive the address again.
create sequence deposit_index as int minvalue 0 start 0;
create table deposit_address (
  tenant_id text primary key,
  derivation_index int not null unique,
  address text not null unique,
  created_at timestamptz not null
);

create table chain_cursor (
  name text primary key,
  block bigint not null,
  updated_at timestamptz not null
);

create table usdc_deposit (
  transaction_hash text not null,
  log_index int not null,
  block bigint not null,
  block_hash text not null,
  tenant_id text not null,
  address text not null,
  amount numeric(78, 0) not null check (amount > 0),
  payment_id text,
  primary key (transaction_hash, log_index)
);
create trigger usdc_deposit_append_only before update or delete on usdc_deposit
  for each row execute function refuse_change();
