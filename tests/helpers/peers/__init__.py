"""Providers to talk to: small servers on loopback that behave as the real ones were seen to."""
