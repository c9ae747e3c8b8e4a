"""`firedrill golive`: whether the logs of one phase of going live allow the next."""
