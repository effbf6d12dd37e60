-- What was rated is compared with what the ledger booked, span by span of the time it was rated.
create index usage_event_received on usage_event using brin (received_at) with (autosummarize = on);

create table charge_comparison (
  only_one boolean primary key default true check (only_one),
  -- The ledger was told the sums of all before.
  told_through timestamptz not null
);
insert into charge_comparison (told_through) values (now());

-- Spans that the ledger asked for; listed when it has acknowledged all charges of before.
create table charge_question (
  event_id text primary key,
  span_from timestamptz not null,
  span_to timestamptz not null,
  asked_at timestamptz not null default now()
);
