"""C2PA manifests: read in a process of their own, reduced to plain facts, then weighed.

`program` runs in the jail and parses; `store` holds what it found; `claims` says what that is
evidence of. Only `program` touches a stranger's bytes before they are known to be readable.
"""
