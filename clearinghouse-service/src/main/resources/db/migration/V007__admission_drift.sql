-- What admission settled the charged jobs of a funding with: an estimate, where the charge is the price.
alter table funding add column settled bigint not null default 0;
create index funding_page on funding (id) where closed_at is null;

-- Every correction of admission's money, for whoever asks why.
create table admission_correction (
  id text primary key,
  tenant_id text not null,
  funding_id text not null,
  kind text not null,
  amount bigint not null,
  before jsonb not null,
  after jsonb not null,
  created_at timestamptz not null
);
create index admission_correction_tenant on admission_correction (tenant_id, id);
create trigger admission_correction_append_only before update or delete on admission_correction
  for each row execute function refuse_change();
