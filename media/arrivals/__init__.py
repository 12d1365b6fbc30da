"""Images that arrive otherwise than by a form: fetched from an address, or put by the client."""
