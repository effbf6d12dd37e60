-- Ends a transaction that found something else than it was made for; nothing of it stays.
create function as_expected(holds boolean) returns void language plpgsql as $$
begin
  if not coalesce(holds, false) then
    raise exception 'not as expected' using errcode = 'NP001';
  end if;
end $$;
