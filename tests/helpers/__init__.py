"""What several tests need: a contract-checking client, pictures, and the outbox made to act."""
