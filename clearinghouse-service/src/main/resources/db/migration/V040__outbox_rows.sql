-- A row holds the events of one topic of one transaction, and is gone when they are published.
delete from outbox where published_at is not null;
drop index outbox_waiting;
alter table outbox add column payloads text[], add column events int not null default 1;
update outbox set payloads = array[payload];
alter table outbox
  alter column payloads set not null,
  -- Packing takes longer than writing.
  alter column payloads set storage external,
  drop column event_id,
  drop column payload,
  drop column published_at;
