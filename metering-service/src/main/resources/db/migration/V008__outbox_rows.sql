-- How many events a row holds, so that the relay takes as many rows as one round trip bears.
alter table outbox add column events int not null default 1;
update outbox set events = cardinality(payloads);
