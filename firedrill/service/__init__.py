"""The embedded store as a service: Loki's HTTP API over a store, the ruler beside it, and Alertmanager told."""
