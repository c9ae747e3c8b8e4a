"""`firedrill report`: what the logs say of the last hours, from files or from Loki."""
