-- How many usage entries metering could not store, as it told last: missing money, named in reconciliation.
create table metering_unstored (
  one boolean primary key check (one),
  entries bigint not null,
  since timestamptz,
  told_at timestamptz not null
);
