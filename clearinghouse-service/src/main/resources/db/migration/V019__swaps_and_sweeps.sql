-- What became of an intent, in two more ways: its nonce was used by bytes that are not ours, or it was too late to be signed.
alter table intent drop constraint intent_status_check;
alter table intent drop constraint intent_check;
alter table intent add constraint intent_status check (status in
  ('planned', 'signed', 'sent', 'confirmed', 'final', 'reverted', 'replaced', 'expired'));
alter table intent add constraint intent_has_nonce check
  ((status in ('planned', 'expired')) = (nonce is null));
alter table intent add column replaced_by text;
alter table intent add column valid_until timestamptz;
-- Of a token, in its smallest unit: what daily limits of swaps count.
alter table intent add column token_amount numeric(78, 0) not null default 0 check (token_amount >= 0);
-- The receipt's logs, once it is final: what really moved.
alter table intent add column logs jsonb;

-- What a final intent moved, as far as the ledger has it.
create table intent_booking (
  intent_id text primary key references intent (id),
  journal_id text references journal (id)
);
create trigger intent_booking_append_only before update or delete on intent_booking
  for each row execute function refuse_change();

-- USDC that left a deposit address, whoever signed it.
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

-- What members move themselves counts towards a limit; what the operator moves does not.
alter table payment drop constraint payment_kind;
alter table payment add constraint payment_kind check (kind in
  ('credit', 'stripe', 'usdc', 'refund', 'dispute', 'transfer_in', 'transfer_out', 'member_transfer_out',
   'sponsor'));
