-- What is done on the chain: written down before it is signed, and the bytes before they are sent.
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
  status text not null check (status in ('planned', 'signed', 'sent', 'confirmed', 'final', 'reverted')),
  reason text not null,
  block bigint,
  transaction_hash text,
  gas_paid numeric(78, 0),
  created_at timestamptz not null,
  updated_at timestamptz not null,
  check ((status = 'planned') = (nonce is null))
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

-- What the TicketBroker told of our sender.
create table chain_event (
  transaction_hash text not null,
  log_index int not null,
  block bigint not null,
  kind text not null,
  recipient text,
  amount numeric(78, 0) not null,
  recipient_rand_hash bytea,
  sender_nonce bigint,
  primary key (transaction_hash, log_index)
);
create index chain_event_block on chain_event (block);
create trigger chain_event_append_only before update or delete on chain_event
  for each row execute function refuse_change();
