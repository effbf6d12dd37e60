#!/bin/bash
# Makes a role and a database for each service, with the password of deploy/secrets/postgres.
set -eu
password=$(cat /run/secrets/postgres)
for service in auth keys metering clearinghouse; do
  psql -v ON_ERROR_STOP=1 -U postgres -v name="naap_$service" -v password="$password" <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
REVOKE CONNECT ON DATABASE :"name" FROM PUBLIC;
SQL
done
