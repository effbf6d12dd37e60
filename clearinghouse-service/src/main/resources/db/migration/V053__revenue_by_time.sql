-- Revenue that is of no single job: reports read it by time.
create index journal_other_revenue on journal (occurred_at) where kind in ('fee', 'reversal', 'stock');
