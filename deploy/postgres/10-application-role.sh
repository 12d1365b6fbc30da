#!/bin/bash
# Makes the service's own role and database. Postgres' image runs this once, on an empty volume.
#
# The role owns its database and nothing else: no superuser, no other databases, no other roles.
# The password is read by psql from the environment, so that no command line shows it.
set -euo pipefail

: "${DATABASE_USER:?}" "${DATABASE_PASSWORD:?}" "${DATABASE_NAME:?}"

psql --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\getenv role DATABASE_USER
\getenv password DATABASE_PASSWORD
\getenv database DATABASE_NAME

CREATE ROLE :"role" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
    PASSWORD :'password';
CREATE DATABASE :"database" OWNER :"role" ENCODING 'UTF8' TEMPLATE template0
    LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C.UTF-8';
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;

-- Only a superuser may add it, and the service never is one: so it is there before it is needed.
\connect :"database"
CREATE EXTENSION vector;
SQL
