-- Accounts the rest of the clearinghouse needs. In the ledger a positive balance is money its owner has.
alter table account drop constraint account_kind_check;
alter table account drop constraint account_currency;
alter table account drop constraint account_floor;
alter table account drop constraint account_ceiling;
alter table account add constraint account_kind check (kind in
  ('credit', 'set_aside', 'held', 'owed', 'revenue', 'credits_issued', 'tax', 'cash', 'payable',
   'sponsor_budget', 'sponsor_owed',
   'network_spent', 'tickets_issued', 'tickets_redeemed', 'deposit', 'reserve', 'wallet', 'gas',
   'funded'));
alter table account add constraint account_currency check ((currency = 'ETH') = (kind in
  ('network_spent', 'tickets_issued', 'tickets_redeemed', 'deposit', 'reserve', 'wallet', 'gas',
   'funded')));
alter table account add constraint account_floor check
  (kind not in ('credit', 'set_aside', 'held', 'sponsor_budget', 'network_spent') or balance >= 0);
alter table account add constraint account_ceiling check
  (kind not in ('owed', 'sponsor_owed', 'tickets_issued') or balance <= 0);

-- A batch of tickets is a range of nonces. Batches under one secret form a chain: each begins where
-- the one before ended, so no nonce can be in two of them.
drop trigger ticket_batch_append_only on ticket_batch;
alter table ticket_batch add column first_nonce int;
update ticket_batch b set first_nonce =
  (select min(t.sender_nonce) from ticket t where t.batch_id = b.id);
alter table ticket_batch alter column first_nonce set not null;
alter table ticket_batch add column last_nonce int not null
  generated always as (first_nonce + tickets - 1) stored;
alter table ticket_batch add column nonce_before int
  generated always as (nullif(first_nonce - 1, 0)) stored;
alter table ticket_batch add column request_hash bytea;
alter table ticket_batch add column state text;
alter table ticket_batch add column charged bigint not null default 0 check (charged >= 0);
alter table ticket_batch add constraint ticket_batch_nonces check
  (first_nonce >= 1 and first_nonce + tickets - 1 <= 600);
alter table ticket_batch add constraint ticket_batch_first unique (recipient_rand_hash, first_nonce);
alter table ticket_batch add constraint ticket_batch_last unique (recipient_rand_hash, last_nonce);
alter table ticket_batch add constraint ticket_batch_chain
  foreign key (recipient_rand_hash, nonce_before)
  references ticket_batch (recipient_rand_hash, last_nonce) not valid;
alter table ticket_batch drop constraint ticket_batch_journal_id_fkey;
alter table ticket_batch alter column journal_id drop not null;
create index ticket_batch_orchestrator on ticket_batch (orchestrator, created_at);
create trigger ticket_batch_append_only before update or delete on ticket_batch
  for each row execute function refuse_change();
create trigger ticket_batch_no_truncate before truncate on ticket_batch
  for each statement execute function refuse_change();
drop table ticket;

create function nonces_only_grow() returns trigger language plpgsql as $$
begin
  if new.last_nonce < old.last_nonce then
    raise exception 'a nonce never comes back' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger recipient_nonce_grows before update on recipient_nonce
  for each row execute function nonces_only_grow();

alter table signer_session add column tenant_id text;
alter table signer_session add column spent numeric(78, 0) not null default 0 check (spent >= 0);
alter table signer_session add column opened_at timestamptz not null default now();
create index signer_session_tenant on signer_session (tenant_id, updated_at) where tenant_id is not null;

-- What was signed, by whom it is limited and when: one row per cap.
create table signer_spend (
  scope text not null check (scope in ('caller', 'tenant', 'orchestrator', 'platform')),
  subject text not null,
  span text not null check (span in ('hour', 'day')),
  starts_at timestamptz not null,
  spent numeric(78, 0) not null default 0 check (spent >= 0),
  primary key (scope, subject, span, starts_at)
);

-- Rows that change with every payment stay on pages with room beside them.
alter table signer_spend set (fillfactor = 20, autovacuum_vacuum_threshold = 200,
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_cost_delay = 0);
alter table recipient_nonce set (fillfactor = 70);
alter table signer_session set (fillfactor = 70);

-- Batches whose wei the ledger does not have yet; a tenant's dollars it has at once.
create table ticket_unbooked (
  batch_id text primary key references ticket_batch (id)
);
create table ticket_booking (
  batch_id text primary key references ticket_batch (id),
  journal_id text not null references journal (id)
);
create trigger ticket_booking_append_only before update or delete on ticket_booking
  for each row execute function refuse_change();
insert into ticket_booking (batch_id, journal_id) select id, journal_id from ticket_batch;

-- Who may not be signed for, until somebody lifts it.
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

-- Sessions of stock go-livepeer signers that ask us whether they may sign.
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

-- Events to be published; the row commits together with what it tells.
create table outbox (
  id bigint generated always as identity primary key,
  topic text not null,
  event_id text not null unique,
  payload text not null,
  created_at timestamptz not null default now(),
  published_at timestamptz
);
create index outbox_waiting on outbox (id) where published_at is null;
