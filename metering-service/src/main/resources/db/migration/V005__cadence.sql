-- The days a tenant's periods begin at, and from when each holds. A change holds from the end of a period on, so what
-- was invoiced stays as it was.
alter table tenant_account
  add column anchor_from timestamptz[] not null default '{2000-01-01T00:00:00Z}',
  add column anchor_days int[] not null default '{1}';
update tenant_account set anchor_days = array[anchor_day];
alter table tenant_account
  drop column anchor_day,
  add constraint tenant_account_anchors check (cardinality(anchor_from) >= 1 and cardinality(anchor_from) = cardinality(anchor_days)
    and 1 <= all (anchor_days) and 31 >= all (anchor_days));
