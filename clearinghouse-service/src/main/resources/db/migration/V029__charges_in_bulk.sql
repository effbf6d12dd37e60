-- A journal's postings come in one statement, so whether they sum to zero is asked once for all of it, and not at the
-- commit, row by row. A journal that comes in parts is refused as one that does not sum to zero.
drop trigger posting_zero_sum on posting;
drop function check_zero_sum();

create or replace function post() returns trigger language plpgsql as $$
declare
  wrong text;
begin
  if exists (
    select 1 from (select distinct journal_id from added) a join journal j on j.id = a.journal_id
    where j.created_in <> pg_current_xact_id()) then
    raise exception 'a journal is not extended later' using errcode = 'restrict_violation';
  end if;
  select journal_id into wrong from added group by journal_id, currency having sum(amount) <> 0 limit 1;
  if found then
    raise exception 'journal % does not sum to zero', wrong using errcode = 'check_violation';
  end if;
  update account a set balance = a.balance + s.amount
    from (select account_id, sum(amount) as amount from added group by account_id) s
    where a.id = s.account_id;
  return null;
end $$;

-- charge_day begins with the same columns.
drop index charge_time;
