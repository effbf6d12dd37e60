-- A usage event that could not be stored is missing money: it stays open until a person has stored it or said why not.
alter table dead_letter
  add column resolution text check (resolution in ('replayed', 'dismissed')),
  add column resolved_at timestamptz,
  add column resolved_by text,
  add column note text;
create index on dead_letter (arrived_at) where resolution is null;
