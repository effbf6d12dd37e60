-- The hash chain: journals are sealed in order, soon after they are committed.
create table journal_unsealed (
  journal_id text primary key
);
create function note_unsealed() returns trigger language plpgsql as $$
begin
  insert into journal_unsealed (journal_id) select id from added;
  return null;
end $$;
create trigger journal_to_seal after insert on journal
  referencing new table as added for each statement execute function note_unsealed();
insert into journal_unsealed (journal_id) select id from journal;

create table journal_seal (
  position bigint primary key,
  journal_id text not null unique references journal (id),
  hash bytea not null check (length(hash) = 32),
  sealed_at timestamptz not null
);
create trigger journal_seal_append_only before update or delete on journal_seal
  for each row execute function refuse_change();
create trigger journal_seal_no_truncate before truncate on journal_seal
  for each statement execute function refuse_change();

-- A journal is undone by another one, once.
create table journal_reversal (
  journal_id text primary key references journal (id),
  reversed_by text not null unique references journal (id),
  reason text not null,
  created_by text not null,
  created_at timestamptz not null
);
create trigger journal_reversal_append_only before update or delete on journal_reversal
  for each row execute function refuse_change();

alter table charge add column sponsored bigint not null default 0 check (sponsored >= 0);
alter table charge add column pool text not null default '';
alter table charge add column budget_id text;

-- What invoices ask for, and what of it came in.
create table invoice (
  id text primary key,
  tenant_id text not null,
  number text not null,
  due bigint not null check (due >= 0),
  due_at timestamptz not null,
  paid bigint not null default 0 check (paid >= 0 and paid <= due),
  finalized_at timestamptz not null
);
create index invoice_open on invoice (tenant_id, due_at, id) where paid < due;

-- Budgets of sponsors, and what was put into them.
create table sponsor_budget (
  id text primary key,
  sponsor_tenant_id text,
  created_at timestamptz not null
);

create index posting_account_id on posting (account_id, id);
drop index posting_account;
create index charge_day on charge (occurred_at, tenant_id, capability, pool);
