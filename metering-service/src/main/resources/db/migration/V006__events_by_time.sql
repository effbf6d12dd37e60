-- Over all tenants, events are read by their ids; the few of jobs that began long before they ended are found by this.
create index usage_event_time on usage_event using brin (occurred_at);
