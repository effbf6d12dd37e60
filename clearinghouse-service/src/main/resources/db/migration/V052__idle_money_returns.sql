-- What was set aside, was not needed and went back to the tenant. Admission counts the same, and first.
alter table funding add column withdrawn bigint not null default 0 check (withdrawn >= 0);
