-- Up to when plans, versions and assignments that were made for later have been announced as in force.
create table plan_reached (single boolean primary key default true check (single), through timestamptz not null);
insert into plan_reached (through) values (now());
