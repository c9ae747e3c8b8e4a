"""Grafana's dashboards without Grafana: their JSON read, their questions asked of a store, their panels drawn."""
