-- Answers are sealed with the caller's Idempotency-Key, as in the other services. Answers of before,
-- which are given again for 24 hours only, were sealed with a pepper and are let go.
drop table idempotency;
create table idempotency (
  caller     text not null,
  route      text not null,
  -- The hash of the Idempotency-Key.
  key        text not null,
  body_hash  text not null,
  status     integer not null,
  -- Sealed with the Idempotency-Key: the first answer may hold a secret that is shown once.
  body       text not null,
  created_at timestamptz not null,
  primary key (caller, route, key)
);
create index idempotency_age on idempotency (created_at);
