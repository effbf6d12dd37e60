-- An account with a key is its address; a contract wallet is its chain and address, as CAIP-10 writes it.
alter table wallets drop constraint wallets_address_check;
alter table wallets add constraint wallets_address_check
  check (address ~ '^(eip155:[1-9][0-9]{0,14}:)?0x[0-9a-fA-F]{40}$');
