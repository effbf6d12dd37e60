-- Spool positions that routers declared missing: their watermarks pass them, and a person can see what was lost.
create table usage_missing (
  id bigint generated always as identity primary key,
  instance text not null,
  missing_from bigint not null check (missing_from > 0),
  missing_to bigint not null check (missing_to >= missing_from),
  reason text not null,
  found_at timestamptz not null,
  received_at timestamptz not null default now(),
  unique (instance, missing_from, missing_to)
);
