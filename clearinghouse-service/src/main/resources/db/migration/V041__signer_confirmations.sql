-- What the hook of stock signers authorised, payment by payment, next to what their own events say they did.
-- Events confirm; no money moves because of one.
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

-- Since when a topic is read: what happened before has no other side to be held against.
create table signer_event_topic (
  topic text primary key,
  began_at timestamptz not null
);

-- Where the two sides do not agree. What a late event explains is resolved, not deleted.
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
