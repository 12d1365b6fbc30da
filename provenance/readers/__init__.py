"""What a file says of itself. One small module per kind; all run on every upload."""
