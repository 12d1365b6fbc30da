"""The development stack: embedded Postgres and Valkey, the supervisor and the checks behind ./dev.

Nothing here is imported by the project and nothing of the project is imported here: production
images may leave this package out.
"""
