-- What the chain says of our money: each event once, with the journal it led to.
alter table chain_event add column block_hash text not null default '';
alter table chain_event add column occurred_at timestamptz;
alter table chain_event add column second_amount numeric(78, 0) not null default 0;
alter table chain_event add column journal_id text references journal (id);
create index chain_event_time on chain_event (occurred_at);
create index chain_event_ticket on chain_event (recipient_rand_hash, sender_nonce) where kind = 'redeemed';

-- Gas of our own transactions, as far as the ledger has it.
create table intent_gas (
  intent_id text primary key references intent (id),
  journal_id text references journal (id)
);
create trigger intent_gas_append_only before update or delete on intent_gas
  for each row execute function refuse_change();

-- What a payment's answer is made of, so that whoever lost it gets it again.
alter table ticket_batch add column ticket_params bytea;
alter table ticket_batch add column price_info bytea;
