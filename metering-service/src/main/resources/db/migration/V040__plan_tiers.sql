-- The pool tiers that keys of a plan's tenants may name; its own tier is always one of them.
alter table plan_version add column tiers text[] not null default '{}';
