"""Content to look at on a fresh machine. Never present with DEBUG=0."""
