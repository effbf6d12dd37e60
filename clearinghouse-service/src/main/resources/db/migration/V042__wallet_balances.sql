-- Ether that intents of ours moved out of a wallet, as far as the ledger has it. What was final before this
-- began is in the balance that the wallet is opened with.
create table intent_value (
  intent_id text primary key references intent (id),
  journal_id text references journal (id)
);
insert into intent_value (intent_id) select id from intent where status = 'final';
create trigger intent_value_append_only before update or delete on intent_value
  for each row execute function refuse_change();
