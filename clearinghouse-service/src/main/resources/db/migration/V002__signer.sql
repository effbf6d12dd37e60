-- Payment sessions of the remote signer. A state blob is good once: for the sequence stored here.
create table signer_session (
  state_id text primary key,
  caller text not null,
  orchestrator text not null,
  sequence bigint not null check (sequence >= 0),
  updated_at timestamptz not null
);

-- The last nonce given out under an orchestrator's secret, whatever session asked.
create table recipient_nonce (
  recipient_rand_hash bytea primary key check (length(recipient_rand_hash) = 32),
  last_nonce int not null check (last_nonce between 0 and 600)
);

-- One answered call: everything needed to rebuild each of its tickets.
create table ticket_batch (
  id text primary key,
  journal_id text not null references journal (id) deferrable initially deferred,
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
  unique (state_id, sequence),
  check ((gateway is null) <> (tenant_id is null))
);

create index ticket_batch_caller on ticket_batch (caller, created_at);
create index ticket_batch_time on ticket_batch (created_at);

create table ticket (
  id text primary key,
  batch_id text not null references ticket_batch (id),
  recipient_rand_hash bytea not null,
  sender_nonce int not null check (sender_nonce between 1 and 600),
  unique (recipient_rand_hash, sender_nonce)
);

create trigger ticket_append_only before update or delete on ticket
  for each row execute function refuse_change();
create trigger ticket_batch_append_only before update or delete on ticket_batch
  for each row execute function refuse_change();
