-- The ledger: accounts, and journals of postings that sum to zero in each currency. USD is counted in
-- nano-dollars, ETH in wei; both are whole numbers. A positive balance is money that the account's owner has.
create table account (
  id bigint generated always as identity primary key,
  owner text not null,
  kind text not null,
  currency text not null check (currency in ('USD', 'ETH')),
  balance numeric(78, 0) not null default 0,
  unique (owner, kind, currency),
  unique (id, currency),
  constraint account_kind check (kind in
    ('credit', 'set_aside', 'held', 'owed', 'revenue', 'credits_issued', 'tax', 'cash', 'payable',
     'sponsor_budget', 'sponsor_owed',
     'network_spent', 'tickets_issued', 'tickets_redeemed', 'deposit', 'reserve', 'wallet', 'gas',
     'funded')),
  constraint account_currency check ((currency = 'ETH') = (kind in
    ('network_spent', 'tickets_issued', 'tickets_redeemed', 'deposit', 'reserve', 'wallet', 'gas',
     'funded'))),
  constraint account_floor check
    (kind not in ('credit', 'set_aside', 'held', 'sponsor_budget', 'network_spent') or balance >= 0),
  constraint account_ceiling check
    (kind not in ('owed', 'sponsor_owed', 'tickets_issued') or balance <= 0),
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
-- Reports read by time the revenue that belongs to no single job.
create index journal_other_revenue on journal (occurred_at) where kind in ('fee', 'reversal', 'stock');

create table posting (
  id bigint generated always as identity primary key,
  journal_id text not null references journal (id),
  account_id bigint not null,
  currency text not null,
  amount numeric(78, 0) not null check (amount <> 0),
  foreign key (account_id, currency) references account (id, currency)
);
create index posting_journal on posting (journal_id);
create index posting_account_id on posting (account_id, id);

-- What is posted is never changed or deleted.
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

-- Only this function changes a balance, so a balance is the sum of its postings. All postings of a journal come in
-- one statement, in the transaction that made the journal; a journal that comes in parts does not sum to zero.
create function post() returns trigger language plpgsql as $$
declare
  wrong text;
begin
  if exists (
    select 1 from (select distinct journal_id from added) a join journal j on j.id = a.journal_id
    where j.created_in <> pg_current_xact_id()) then
    raise exception 'a journal is not extended later' using errcode = 'restrict_violation';
  end if;
  select journal_id into wrong from added group by journal_id, currency having sum(amount) <> 0 limit 1;
  if found then
    raise exception 'journal % does not sum to zero', wrong using errcode = 'check_violation';
  end if;
  update account a set balance = a.balance + s.amount
    from (select account_id, sum(amount) as amount from added group by account_id) s
    where a.id = s.account_id;
  return null;
end $$;

create trigger posting_moves_balance after insert on posting
  referencing new table as added for each statement execute function post();

-- The hash chain: journals are sealed in order, soon after they are committed.
create table journal_unsealed (
  journal_id text primary key
);
create function note_unsealed() returns trigger language plpgsql as $$
begin
  insert into journal_unsealed (journal_id) select id from added;
  return null;
end $$;
create trigger journal_to_seal after insert on journal
  referencing new table as added for each statement execute function note_unsealed();

create table journal_seal (
  position bigint primary key,
  journal_id text not null unique references journal (id),
  hash bytea not null check (length(hash) = 32),
  sealed_at timestamptz not null
);
create trigger journal_seal_append_only before update or delete on journal_seal
  for each row execute function refuse_change();
create trigger journal_seal_no_truncate before truncate on journal_seal
  for each statement execute function refuse_change();

-- A journal is undone by another one, once.
create table journal_reversal (
  journal_id text primary key references journal (id),
  reversed_by text not null unique references journal (id),
  reason text not null,
  created_by text not null,
  created_at timestamptz not null
);
create trigger journal_reversal_append_only before update or delete on journal_reversal
  for each row execute function refuse_change();

-- Events read from streams: those that took effect are remembered for ever, and entries that are no events are kept
-- for a person to look at.
create table inbox (
  event_id text primary key,
  consumed_at timestamptz not null default now()
);
create table dead_letter (
  stream text not null,
  entry_id text not null,
  payload text not null,
  reason text not null,
  arrived_at timestamptz not null default now(),
  primary key (stream, entry_id)
);

-- Events to be published: a row holds those of one topic of one transaction and commits together with what they tell.
-- A row that carries money stays until every consumer in "awaits" has committed it; a row that only announces awaits
-- nobody, and is deleted once it is published.
create table outbox (
  id bigint generated always as identity primary key,
  topic text not null,
  created_at timestamptz not null default now(),
  -- Not compressed: packing takes longer than writing.
  payloads text[] not null,
  events int not null default 1,
  awaits text[] not null default '{}',
  sent_at timestamptz,
  -- Of the entry of the Redis Stream, by which it is found again.
  entry_id text
);
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

-- The first answer to a POST with an Idempotency-Key.
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

-- Money set aside for admission: one funding for each tenant and epoch of Redis.
create table funding (
  id text primary key,
  tenant_id text not null,
  epoch text not null,
  total bigint not null default 0 check (total >= 0),
  opened_at timestamptz not null default now(),
  closed_at timestamptz,
  -- The estimates that admission settled the charged jobs with; the charges are the prices.
  settled bigint not null default 0,
  -- What was not needed and went back to the tenant. Admission counts the same, and first.
  withdrawn bigint not null default 0 check (withdrawn >= 0),
  unique (tenant_id, epoch)
);
create unique index funding_open on funding (tenant_id) where closed_at is null;
create index funding_page on funding (id) where closed_at is null;

-- Every correction of admission's money, for whoever asks why.
create table admission_correction (
  id text primary key,
  tenant_id text not null,
  funding_id text not null,
  kind text not null,
  amount bigint not null,
  before jsonb not null,
  after jsonb not null,
  created_at timestamptz not null
);
create index admission_correction_tenant on admission_correction (tenant_id, id);
create trigger admission_correction_append_only before update or delete on admission_correction
  for each row execute function refuse_change();

-- What jobs were charged, as reconciliation and reports read it.
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
  amount bigint not null check (amount >= 0),
  sponsored bigint not null default 0 check (sponsored >= 0),
  pool text not null default '',
  budget_id text,
  -- When metering rated it: by this the two services are compared, span by span.
  rated_at timestamptz
);
create index charge_day on charge (occurred_at, tenant_id, capability, pool);
create index charge_gateway on charge (gateway, occurred_at);
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

-- Charges compared with metering: its sums that are not compared yet, or differ and are being looked into.
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

-- How many usage entries metering could not store, by its latest count: missing money, named in reconciliation.
create table metering_unstored (
  one boolean primary key check (one),
  entries bigint not null,
  since timestamptz,
  told_at timestamptz not null
);

-- What invoices ask for, and what of it came in.
create table invoice (
  id text primary key,
  tenant_id text not null,
  number text not null,
  due bigint not null check (due >= 0),
  due_at timestamptz not null,
  paid bigint not null default 0 check (paid >= 0 and paid <= due),
  finalized_at timestamptz not null
);
create index invoice_open on invoice (tenant_id, due_at, id) where paid < due;

-- Budgets of sponsors, and what was put into them.
create table sponsor_budget (
  id text primary key,
  sponsor_tenant_id text,
  created_at timestamptz not null
);

-- Money that comes in, goes out or moves between tenants. What members move themselves counts towards a limit; what
-- the operator moves does not.
create table payment (
  id text primary key,
  tenant_id text not null,
  kind text not null,
  amount bigint not null check (amount > 0),
  reason text not null,
  created_by text not null,
  journal_id text not null references journal (id) deferrable initially deferred,
  created_at timestamptz not null,
  -- What it is called where it came from: the same is never posted twice.
  external_id text,
  constraint payment_kind check (kind in
    ('credit', 'stripe', 'usdc', 'refund', 'dispute', 'transfer_in', 'transfer_out',
     'member_transfer_out', 'sponsor'))
);
create index payment_tenant on payment (tenant_id, id);
create unique index payment_external on payment (kind, external_id);

-- Stripe: a tenant's customer and saved card, what was asked of Stripe before its answer came and whatever the answer
-- was, and the events that were received.
create table stripe_customer (
  tenant_id text primary key,
  customer_id text not null unique,
  payment_method_id text,
  created_at timestamptz not null
);
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

-- USDC: the address where a tenant pays to (the index is all that is needed to derive it again), up to which block
-- the chain was read, what came to these addresses and what left them, whoever signed it.
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
create table usdc_sweep (
  transaction_hash text not null,
  log_index int not null,
  block bigint not null,
  block_hash text not null,
  tenant_id text not null,
  address text not null,
  recipient text not null,
  amount numeric(78, 0) not null check (amount > 0),
  journal_id text references journal (id),
  primary key (transaction_hash, log_index)
);
create index usdc_sweep_tenant on usdc_sweep (tenant_id);
create trigger usdc_sweep_append_only before update or delete on usdc_sweep
  for each row execute function refuse_change();

-- Payment sessions of the remote signer. A state blob is good once: for the sequence stored here.
create table signer_session (
  state_id text primary key,
  caller text not null,
  orchestrator text not null,
  sequence bigint not null check (sequence >= 0),
  updated_at timestamptz not null,
  tenant_id text,
  spent numeric(78, 0) not null default 0 check (spent >= 0),
  opened_at timestamptz not null default now()
) with (fillfactor = 70);
create index signer_session_tenant on signer_session (tenant_id, updated_at) where tenant_id is not null;

-- The last nonce given out under an orchestrator's secret, whatever session asked.
create table recipient_nonce (
  recipient_rand_hash bytea primary key check (length(recipient_rand_hash) = 32),
  last_nonce int not null check (last_nonce between 0 and 600)
) with (fillfactor = 70);
create function nonces_only_grow() returns trigger language plpgsql as $$
begin
  if new.last_nonce < old.last_nonce then
    raise exception 'a nonce never comes back' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger recipient_nonce_grows before update on recipient_nonce
  for each row execute function nonces_only_grow();

-- One answered payment call: everything needed to rebuild each of its tickets. A batch of tickets is a range of
-- nonces. Batches under one secret form a chain: each begins where the one before ended, so no nonce can be in two.
create table ticket_batch (
  id text primary key,
  journal_id text,
  caller text not null,
  gateway text,
  tenant_id text,
  state_id text not null references signer_session (state_id),
  sequence bigint not null,
  capability text not null,
  orchestrator text not null,
  recipient text not null,
  face_value numeric(78, 0) not null check (face_value > 0),
  win_prob numeric(78, 0) not null check (win_prob > 0),
  recipient_rand_hash bytea not null,
  expiration_block numeric(78, 0) not null,
  creation_round bigint not null,
  creation_round_block_hash bytea not null,
  price_per_unit bigint not null,
  pixels_per_unit bigint not null,
  units numeric(78, 0) not null,
  tickets int not null check (tickets between 1 and 100),
  expected_value numeric(78, 0) not null check (expected_value >= 0),
  created_at timestamptz not null,
  first_nonce int not null,
  last_nonce int not null generated always as (first_nonce + tickets - 1) stored,
  nonce_before int generated always as (nullif(first_nonce - 1, 0)) stored,
  request_hash bytea,
  state text,
  charged bigint not null default 0 check (charged >= 0),
  -- What a payment's answer is made of, so that whoever lost it gets it again.
  ticket_params bytea,
  price_info bytea,
  unique (state_id, sequence),
  check ((gateway is null) <> (tenant_id is null)),
  constraint ticket_batch_nonces check (first_nonce >= 1 and first_nonce + tickets - 1 <= 600),
  constraint ticket_batch_first unique (recipient_rand_hash, first_nonce),
  constraint ticket_batch_last unique (recipient_rand_hash, last_nonce),
  constraint ticket_batch_chain foreign key (recipient_rand_hash, nonce_before)
    references ticket_batch (recipient_rand_hash, last_nonce)
);
create index ticket_batch_caller on ticket_batch (caller, created_at);
create index ticket_batch_time on ticket_batch (created_at);
create index ticket_batch_orchestrator on ticket_batch (orchestrator, created_at);
create trigger ticket_batch_append_only before update or delete on ticket_batch
  for each row execute function refuse_change();
create trigger ticket_batch_no_truncate before truncate on ticket_batch
  for each statement execute function refuse_change();

-- Batches whose wei the ledger does not have yet, and those it has; a tenant's dollars it has at once.
create table ticket_unbooked (
  batch_id text primary key references ticket_batch (id)
);
create table ticket_booking (
  batch_id text primary key references ticket_batch (id),
  journal_id text not null references journal (id)
);
create trigger ticket_booking_append_only before update or delete on ticket_booking
  for each row execute function refuse_change();

-- What was signed for whom, and when: one row for each cap. The rows change with every payment, so they stay on
-- pages with room beside them.
create table signer_spend (
  scope text not null check (scope in ('caller', 'tenant', 'orchestrator', 'platform')),
  subject text not null,
  span text not null check (span in ('hour', 'day')),
  starts_at timestamptz not null,
  spent numeric(78, 0) not null default 0 check (spent >= 0),
  primary key (scope, subject, span, starts_at)
) with (fillfactor = 20, autovacuum_vacuum_threshold = 200, autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_cost_delay = 0);

-- Ends a transaction that found something else than it was made for; nothing of it stays.
create function as_expected(holds boolean) returns void language plpgsql as $$
begin
  if not coalesce(holds, false) then
    raise exception 'not as expected' using errcode = 'NP001';
  end if;
end $$;

-- Kill switches: who may not be signed for, until somebody lifts it.
create table signer_stop (
  scope text not null check (scope in ('platform', 'tenant', 'caller', 'orchestrator')),
  subject text not null,
  reason text not null,
  stopped_by text not null,
  stopped_at timestamptz not null,
  primary key (scope, subject)
);

-- Tokens of tenants' own programs; only a hash of each is known here.
create table signer_token (
  id text primary key,
  tenant_id text not null,
  name text not null,
  token_hash bytea not null unique check (length(token_hash) = 32),
  last_four text not null,
  created_by text not null,
  created_at timestamptz not null,
  revoked_at timestamptz
);
create index signer_token_tenant on signer_token (tenant_id, id);

-- Stock go-livepeer signers that ask this service whether they may sign: their sessions, and what was authorised,
-- payment by payment.
create table stock_session (
  state_id text primary key,
  tenant_id text not null,
  caller text not null,
  orchestrator text not null,
  sequence bigint not null,
  last_update timestamptz not null,
  fee numeric(78, 0) not null default 0,
  charged bigint not null default 0,
  confirmed_sequence bigint
);
create table stock_authorization (
  state_id text not null,
  sequence bigint not null check (sequence >= 0),
  tenant_id text not null,
  caller text not null,
  orchestrator text not null,
  auth_id text not null,
  fee numeric(78, 0) not null check (fee >= 0),
  authorized_at timestamptz not null,
  checked_at timestamptz,
  primary key (state_id, sequence)
);
create index stock_authorization_unchecked on stock_authorization (authorized_at) where checked_at is null;

-- What signers' own events say they did. Events confirm; no money moves because of one.
create table signer_event (
  id text primary key,
  type text not null check (type in ('create_signed_ticket', 'create_new_payment')),
  state_id text not null default '',
  sequence bigint not null default 0,
  manifest_id text not null,
  orchestrator text not null,
  auth_id text not null default '',
  tickets bigint not null check (tickets >= 0),
  fee numeric(78, 0) not null default 0,
  occurred_at timestamptz not null,
  seen_at timestamptz not null,
  checked_at timestamptz
);
create index signer_event_unchecked on signer_event (seen_at) where checked_at is null;
create index signer_event_session on signer_event (state_id, sequence) where type = 'create_signed_ticket';
create index signer_event_manifest on signer_event (manifest_id);

-- Since when a topic is read: what happened before has no other side to be compared with.
create table signer_event_topic (
  topic text primary key,
  began_at timestamptz not null
);

-- Where authorisations and events do not agree. What a late event explains is resolved, not deleted.
create table signer_gap (
  kind text not null,
  subject text not null,
  caller text not null,
  detail text not null,
  found_at timestamptz not null,
  resolved_at timestamptz,
  primary key (kind, subject)
);
create index signer_gap_open on signer_gap (found_at) where resolved_at is null;

-- The treasury's transactions: an intent is written down before it is signed, and its bytes before they are sent.
-- It ends as "replaced" when its nonce was used by bytes that are not ours, and as "expired" when it was too late to
-- be signed.
create table intent (
  id text primary key,
  business_key text not null unique,
  kind text not null,
  sender text not null,
  recipient text not null,
  value numeric(78, 0) not null check (value >= 0),
  data bytea not null,
  gas_limit bigint not null check (gas_limit > 0),
  nonce bigint,
  status text not null,
  reason text not null,
  block bigint,
  transaction_hash text,
  gas_paid numeric(78, 0),
  created_at timestamptz not null,
  updated_at timestamptz not null,
  replaced_by text,
  valid_until timestamptz,
  -- Of a token, in its smallest unit: what daily limits of swaps count.
  token_amount numeric(78, 0) not null default 0 check (token_amount >= 0),
  -- The receipt's logs, once it is final: what really moved.
  logs jsonb,
  constraint intent_status check (status in
    ('planned', 'signed', 'sent', 'confirmed', 'final', 'reverted', 'replaced', 'expired')),
  constraint intent_has_nonce check ((status in ('planned', 'expired')) = (nonce is null))
);
create unique index intent_nonce on intent (sender, nonce);
create index intent_open on intent (sender, nonce) where status in ('signed', 'sent', 'confirmed');
create index intent_planned on intent (id) where status = 'planned';

-- Every signed form of an intent: the first, and its replacements at a higher price.
create table intent_attempt (
  intent_id text not null references intent (id),
  attempt int not null,
  raw bytea not null,
  transaction_hash text not null unique,
  max_fee numeric(78, 0) not null,
  priority_fee numeric(78, 0) not null,
  signed_at timestamptz not null,
  primary key (intent_id, attempt)
);
create trigger intent_attempt_append_only before update or delete on intent_attempt
  for each row execute function refuse_change();

-- What of a final intent the ledger has: its gas, the tokens it moved, and the ether it moved out of a wallet.
create table intent_gas (
  intent_id text primary key references intent (id),
  journal_id text references journal (id)
);
create trigger intent_gas_append_only before update or delete on intent_gas
  for each row execute function refuse_change();
create table intent_booking (
  intent_id text primary key references intent (id),
  journal_id text references journal (id)
);
create trigger intent_booking_append_only before update or delete on intent_booking
  for each row execute function refuse_change();
create table intent_value (
  intent_id text primary key references intent (id),
  journal_id text references journal (id)
);
create trigger intent_value_append_only before update or delete on intent_value
  for each row execute function refuse_change();

create table wallet_nonce (
  sender text primary key,
  next_nonce bigint not null check (next_nonce >= 0)
);

create table treasury_pause (
  only_one boolean primary key default true check (only_one),
  reason text not null,
  paused_by text not null,
  paused_at timestamptz not null
);

-- What the TicketBroker told of our sender: each event once, with the journal it led to.
create table chain_event (
  transaction_hash text not null,
  log_index int not null,
  block bigint not null,
  kind text not null,
  recipient text,
  amount numeric(78, 0) not null,
  recipient_rand_hash bytea,
  sender_nonce bigint,
  block_hash text not null default '',
  occurred_at timestamptz,
  second_amount numeric(78, 0) not null default 0,
  journal_id text references journal (id),
  primary key (transaction_hash, log_index)
);
create index chain_event_block on chain_event (block);
create index chain_event_time on chain_event (occurred_at);
create index chain_event_ticket on chain_event (recipient_rand_hash, sender_nonce) where kind = 'redeemed';
create trigger chain_event_append_only before update or delete on chain_event
  for each row execute function refuse_change();
