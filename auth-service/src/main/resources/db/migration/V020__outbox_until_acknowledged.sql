-- A row that carries money stays until every consumer in "awaits" has committed it; what Redis lost is
-- published again. A row that only announces awaits nobody, and goes once it is published.
alter table outbox
  add column awaits text[] not null default '{}',
  add column sent_at timestamptz,
  -- Of the entry of the Redis Stream, by which it is found again.
  add column entry_id text;
create index outbox_unsent on outbox (topic, id) where sent_at is null;
create index outbox_sent on outbox (id) where sent_at is not null;
-- Rows come and go all the time: without vacuum their indexes would only grow.
alter table outbox set (autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_cost_delay = 0);

-- How often this database's rows were published. Redis counts too: where the two differ, Redis has lost something.
create table outbox_relay (
  only_one boolean primary key default true check (only_one),
  id text not null,
  published bigint not null default 0
);
insert into outbox_relay (id) values (gen_random_uuid()::text);
